#include "modules/layers.h"

namespace tenon::parity {
namespace {

const Layers linear_layers{
    {"Linear",
     [](const Given& a) {
       return plain<nn::Linear>(a.i("in_features"), a.i("out_features"),
                                nn::LinearOptions{.bias = a.flag("bias", true)});
     }},
};

}  // namespace
}  // namespace tenon::parity
