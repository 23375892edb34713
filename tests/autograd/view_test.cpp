// Views changed in place, and views of what was changed in place: one history for the memory that they share.
#include "tape/view.h"

#include <tenon/graph.h>

#include "autograd/gradcheck.h"
#include "tape/node.h"

namespace tenon::autograd_view_test {
namespace {

using test::error_of;
using test::expect_values;
using Inputs = std::vector<Tensor>;

Tensor leaf(const std::vector<double>& values) { return tensor(values, {.requires_grad = true}); }

TEST(ViewInPlace, TheBaseAndEveryOtherViewSeeTheGradient) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor y = x * 2;
  const Tensor first = y[0], tail = y.narrow(0, 1, 2);
  first.mul_(10);
  expect_values(y, {3}, {20, 4, 6});
  y.sum().backward({}, {.retain_graph = true});
  expect_values(x.grad(), {3}, {20, 2, 2});
  x.set_grad({});
  first.backward({}, {.retain_graph = true});
  expect_values(x.grad(), {3}, {20, 0, 0});
  x.set_grad({});
  tail.sum().backward();
  expect_values(x.grad(), {3}, {0, 2, 2});
}

TEST(ViewInPlace, GradientsAgreeWithDifferences) {
  const auto changed = [](auto change) {
    return [change](const Inputs& in) {
      const Tensor y = in[0] * in[0];
      change(y, in[1]);
      return y * y;
    };
  };
  const std::vector<test::Function> functions{
      changed([](const Tensor& y, const Tensor& b) { y[0].mul_(b); }),
      changed([](const Tensor& y, const Tensor& b) { y.t()[1].copy_(b[1]); }),
      changed([](const Tensor& y, const Tensor& b) { y[1].narrow(0, 1, 2).mul_(b[0]).add_(b.narrow(0, 0, 2)); }),
      changed([](const Tensor& y, const Tensor& b) {
        const Tensor row = y[0], element = row[2];
        row.mul_(b);
        element.mul_(element);
        y.add_(row);
        row.div_(b);
      }),
      changed([](const Tensor& y, const Tensor& b) {
        y[0].fill_(1);
        y.view({6}).narrow(0, 2, 3).add_(b);
      }),
      changed([](const Tensor& y, const Tensor& b) {
        y.view({3, 2}).t().mul_(b.exp());
      })};
  for (std::size_t k = 0; k < functions.size(); ++k) {
    test::gradchecks(functions[k], {test::leaf({2, 3}, 1), test::leaf({3}, 2, 3)});
    if (HasFailure()) FAIL() << "function " << k;
  }
}

TEST(ViewInPlace, AnOldViewIsRecordedOnceItsBaseIs) {
  const Tensor w = leaf({5, 6, 7});
  const Tensor y = zeros({3}), v = y[0], wide = y.expand({2, 3});
  EXPECT_FALSE(v.requires_grad());
  y.copy_(w);
  EXPECT_TRUE(v.requires_grad());
  EXPECT_FALSE(v.is_leaf());
  EXPECT_EQ(v.grad_fn()->name(), "AsStridedBackward0");
  (v * 3).backward();
  expect_values(w.grad(), {3}, {3, 0, 0});
  w.set_grad({});
  wide.sum().backward();
  expect_values(w.grad(), {3}, {2, 2, 2});
}

TEST(ViewInPlace, AFreshBufferIsFilledThroughItsViews) {
  const Tensor x = leaf({1, 2});
  const Tensor buffer = zeros({3, 2});
  for (int64_t i = 0; i < 3; ++i) buffer[i].copy_(x * static_cast<double>(i));
  EXPECT_TRUE(buffer.requires_grad());
  (buffer * buffer).sum().backward();
  expect_values(x.grad(), {2}, {10, 20});  // Σ 2 i² x
}

TEST(ViewInPlace, ALeafThatIsItselfAViewJoinsItsBase) {
  const Tensor y = zeros({3}), v = y[0];
  v.requires_grad_();
  EXPECT_TRUE(v.is_leaf());
  const Tensor w = leaf({1, 1, 1});
  y.copy_(w);
  EXPECT_FALSE(v.is_leaf());
  (v * 2).backward();
  EXPECT_FALSE(v.grad().defined());
  expect_values(w.grad(), {3}, {2, 0, 0});
}

TEST(ViewInPlace, TheBaseMayHaveGoneBefore) {
  const Tensor x = leaf({1, 2});
  Tensor a, b;
  {
    const Tensor y = x * 2;
    a = y[0];
    b = y.view({2, 1});
  }
  a.mul_(5);
  b.sum().backward();
  expect_values(x.grad(), {2}, {10, 2});
}

TEST(ViewInPlace, NothingIsKeptAliveByAGraphThatIsFreed) {
  const Tensor x = leaf({1, 2});
  Tensor y = x * 2;
  {
    const Tensor v = y[0];
    v.mul_(v);
    y.mul_(v);
    EXPECT_EQ(y.impl()->use_count(), 2U);  // the view holds its base
  }
  EXPECT_EQ(y.impl()->use_count(), 1U);
  y = Tensor();
  EXPECT_EQ(x.impl()->use_count(), 1U);
}

TEST(ViewInPlace, AGraphThatNobodyGoesBackThroughDoesNotHoldItself) {
  const Tensor x = leaf({1, 2});
  {
    const Tensor cache = zeros({3, 2});
    cache[0].copy_(x);
    for (int64_t i = 1; i < 3; ++i) cache[i].copy_(cache[i - 1] * cache[i - 1]);  // each step has saved a view
    const Tensor constant = zeros({2}), part = constant.narrow(0, 0, 2);
    constant.copy_(x * part);
  }
  EXPECT_EQ(x.impl()->use_count(), 1U);  // no node is left that holds it
}

TEST(ViewInPlace, AViewOfALeafThatRequiresGradIsRefused) {
  const Tensor x = leaf({1, 2});
  const std::string text =
      "a view of a leaf that requires grad is changed in place: do it under tenon::NoGrad, or use the operation that "
      "is not in place";
  EXPECT_EQ(error_of([&] { x[0].mul_(2); }), "[mul_] " + text);
  EXPECT_EQ(error_of([&] { x.view({2, 1})[0].fill_(2); }), "[fill_] " + text);
  expect_values(x, {2}, {1, 2});
  const NoGrad guard;
  x[0].mul_(2);
  expect_values(x, {2}, {2, 2});
}

TEST(ViewInPlace, AViewMadeWithoutGradIsRefusedOnceThatIsRecorded) {
  const Tensor w = tensor(1.0, {.requires_grad = true});
  const Tensor x = leaf({1, 2}), y = x * 2, z = zeros({3});
  Tensor of_leaf, of_result, of_plain, inferred;
  {
    const NoGrad guard;
    of_leaf = x[0];
    of_result = y[0];
    of_plain = z[0].view({1});
  }
  {
    const InferenceMode guard;
    inferred = z[1];
  }
  const std::string text =
      "a view made under tenon::NoGrad is changed in place while that is recorded: take the view and change it under "
      "the same mode";
  EXPECT_EQ(error_of([&] { of_leaf.mul_(2); }), "[mul_] " + text);
  EXPECT_EQ(error_of([&] { of_result.mul_(2); }), "[mul_] " + text);
  EXPECT_EQ(error_of([&] { of_plain.copy_(w); }), "[copy_] " + text);
  EXPECT_NE(error_of([&] { inferred.copy_(w); }).find("made under tenon::InferenceMode"), std::string::npos);
  EXPECT_EQ(error_of([&] { of_plain.mul_(2); }), "");  // nothing to record
  z.copy_(w);
  EXPECT_EQ(error_of([&] { of_plain * 2; }),
            "[view] a view made under tenon::NoGrad, whose base was changed in place while that was recorded, is used: "
            "take the view and change it "
            "under the same mode");
}

TEST(ViewInPlace, OneOfSeveralViewsIsRefused) {
  const Tensor x = leaf({1, 2, 3}), y = x * 2;
  const std::vector<Tensor> parts{y[0], y[1]};
  track_views(parts);
  EXPECT_NE(error_of([&] { parts[0].mul_(2); }).find("[mul_] a view that was made as one of several"),
            std::string::npos);
  EXPECT_EQ(error_of([&] { (parts[0] * 2).backward(); }), "");
  y.mul_(2);
  EXPECT_NE(error_of([&] { parts[1] * 2; }), "");
}

TEST(ViewInPlace, HooksOfTheViewAreForWhatItWasAndItsGradientIsTheLatest) {
  const Tensor x = leaf({1, 2}), y = x * 2, v = y[0];
  v.retain_grad();
  y.retain_grad();
  std::vector<double> seen;
  y.register_hook([&](const Tensor& g) {
    for (const double e : g.to_vector<double>()) seen.push_back(e);
    return Tensor();
  });
  v.mul_(3);
  (y * 5).sum().backward({}, {.retain_graph = true});
  EXPECT_EQ(seen, (std::vector<double>{15, 5}));  // the gradient of y as it was
  EXPECT_FALSE(v.grad().defined());               // what counts went by the base
  expect_values(y.grad(), {2}, {5, 5});
  expect_values(x.grad(), {2}, {30, 10});
  (v * 2).backward();
  expect_values(v.grad(), {}, {2});
}

TEST(Detach, InPlaceTakesAResultOutOfTheGraph) {
  const Tensor x = leaf({1, 2}), y = x * 2, before = y[0];
  EXPECT_EQ(error_of([&] { before.detach_(); }),
            "[detach_] a view cannot be taken out of the graph in place: use detach()");
  y.detach_();
  EXPECT_FALSE(y.requires_grad());
  EXPECT_TRUE(y.is_leaf());
  EXPECT_TRUE(before.requires_grad());
  x.detach_();
  EXPECT_FALSE(x.requires_grad());
}

TEST(AsStrided, SharesMemoryAndChecksItsBounds) {
  const Tensor x = arange(6.0);
  const Tensor y = x.as_strided({2, 2}, {3, 1}, 1);
  EXPECT_TRUE(y.shares_storage_with(x));
  expect_values(y, {2, 2}, {1, 2, 4, 5});
  expect_values(x.narrow(0, 2, 2).as_strided({2}, {1}), {2}, {2, 3});
  expect_values(x.as_strided({3, 3}, {1, 1}), {3, 3}, {0, 1, 2, 1, 2, 3, 2, 3, 4});
  expect_values(x.as_strided({}, {}, 5), {}, {5});
  EXPECT_NE(error_of([&] { x.as_strided({2, 2}, {3, 1}, 3); }), "");
  EXPECT_NE(error_of([&] { x.as_strided({int64_t{1} << 40}, {int64_t{1} << 40}); }), "");
  EXPECT_NE(error_of([&] { x.as_strided({2}, {1, 1}); }), "");
  EXPECT_NE(error_of([&] { x.as_strided({2}, {-1}); }), "");
  EXPECT_NE(error_of([&] { x.as_strided({-2}, {1}); }), "");
  EXPECT_NE(error_of([&] { x.as_strided({2}, {1}, -1); }), "");
  EXPECT_EQ(error_of([&] { x.as_strided({0, 9}, {100, 1}, 6); }), "");
}

TEST(AsStrided, GradientsAgreeWithDifferences) {
  for (const Tensor& x : test::leaves({3, 4}, 1)) {
    test::gradchecks([](const Inputs& in) { return in[0].contiguous().as_strided({2, 3}, {4, 1}, 1).exp(); }, {x});
    test::gradchecks(
        [](const Inputs& in) {
          return in[0].contiguous().as_strided({4, 3}, {2, 1}, 1).exp();
        },
        {x});  // overlapping
    test::gradchecks([](const Inputs& in) { return in[0].contiguous().as_strided({2, 2}, {0, 5}, 0).exp(); }, {x});
    test::gradchecks([](const Inputs& in) { return in[0].contiguous().t().as_strided({3}, {3}, 2).exp(); }, {x});
    test::gradchecks([](const Inputs& in) { return in[0].contiguous().as_strided({0, 2}, {1, 1}, 0).exp(); }, {x});
  }
}

}  // namespace
}  // namespace tenon::autograd_view_test
