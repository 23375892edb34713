#include <tenon/derivatives.h>

#include <tenon/autograd.h>
#include <tenon/ops.h>

namespace tenon::autograd::functional {
namespace {

/// The inputs as f sees them: leaves of a graph of its own, or, where results are to be differentiated, connected to
/// the caller's.
std::vector<Tensor> own_inputs(const std::vector<Tensor>& inputs, bool create_graph) {
  std::vector<Tensor> own;
  for (const Tensor& x : inputs)
    own.push_back(create_graph && x.requires_grad() ? x.view_as(x) : x.detach().requires_grad_());
  return own;
}

std::vector<Tensor> without_graph(std::vector<Tensor> all, bool create_graph) {
  if (!create_graph)
    for (Tensor& x : all) x = x.detach();
  return all;
}

void check_v(const char* name, const std::vector<Tensor>& v, const std::vector<Tensor>& like, const char* what) {
  if (v.empty()) {
    if (like.size() == 1 && like[0].numel() == 1) return;
    fail(name, "v can only be left out for one {} of one element", what);
  }
  if (v.size() != like.size()) fail(name, "expected a v for each of {} {}s, got {}", like.size(), what, v.size());
  for (std::size_t i = 0; i < v.size(); ++i)
    if (v[i].shape() != like[i].shape())
      fail(name, "v {} has shape {}, its {} {}", i, v[i].shape().to_string(), what, like[i].shape().to_string());
}

/// grad() where outputs need not depend on inputs: zeros then, or an error.
std::vector<Tensor> gradients(const char* name, const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                              const std::vector<Tensor>& v, bool create_graph, bool strict) {
  std::vector<Tensor> recorded, directions, grads(inputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].requires_grad()) {
      if (strict) fail(name, "output {} does not depend on the inputs, which strict does not allow", i);
      continue;
    }
    recorded.push_back(outputs[i]);
    directions.push_back(v.empty() ? ones_like(outputs[i]) : v[i]);
  }
  if (!recorded.empty())
    grads =
        grad(recorded, inputs,
             {.grad_outputs = directions, .retain_graph = true, .create_graph = create_graph, .allow_unused = true});
  for (std::size_t j = 0; j < inputs.size(); ++j) {
    if (grads[j].defined()) continue;
    if (strict) fail(name, "the outputs do not depend on input {}, which strict does not allow", j);
    grads[j] = zeros_like(inputs[j]);
  }
  return grads;
}

SeveralOutputs as_several(const OneOutput& f) {
  return [&f](const std::vector<Tensor>& in) { return std::vector{f(in)}; };
}

/// f's one output, and its gradient, recorded.
struct Sloped {
  std::vector<Tensor> inputs;
  Tensor output;
  std::vector<Tensor> slope;
};

Sloped slope_of(const char* name, const OneOutput& f, const std::vector<Tensor>& inputs, const Options& o) {
  Sloped s{own_inputs(inputs, o.create_graph), {}, {}};
  s.output = f(s.inputs);
  if (s.output.numel() != 1)
    fail(name, "expected a function of one element, got an output of shape {}", s.output.shape().to_string());
  s.slope = gradients(name, {s.output}, s.inputs, {}, true, o.strict);
  return s;
}

}  // namespace

Product vjp(const SeveralOutputs& f, const std::vector<Tensor>& inputs, const std::vector<Tensor>& v,
            const Options& o) {
  const EnableGrad guard;
  const std::vector<Tensor> own = own_inputs(inputs, o.create_graph), outputs = f(own);
  check_v("vjp", v, outputs, "output");
  const std::vector<Tensor> product = gradients("vjp", outputs, own, v, o.create_graph, o.strict);
  return {without_graph(outputs, o.create_graph), without_graph(product, o.create_graph)};
}
Product vjp(const OneOutput& f, const std::vector<Tensor>& inputs, const Tensor& v, const Options& o) {
  return vjp(as_several(f), inputs, v.defined() ? std::vector{v} : std::vector<Tensor>(), o);
}

Product jvp(const SeveralOutputs& f, const std::vector<Tensor>& inputs, const std::vector<Tensor>& v,
            const Options& o) {
  const EnableGrad guard;
  check_v("jvp", v, inputs, "input");
  const std::vector<Tensor> own = own_inputs(inputs, o.create_graph), outputs = f(own);
  // vᵀ·J is linear in v: its derivative by v, along what is given, is J times that.
  std::vector<Tensor> directions;
  for (const Tensor& y : outputs) directions.push_back(zeros_like(y).requires_grad_());
  const std::vector<Tensor> products = gradients("jvp", outputs, own, directions, true, o.strict);
  return {without_graph(outputs, o.create_graph),
          without_graph(gradients("jvp", products, directions, v, o.create_graph, o.strict), o.create_graph)};
}
Product jvp(const OneOutput& f, const std::vector<Tensor>& inputs, const std::vector<Tensor>& v, const Options& o) {
  return jvp(as_several(f), inputs, v, o);
}

std::vector<std::vector<Tensor>> jacobian(const SeveralOutputs& f, const std::vector<Tensor>& inputs,
                                          const Options& o) {
  const EnableGrad guard;
  const std::vector<Tensor> own = own_inputs(inputs, o.create_graph), outputs = f(own);
  std::vector<std::vector<Tensor>> all;
  for (const Tensor& y : outputs) {
    const Tensor flat = y.reshape(-1);
    std::vector<std::vector<Tensor>> rows(own.size());
    for (int64_t i = 0; i < flat.numel(); ++i) {
      const std::vector<Tensor> row = gradients("jacobian", {flat[i]}, own, {}, o.create_graph, o.strict);
      for (std::size_t j = 0; j < own.size(); ++j) rows[j].push_back(row[j]);
    }
    std::vector<Tensor> by_input;
    for (std::size_t j = 0; j < own.size(); ++j) {
      Shape shape = y.shape();
      for (const int64_t n : own[j].shape()) shape.push_back(n);
      by_input.push_back(rows[j].empty() ? zeros(shape, {own[j].dtype(), own[j].device()})
                                         : stack(rows[j]).reshape(shape));
    }
    all.push_back(without_graph(by_input, o.create_graph));
  }
  return all;
}
std::vector<Tensor> jacobian(const OneOutput& f, const std::vector<Tensor>& inputs, const Options& o) {
  return jacobian(as_several(f), inputs, o)[0];
}

std::vector<std::vector<Tensor>> hessian(const OneOutput& f, const std::vector<Tensor>& inputs, const Options& o) {
  return jacobian(
      [&](const std::vector<Tensor>& in) {
        return slope_of("hessian", f, in, {.create_graph = true, .strict = o.strict}).slope;
      },
      inputs, o);
}

Product vhp(const OneOutput& f, const std::vector<Tensor>& inputs, const std::vector<Tensor>& v, const Options& o) {
  const EnableGrad guard;
  check_v("vhp", v, inputs, "input");
  const Sloped s = slope_of("vhp", f, inputs, o);
  return {without_graph({s.output}, o.create_graph),
          without_graph(gradients("vhp", s.slope, s.inputs, v, o.create_graph, o.strict), o.create_graph)};
}

Product hvp(const OneOutput& f, const std::vector<Tensor>& inputs, const std::vector<Tensor>& v, const Options& o) {
  const EnableGrad guard;
  check_v("hvp", v, inputs, "input");
  const Sloped s = slope_of("hvp", f, inputs, o);
  std::vector<Tensor> directions;
  for (const Tensor& g : s.slope) directions.push_back(zeros_like(g).requires_grad_());
  const std::vector<Tensor> products = gradients("hvp", s.slope, s.inputs, directions, true, o.strict);
  return {without_graph({s.output}, o.create_graph),
          without_graph(gradients("hvp", products, directions, v, o.create_graph, o.strict), o.create_graph)};
}

}  // namespace tenon::autograd::functional
