#include <tenon/gradcheck.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <tenon/autograd.h>
#include <tenon/creation.h>
#include <tenon/random.h>

namespace tenon::autograd {
namespace {

using Rows = std::vector<std::vector<double>>;  // [element of the input][element of the output]

SeveralOutputs as_several(const OneOutput& f) {
  return [f](const std::vector<Tensor>& x) { return std::vector<Tensor>{f(x)}; };
}

/// The outputs that have a derivative.
std::vector<Tensor> real_outputs(const SeveralOutputs& f, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> out = f(inputs);
  std::erase_if(out, [](const Tensor& y) { return !y.defined() || !y.is_floating_point(); });
  return out;
}

/// The elements of a tensor of any strides, each as a 0-dim tensor on the same memory.
std::vector<Tensor> elements_of(const Tensor& x) {
  const Tensor data = x.detach();
  std::vector<Tensor> all{data};
  for (int64_t d = 0; d < x.dim(); ++d) {
    std::vector<Tensor> next;
    for (const Tensor& part : all)
      for (int64_t i = 0; i < part.size(0); ++i) next.push_back(part[i]);
    all = std::move(next);
  }
  return all;
}

/// ∂outputs / ∂x by differences, for each output.
std::vector<Rows> numerical(const SeveralOutputs& f, const std::vector<Tensor>& inputs, const Tensor& x,
                            std::size_t outputs, double eps) {
  std::vector<Rows> jacobian(outputs);
  const auto values = [&] {
    const EnableGrad guard;  // f may differentiate
    std::vector<std::vector<double>> all;
    for (const Tensor& y : real_outputs(f, inputs)) all.push_back(y.detach().to_vector<double>());
    return all;
  };
  const NoGrad guard;
  for (const Tensor& element : elements_of(x)) {
    const auto before = element.item<double>();
    element.fill_(before + eps);
    const auto above = values();
    element.fill_(before - eps);
    const auto below = values();
    element.fill_(before);
    for (std::size_t k = 0; k < outputs; ++k) {
      std::vector<double> row;
      for (std::size_t i = 0; i < above[k].size(); ++i) row.push_back((above[k][i] - below[k][i]) / (2 * eps));
      jacobian[k].push_back(std::move(row));
    }
  }
  return jacobian;
}

/// ∂y / ∂inputs by a backward pass for each element of y; where y is not recorded, zeros.
std::vector<Rows> analytical(const Tensor& y, const std::vector<Tensor>& inputs) {
  std::vector<Rows> jacobian;
  for (const Tensor& x : inputs)
    jacobian.emplace_back(static_cast<std::size_t>(x.numel()),
                          std::vector<double>(static_cast<std::size_t>(y.numel()), 0.0));
  if (!y.requires_grad()) return jacobian;
  const Tensor direction = zeros(y.shape(), {y.dtype(), y.device()});
  const std::vector<Tensor> ones = elements_of(direction);
  for (std::size_t i = 0; i < ones.size(); ++i) {
    ones[i].fill_(1);
    const std::vector<Tensor> grads =
        grad({y}, inputs, {.grad_outputs = {direction.clone()}, .retain_graph = true, .allow_unused = true});
    ones[i].fill_(0);
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      if (!grads[k].defined()) continue;
      if (grads[k].shape() != inputs[k].shape() || grads[k].dtype() != inputs[k].dtype())
        fail("gradcheck", "the gradient of a {} {} is a {} {}", inputs[k].dtype(), inputs[k].shape().to_string(),
             grads[k].dtype(), grads[k].shape().to_string());
      const auto values = grads[k].to_vector<double>();
      for (std::size_t j = 0; j < values.size(); ++j) jacobian[k][j][i] = values[j];
    }
  }
  return jacobian;
}

void compare(const Rows& got, const Rows& wanted, const GradcheckOptions& o, std::size_t output, std::size_t input) {
  for (std::size_t j = 0; j < wanted.size(); ++j)
    for (std::size_t i = 0; i < wanted[j].size(); ++i)
      if (const double d = std::abs(got[j][i] - wanted[j][i]);
          !(d <= o.atol + o.rtol * std::abs(wanted[j][i])) && got[j][i] != wanted[j][i])
        fail("gradcheck", "output {} by input {}: element {} by element {} is {} by differences, but backward says {}",
             output, input, i, j, wanted[j][i], got[j][i]);
}

void check(const SeveralOutputs& f, const std::vector<Tensor>& inputs, const GradcheckOptions& o) {
  std::vector<Tensor> moved;
  std::vector<std::size_t> numbers;
  for (std::size_t k = 0; k < inputs.size(); ++k)
    if (inputs[k].defined() && inputs[k].requires_grad()) {
      moved.push_back(inputs[k]);
      numbers.push_back(k);
    }
  if (moved.empty()) fail("gradcheck", "expected an input that requires grad");
  const std::vector<Tensor> outputs = real_outputs(f, inputs);
  std::vector<std::vector<Rows>> got;  // [output][input]
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    got.push_back(analytical(outputs[k], moved));
    const auto again = analytical(outputs[k], moved);
    for (std::size_t m = 0; m < moved.size(); ++m)
      for (std::size_t j = 0; j < again[m].size(); ++j)
        for (std::size_t i = 0; i < again[m][j].size(); ++i)
          if (const double a = got[k][m][j][i], b = again[m][j][i]; std::abs(a - b) > o.nondet_tol)
            fail("gradcheck", "output {} by input {}: two backward passes gave {} and {}", k, numbers[m], a, b);
  }
  for (std::size_t m = 0; m < moved.size(); ++m) {
    const std::vector<Rows> wanted = numerical(f, inputs, moved[m], outputs.size(), o.eps);
    for (std::size_t k = 0; k < outputs.size(); ++k) compare(got[k][m], wanted[k], o, k, numbers[m]);
  }
}

bool checked(const SeveralOutputs& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options) {
  const EnableGrad guard;
  if (options.raise_exception) {
    check(f, inputs, options);
    return true;
  }
  try {
    check(f, inputs, options);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

bool gradcheck(const SeveralOutputs& f, const TensorList& inputs, const GradcheckOptions& options) {
  return checked(f, inputs, options);
}
bool gradcheck(const OneOutput& f, const TensorList& inputs, const GradcheckOptions& options) {
  return checked(as_several(f), inputs, options);
}

bool gradgradcheck(const SeveralOutputs& f, const TensorList& inputs, const TensorList& grad_outputs,
                   const GradcheckOptions& options) {
  const EnableGrad guard;
  std::vector<Tensor> all = inputs, directions = grad_outputs;
  if (directions.empty()) {
    Generator generator(0);
    for (const Tensor& y : real_outputs(f, inputs))
      directions.push_back(randn(y.shape(), {y.dtype(), y.device(), true}, &generator));
  }
  all.insert(all.end(), directions.begin(), directions.end());
  const auto gradients = [&f, n = inputs.size()](const std::vector<Tensor>& x) {
    const std::vector<Tensor> in(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(n));
    std::vector<Tensor> out = real_outputs(f, in), by, directions, recorded;
    for (std::size_t k = 0; k < out.size(); ++k)
      if (out[k].requires_grad()) {
        recorded.push_back(out[k]);
        directions.push_back(x[n + k]);
      }
    for (const Tensor& t : in)
      if (t.defined() && t.requires_grad()) by.push_back(t);
    if (by.empty() || recorded.empty())
      fail("gradgradcheck", "expected an input that requires grad, and an output that depends on it");
    return grad(recorded, by, {.grad_outputs = directions, .create_graph = true, .materialize_grads = true});
  };
  return checked(gradients, all, options);
}
bool gradgradcheck(const OneOutput& f, const TensorList& inputs, const TensorList& grad_outputs,
                   const GradcheckOptions& options) {
  return gradgradcheck(as_several(f), inputs, grad_outputs, options);
}

}  // namespace tenon::autograd
