#include "modules/layers.h"

namespace tenon::parity {
namespace {

/// A number, a list, or nothing where it is not given.
template <int N>
nn::functional::Window<N> window(const Given& a, const std::string& name, const nn::functional::Window<N>& otherwise) {
  if (!a.has(name)) return otherwise;
  return a.any(name).is_array() ? nn::functional::Window<N>(a.shape(name)) : nn::functional::Window<N>(a.i(name));
}

template <int N>
nn::functional::OutputSize<N> output_size(const Given& a) {
  if (!a.any("output_size").is_array()) return a.i("output_size");
  std::array<std::optional<int64_t>, N> all;
  for (std::size_t d = 0; d < N; ++d)
    if (const auto& n = a.any("output_size").at(d); !n.is_null()) all[d] = n.get<int64_t>();
  if constexpr (N == 1) return {all[0]};
  else if constexpr (N == 2) return {all[0], all[1]};
  else return {all[0], all[1], all[2]};
}

/// A layer that gives values and their places.
template <class M, class... A>
Built with_indices(A&&... arguments) {
  auto module = std::make_shared<M>(std::forward<A>(arguments)...);
  return {module, [module](const Inputs& x, const Given&) {
            const ValuesAndIndices y = (*module)(x.at(0));
            return std::vector{y.values, y.indices};
          }};
}

template <int N>
Built max_pool(const Given& a) {
  const nn::functional::MaxPoolOptions<N> options{window<N>(a, "stride", {}), window<N>(a, "padding", 0),
                                                  window<N>(a, "dilation", 1), a.flag("ceil_mode", false)};
  const auto kernel = window<N>(a, "kernel_size", {});
  return a.flag("return_indices", false) ? with_indices<nn::MaxPoolNd<N, true>>(kernel, options)
                                         : plain<nn::MaxPoolNd<N>>(kernel, options);
}

template <int N>
Built avg_pool(const Given& a) {
  return plain<nn::AvgPoolNd<N>>(window<N>(a, "kernel_size", {}),
                                 nn::functional::AvgPoolOptions<N>{
                                     window<N>(a, "stride", {}), window<N>(a, "padding", 0), a.flag("ceil_mode", false),
                                     a.flag("count_include_pad", true), a.maybe_i("divisor_override")});
}

template <int N>
Built lp_pool(const Given& a) {
  const auto& norm = a.any("norm_type");
  return plain<nn::LPPoolNd<N>>(
      norm.is_number_integer() ? Scalar(norm.get<int64_t>()) : Scalar(a.d("norm_type", 0)),
      window<N>(a, "kernel_size", {}),
      nn::functional::LPPoolOptions<N>{window<N>(a, "stride", {}), a.flag("ceil_mode", false)});
}

template <int N>
Built adaptive_avg_pool(const Given& a) {
  return plain<nn::AdaptiveAvgPoolNd<N>>(output_size<N>(a));
}
template <int N>
Built adaptive_max_pool(const Given& a) {
  return a.flag("return_indices", false) ? with_indices<nn::AdaptiveMaxPoolNd<N, true>>(output_size<N>(a))
                                         : plain<nn::AdaptiveMaxPoolNd<N>>(output_size<N>(a));
}

const Layers pooling_layers{
    {"MaxPool1d", max_pool<1>},
    {"MaxPool2d", max_pool<2>},
    {"MaxPool3d", max_pool<3>},
    {"AvgPool1d", avg_pool<1>},
    {"AvgPool2d", avg_pool<2>},
    {"AvgPool3d", avg_pool<3>},
    {"LPPool1d", lp_pool<1>},
    {"LPPool2d", lp_pool<2>},
    {"LPPool3d", lp_pool<3>},
    {"AdaptiveAvgPool1d", adaptive_avg_pool<1>},
    {"AdaptiveAvgPool2d", adaptive_avg_pool<2>},
    {"AdaptiveAvgPool3d", adaptive_avg_pool<3>},
    {"AdaptiveMaxPool1d", adaptive_max_pool<1>},
    {"AdaptiveMaxPool2d", adaptive_max_pool<2>},
    {"AdaptiveMaxPool3d", adaptive_max_pool<3>},
};

}  // namespace
}  // namespace tenon::parity
