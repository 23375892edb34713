#include "modules/layers.h"

namespace tenon::parity {
namespace {

const Layers registered{
    {"LayerNorm",
     [](const Given& a) {
       return plain<nn::LayerNorm>(a.shape("normalized_shape"),
                                   nn::LayerNormOptions{.eps = a.d("eps", 1e-5),
                                                        .elementwise_affine = a.flag("elementwise_affine", true),
                                                        .bias = a.flag("bias", true)});
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
