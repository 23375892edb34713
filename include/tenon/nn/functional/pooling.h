#pragma once
#include <optional>

#include <tenon/nn/one_or_each.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

// Pooling of the last dimensions: (N, C, W) or (C, W) by NAME1d, (N, C, H, W) or (C, H, W) by NAME2d, (N, C, D, H, W)
// or (C, D, H, W) by NAME3d; N may be 0, other sizes not. What lies with its channels last stays so, but for averages
// in three dimensions. Half types are computed in float.
namespace tenon::nn::functional {

/// The size of a window: one number or one for each dimension.
template <int N>
using Window = OneOrEach<int64_t, N>;

template <int N>
struct MaxPoolOptions {
  Window<N> stride = {};   ///< from one window to the next; default: the window's size
  Window<N> padding = 0;   ///< what counts as −∞ on either side, at most half a window
  Window<N> dilation = 1;  ///< from one element of a window to the next
  bool ceil_mode = false;  ///< whether a last window may reach beyond the padding
};
/// The largest of each window; a NaN is the largest. Of floating-point numbers and integers. Source:
/// torch.nn.functional.max_pool1d, max_pool2d, max_pool3d.
Tensor max_pool1d(const Tensor& x, const Window<1>& kernel_size, const MaxPoolOptions<1>& options = {});
Tensor max_pool2d(const Tensor& x, const Window<2>& kernel_size, const MaxPoolOptions<2>& options = {});
Tensor max_pool3d(const Tensor& x, const Window<3>& kernel_size, const MaxPoolOptions<3>& options = {});
/// The same, and where the largest stand: int64, the place among the elements of the last dimensions. PyTorch's
/// return_indices.
ValuesAndIndices max_pool1d_with_indices(const Tensor& x, const Window<1>& kernel_size,
                                         const MaxPoolOptions<1>& options = {});
ValuesAndIndices max_pool2d_with_indices(const Tensor& x, const Window<2>& kernel_size,
                                         const MaxPoolOptions<2>& options = {});
ValuesAndIndices max_pool3d_with_indices(const Tensor& x, const Window<3>& kernel_size,
                                         const MaxPoolOptions<3>& options = {});

template <int N>
struct MaxUnpoolOptions {
  Window<N> stride = {};  ///< default: the window's size
  Window<N> padding = 0;
  Shape output_size = {};  ///< the last sizes, or all, less than a stride from what the rest says; default: that
};
/// Zeros, with x where the indices that max_pool gave say: the inverse of max_pool but for what it dropped. Source:
/// torch.nn.functional.max_unpool1d, max_unpool2d, max_unpool3d.
Tensor max_unpool1d(const Tensor& x, const Tensor& indices, const Window<1>& kernel_size,
                    const MaxUnpoolOptions<1>& options = {});
Tensor max_unpool2d(const Tensor& x, const Tensor& indices, const Window<2>& kernel_size,
                    const MaxUnpoolOptions<2>& options = {});
Tensor max_unpool3d(const Tensor& x, const Tensor& indices, const Window<3>& kernel_size,
                    const MaxUnpoolOptions<3>& options = {});

template <int N>
struct AvgPoolOptions {
  Window<N> stride = {};                         ///< from one window to the next; default: the window's size
  Window<N> padding = 0;                         ///< zeros on either side, at most half a window
  bool ceil_mode = false;                        ///< whether a last window may reach beyond the padding
  bool count_include_pad = true;                 ///< whether the padding's zeros count in the mean
  std::optional<int64_t> divisor_override = {};  ///< what sums are divided by; default: the number of elements
};
/// The mean of each window. Of floating-point numbers, and of int64, rounded towards 0. Source:
/// torch.nn.functional.avg_pool1d, avg_pool2d, avg_pool3d.
Tensor avg_pool1d(const Tensor& x, const Window<1>& kernel_size, const AvgPoolOptions<1>& options = {});
Tensor avg_pool2d(const Tensor& x, const Window<2>& kernel_size, const AvgPoolOptions<2>& options = {});
Tensor avg_pool3d(const Tensor& x, const Window<3>& kernel_size, const AvgPoolOptions<3>& options = {});

template <int N>
struct LPPoolOptions {
  Window<N> stride = {};   ///< from one window to the next; default: the window's size
  bool ceil_mode = false;  ///< whether a last window may reach beyond the end: it counts as a whole one
};
/// (Σ x^norm_type)^(1/norm_type) of each window, made of avg_pool. norm_type is not 0. Source:
/// torch.nn.functional.lp_pool1d, lp_pool2d, lp_pool3d.
Tensor lp_pool1d(const Tensor& x, double norm_type, const Window<1>& kernel_size, const LPPoolOptions<1>& options = {});
Tensor lp_pool2d(const Tensor& x, double norm_type, const Window<2>& kernel_size, const LPPoolOptions<2>& options = {});
Tensor lp_pool3d(const Tensor& x, double norm_type, const Window<3>& kernel_size, const LPPoolOptions<3>& options = {});

/// The last sizes of a result: one for all or one for each dimension, where None is the input's: {7, None}.
template <int N>
using OutputSize = OneOrEach<std::optional<int64_t>, N>;

/// Means of windows that are as equal as can be and cover the input, so that the result has this size: of n, place i of
/// m takes the elements from ⌊i·n/m⌋ up to ⌈(i + 1)·n/m⌉. Source: torch.nn.functional.adaptive_avg_pool1d,
/// adaptive_avg_pool2d, adaptive_avg_pool3d.
Tensor adaptive_avg_pool1d(const Tensor& x, const OutputSize<1>& output_size);
Tensor adaptive_avg_pool2d(const Tensor& x, const OutputSize<2>& output_size);
Tensor adaptive_avg_pool3d(const Tensor& x, const OutputSize<3>& output_size);

/// The largest of such windows; a NaN is the largest. Source: torch.nn.functional.adaptive_max_pool1d,
/// adaptive_max_pool2d, adaptive_max_pool3d.
Tensor adaptive_max_pool1d(const Tensor& x, const OutputSize<1>& output_size);
Tensor adaptive_max_pool2d(const Tensor& x, const OutputSize<2>& output_size);
Tensor adaptive_max_pool3d(const Tensor& x, const OutputSize<3>& output_size);
/// The same, and where the largest stand, as max_pool_with_indices says it.
ValuesAndIndices adaptive_max_pool1d_with_indices(const Tensor& x, const OutputSize<1>& output_size);
ValuesAndIndices adaptive_max_pool2d_with_indices(const Tensor& x, const OutputSize<2>& output_size);
ValuesAndIndices adaptive_max_pool3d_with_indices(const Tensor& x, const OutputSize<3>& output_size);

template <int N>
struct FractionalMaxPoolOptions {
  Window<N> output_size = {};              ///< the last sizes of the result
  OneOrEach<double, N> output_ratio = {};  ///< or their parts of the input's, between 0 and 1; one of the two is given
  /// (N, C, dimensions), from 0 to 1: where the windows of each plane lie; by default drawn.
  Tensor random_samples = {};
};
/// The largest of windows at random distances, which give the result this size; each plane draws its own. Source:
/// torch.nn.functional.fractional_max_pool2d, fractional_max_pool3d (Graham 2014, "Fractional max-pooling").
Tensor fractional_max_pool2d(const Tensor& x, const Window<2>& kernel_size, const FractionalMaxPoolOptions<2>& options);
Tensor fractional_max_pool3d(const Tensor& x, const Window<3>& kernel_size, const FractionalMaxPoolOptions<3>& options);
/// The same, and where the largest stand, as max_pool_with_indices says it.
ValuesAndIndices fractional_max_pool2d_with_indices(const Tensor& x, const Window<2>& kernel_size,
                                                    const FractionalMaxPoolOptions<2>& options);
ValuesAndIndices fractional_max_pool3d_with_indices(const Tensor& x, const Window<3>& kernel_size,
                                                    const FractionalMaxPoolOptions<3>& options);

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
