#include <tenon/nn/dropout.h>

#include <tenon/nn/functional.h>

#include "nn/extra_repr.h"

namespace tenon::nn {
namespace {

void check(double p, std::string_view name) {
  if (!(p >= 0 && p <= 1)) fail(name, "expected a probability between 0 and 1, got {}", p);
}

std::string printed(double p, bool inplace) { return extra_repr_of({{"p", p}, {"inplace", inplace}}); }

}  // namespace

Dropout::Dropout(double p_, const InplaceOptions& options) : p(p_), inplace(options.inplace) { check(p, "Dropout"); }

std::string Dropout::extra_repr() const { return printed(p, inplace); }

Tensor Dropout::forward(const Tensor& x) const {
  Tensor y = functional::dropout(x, p, tenon_state_.training);
  return inplace && tenon_state_.training ? x.copy_(y) : y;
}

template <int N>
DropoutNd<N>::DropoutNd(double p_, const InplaceOptions& options) : p(p_), inplace(options.inplace) {
  check(p, class_name);
}

template <int N>
std::string DropoutNd<N>::extra_repr() const {
  return printed(p, inplace);
}

template <int N>
Tensor DropoutNd<N>::forward(const Tensor& x) const {
  constexpr auto drop = N == 1 ? functional::dropout1d : N == 2 ? functional::dropout2d : functional::dropout3d;
  Tensor y = drop(x, p, tenon_state_.training);
  return inplace && tenon_state_.training ? x.copy_(y) : y;
}

template class DropoutNd<1>;
template class DropoutNd<2>;
template class DropoutNd<3>;

}  // namespace tenon::nn
