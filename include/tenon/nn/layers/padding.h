#pragma once
#include <array>
#include <string_view>

#include <tenon/int_list.h>
#include <tenon/nn/functional/padding.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// Adds elements at both ends of the last N dimensions: one number for all ends, or two for the last dimension, two for
/// the one before it, …; negative ones take elements away.
///
/// (N, C, …) or (C, …) → the same with other last sizes. ZeroPad adds zeros; ReflectionPad what is mirrored at the last
/// elements, fewer than a dimension has; ReplicationPad the last elements again; CircularPad what comes round from the
/// other end, no more than a dimension has. Source: torch.nn.ZeroPad1d … 3d, ReflectionPad1d … 3d, ReplicationPad1d …
/// 3d, CircularPad1d … 3d.
template <functional::PaddingMode mode, int N>
class PadNd : public Module<PadNd<mode, N>> {
 public:
  static constexpr std::string_view class_name =
      std::array{"ZeroPad1d",        "ZeroPad2d",       "ZeroPad3d",        "ReflectionPad1d",
                 "ReflectionPad2d",  "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d",
                 "ReplicationPad3d", "CircularPad1d",   "CircularPad2d",    "CircularPad3d"}
          [static_cast<std::size_t>(mode) * 3 + N - 1];

  IntList<2 * N> padding;

  explicit PadNd(const IntList<2 * N>& padding);
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(PadNd, padding)
};

/// Adds elements of one value at both ends of the last N dimensions of a tensor of any type; padding as ZeroPad's.
/// Source: torch.nn.ConstantPad1d, ConstantPad2d, ConstantPad3d.
template <int N>
class ConstantPadNd : public Module<ConstantPadNd<N>> {
 public:
  static constexpr std::string_view class_name = std::array{"ConstantPad1d", "ConstantPad2d", "ConstantPad3d"}[N - 1];

  IntList<2 * N> padding;
  Scalar value;

  ConstantPadNd(const IntList<2 * N>& padding, const Scalar& value);
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(ConstantPadNd, padding, value)
};

#define TENON_PADS(N)                                                        \
  extern template class PadNd<functional::PaddingMode::constant, N>;         \
  extern template class PadNd<functional::PaddingMode::reflect, N>;          \
  extern template class PadNd<functional::PaddingMode::replicate, N>;        \
  extern template class PadNd<functional::PaddingMode::circular, N>;         \
  extern template class ConstantPadNd<N>;                                    \
  using ZeroPad##N##d = PadNd<functional::PaddingMode::constant, N>;         \
  using ReflectionPad##N##d = PadNd<functional::PaddingMode::reflect, N>;    \
  using ReplicationPad##N##d = PadNd<functional::PaddingMode::replicate, N>; \
  using CircularPad##N##d = PadNd<functional::PaddingMode::circular, N>;     \
  using ConstantPad##N##d = ConstantPadNd<N>
TENON_PADS(1);
TENON_PADS(2);
TENON_PADS(3);
#undef TENON_PADS

}  // namespace tenon::nn

#pragma GCC visibility pop
