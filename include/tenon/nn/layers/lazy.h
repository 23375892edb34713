#pragma once
// Layers that learn the number of their inputs from the first call.
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <tenon/nn/layers/batch_norm.h>
#include <tenon/nn/layers/convolution.h>
#include <tenon/nn/layers/linear.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

namespace detail {

/// The size of `dim`, counted from the end, of an input that has one of two numbers of dimensions; an error naming the
/// layer where it has another.
int64_t features_of(const Tensor& input, int64_t dim, int64_t least_dims, int64_t most_dims, std::string_view layer);

/// A size of a tensor's shape; −1 where it has not so many dimensions.
inline int64_t size_at(const Shape& shape, std::size_t dim) { return dim < shape.size() ? shape[dim] : -1; }

/// What Lazy is to know of a layer: its name, and how many features an input, or a tensor of a state dict (of the first
/// of `keys` that is there), says that it has.
template <class M>
struct LazyTraits;

template <>
struct LazyTraits<Linear> {
  static constexpr std::string_view name = "LazyLinear";
  static constexpr std::array keys{"weight"};
  static int64_t features(const Tensor& input) { return features_of(input, -1, 1, 1 << 30, name); }
  static int64_t features(const Shape& saved, const LinearOptions&) { return size_at(saved, 1); }
};

template <int N>
struct LazyTraits<ConvNd<N>> {
  static constexpr std::string_view name = std::array{"", "LazyConv1d", "LazyConv2d", "LazyConv3d"}[N];
  static constexpr std::array keys{"weight"};
  static int64_t features(const Tensor& input) { return features_of(input, -N - 1, N + 1, N + 2, name); }
  static int64_t features(const Shape& saved, const ConvNdOptions<N>& options) {
    return size_at(saved, 1) * options.groups;
  }
};

template <int N>
struct LazyTraits<ConvTransposeNd<N>> {
  static constexpr std::string_view name =
      std::array{"", "LazyConvTranspose1d", "LazyConvTranspose2d", "LazyConvTranspose3d"}[N];
  static constexpr std::array keys{"weight"};
  static int64_t features(const Tensor& input) { return features_of(input, -N - 1, N + 1, N + 2, name); }
  static int64_t features(const Shape& saved, const ConvTransposeNdOptions<N>&) { return size_at(saved, 0); }
};

template <int N>
struct LazyTraits<BatchNormNd<N>> {
  static constexpr std::string_view name = std::array{"", "LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d"}[N];
  static constexpr std::array keys{"weight", "running_mean"};
  static int64_t features(const Tensor& input) {
    const int64_t least = N == 1 ? 2 : N + 2;
    return features_of(input, 1 - std::max(input.dim(), least), least, N + 2, name);
  }
  static int64_t features(const Shape& saved, const BatchNormOptions&) { return size_at(saved, 0); }
};

template <int N>
struct LazyTraits<InstanceNormNd<N>> {
  static constexpr std::string_view name =
      std::array{"", "LazyInstanceNorm1d", "LazyInstanceNorm2d", "LazyInstanceNorm3d"}[N];
  static constexpr std::array keys{"weight", "running_mean"};
  static int64_t features(const Tensor& input) { return features_of(input, -N - 1, N + 1, N + 2, name); }
  static int64_t features(const Shape& saved, const InstanceNormOptions&) { return size_at(saved, 0); }
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
/// The shape of the first of these tensors that a state dict has for the layer; null where there is none.
const Shape* saved_shape(const LoadingState& loading, std::span<const char* const> keys);
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
    const Shape* const saved = detail::saved_shape(loading, Traits::keys);
    const int64_t features = saved ? Traits::features(*saved, options_) : -1;
    if (!known_ && features >= 0) {
      const detail::DrawsDoNotCount guard;
      become(features);
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

template <int N>
using LazyConvNd = Lazy<ConvNd<N>, ConvNdOptions<N>, int64_t, IntList<N>>;
using LazyConv1d = LazyConvNd<1>;
using LazyConv2d = LazyConvNd<2>;
using LazyConv3d = LazyConvNd<3>;

template <int N>
using LazyConvTransposeNd = Lazy<ConvTransposeNd<N>, ConvTransposeNdOptions<N>, int64_t, IntList<N>>;
using LazyConvTranspose1d = LazyConvTransposeNd<1>;
using LazyConvTranspose2d = LazyConvTransposeNd<2>;
using LazyConvTranspose3d = LazyConvTransposeNd<3>;

using LazyBatchNorm1d = Lazy<BatchNorm1d, BatchNormOptions>;
using LazyBatchNorm2d = Lazy<BatchNorm2d, BatchNormOptions>;
using LazyBatchNorm3d = Lazy<BatchNorm3d, BatchNormOptions>;
using LazyInstanceNorm1d = Lazy<InstanceNorm1d, InstanceNormOptions>;
using LazyInstanceNorm2d = Lazy<InstanceNorm2d, InstanceNormOptions>;
using LazyInstanceNorm3d = Lazy<InstanceNorm3d, InstanceNormOptions>;

}  // namespace tenon::nn

#pragma GCC visibility pop
