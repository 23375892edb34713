#include <tenon/optim/lbfgs.h>

#include <algorithm>
#include <cmath>

#include <tenon/autograd.h>
#include <tenon/creation.h>
#include <tenon/ops.h>

#include "optim/follow.h"
#include "optim/line_search.h"
#include "optim/saved.h"

namespace tenon::optim {
namespace {

LBFGSOptions with_max_eval(LBFGSOptions options) {
  if (!options.max_eval) options.max_eval = options.max_iter * 5 / 4;
  return options;
}

double largest(const Tensor& x) { return x.abs().max().item<double>(); }

}  // namespace

void check(const LBFGSOptions& o, std::string_view optimizer) {
  if (o.line_search_fn && *o.line_search_fn != "strong_wolfe")
    fail(optimizer, "expected line_search_fn 'strong_wolfe', or none; got '{}'", *o.line_search_fn);
}

LBFGS::LBFGS(const std::vector<GroupOf>& groups, const LBFGSOptions& options)
    : OptimizerOf(groups, with_max_eval(options)) {
  check_groups();
}

void LBFGS::check_groups() const {
  if (group_count() != 1)
    fail(name(), "expected one group of parameters, got {}: all are stepped together, with the same options",
         group_count());
}

// ---------------------------------------------------------------- losses, gradients, moves
/// Of all parameters, one after the other; upside down where the loss is to grow.
Tensor LBFGS::gradient() const {
  std::vector<Tensor> all;
  for (const Tensor& p : group(0).parameters()) {
    const Tensor grad = p.grad();
    all.push_back(grad.defined() ? grad.reshape({-1}) : zeros({p.numel()}, {.dtype = p.dtype(), .device = p.device()}));
  }
  const Tensor joined = cat(all, 0);
  return group(0).options.maximize ? joined.neg() : joined;
}

void LBFGS::move(double t, const Tensor& d) const {
  int64_t begin = 0;
  for (const Tensor& p : group(0).parameters()) {
    p.add_(d.narrow(0, begin, p.numel()).view(p.shape()), t);
    begin += p.numel();
  }
}

double LBFGS::loss_of(const Tensor& computed) const {
  const auto loss = computed.item<double>();
  return group(0).options.maximize ? -loss : loss;
}

// ---------------------------------------------------------------- the direction
/// Takes the change of the gradient over the last step into the history.
void LBFGS::remember(const Tensor& gradient) {
  auto& [calls, iterations, d, t, changes, moves, inverse, scale, previous, loss] = state_;
  const Tensor change = gradient - previous, moved = d * t, product = change.dot(moved);
  if (!(product.item<double>() > 1e-10)) return;
  if (std::ssize(changes) == group(0).options.history_size)
    for (auto* list : {&changes, &moves, &inverse}) list->erase(list->begin());
  changes.push_back(change);
  moves.push_back(moved);
  inverse.push_back(product.reciprocal());
  scale = product / change.dot(change);
}

/// Down by the approximate inverse of the second derivatives, which the history stands for.
Tensor LBFGS::direction(const Tensor& gradient) const {
  Tensor d = gradient.neg();
  const std::size_t n = state_.old_dirs.size();
  std::vector<double> shares(n);
  for (std::size_t i = n; i-- > 0;) {
    shares[i] = (state_.old_stps[i].dot(d) * state_.ro[i]).item<double>();
    d.add_(state_.old_dirs[i], -shares[i]);
  }
  if (state_.H_diag.defined()) d.mul_(state_.H_diag);
  for (std::size_t i = 0; i < n; ++i) {
    const auto other = (state_.old_dirs[i].dot(d) * state_.ro[i]).item<double>();
    d.add_(state_.old_stps[i], shares[i] - other);
  }
  return d;
}

/// Parameters may have been converted or moved since the last step.
void LBFGS::follow_parameters(const Tensor& gradient) {
  if (!state_.d.defined()) return;
  for (auto* list : {&state_.old_dirs, &state_.old_stps, &state_.ro})
    for (Tensor& x : *list) follow(x, gradient);
  for (Tensor* x : {&state_.d, &state_.prev_flat_grad, &state_.H_diag})
    if (x->defined()) follow(*x, gradient);
}

// ---------------------------------------------------------------- the step
Tensor LBFGS::take_step(const Closure& closure) {
  if (!closure) fail(name(), "expected a closure, which computes the loss anew and returns it: step(closure)");
  check_groups();
  const auto computed = [&] {
    const EnableGrad recording;
    return closure();
  };
  const NoGrad guard;
  const LBFGSOptions& o = group(0).options;
  const std::vector<Tensor> parameters = group(0).parameters();
  const Tensor first = computed();
  ++state_.func_evals;
  Tensor grad = gradient();
  if (grad.numel() == 0 || largest(grad) <= o.tolerance_grad) return first;
  follow_parameters(grad);

  double loss = loss_of(first);
  int64_t evaluations = 1;
  for (int64_t iteration = 1; iteration <= o.max_iter; ++iteration) {
    const bool is_first = ++state_.n_iter == 1;
    if (!is_first) remember(grad);
    state_.d = direction(grad);
    state_.prev_flat_grad = grad;
    state_.prev_loss = loss;
    state_.t = is_first ? std::min(1.0, 1 / grad.abs().sum().item<double>()) * o.lr : o.lr;
    const auto slope = grad.dot(state_.d).item<double>();
    if (slope > -o.tolerance_change) break;

    if (o.line_search_fn) {
      std::vector<Tensor> from;
      for (const Tensor& p : parameters) from.push_back(p.clone());
      const auto at = [&](double t) {
        move(t, state_.d);
        const double there = loss_of(computed());
        for (std::size_t i = 0; i < from.size(); ++i) parameters[i].copy_(from[i]);
        return LossAndGradient{there, gradient()};
      };
      const auto [t, there, calls] = strong_wolfe(at, state_.d, state_.t, {loss, grad}, slope, o.tolerance_change,
                                                  o.max_eval.value_or(0) - evaluations);
      state_.t = t;
      loss = there.loss;
      grad = there.gradient;
      evaluations += calls;
      state_.func_evals += calls;
      move(t, state_.d);
    } else {
      move(state_.t, state_.d);
      if (iteration == o.max_iter) break;  // the next step computes the loss here
      loss = loss_of(computed());
      grad = gradient();
      ++evaluations;
      ++state_.func_evals;
    }
    if (evaluations >= *o.max_eval || largest(grad) <= o.tolerance_grad ||
        largest(state_.d * state_.t) <= o.tolerance_change || std::abs(loss - state_.prev_loss) < o.tolerance_change)
      break;
  }
  return first;
}

// ---------------------------------------------------------------- the state dict
Dict LBFGS::state_dict() const {
  Dict all = Optimizer::state_dict();
  const State& s = state_;
  if (s.func_evals == 0) return all;
  Dict own{{"func_evals", s.func_evals}, {"n_iter", s.n_iter}};
  if (s.d.defined()) {
    // PyTorch keeps the numbers of the last direction's computation; they are not read again
    own.set("al", Value::List(static_cast<std::size_t>(group(0).options.history_size)));
    own.set("d", s.d);
    own.set("t", s.t);
    own.set("old_dirs", s.old_dirs);
    own.set("old_stps", s.old_stps);
    own.set("ro", s.ro);
    own.set("H_diag", s.H_diag.defined() ? Value(s.H_diag) : Value(1));
    own.set("prev_flat_grad", s.prev_flat_grad);
    own.set("prev_loss", s.prev_loss);
  }
  all["state"].as_mutable<Dict>().set(int64_t{0}, std::move(own));
  return all;
}

LBFGS::State LBFGS::read(const Dict& saved) const {
  State s;
  s.func_evals = saved["func_evals"].as<int64_t>();
  s.n_iter = saved["n_iter"].as<int64_t>();
  if (!saved.contains("d")) return s;
  const Tensor like = gradient();
  const auto vector = [&](const Value& value, std::string_view key) {
    Tensor x = value.as<Tensor>().clone();
    if (x.shape() != like.shape())
      fail(name(), "expected '{}' of shape {}, as many elements as the parameters have; got shape {}", key,
           like.shape().to_string(), x.shape().to_string());
    follow(x, like);
    return x;
  };
  const auto scalar = [&](const Value& value) {
    return full({}, with_numbers(value).as<double>(), {.dtype = like.dtype(), .device = like.device()});
  };
  s.d = vector(saved["d"], "d");
  s.t = with_numbers(saved["t"]).as<double>();
  for (const Value& x : saved["old_dirs"].as<Value::List>()) s.old_dirs.push_back(vector(x, "old_dirs"));
  for (const Value& x : saved["old_stps"].as<Value::List>()) s.old_stps.push_back(vector(x, "old_stps"));
  for (const Value& x : saved["ro"].as<Value::List>()) s.ro.push_back(scalar(x));
  if (s.old_dirs.size() != s.old_stps.size() || s.old_dirs.size() != s.ro.size())
    fail(name(), "expected as many items in 'old_dirs', 'old_stps' and 'ro'; got {}, {} and {}", s.old_dirs.size(),
         s.old_stps.size(), s.ro.size());
  s.H_diag = scalar(saved["H_diag"]);
  s.prev_flat_grad = vector(saved["prev_flat_grad"], "prev_flat_grad");
  s.prev_loss = with_numbers(saved["prev_loss"]).as<double>();
  return s;
}

void LBFGS::load_state_dict(const Dict& state_dict) {
  const NoGrad guard;
  State fresh;
  Dict rest = state_dict;  // which the base checks
  if (what_else(state_dict, "param_groups").empty()) {
    Dict& state = rest["state"].as_mutable<Dict>();
    if (const Value* own = state.find(int64_t{0})) {
      fresh = read(own->as<Dict>());
      state.erase(int64_t{0});
    }
  }
  Optimizer::load_state_dict(rest);
  state_ = std::move(fresh);
}

}  // namespace tenon::optim
