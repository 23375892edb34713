#include <tenon/nn/checkpoint.h>

#include <algorithm>
#include <any>
#include <optional>
#include <vector>

#include <tenon/random/default_generator.h>

#include "ops/autocast.h"

namespace tenon::nn::utils {
namespace {

/// A tensor that was computed again, until the backward pass takes it.
struct Again {
  Tensor x;
  uint32_t version = 0;
};

/// What is kept of a saved tensor: where it stood among them.
struct Place {
  std::shared_ptr<detail::CheckpointFrame> frame;
  std::size_t index = 0;
};

}  // namespace

struct detail::CheckpointFrame::State {
  std::optional<Generator> generator;  // as it was before
  AutocastOptions autocast = autocast_options();
  std::size_t saved = 0;
  std::vector<Again> again;

  void compute_again(const std::function<void()>& f) {
    again.clear();
    Generator own = generator ? *generator : Generator();
    std::optional<random::DefaultGenerator> in_its_place;
    if (generator) in_its_place.emplace(own);
    const EnableGrad guard;
    const Autocast as_before(autocast);
    const autograd::SavedTensorsHooks hooks(
        [this](const Tensor& x) {
          again.push_back({x, x.version()});
          return std::any();
        },
        [](const std::any&) -> Tensor {
          fail("checkpoint", "the computation that is done again runs a backward pass through itself");
        });
    f();
    if (again.size() != saved)
      fail("checkpoint", "the second computation saved {} tensors, the first {}: it must do the same again",
           again.size(), saved);
  }

  Tensor take(std::size_t i, const std::function<void()>& f) {
    if (i >= again.size() || !again[i].x.defined()) compute_again(f);
    const Again taken = std::exchange(again[i], {});
    if (taken.x.version() != taken.version)
      fail("checkpoint", "a tensor that was saved for the backward pass was changed in place afterwards");
    return taken.x;
  }
};

detail::CheckpointFrame::CheckpointFrame(const CheckpointOptions& options) : state_(std::make_unique<State>()) {
  if (options.preserve_rng_state) state_->generator.emplace(default_generator());
}
detail::CheckpointFrame::~CheckpointFrame() = default;

autograd::SavedTensorsHooks detail::checkpoint_hooks(const std::shared_ptr<CheckpointFrame>& frame) {
  return {[frame](const Tensor&) {
            return std::any(Place{frame, frame->state_->saved++});
          },
          [](const std::any& packed) {
            const auto& [frame, index] = *std::any_cast<Place>(&packed);
            return frame->state_->take(index, frame->again);
          }};
}

Tensor checkpoint_sequential(Sequential& layers, int64_t segments, Tensor x, const CheckpointOptions& options) {
  const auto n = static_cast<int64_t>(layers.size());
  if (segments < 1) fail("checkpoint_sequential", "expected segments of 1 or more, got {}", segments);
  const int64_t length = std::max<int64_t>(1, n / segments);
  const auto part = [&layers](int64_t from, int64_t to) {
    return [layers = std::make_shared<Sequential>(layers[{from, to}])](Tensor y) { return (*layers)(std::move(y)); };
  };
  int64_t from = 0;
  for (int64_t s = 1; s < segments && from + length < n; ++s, from += length)
    x = checkpoint(options, part(from, from + length), x);
  return part(from, n)(std::move(x));
}

}  // namespace tenon::nn::utils
