#include "modules/layers.h"

namespace tenon::parity {
namespace {

const Layers registered{
    {"ReLU", [](const Given& a) { return plain<nn::ReLU>(nn::InplaceOptions{.inplace = a.flag("inplace", false)}); }},
    {"GELU",
     [](const Given& a) {
       using Gelu = nn::functional::GELUApproximation;
       return plain<nn::GELU>(nn::GELUOptions{a.text("approximate", "none") == "tanh" ? Gelu::tanh : Gelu::none});
     }},
    {"LeakyReLU",
     [](const Given& a) {
       return plain<nn::LeakyReLU>(a.d("negative_slope", 0.01),
                                   nn::InplaceOptions{.inplace = a.flag("inplace", false)});
     }},
    {"Softplus", [](const Given& a) { return plain<nn::Softplus>(a.d("beta", 1), a.d("threshold", 20)); }},
};

}  // namespace
}  // namespace tenon::parity
