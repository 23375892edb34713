#include "modules/layers.h"

namespace tenon::parity {
namespace {

nn::InplaceOptions inplace(const Given& a) { return {.inplace = a.flag("inplace", false)}; }

template <class M>
Built inplace_alone(const Given& a) {
  return plain<M>(inplace(a));
}
template <class M>
Built without_arguments(const Given&) {
  return plain<M>();
}
template <class M>
Built with_alpha(const Given& a) {
  return plain<M>(a.d("alpha", 1), inplace(a));
}
template <class M>
Built with_lambd(const Given& a) {
  return plain<M>(a.scalar("lambd", 0.5));
}
template <class M>
Built with_dim(const Given& a) {
  return plain<M>(a.maybe_i("dim"));
}

const Layers activation_layers{
    {"ReLU", inplace_alone<nn::ReLU>},
    {"ReLU6", inplace_alone<nn::ReLU6>},
    {"SELU", inplace_alone<nn::SELU>},
    {"SiLU", inplace_alone<nn::SiLU>},
    {"Mish", inplace_alone<nn::Mish>},
    {"Hardsigmoid", inplace_alone<nn::Hardsigmoid>},
    {"Hardswish", inplace_alone<nn::Hardswish>},
    {"LogSigmoid", without_arguments<nn::LogSigmoid>},
    {"Sigmoid", without_arguments<nn::Sigmoid>},
    {"Softsign", without_arguments<nn::Softsign>},
    {"Tanh", without_arguments<nn::Tanh>},
    {"Tanhshrink", without_arguments<nn::Tanhshrink>},
    {"Softmax2d", without_arguments<nn::Softmax2d>},
    {"ELU", with_alpha<nn::ELU>},
    {"CELU", with_alpha<nn::CELU>},
    {"Hardshrink", with_lambd<nn::Hardshrink>},
    {"Softshrink", with_lambd<nn::Softshrink>},
    {"Softmax", with_dim<nn::Softmax>},
    {"Softmin", with_dim<nn::Softmin>},
    {"LogSoftmax", with_dim<nn::LogSoftmax>},
    {"GELU",
     [](const Given& a) {
       using Gelu = nn::functional::GELUApproximation;
       return plain<nn::GELU>(nn::GELUOptions{a.text("approximate", "none") == "tanh" ? Gelu::tanh : Gelu::none});
     }},
    {"GLU", [](const Given& a) { return plain<nn::GLU>(a.maybe_i("dim").value_or(-1)); }},
    {"Hardtanh", [](const Given& a) { return plain<nn::Hardtanh>(a.d("min_val", -1), a.d("max_val", 1), inplace(a)); }},
    {"LeakyReLU", [](const Given& a) { return plain<nn::LeakyReLU>(a.d("negative_slope", 0.01), inplace(a)); }},
    {"PReLU",
     [](const Given& a) {
       return plain<nn::PReLU>(a.maybe_i("num_parameters").value_or(1), nn::PReLUOptions{.init = a.d("init", 0.25)});
     }},
    {"RReLU",
     [](const Given& a) { return plain<nn::RReLU>(a.d("lower", 1.0 / 8), a.d("upper", 1.0 / 3), inplace(a)); }},
    {"Softplus",
     [](const Given& a) { return plain<nn::Softplus>(a.scalar("beta", 1.0), a.scalar("threshold", 20.0)); }},
    {"Threshold",
     [](const Given& a) { return plain<nn::Threshold>(a.d("threshold", 0), a.d("value", 0), inplace(a)); }},
};

}  // namespace
}  // namespace tenon::parity
