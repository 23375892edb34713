#include "modules/layers.h"

namespace tenon::parity {
namespace {

template <class M, class Options>
Built with_statistics(const Given& a) {
  Options o;
  o.eps = a.d("eps", o.eps);
  o.momentum = a.is_none("momentum") ? std::nullopt : std::optional(a.d("momentum", *o.momentum));
  o.affine = a.flag("affine", o.affine);
  o.track_running_stats = a.flag("track_running_stats", o.track_running_stats);
  o.bias = a.flag("bias", o.bias);
  return plain<M>(a.i("num_features"), o);
}

const Layers normalization_layers{
    {"BatchNorm1d", with_statistics<nn::BatchNorm1d, nn::BatchNormOptions>},
    {"BatchNorm2d", with_statistics<nn::BatchNorm2d, nn::BatchNormOptions>},
    {"BatchNorm3d", with_statistics<nn::BatchNorm3d, nn::BatchNormOptions>},
    {"InstanceNorm1d", with_statistics<nn::InstanceNorm1d, nn::InstanceNormOptions>},
    {"InstanceNorm2d", with_statistics<nn::InstanceNorm2d, nn::InstanceNormOptions>},
    {"InstanceNorm3d", with_statistics<nn::InstanceNorm3d, nn::InstanceNormOptions>},
    {"GroupNorm",
     [](const Given& a) {
       return plain<nn::GroupNorm>(
           a.i("num_groups"), a.i("num_channels"),
           nn::GroupNormOptions{
               .eps = a.d("eps", 1e-5), .affine = a.flag("affine", true), .bias = a.flag("bias", true)});
     }},
    {"LayerNorm",
     [](const Given& a) {
       return plain<nn::LayerNorm>(a.shape("normalized_shape"),
                                   nn::LayerNormOptions{.eps = a.d("eps", 1e-5),
                                                        .elementwise_affine = a.flag("elementwise_affine", true),
                                                        .bias = a.flag("bias", true)});
     }},
    {"LocalResponseNorm",
     [](const Given& a) {
       return plain<nn::LocalResponseNorm>(
           a.i("size"), nn::functional::ResponseNormOptions{a.d("alpha", 1e-4), a.d("beta", 0.75), a.d("k", 1)});
     }},
    {"RMSNorm",
     [](const Given& a) {
       return plain<nn::RMSNorm>(
           a.shape("normalized_shape"),
           nn::RMSNormOptions{.eps = a.maybe_d("eps"), .elementwise_affine = a.flag("elementwise_affine", true)});
     }},
};

}  // namespace
}  // namespace tenon::parity
