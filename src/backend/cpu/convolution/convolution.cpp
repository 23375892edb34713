#include "backend/convolution.h"

#include "backend/cpu/convolution/kernels.h"

namespace tenon {
namespace backend::cpu {
namespace {

void convolution(const Tensor& y, const Tensor& x, const Tensor& weight, const Tensor& bias, const Convolution& c) {
  gather_windows(y, x, weight, bias, c, false);
}

void convolution_input(const Tensor& x, const Tensor& y, const Tensor& weight, const Tensor& bias,
                       const Convolution& c) {
  gather_windows(x, y, weight, bias, c, true);
}

}  // namespace
}  // namespace backend::cpu

constinit const ConvolutionKernels ConvolutionKernels::cpu{
    .convolution = backend::cpu::convolution,
    .convolution_input = backend::cpu::convolution_input,
    .convolution_weight = backend::cpu::convolution_weight,
    .unfold = backend::cpu::unfold,
    .fold = backend::cpu::fold,
};

}  // namespace tenon
