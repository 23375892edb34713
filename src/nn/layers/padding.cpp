#include <tenon/nn/layers/padding.h>

#include "nn/extra_repr.h"

namespace tenon::nn {

using functional::PaddingMode;

template <PaddingMode mode, int N>
PadNd<mode, N>::PadNd(const IntList<2 * N>& padding_) : padding(padding_) {}

template <PaddingMode mode, int N>
std::string PadNd<mode, N>::extra_repr() const {
  return extra_repr_of({ReprPart(padding.shape())});
}

template <PaddingMode mode, int N>
Tensor PadNd<mode, N>::forward(const Tensor& x) const {
  return functional::pad(x, padding.shape(), mode);
}

template <int N>
ConstantPadNd<N>::ConstantPadNd(const IntList<2 * N>& padding_, const Scalar& value_)
    : padding(padding_), value(value_) {}

template <int N>
std::string ConstantPadNd<N>::extra_repr() const {
  return extra_repr_of({{"padding", padding.shape()}, {"value", value_of(value)}});
}

template <int N>
Tensor ConstantPadNd<N>::forward(const Tensor& x) const {
  return functional::pad(x, padding.shape(), PaddingMode::constant, value);
}

#define TENON_PADS(N)                              \
  template class PadNd<PaddingMode::constant, N>;  \
  template class PadNd<PaddingMode::reflect, N>;   \
  template class PadNd<PaddingMode::replicate, N>; \
  template class PadNd<PaddingMode::circular, N>;  \
  template class ConstantPadNd<N>
TENON_PADS(1);
TENON_PADS(2);
TENON_PADS(3);
#undef TENON_PADS

}  // namespace tenon::nn
