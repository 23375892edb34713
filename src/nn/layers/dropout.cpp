#include <tenon/nn/layers/dropout.h>

#include <array>

#include <tenon/nn/functional/dropout.h>

#include "nn/extra_repr.h"

namespace tenon::nn {
namespace {

constexpr auto functions =
    std::array{functional::dropout, functional::dropout1d, functional::dropout2d, functional::dropout3d};

}  // namespace

template <int N>
DropoutNd<N>::DropoutNd(double p_, const InplaceOptions& options) : p(p_), inplace(options.inplace) {
  if (!(p >= 0 && p <= 1)) fail(class_name, "expected a probability between 0 and 1, got {}", p);
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

}  // namespace tenon::nn
