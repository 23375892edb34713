// Activation checkpointing: what it saves, and that nothing else changes.
#include <tenon/nn/checkpoint.h>
#include <tenon/tenon.h>

#include "autograd/gradcheck.h"

namespace tenon::nn_checkpoint_test {
namespace {

using nn::utils::checkpoint;
using nn::utils::checkpoint_sequential;
using test::error_of;
using test::identical;

/// What operations saved while it lived, in bytes.
class SavedBytes {
 public:
  int64_t of(const std::function<Tensor()>& f) {
    bytes_ = 0;
    const autograd::SavedTensorsHooks hooks(
        [this](const Tensor& x) {
          bytes_ += x.numel() * x.element_size();
          return std::any(x.clone());
        },
        [](const std::any& x) { return std::any_cast<Tensor>(x); });
    f();
    return bytes_;
  }

 private:
  int64_t bytes_ = 0;
};

nn::Sequential blocks(int64_t n) {
  nn::Sequential all;
  for (int64_t i = 0; i < n; ++i) all.append(nn::Sequential{nn::Linear(8, 8), nn::Tanh(), nn::Dropout(0.3)});
  return all;
}

struct Step {
  Tensor y, dx;
  std::vector<Tensor> grads;
  float next;
};
Step step(nn::Sequential& model, const std::function<Tensor(const Tensor&)>& run) {
  manual_seed(3);
  const Tensor x = rand({4, 8}).requires_grad_();
  for (const auto& p : model.parameters()) p.set_grad({});
  Step s{run(x), {}, {}, 0};
  s.y.square().sum().backward();
  s.dx = x.grad();
  for (const auto& p : model.parameters()) s.grads.push_back(p.grad());
  s.next = rand({1}).item<float>();
  return s;
}
void expect_same(const Step& a, const Step& b) {
  EXPECT_TRUE(identical(a.y, b.y));
  EXPECT_TRUE(identical(a.dx, b.dx));
  ASSERT_EQ(a.grads.size(), b.grads.size());
  for (std::size_t i = 0; i < a.grads.size(); ++i) EXPECT_TRUE(identical(a.grads[i], b.grads[i])) << i;
  EXPECT_EQ(a.next, b.next);
}

TEST(Checkpoint, GivesTheSameNumbersAndGradientsDropoutIncluded) {
  nn::Sequential model = blocks(4);
  const Step plain = step(model, [&](const Tensor& x) { return model(x); });
  expect_same(step(model, [&](const Tensor& x) { return checkpoint([&](const Tensor& v) { return model(v); }, x); }),
              plain);
  for (const int64_t segments : {1, 2, 3, 4, 9})
    expect_same(step(model, [&](const Tensor& x) { return checkpoint_sequential(model, segments, x); }), plain);
}

TEST(Checkpoint, InsideACheckpointGivesTheSame) {
  nn::Sequential model = blocks(4);
  const Step plain = step(model, [&](const Tensor& x) { return model(x); });
  expect_same(step(model,
                   [&](const Tensor& x) {
                     return checkpoint([&](const Tensor& v) { return checkpoint_sequential(model, 2, v); }, x);
                   }),
              plain);
}

TEST(Checkpoint, HoldsOnlyItsInputsUntilTheBackwardPass) {
  nn::Sequential model = blocks(6);
  model.eval();
  const Tensor x = rand({64, 8}).requires_grad_();
  // The outer hooks see what is saved outside of checkpoints: the last of the segments.
  SavedBytes saved;
  const int64_t all = saved.of([&] { return model(x); });
  EXPECT_LT(saved.of([&] { return checkpoint_sequential(model, 6, x); }), all / 4);
}

TEST(Checkpoint, LetsAutogradGradAndSeveralBackwardPassesThrough) {
  const Tensor w = rand({3}).requires_grad_(), x = rand({3}).requires_grad_();
  const Tensor y = checkpoint([&](const Tensor& v) { return (v * w).exp(); }, x);
  const auto once = autograd::grad({y.sum()}, {x, w}, {.retain_graph = true});
  const auto twice = autograd::grad({y.sum()}, {x, w});
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(identical(once[i], twice[i]));
  test::expect_values(once[0], {3}, (w * y).to(float64).to_vector<double>(), 1e-6);
}

TEST(Checkpoint, TakesAndGivesSeveralTensorsAndOtherArguments) {
  const Tensor a = rand({3}).requires_grad_(), b = rand({3}).requires_grad_();
  const auto f = [](const Tensor& u, const Tensor& v, double scale) { return std::pair(u * v * scale, v.exp()); };
  const auto [p, q] = checkpoint(f, a, b, 2.0);
  (p.sum() + q.sum()).backward();
  EXPECT_TRUE(identical(a.grad(), b.detach() * 2));
  test::expect_values(b.grad(), {3}, (a * 2 + b.exp()).detach().to(float64).to_vector<double>(), 1e-6);
}

TEST(Checkpoint, DerivativesOfDerivatives) {
  test::gradchecks([](const auto& in) { return checkpoint([](const Tensor& v) { return v.sin() * v.exp(); }, in[0]); },
                   {test::leaf({4})});
}

TEST(Checkpoint, RecordsNothingWhereNothingIsRecorded) {
  const NoGrad guard;
  const Tensor x = ones({2}).requires_grad_();
  EXPECT_FALSE(checkpoint([](const Tensor& v) { return v * 2; }, x).requires_grad());
}

TEST(Checkpoint, SaysWhereTheSecondComputationIsAnother) {
  const Tensor x = ones({2}).requires_grad_();
  int calls = 0;
  const Tensor y = checkpoint(
      [&](const Tensor& v) {
        const Tensor once = v.exp();
        return ++calls > 1 ? once.exp() : once;
      },
      x);
  EXPECT_EQ(
      error_of([&] { y.sum().backward(); }),
      "backward of exp: [checkpoint] the second computation saved 2 tensors, the first 1: it must do the same again");
}

TEST(Checkpoint, NoticesWhatWasChangedInPlaceAfterItWasSaved) {
  const Tensor x = ones({2}).requires_grad_();
  const Tensor y = checkpoint(
      [](const Tensor& v) {
        const Tensor e = v.exp();
        return e.add_(1);
      },
      x);
  EXPECT_EQ(
      error_of([&] { y.sum().backward(); }),
      "backward of exp: [checkpoint] a tensor that was saved for the backward pass was changed in place afterwards");
}

TEST(Checkpoint, LeavesTheDefaultGeneratorAsItIsInTheBackwardPass) {
  manual_seed(1);
  const Tensor x = ones({100}).requires_grad_();
  const Tensor y = checkpoint([](const Tensor& v) { return nn::functional::dropout(v, 0.5) * v; }, x);
  const Tensor before = random::get_state();
  y.sum().backward();
  EXPECT_TRUE(identical(random::get_state(), before));
  EXPECT_TRUE(identical(x.grad(), y.detach() * 2));
}

TEST(CheckpointSequential, RefusesNoSegments) {
  nn::Sequential model = blocks(1);
  EXPECT_EQ(error_of([&] {
              checkpoint_sequential(model, 0, ones({1, 8}));
            }),
            "[checkpoint_sequential] expected segments of 1 or more, got 0");
}

}  // namespace
}  // namespace tenon::nn_checkpoint_test
