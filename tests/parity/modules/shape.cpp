#include "modules/layers.h"

namespace tenon::parity {
namespace {

const Layers shape_layers{
    {"Identity", [](const Given&) { return plain<nn::Identity>(); }},
    {"Flatten",
     [](const Given& a) {
       return plain<nn::Flatten>(a.maybe_i("start_dim").value_or(1), a.maybe_i("end_dim").value_or(-1));
     }},
    {"Unflatten",
     [](const Given& a) {
       return plain<nn::Unflatten>(a.i("dim"), a.any("unflattened_size").get<std::vector<int64_t>>());
     }},
    {"PixelShuffle", [](const Given& a) { return plain<nn::PixelShuffle>(a.i("upscale_factor")); }},
    {"PixelUnshuffle", [](const Given& a) { return plain<nn::PixelUnshuffle>(a.i("downscale_factor")); }},
    {"ChannelShuffle", [](const Given& a) { return plain<nn::ChannelShuffle>(a.i("groups")); }},
};

}  // namespace
}  // namespace tenon::parity
