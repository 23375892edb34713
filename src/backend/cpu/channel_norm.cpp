// Normalisation of channels: each pass goes through memory once, whether channels lie in rows or side by side, and sums
// are cut at fixed places.
#include <cmath>

#include "backend/cpu/reduce.h"
#include "backend/cpu/simd/channel_norm.h"
#include "backend/cpu/spread.h"
#include "backend/normalization.h"
#include "tensor/element.h"

namespace tenon::backend::cpu {
namespace {

/// (batch, outer, channels, inner). A channel is counted through the batches: batch·channels of them.
struct Blocks {
  int64_t batch, outer, channels, inner;
  explicit Blocks(const Tensor& x)
      : batch(x.shape()[0]), outer(x.shape()[1]), channels(x.shape()[2]), inner(x.shape()[3]) {}
  int64_t all_channels() const { return batch * channels; }
  int64_t of_channel() const { return outer * inner; }
  bool side_by_side() const { return inner == 1; }
  /// Where row `row` of a channel begins.
  int64_t place(int64_t channel, int64_t row) const {
    return ((channel / channels * outer + row) * channels + channel % channels) * inner;
  }
};

template <class T>
const T* data(const Tensor& x) {
  return reinterpret_cast<const T*>(x.impl()->data);
}
template <class F>
void with_float_or_double(DType type, F f) {
  if (type == float64) f.template operator()<double>();
  else f.template operator()<float>();
}

template <class Rows>
Workspace<TwoSums> sums_of_rows(const Blocks& x, Rows rows_of) {
  constexpr int64_t part = 4096;  // elements that are added up in lanes of their type
  const int64_t n = std::min(x.inner, part), rows = std::max<int64_t>(part / x.inner, 1), along = (x.inner + n - 1) / n,
                parts = (x.outer + rows - 1) / rows * along;
  Workspace<TwoSums> of_parts(static_cast<std::size_t>(x.all_channels() * parts));
  parallel_for(x.all_channels() * parts, pieces_each(rows * n), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t channel = unit / parts, row = unit % parts / along * rows, first = unit % along * n;
      of_parts[static_cast<std::size_t>(unit)] =
          rows_of(channel, x.place(channel, row) + first, std::min(rows, x.outer - row), x.channels * x.inner,
                  std::min(n, x.inner - first));
    }
  });
  if (parts == 1) return of_parts;
  Workspace<TwoSums> sums(static_cast<std::size_t>(x.all_channels()));
  for (std::size_t unit = 0; unit < of_parts.size(); ++unit) {
    TwoSums& sum = sums[unit / static_cast<std::size_t>(parts)];
    sum.first += of_parts[unit].first;
    sum.second += of_parts[unit].second;
  }
  return sums;
}

template <class T, class Columns>
Workspace<TwoSums> sums_of_columns(const Blocks& x, Columns columns_of) {
  constexpr int64_t rows = 64;  // that are added up in the type
  const int64_t parts = (x.outer + rows - 1) / rows, blocks = (x.channels + columns_at_once - 1) / columns_at_once;
  Workspace<T> first(static_cast<std::size_t>(x.batch * parts * x.channels)), second(first.size());
  parallel_for(x.batch * parts * blocks, pieces_each(std::min(rows, x.outer) * std::min(columns_at_once, x.channels)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t unit = begin; unit < end; ++unit) {
                   const int64_t column = unit % blocks * columns_at_once, part = unit / blocks,
                                 channel = part / parts * x.channels + column, row = part % parts * rows,
                                 to = part * x.channels + column;
                   columns_of(first.data() + to, second.data() + to, channel, x.place(channel, row),
                              std::min(rows, x.outer - row), x.channels,
                              std::min(columns_at_once, x.channels - column));
                 }
               });
  Workspace<TwoSums> sums(static_cast<std::size_t>(x.all_channels()));
  for (int64_t part = 0; part < x.batch * parts; ++part)
    for (int64_t c = 0; c < x.channels; ++c) {
      TwoSums& sum = sums[static_cast<std::size_t>(part / parts * x.channels + c)];
      sum.first += static_cast<double>(first[static_cast<std::size_t>(part * x.channels + c)]);
      sum.second += static_cast<double>(second[static_cast<std::size_t>(part * x.channels + c)]);
    }
  return sums;
}

/// A number near each channel's mean, from a few elements all over it.
template <class T>
Workspace<T> pivots_of(const T* in, const Blocks& x) {
  const int64_t samples = std::min<int64_t>(x.of_channel(), 8);
  Workspace<T> pivots(static_cast<std::size_t>(x.all_channels()));
  for (int64_t b = 0; b < x.batch; ++b)
    for (int64_t k = 0; k < samples; ++k) {
      const int64_t at = k * x.of_channel() / samples;
      const T* from = in + x.place(b * x.channels, at / x.inner) + at % x.inner;
      T* to = pivots.data() + b * x.channels;
      for (int64_t c = 0; c < x.channels; ++c) to[c] += from[c * x.inner] / static_cast<T>(samples);
    }
  return pivots;
}

template <class T>
void moments_of(double* means, double* variances, const ChannelNormArgs& a) {
  constexpr DType type = dtype_of<T>();
  Blocks x(a.x);
  if (x.outer == 1) {  // a group's channels are one row
    x.inner *= x.channels / a.groups;
    x.channels = a.groups;
  }
  const T* in = data<T>(a.x);
  const Workspace<T> pivots = pivots_of(in, x);
  const auto pivot = [&](int64_t channel) { return pivots.data() + channel; };
  const Workspace<TwoSums> sums =
      x.side_by_side()
          ? sums_of_columns<T>(
                x,
                [&](T* first, T* second, int64_t channel, int64_t place, int64_t rows, int64_t stride, int64_t width) {
                  vector_deviations_columns(type, first, second, pivot(channel), in + place, rows, stride, width);
                })
          : sums_of_rows(x, [&](int64_t channel, int64_t place, int64_t rows, int64_t stride, int64_t n) {
              return vector_rows_deviations(type, in + place, static_cast<double>(*pivot(channel)), rows, stride, n);
            });
  const auto spread_of = [&](int64_t channel) {
    const TwoSums& s = sums[static_cast<std::size_t>(channel)];
    if (type == float32 && !(s.second < 0x1p120))  // the sum of squares may have left float's range
      return Spread::in_double(in + x.place(channel, 0), x.outer, x.channels * x.inner, x.inner);
    return Spread::from(static_cast<double>(x.of_channel()), static_cast<double>(*pivot(channel)), {s.first, s.second});
  };
  const int64_t each = x.channels / a.groups;
  for (int64_t g = 0; g < x.batch * a.groups; ++g) {
    Spread total = spread_of(g * each);
    for (int64_t c = 1; c < each; ++c) total.add(spread_of(g * each + c));
    means[g] = total.mean;
    variances[g] = std::max(total.squares, 0.0) / total.n;
  }
}

/// Room for ChannelFactors, of which a kernel sees those from a channel on.
template <class T>
struct Factors {
  Workspace<T> center, scale, shift, slope;
  explicit Factors(int64_t channels)
      : center(static_cast<std::size_t>(channels)), scale(center.size()), shift(center.size()), slope(center.size()) {}
  ChannelFactors from(int64_t channel) const {
    return {center.data() + channel, scale.data() + channel, shift.data() + channel, slope.data() + channel};
  }
};

/// f(place, factors, rows, n) for rows that lie one after the other: of a channel each, or of all channels side by
/// side.
template <class T, class F>
void for_channel_rows(const Blocks& x, const Factors<T>& factors, F f) {
  const bool beside = x.side_by_side();
  const int64_t n = beside ? x.channels : x.inner, rows = x.batch * x.outer * (beside ? 1 : x.channels),
                cycle = beside ? x.outer : x.channels;
  parallel_for(rows, pieces_each(n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end;) {
      const int64_t count = std::min(end - r, cycle - r % cycle),
                    channel = beside ? r / x.outer * x.channels : r / cycle / x.outer * x.channels + r % cycle;
      f(r * n, factors.from(channel), count, n);
      r += count;
    }
  });
}

template <class T>
void scaled(T* out, const T* in, const Blocks& x, const Factors<T>& factors) {
  const auto kernel = x.side_by_side() ? vector_columns_scaled : vector_rows_scaled;
  for_channel_rows(x, factors, [=](int64_t place, const ChannelFactors& f, int64_t rows, int64_t n) {
    kernel(dtype_of<T>(), out + place, in + place, f, rows, n);
  });
}

/// A group's mean as the type holds it and what it lost, and 1 / √(variance + eps).
template <class T>
struct Group {
  T center;
  double rest, rstd;
  Group(const double* means, int64_t groups, int64_t g, double eps)
      : center(static_cast<T>(means[g])),
        rest(means[g] - static_cast<double>(center)),
        rstd(1 / std::sqrt(means[groups + g] + eps)) {}
};

template <class T>
void normalize(T* out, const double* moments, const ChannelNormArgs& a) {
  const Blocks x(a.x);
  const int64_t each = x.channels / a.groups;
  Factors<T> factors(x.all_channels());
  for (int64_t channel = 0; channel < x.all_channels(); ++channel) {
    const Group<T> group(moments, x.batch * a.groups, channel / each, a.eps);
    const int64_t c = channel % x.channels;
    const double scale = group.rstd * (a.weight.defined() ? static_cast<double>(data<T>(a.weight)[c]) : 1);
    const double bias = a.bias.defined() ? static_cast<double>(data<T>(a.bias)[c]) : 0;
    const auto i = static_cast<std::size_t>(channel);
    factors.center[i] = group.center;
    factors.scale[i] = static_cast<T>(scale);
    factors.shift[i] = static_cast<T>(bias - group.rest * scale);
  }
  scaled(out, data<T>(a.x), x, factors);
}

/// Σ g and Σ g·(x − center) of each channel.
template <class T>
Workspace<TwoSums> products_of(const T* grad, const T* in, const Blocks& x, const Workspace<T>& centers) {
  constexpr DType type = dtype_of<T>();
  if (x.side_by_side())
    return sums_of_columns<T>(
        x, [&](T* first, T* second, int64_t channel, int64_t place, int64_t rows, int64_t stride, int64_t width) {
          vector_columns_products(type, first, second, grad + place, in + place, centers.data() + channel, rows, stride,
                                  width);
        });
  return sums_of_rows(x, [&](int64_t channel, int64_t place, int64_t rows, int64_t stride, int64_t n) {
    return vector_rows_products(type, grad + place, in + place,
                                static_cast<double>(centers[static_cast<std::size_t>(channel)]), rows, stride, n);
  });
}

/// dx = rstd·(w·g − mean(w·g) − (x − mean)·rstd²·mean(w·g·(x − mean))), the means those of x's group.
template <class T>
void back(const Tensor& dx, const Tensor& dweight, const Tensor& dbias, const T* grad, const double* moments,
          const ChannelNormArgs& a, bool constant) {
  const Blocks x(a.x);
  const int64_t each = x.channels / a.groups, groups = x.batch * a.groups;
  Factors<T> factors(x.all_channels());
  const auto group_of = [&](int64_t g) { return Group<T>(moments, groups, g, a.eps); };
  for (int64_t channel = 0; channel < x.all_channels(); ++channel)
    factors.center[static_cast<std::size_t>(channel)] = group_of(channel / each).center;
  Workspace<TwoSums> sums;
  if (!constant || dweight.defined() || dbias.defined()) sums = products_of(grad, data<T>(a.x), x, factors.center);
  else sums.resize(factors.center.size());

  Workspace<TwoSums> of_weights(static_cast<std::size_t>(x.channels));  // the gradients of bias and weight
  for (int64_t g = 0; g < groups; ++g) {
    const Group<T> group = group_of(g);
    double straight = 0, bent = 0;
    for (int64_t channel = g * each; channel < (g + 1) * each; ++channel) {
      const auto i = static_cast<std::size_t>(channel), c = static_cast<std::size_t>(channel % x.channels);
      const double w = a.weight.defined() ? static_cast<double>(data<T>(a.weight)[c]) : 1,
                   product = sums[i].second - group.rest * sums[i].first;
      of_weights[c].first += sums[i].first;
      of_weights[c].second += product * group.rstd;
      straight += w * sums[i].first;
      bent += w * product;
      factors.scale[i] = static_cast<T>(w * group.rstd);
    }
    if (constant) continue;
    const auto n = static_cast<double>(each * x.of_channel());
    const double mean = straight / n, slope = bent / n * group.rstd * group.rstd;
    for (auto i = static_cast<std::size_t>(g * each); i < static_cast<std::size_t>((g + 1) * each); ++i) {
      factors.slope[i] = static_cast<T>(group.rstd * slope);
      factors.shift[i] = static_cast<T>(group.rstd * (mean - group.rest * slope));
    }
  }
  for (std::size_t c = 0; c < of_weights.size(); ++c) {
    if (dbias.defined()) reinterpret_cast<T*>(dbias.impl()->data)[c] = static_cast<T>(of_weights[c].first);
    if (dweight.defined()) reinterpret_cast<T*>(dweight.impl()->data)[c] = static_cast<T>(of_weights[c].second);
  }
  if (!dx.defined()) return;
  T* out = reinterpret_cast<T*>(dx.impl()->data);
  if (constant) {
    std::fill(factors.center.begin(), factors.center.end(), T{0});
    return scaled(out, grad, x, factors);
  }
  const auto kernel = x.side_by_side() ? vector_columns_back : vector_rows_back;
  for_channel_rows(x, factors, [&](int64_t place, const ChannelFactors& f, int64_t rows, int64_t n) {
    kernel(dtype_of<T>(), out + place, grad + place, data<T>(a.x) + place, f, rows, n);
  });
}

}  // namespace

void channel_moments(const Tensor& moments, const ChannelNormArgs& a) {
  auto* const to = reinterpret_cast<double*>(moments.impl()->data);
  const int64_t groups = moments.numel() / 2;
  if (a.x.numel() == 0) return static_cast<void>(std::fill_n(to, 2 * groups, 0.0));
  with_float_or_double(a.x.dtype(), [&]<class T>() { moments_of<T>(to, to + groups, a); });
}

void channel_norm(const Tensor& out, const Tensor& moments, const ChannelNormArgs& a) {
  if (a.x.numel() == 0) return;
  with_float_or_double(a.x.dtype(),
                       [&]<class T>() { normalize(reinterpret_cast<T*>(out.impl()->data), data<double>(moments), a); });
}

void channel_norm_backward(const Tensor& dx, const Tensor& dweight, const Tensor& dbias, const Tensor& grad,
                           const Tensor& moments, const ChannelNormArgs& a, bool constant) {
  if (a.x.numel() == 0) {
    for (const Tensor& wanted : {dweight, dbias})
      if (wanted.defined()) std::fill_n(wanted.impl()->data, wanted.nbytes(), std::byte{0});
    return;
  }
  with_float_or_double(
      a.x.dtype(), [&]<class T>() { back<T>(dx, dweight, dbias, data<T>(grad), data<double>(moments), a, constant); });
}

}  // namespace tenon::backend::cpu
