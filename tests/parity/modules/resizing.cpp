#include <map>

#include "modules/layers.h"

namespace tenon::parity {
namespace {

Built upsample(const Given& a) {
  using Mode = nn::functional::InterpolationMode;
  const std::map<std::string, Mode> modes{{"nearest", Mode::nearest}, {"nearest-exact", Mode::nearest_exact},
                                          {"linear", Mode::linear},   {"bilinear", Mode::bilinear},
                                          {"bicubic", Mode::bicubic}, {"trilinear", Mode::trilinear},
                                          {"area", Mode::area}};
  nn::UpsampleOptions options{.mode = modes.at(a.text("mode", "nearest"))};
  if (a.has("size")) options.size = a.any("size").is_array() ? a.shape("size") : Shape(a.i("size"));
  if (a.has("scale_factor")) options.scale_factor = a.d("scale_factor", 1);
  if (a.has("align_corners")) options.align_corners = a.flag("align_corners", false);
  return plain<nn::Upsample>(options);
}

const Layers resizing_layers{
    {"Upsample", upsample},
};

}  // namespace
}  // namespace tenon::parity
