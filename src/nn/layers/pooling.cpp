#include <tenon/nn/layers/pooling.h>

#include "nn/extra_repr.h"

namespace tenon::nn {
namespace {

using functional::Window;

/// As it was given.
template <class T, std::size_t N>
Value value_of(const OneOrEach<T, N>& sizes) {
  if (!sizes.given()) return {};
  return sizes.is_one() ? Value(sizes.front()) : Value(static_cast<const std::array<T, N>&>(sizes));
}
/// As a tuple, however it was given.
template <std::size_t N>
Value tuple_of(const OneOrEach<int64_t, N>& sizes) {
  return Shape(sizes.begin(), sizes.end());
}

// The functions by the number of dimensions.
#define TENON_BY_DIMENSIONS(name)                           \
  template <int N>                                          \
  constexpr auto name##_nd = [] {                           \
    if constexpr (N == 1) return functional::name##1d;      \
    else if constexpr (N == 2) return functional::name##2d; \
    else return functional::name##3d;                       \
  }()
#define TENON_WITH_INDICES(name)                                                         \
  template <int N, bool with_indices>                                                    \
  constexpr auto name##_nd = [] {                                                        \
    if constexpr (N == 1 && with_indices) return functional::name##1d_with_indices;      \
    else if constexpr (N == 2 && with_indices) return functional::name##2d_with_indices; \
    else if constexpr (with_indices) return functional::name##3d_with_indices;           \
    else if constexpr (N == 1) return functional::name##1d;                              \
    else if constexpr (N == 2) return functional::name##2d;                              \
    else return functional::name##3d;                                                    \
  }()
TENON_WITH_INDICES(max_pool);
TENON_WITH_INDICES(adaptive_max_pool);
TENON_BY_DIMENSIONS(max_unpool);
TENON_BY_DIMENSIONS(avg_pool);
TENON_BY_DIMENSIONS(lp_pool);
TENON_BY_DIMENSIONS(adaptive_avg_pool);
#undef TENON_BY_DIMENSIONS
#undef TENON_WITH_INDICES

template <int N>
const Window<N>& or_else(const Window<N>& sizes, const Window<N>& otherwise) {
  return sizes.given() ? sizes : otherwise;
}

}  // namespace

template <int N, bool with_indices>
MaxPoolNd<N, with_indices>::MaxPoolNd(const Window<N>& kernel, const functional::MaxPoolOptions<N>& options)
    : kernel_size(kernel),
      stride(or_else<N>(options.stride, kernel)),
      padding(options.padding),
      dilation(options.dilation),
      ceil_mode(options.ceil_mode) {}

template <int N, bool with_indices>
std::string MaxPoolNd<N, with_indices>::extra_repr() const {
  return extra_repr_of({{"kernel_size", value_of(kernel_size)},
                        {"stride", value_of(stride)},
                        {"padding", value_of(padding)},
                        {"dilation", value_of(dilation)},
                        {"ceil_mode", ceil_mode}});
}

template <int N, bool with_indices>
Pooled<with_indices> MaxPoolNd<N, with_indices>::forward(const Tensor& x) const {
  return max_pool_nd<N, with_indices>(x, kernel_size, {stride, padding, dilation, ceil_mode});
}

template <int N>
MaxUnpoolNd<N>::MaxUnpoolNd(const Window<N>& kernel, const Window<N>& stride_, const Window<N>& padding_)
    : kernel_size(kernel), stride(or_else<N>(stride_, kernel)), padding(padding_) {}

template <int N>
std::string MaxUnpoolNd<N>::extra_repr() const {
  return extra_repr_of(
      {{"kernel_size", tuple_of(kernel_size)}, {"stride", tuple_of(stride)}, {"padding", tuple_of(padding)}});
}

template <int N>
Tensor MaxUnpoolNd<N>::forward(const Tensor& x, const Tensor& indices, const MaxUnpoolCallOptions& options) const {
  return max_unpool_nd<N>(x, indices, kernel_size, {stride, padding, options.output_size});
}

template <int N>
AvgPoolNd<N>::AvgPoolNd(const Window<N>& kernel, const functional::AvgPoolOptions<N>& options)
    : kernel_size(kernel),
      stride(or_else<N>(options.stride, kernel)),
      padding(options.padding),
      ceil_mode(options.ceil_mode),
      count_include_pad(options.count_include_pad),
      divisor_override(options.divisor_override) {}

template <int N>
std::string AvgPoolNd<N>::extra_repr() const {
  const auto shown = [](const Window<N>& sizes) { return N == 1 ? tuple_of(sizes) : value_of(sizes); };
  return extra_repr_of({{"kernel_size", shown(kernel_size)}, {"stride", shown(stride)}, {"padding", shown(padding)}});
}

template <int N>
Tensor AvgPoolNd<N>::forward(const Tensor& x) const {
  return avg_pool_nd<N>(x, kernel_size, {stride, padding, ceil_mode, count_include_pad, divisor_override});
}

template <int N>
LPPoolNd<N>::LPPoolNd(const Scalar& norm, const Window<N>& kernel, const functional::LPPoolOptions<N>& options)
    : norm_type(norm), kernel_size(kernel), stride(options.stride), ceil_mode(options.ceil_mode) {}

template <int N>
std::string LPPoolNd<N>::extra_repr() const {
  return extra_repr_of({{"norm_type", nn::value_of(norm_type)},
                        {"kernel_size", value_of(kernel_size)},
                        {"stride", value_of(stride)},
                        {"ceil_mode", ceil_mode}});
}

template <int N>
Tensor LPPoolNd<N>::forward(const Tensor& x) const {
  return lp_pool_nd<N>(x, norm_type.to_double(), kernel_size, {stride, ceil_mode});
}

template <int N>
AdaptiveAvgPoolNd<N>::AdaptiveAvgPoolNd(const functional::OutputSize<N>& size) : output_size(size) {}

template <int N>
std::string AdaptiveAvgPoolNd<N>::extra_repr() const {
  return extra_repr_of({ReprPart("output_size", value_of(output_size))});
}

template <int N>
Tensor AdaptiveAvgPoolNd<N>::forward(const Tensor& x) const {
  return adaptive_avg_pool_nd<N>(x, output_size);
}

template <int N, bool with_indices>
AdaptiveMaxPoolNd<N, with_indices>::AdaptiveMaxPoolNd(const functional::OutputSize<N>& size) : output_size(size) {}

template <int N, bool with_indices>
std::string AdaptiveMaxPoolNd<N, with_indices>::extra_repr() const {
  return extra_repr_of({ReprPart("output_size", value_of(output_size))});
}

template <int N, bool with_indices>
Pooled<with_indices> AdaptiveMaxPoolNd<N, with_indices>::forward(const Tensor& x) const {
  return adaptive_max_pool_nd<N, with_indices>(x, output_size);
}

template <int N, bool with_indices>
FractionalMaxPoolNd<N, with_indices>::FractionalMaxPoolNd(const Window<N>& kernel,
                                                          const functional::FractionalMaxPoolOptions<N>& options)
    : kernel_size(kernel), output_size(options.output_size), output_ratio(options.output_ratio) {
  if (output_size.given() == output_ratio.given())
    fail(class_name, "expected either an output_size or an output_ratio, got {}",
         output_size.given() ? "both" : "neither");
  for (const double ratio : output_ratio)
    if (output_ratio.given() && !(ratio > 0 && ratio < 1))
      fail(class_name, "expected an output_ratio above 0 and below 1, got {}", ratio);
  if (options.random_samples.defined()) random_samples = Buffer(options.random_samples);
}

template <int N, bool with_indices>
Pooled<with_indices> FractionalMaxPoolNd<N, with_indices>::forward(const Tensor& x) const {
  const functional::FractionalMaxPoolOptions<N> options{output_size, output_ratio, random_samples};
  if constexpr (N == 2 && with_indices) return functional::fractional_max_pool2d_with_indices(x, kernel_size, options);
  else if constexpr (N == 2) return functional::fractional_max_pool2d(x, kernel_size, options);
  else if constexpr (with_indices) return functional::fractional_max_pool3d_with_indices(x, kernel_size, options);
  else return functional::fractional_max_pool3d(x, kernel_size, options);
}

#define TENON_POOLS(N)                 \
  template class MaxPoolNd<N>;         \
  template class MaxPoolNd<N, true>;   \
  template class MaxUnpoolNd<N>;       \
  template class AvgPoolNd<N>;         \
  template class LPPoolNd<N>;          \
  template class AdaptiveAvgPoolNd<N>; \
  template class AdaptiveMaxPoolNd<N>; \
  template class AdaptiveMaxPoolNd<N, true>
TENON_POOLS(1);
TENON_POOLS(2);
TENON_POOLS(3);
#undef TENON_POOLS
template class FractionalMaxPoolNd<2>;
template class FractionalMaxPoolNd<2, true>;
template class FractionalMaxPoolNd<3>;
template class FractionalMaxPoolNd<3, true>;

}  // namespace tenon::nn
