#include "modules/layers.h"

namespace tenon::parity {
namespace {

template <class M>
Built dropout(const Given& a) {
  return plain<M>(a.d("p", 0.5), nn::InplaceOptions{.inplace = a.flag("inplace", false)});
}

const Layers dropout_layers{
    {"Dropout", dropout<nn::Dropout>},           {"Dropout1d", dropout<nn::Dropout1d>},
    {"Dropout2d", dropout<nn::Dropout2d>},       {"Dropout3d", dropout<nn::Dropout3d>},
    {"AlphaDropout", dropout<nn::AlphaDropout>}, {"FeatureAlphaDropout", dropout<nn::FeatureAlphaDropout>},
};

}  // namespace
}  // namespace tenon::parity
