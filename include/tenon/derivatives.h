#pragma once
// Derivatives of functions as functions: products with the Jacobian, the Jacobian itself, the Hessian. Source:
// torch.autograd.functional.
//
//   auto f = [](const std::vector<Tensor>& in) { return (in[0] * in[0]).sum(); };
//   Tensor h = autograd::functional::hessian(f, {x})[0][0];
//
// Functions are called with inputs of their own, which require grad; with `create_graph` the results
// are connected to the caller's graph. Where an output does not depend on an input, the derivative is zero, or with
// `strict` an error. All inputs and outputs are real.
#include <functional>
#include <utility>
#include <vector>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::autograd::functional {

using OneOutput = std::function<Tensor(const std::vector<Tensor>&)>;
using SeveralOutputs = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

struct Options {
  bool create_graph = false;  ///< results can be differentiated, with respect to the caller's inputs too
  bool strict = false;        ///< an error where an output does not depend on an input
};

/// A function's results, and a product with them: one tensor an input (vjp, hvp, vhp) or an output (jvp).
struct Product {
  std::vector<Tensor> outputs, product;
};

/// vᵀ·J: `v` has an output's shape each; none is needed for an output of one element.
Product vjp(const SeveralOutputs& f, const std::vector<Tensor>& inputs, const std::vector<Tensor>& v = {},
            const Options& options = {});
Product vjp(const OneOutput& f, const std::vector<Tensor>& inputs, const Tensor& v = {}, const Options& options = {});
/// J·v: `v` has an input's shape each; none is needed for one input of one element.
Product jvp(const SeveralOutputs& f, const std::vector<Tensor>& inputs, const std::vector<Tensor>& v = {},
            const Options& options = {});
Product jvp(const OneOutput& f, const std::vector<Tensor>& inputs, const std::vector<Tensor>& v = {},
            const Options& options = {});

/// Every output's derivative by every input: [i][j] has the shape of output i, then that of input j.
std::vector<std::vector<Tensor>> jacobian(const SeveralOutputs& f, const std::vector<Tensor>& inputs,
                                          const Options& options = {});
/// Of one output: [j] has its shape, then that of input j.
std::vector<Tensor> jacobian(const OneOutput& f, const std::vector<Tensor>& inputs, const Options& options = {});

/// Second derivatives of a function with one output of one element: [i][j] has the shape of input i, then of input j.
std::vector<std::vector<Tensor>> hessian(const OneOutput& f, const std::vector<Tensor>& inputs,
                                         const Options& options = {});
/// vᵀ·H and H·v of such a function; `v` as for jvp().
Product vhp(const OneOutput& f, const std::vector<Tensor>& inputs, const std::vector<Tensor>& v = {},
            const Options& options = {});
Product hvp(const OneOutput& f, const std::vector<Tensor>& inputs, const std::vector<Tensor>& v = {},
            const Options& options = {});

}  // namespace tenon::autograd::functional

#pragma GCC visibility pop
