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
};

}  // namespace
}  // namespace tenon::parity
