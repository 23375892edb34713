#include <tenon/nn/layers/dropout.h>

#include <array>

#include <tenon/nn/functional/dropout.h>

#include "nn/extra_repr.h"

namespace tenon::nn {
namespace {

constexpr auto functions =
    std::array{functional::dropout, functional::dropout1d, functional::dropout2d, functional::dropout3d};

void check_probability(std::string_view layer, double p) {
  if (!(p >= 0 && p <= 1)) fail(layer, "expected a probability between 0 and 1, got {}", p);
}

}  // namespace

template <int N>
DropoutNd<N>::DropoutNd(double p_, const InplaceOptions& options) : p(p_), inplace(options.inplace) {
  check_probability(class_name, p);
}

template <int N>
std::string DropoutNd<N>::extra_repr() const {
  return extra_repr_of({{"p", p}, {"inplace", inplace}});
}

template <int N>
Tensor DropoutNd<N>::forward(const Tensor& x) const {
  Tensor y = functions[N](x, p, tenon_state_.training);
  return inplace && tenon_state_.training ? x.copy_(y) : y;
}

template class DropoutNd<0>;
template class DropoutNd<1>;
template class DropoutNd<2>;
template class DropoutNd<3>;

template <bool of_channels>
AlphaDropoutOf<of_channels>::AlphaDropoutOf(double p_, const InplaceOptions& options)
    : p(p_), inplace(options.inplace) {
  check_probability(class_name, p);
}

template <bool of_channels>
std::string AlphaDropoutOf<of_channels>::extra_repr() const {
  return extra_repr_of({{"p", p}, {"inplace", inplace}});
}

template <bool of_channels>
Tensor AlphaDropoutOf<of_channels>::forward(const Tensor& x) const {
  const auto function = of_channels ? functional::feature_alpha_dropout : functional::alpha_dropout;
  Tensor y = function(x, p, tenon_state_.training);
  return inplace && tenon_state_.training ? x.copy_(y) : y;
}

template class AlphaDropoutOf<false>;
template class AlphaDropoutOf<true>;

}  // namespace tenon::nn
