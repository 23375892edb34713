#include "modules/layers.h"

namespace tenon::parity {
namespace {

template <std::size_t N>
IntList<N> numbers(const Given& a) {
  return a.any("padding").is_array() ? IntList<N>(a.shape("padding")) : IntList<N>(a.i("padding"));
}

template <class M>
Built pad(const Given& a) {
  return plain<M>(numbers<sizeof(M::padding) / sizeof(int64_t)>(a));
}

template <class M>
Built constant(const Given& a) {
  const auto& value = a.any("value");
  return plain<M>(numbers<sizeof(M::padding) / sizeof(int64_t)>(a),
                  value.is_number_integer() ? Scalar(value.get<int64_t>()) : Scalar(a.d("value", 0)));
}

const Layers padding_layers{
    {"ZeroPad1d", pad<nn::ZeroPad1d>},
    {"ZeroPad2d", pad<nn::ZeroPad2d>},
    {"ZeroPad3d", pad<nn::ZeroPad3d>},
    {"ConstantPad1d", constant<nn::ConstantPad1d>},
    {"ConstantPad2d", constant<nn::ConstantPad2d>},
    {"ConstantPad3d", constant<nn::ConstantPad3d>},
    {"ReflectionPad1d", pad<nn::ReflectionPad1d>},
    {"ReflectionPad2d", pad<nn::ReflectionPad2d>},
    {"ReflectionPad3d", pad<nn::ReflectionPad3d>},
    {"ReplicationPad1d", pad<nn::ReplicationPad1d>},
    {"ReplicationPad2d", pad<nn::ReplicationPad2d>},
    {"ReplicationPad3d", pad<nn::ReplicationPad3d>},
    {"CircularPad1d", pad<nn::CircularPad1d>},
    {"CircularPad2d", pad<nn::CircularPad2d>},
    {"CircularPad3d", pad<nn::CircularPad3d>},
};

}  // namespace
}  // namespace tenon::parity
