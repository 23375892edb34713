#include "modules/layers.h"

namespace tenon::parity {
namespace {

/// One number for all dimensions, or a list.
template <int N>
IntList<N> numbers(const Given& a, const std::string& name, int64_t otherwise) {
  if (!a.has(name)) return otherwise;
  return a.is_list(name) ? IntList<N>(a.shape(name)) : IntList<N>(a.i(name));
}

template <int N>
nn::ConvPadding<N> padding(const Given& a) {
  if (a.has("padding") && a.is_text("padding")) return nn::ConvPadding<N>(a.text("padding", ""));
  return numbers<N>(a, "padding", 0);
}

nn::ConvPaddingMode padding_mode(const Given& a) {
  const std::string name = a.text("padding_mode", "zeros");
  return name == "reflect"     ? nn::ConvPaddingMode::reflect
         : name == "replicate" ? nn::ConvPaddingMode::replicate
         : name == "circular"  ? nn::ConvPaddingMode::circular
                               : nn::ConvPaddingMode::zeros;
}

template <int N>
Built conv(const Given& a) {
  return plain<nn::ConvNd<N>>(a.i("in_channels"), a.i("out_channels"), numbers<N>(a, "kernel_size", 1),
                              nn::ConvNdOptions<N>{.stride = numbers<N>(a, "stride", 1),
                                                   .padding = padding<N>(a),
                                                   .dilation = numbers<N>(a, "dilation", 1),
                                                   .groups = a.maybe_i("groups").value_or(1),
                                                   .bias = a.flag("bias", true),
                                                   .padding_mode = padding_mode(a)});
}

template <int N>
Built conv_transpose(const Given& a) {
  auto module = std::make_shared<nn::ConvTransposeNd<N>>(
      a.i("in_channels"), a.i("out_channels"), numbers<N>(a, "kernel_size", 1),
      nn::ConvTransposeNdOptions<N>{.stride = numbers<N>(a, "stride", 1),
                                    .padding = numbers<N>(a, "padding", 0),
                                    .output_padding = numbers<N>(a, "output_padding", 0),
                                    .groups = a.maybe_i("groups").value_or(1),
                                    .bias = a.flag("bias", true),
                                    .dilation = numbers<N>(a, "dilation", 1)});
  return {module, [module](const Inputs& x, const Given& named) {
            const Shape size = named.has("output_size") ? named.shape("output_size") : Shape();
            return std::vector<Tensor>{(*module)(x.at(0), size)};
          }};
}

nn::functional::OneOrTwo one_or_two(const Given& a, const std::string& name, int64_t otherwise) {
  if (!a.has(name)) return otherwise;
  return a.is_list(name) ? nn::functional::OneOrTwo(a.shape(name)) : nn::functional::OneOrTwo(a.i(name));
}

nn::functional::UnfoldOptions windows(const Given& a) {
  return {.dilation = one_or_two(a, "dilation", 1),
          .padding = one_or_two(a, "padding", 0),
          .stride = one_or_two(a, "stride", 1)};
}

const Layers convolution_layers{
    {"Conv1d", conv<1>},
    {"Conv2d", conv<2>},
    {"Conv3d", conv<3>},
    {"ConvTranspose1d", conv_transpose<1>},
    {"ConvTranspose2d", conv_transpose<2>},
    {"ConvTranspose3d", conv_transpose<3>},
    {"Unfold", [](const Given& a) { return plain<nn::Unfold>(one_or_two(a, "kernel_size", 1), windows(a)); }},
    {"Fold",
     [](const Given& a) {
       return plain<nn::Fold>(one_or_two(a, "output_size", 1), one_or_two(a, "kernel_size", 1), windows(a));
     }},
};

}  // namespace
}  // namespace tenon::parity
