#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tenon/distributed.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace collectives_test {
namespace {

using namespace tenon;
namespace d = tenon::distributed;
using test::error_of;

/// What process r has.
Tensor of_rank(int64_t r, const Shape& shape, DType dtype = float32) {
  int64_t n = 1;
  for (const int64_t s : shape) n *= s;
  return arange(n).add(1).mul(r + 1).to(dtype).view(shape);
}
Tensor own(const Shape& shape, DType dtype = float32) { return of_rank(d::rank(), shape, dtype); }

/// The reduction of what all processes have, computed here.
Tensor expected(const Shape& shape, DType dtype, d::ReduceOp op) {
  Tensor y = of_rank(0, shape, dtype);
  for (int64_t r = 1; r < d::world_size(); ++r) {
    const Tensor x = of_rank(r, shape, dtype);
    if (op == d::ReduceOp::min) y = minimum(y, x);
    else if (op == d::ReduceOp::max) y = maximum(y, x);
    else if (op == d::ReduceOp::product) y = y * x;
    else y = y + x;
  }
  return op == d::ReduceOp::mean ? y / d::world_size() : y;
}

constexpr d::ReduceOp all_ops[] = {d::ReduceOp::sum, d::ReduceOp::mean, d::ReduceOp::min, d::ReduceOp::max,
                                   d::ReduceOp::product};

TEST(AllReduce, EveryTypeAndOperation) {
  for (const DType t : {float32, float64, int8, uint8, int16, int32, int64})
    for (const d::ReduceOp op : all_ops) {
      if (op == d::ReduceOp::mean && !is_floating_point(t)) continue;
      const Tensor x = own({2, 3}, t);
      d::all_reduce(x, {.op = op});
      EXPECT_TRUE(equal(x, expected({2, 3}, t, op))) << fmt::format("{} {}: {}", t, static_cast<int>(op), x);
    }
}

TEST(AllReduce, BoolsAreOrAndAnd) {
  const bool first = d::rank() == 0;
  const Tensor x = tensor({true, first, false});
  d::all_reduce(x);
  EXPECT_EQ(x.to_vector<bool>(), (std::vector{true, true, false}));
  const Tensor y = tensor({true, first, false});
  d::all_reduce(y, {.op = d::ReduceOp::product});
  EXPECT_EQ(y.to_vector<bool>(), (std::vector{true, d::world_size() == 1, false}));
}

TEST(AllReduce, HalfTypesAreAddedInFloat32AndRoundedOnce) {
  for (const DType t : {float16, bfloat16}) {
    // 256 + 1 is 256 in bfloat16, 2048 + 1 is 2048 in float16: rounded in between, the ones would be lost.
    const double large = t == float16 ? 2048 : 256;
    const Tensor x = full({7}, d::rank() == 0 ? large : 1.0, {t});
    d::all_reduce(x);
    const double sum = large + static_cast<double>(d::world_size() - 1);
    EXPECT_TRUE(equal(x, full({7}, sum, {float32}).to(t))) << fmt::format("{}", x);
  }
}

TEST(AllReduce, EveryLayoutAndTheTensorItself) {
  const Tensor whole = own({4, 6});
  const uint32_t before = whole.version();
  const Tensor part = whole.t().narrow(0, 1, 3);
  d::all_reduce(part);
  const Tensor sum = expected({4, 6}, float32, d::ReduceOp::sum);
  EXPECT_TRUE(equal(part, sum.t().narrow(0, 1, 3)));
  EXPECT_TRUE(equal(whole.narrow(1, 4, 2), own({4, 6}).narrow(1, 4, 2))) << "what is not part of it stays";
  EXPECT_GT(whole.version(), before);
  const Tensor plain = own({5});
  EXPECT_TRUE(d::all_reduce(plain).result()[0].is_same(plain));
}

TEST(AllReduce, EmptyAndZeroDimensional) {
  const Tensor none = empty({0, 3}), one = of_rank(d::rank(), {});
  d::all_reduce(none);
  d::all_reduce(one);
  EXPECT_EQ(one.item<float>(), expected({}, float32, d::ReduceOp::sum).item<float>());
}

TEST(AllReduce, OfALeafIsNotRecorded) {
  const Tensor x = own({3}).requires_grad_();
  d::all_reduce(x);
  EXPECT_TRUE(x.is_leaf());
  EXPECT_TRUE(equal(x.detach(), expected({3}, float32, d::ReduceOp::sum)));
}

TEST(AllReduce, AsynchronousOnesComeInTheOrderOfTheirCalls) {
  std::vector<Tensor> xs;
  std::vector<d::Work> works;
  for (int64_t i = 0; i < 20; ++i) {
    xs.push_back(own({i + 1}));
    works.push_back(d::all_reduce(xs.back(), {.async_op = true}));
  }
  const Tensor last = own({2});
  d::all_reduce(last);  // after all of them
  for (int64_t i = 0; i < 20; ++i) {
    EXPECT_TRUE(works[static_cast<std::size_t>(i)].is_completed());
    works[static_cast<std::size_t>(i)].wait();
    EXPECT_TRUE(equal(xs[static_cast<std::size_t>(i)], expected({i + 1}, float32, d::ReduceOp::sum)));
  }
}

TEST(AllReduce, RefusesWhatHasNoSum) {
  EXPECT_EQ(error_of([] { d::all_reduce(Tensor()); }), "[all_reduce] expected a tensor, got an undefined one");
  EXPECT_EQ(error_of([] { d::all_reduce(empty({2}, {int64}), {.op = d::ReduceOp::mean}); }),
            "[all_reduce] the mean is of floating-point numbers, got int64");
  EXPECT_EQ(error_of([] {
              d::all_reduce(empty({2}, {float32, kMeta}));
            }),
            "[all_reduce] expected a tensor on the CPU, got one on meta");
}

TEST(Broadcast, FromEachProcess) {
  for (int64_t source = 0; source < d::world_size(); ++source)
    for (const DType t : {float32, boolean, complex64, float8_e5m2}) {
      const Tensor x = own({2, 3}).to(t);
      d::broadcast(x, source);
      EXPECT_EQ(fmt::format("{}", x), fmt::format("{}", of_rank(source, {2, 3}).to(t)));
    }
  const Tensor turned = own({2, 3}).t();
  d::broadcast(turned);
  EXPECT_TRUE(equal(turned, of_rank(0, {2, 3}).t()));
}

TEST(AllGather, ShapesMayDiffer) {
  const auto all = d::all_gather(own({d::rank(), 2})).result();
  ASSERT_EQ(all.size(), static_cast<std::size_t>(d::world_size()));
  for (int64_t r = 0; r < d::world_size(); ++r)
    EXPECT_TRUE(equal(all[static_cast<std::size_t>(r)], of_rank(r, {r, 2})));
}

TEST(Gather, OnlyTheDestinationReceives) {
  const int64_t to = d::world_size() - 1;
  const auto all = d::gather(own({d::rank() + 1}), to).result();
  ASSERT_EQ(all.size(), static_cast<std::size_t>(d::rank() == to ? d::world_size() : 0));
  for (std::size_t r = 0; r < all.size(); ++r) {
    const auto rank = static_cast<int64_t>(r);
    EXPECT_TRUE(equal(all[r], of_rank(rank, {rank + 1})));
  }
}

TEST(Scatter, EachReceivesItsOwn) {
  for (int64_t source = 0; source < d::world_size(); ++source) {
    std::vector<Tensor> xs;
    for (int64_t r = 0; d::rank() == source && r < d::world_size(); ++r) xs.push_back(of_rank(r, {r, 3}, int16));
    const Tensor mine = d::scatter(xs, source).result()[0];
    EXPECT_TRUE(equal(mine, own({d::rank(), 3}, int16)));
  }
}

TEST(ReduceScatter, EachReceivesTheReductionOfItsOwn) {
  std::vector<Tensor> xs;
  for (int64_t r = 0; r < d::world_size(); ++r) xs.push_back(own({r + 1, 2}) + r);
  const Tensor mine = d::reduce_scatter(xs).result()[0];
  const Tensor sum = expected({d::rank() + 1, 2}, float32, d::ReduceOp::sum) + d::rank() * d::world_size();
  EXPECT_TRUE(equal(mine, sum));
}

TEST(AllToAll, ShapesMayDiffer) {
  std::vector<Tensor> xs;
  for (int64_t r = 0; r < d::world_size(); ++r) xs.push_back(own({d::rank() + r}, int32));
  const auto got = d::all_to_all(xs).result();
  for (int64_t r = 0; r < d::world_size(); ++r)
    EXPECT_TRUE(equal(got[static_cast<std::size_t>(r)], of_rank(r, {d::rank() + r}, int32)));
}

TEST(SendAndRecv, InARing) {
  if (d::world_size() == 1) GTEST_SKIP() << "nobody to send to";
  const int64_t next = (d::rank() + 1) % d::world_size(), before = (d::rank() + d::world_size() - 1) % d::world_size();
  const Tensor first = empty({700, 800}).t(), second = empty({2}, {int64});
  const d::Work a = d::recv(first, before, {.tag = 1, .async_op = true}),
                b = d::recv(second, before, {.tag = 2, .async_op = true});
  const d::Work to = d::send(own({2}, int64), next, {.tag = 2, .async_op = true});
  const d::Work large = d::send(own({800, 700}), next, {.tag = 1, .async_op = true});
  for (const d::Work& w : {b, a, to, large}) w.wait();
  EXPECT_TRUE(equal(first, of_rank(before, {800, 700})));
  EXPECT_TRUE(equal(second, of_rank(before, {2}, int64)));
}

TEST(SendAndRecv, AMessageThatDoesNotFitIsAnErrorAndTheNextOneArrives) {
  if (d::world_size() == 1) GTEST_SKIP() << "nobody to send to";
  if (d::rank() == 0) {
    d::send(ones({3, 2}), 1);
    d::send(ones({2}), 1);
  } else if (d::rank() == 1) {
    const Tensor x = zeros({2});
    EXPECT_EQ(error_of([&] { d::recv(x, 0); }), "[recv] expected float32 (2,), and rank 0 has sent float32 (3, 2)");
    d::recv(x, 0);
    EXPECT_TRUE(equal(x, ones({2})));
  }
}

TEST(Group, HasNumbersOfItsOwn) {
  const int64_t last = d::world_size() - 1;
  const d::Group ends = d::new_group(last == 0 ? std::vector<int64_t>{0} : std::vector<int64_t>{last, 0});
  EXPECT_EQ(ends.ranks(), last == 0 ? std::vector<int64_t>{0} : (std::vector<int64_t>{last, 0}));
  const Tensor x = own({4});
  if (d::rank() != 0 && d::rank() != last) {
    EXPECT_EQ(ends.rank(), -1);
    EXPECT_EQ(error_of([&] { d::all_reduce(x, {.group = ends}); }), "[all_reduce] this process is not in the group");
    return;
  }
  EXPECT_EQ(ends.rank(), d::rank() == last ? 0 : 1);
  d::broadcast(x, 0, {.group = ends});
  EXPECT_TRUE(equal(x, of_rank(last, {4})));
}

TEST(Group, RefusesRanksThatAreNotThere) {
  EXPECT_EQ(error_of([] {
              d::new_group({0, 99});
            }),
            fmt::format("[new_group] expected ranks from 0 to {}, got 99", d::world_size() - 1));
  EXPECT_EQ(error_of([] { d::new_group({0, 0}); }), "[new_group] rank 0 is there twice");
}

TEST(Disagreement, NamesTwoProcessesAndWhatTheyCalled) {
  if (d::world_size() == 1) GTEST_SKIP() << "one process agrees with itself";
  const bool other = d::rank() == 1;
  EXPECT_EQ(error_of([&] {
              d::all_reduce(empty({3, other ? 5 : 4}));
            }),
            "[all_reduce] processes differ in what they call: rank 0 calls all_reduce(sum, float32 (3, 4)), rank 1 "
            "calls all_reduce(sum, float32 (3, 5))");
  const std::string text = error_of([&] {
    if (other) d::barrier();
    else d::broadcast(empty({2}, {int32}));
  });
  EXPECT_NE(text.find("rank 0 calls broadcast(int32 (2,), source = 0), rank 1 calls barrier()"), std::string::npos)
      << text;
  const Tensor x = own({3});
  d::all_reduce(x);  // and the group goes on
  EXPECT_TRUE(equal(x, expected({3}, float32, d::ReduceOp::sum)));
}

}  // namespace
}  // namespace collectives_test
