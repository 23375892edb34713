#pragma once
// Layers that learn the number of their inputs from the first call.
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <tenon/nn/layers/linear.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

namespace detail {

/// What is to be known of a layer for Lazy: its name, how many features an input has, and a state dict's tensor `key`.
template <class M>
struct LazyTraits;

template <>
struct LazyTraits<Linear> {
  static constexpr std::string_view name = "LazyLinear", key = "weight";
  static int64_t features(const Tensor& input);
  static int64_t features(const Shape& saved, const LinearOptions&) { return saved[1]; }
};

/// While it lives, nothing that is drawn counts.
class DrawsDoNotCount {
 public:
  DrawsDoNotCount();
  ~DrawsDoNotCount();
  DrawsDoNotCount(const DrawsDoNotCount&) = delete;
  DrawsDoNotCount& operator=(const DrawsDoNotCount&) = delete;

 private:
  Tensor state_;
};

/// The layer's tensors have no elements.
void empty_tensors(ModuleBase& layer);
/// The layer's tensors take the data of the other's and stay the tensors that they are; the other gets them.
void take_tensors(ModuleBase& layer, ModuleBase& made);
/// The shape of a tensor of a state dict that says how many features the layer has; null where there is none.
const Shape* saved_shape(const LoadingState& loading, std::string_view key);
/// The data type and the device that the layer has been moved to meanwhile.
TensorOptions options_now(ModuleBase& layer);

}  // namespace detail

/// A layer M whose number of inputs (in_features, in_channels, num_features) is that of the first input. Until then its
/// parameters have no elements; then they are made and drawn, and stay the same objects, so that an optimizer may have
/// been given them before. A state dict that is loaded says the number, too. It is called, printed and saved as the
/// layer that it becomes: LazyLinear(out_features) as Linear. Source: torch.nn.modules.lazy.
template <class M, class Options, class... First>
class Lazy : public Module<Lazy<M, Options, First...>> {
  using Traits = detail::LazyTraits<M>;

 public:
  /// What M takes after the number of inputs.
  explicit Lazy(First... first, const Options& options = {})
      : arguments_(std::move(first)...), options_(options), layer_(undrawn(0)) {
    detail::empty_tensors(layer_);
  }

  /// Whether the number of inputs is not known yet.
  bool has_uninitialized_params() const { return !known_; }
  /// The layer itself; before the first call with nothing in it.
  M& layer() { return layer_; }
  const M& layer() const { return layer_; }

  std::string extra_repr() const override { return layer_.extra_repr(); }
  int64_t state_dict_version() const override { return layer_.state_dict_version(); }
  void upgrade_state_dict(LoadingState& loading) override {
    const Shape* const saved = detail::saved_shape(loading, Traits::key);
    if (!known_ && saved) {
      const detail::DrawsDoNotCount guard;
      become(Traits::features(*saved, options_));
    }
    layer_.upgrade_state_dict(loading);
  }

  // ---- what TENON_MODULE would say, but for a class that shows its layer's members as its own
  using tenon_listed_in = Lazy;
  static constexpr std::string_view tenon_class_name() { return Traits::name; }
  std::string_view type_name() const override { return known_ ? layer_.type_name() : Traits::name; }
  ModuleState& tenon_state() override { return tenon_state_; }
  void tenon_visit(Visitor& visitor) override {
    if (detail::Copies* copies = visitor.tenon_copies()) copies->member(Traits::name, "layer", layer_);
    else layer_.tenon_visit(visitor);
  }

 protected:
  template <class... A>
  Tensor forward(const Tensor& x, A&&... more) {
    if (!known_) become(Traits::features(x));
    layer_.tenon_state().training = tenon_state_.training;
    return layer_(x, std::forward<A>(more)...);
  }

 private:
  friend Module<Lazy>;
  friend detail::Forward<Lazy>;

  M made(int64_t features) const {
    return std::apply([&](const auto&... first) { return M(features, first..., options_); }, arguments_);
  }
  M undrawn(int64_t features) const {
    const detail::DrawsDoNotCount guard;
    return made(features);
  }
  void become(int64_t features) {
    const TensorOptions now = detail::options_now(layer_);
    options_.dtype = now.dtype;
    options_.device = now.device;
    M layer = made(features);
    detail::take_tensors(layer_, layer);
    layer_ = std::move(layer);
    known_ = true;
  }

  std::tuple<std::remove_cvref_t<First>...> arguments_;
  Options options_;
  M layer_;
  bool known_ = false;
  ModuleState tenon_state_;
};

using LazyLinear = Lazy<Linear, LinearOptions, int64_t>;

}  // namespace tenon::nn

#pragma GCC visibility pop
