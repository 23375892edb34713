#pragma once
// Gradients of the backward pass against differences. Source: torch.autograd.gradcheck.
#include <functional>
#include <vector>

#include <tenon/tensor_list.h>

#pragma GCC visibility push(default)

namespace tenon::autograd {

struct GradcheckOptions {
  double eps = 1e-6;            ///< how far an input is moved, to both sides
  double atol = 1e-5;           ///< what may be between both, plus
  double rtol = 1e-3;           ///< this times the difference's size
  double nondet_tol = 0;        ///< what may be between two backward passes
  bool raise_exception = true;  ///< false: an error becomes the result false
};

using OneOutput = std::function<Tensor(const std::vector<Tensor>&)>;
using SeveralOutputs = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

/// Whether the gradients of f's outputs by those of `inputs` that require grad are what (f(x + eps) − f(x − eps)) / 2
/// eps says, each element of each output by each of each input. Take float64 and points where f is smooth; the inputs
/// are moved in place and put back.
bool gradcheck(const SeveralOutputs& f, const TensorList& inputs, const GradcheckOptions& options = {});
bool gradcheck(const OneOutput& f, const TensorList& inputs, const GradcheckOptions& options = {});

/// The same for second derivatives: gradcheck() of f's gradients, as functions of the inputs and of `grad_outputs`
/// (empty: random ones), which have to require grad where that is to be checked.
bool gradgradcheck(const SeveralOutputs& f, const TensorList& inputs, const TensorList& grad_outputs = {},
                   const GradcheckOptions& options = {});
bool gradgradcheck(const OneOutput& f, const TensorList& inputs, const TensorList& grad_outputs = {},
                   const GradcheckOptions& options = {});

}  // namespace tenon::autograd

#pragma GCC visibility pop
