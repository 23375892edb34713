#include "nn/functional/recurrent.h"

#include <algorithm>

#include <tenon/nn/functional/linear.h>

#include "ops/autocast.h"
#include "ops/fused.h"

namespace tenon::nn {
namespace {

using Inputs = std::array<Tensor, 6>;  // gates, weight_hh, bias_hh, weight_hr, h, c: as in Recurrence

Recurrence recurrence(RecurrentMode mode, bool reverse, const BatchSizes& batch_sizes, const Inputs& in) {
  return {mode, reverse, batch_sizes, in[0], in[1], in[2], in[3], in[4], in[5]};
}

struct State {
  Tensor h, c;
};

/// One step: `gates` is the input's share.
State step(RecurrentMode mode, const Tensor& gates, const Inputs& in, const State& s) {
  const Tensor hidden = functional::linear(s.h, in[1], in[2]);
  if (mode == RecurrentMode::rnn_tanh) return {(gates + hidden).tanh(), {}};
  if (mode == RecurrentMode::rnn_relu) return {(gates + hidden).relu(), {}};
  const int64_t n = in[1].size(0) / gates_of(mode);
  const auto part = [n](const Tensor& x, int64_t gate) { return x.narrow(1, gate * n, n); };
  const auto sum = [&](int64_t gate) { return part(gates, gate) + part(hidden, gate); };
  if (mode == RecurrentMode::gru) {
    const Tensor reset = sum(0).sigmoid(), update = sum(1).sigmoid();
    const Tensor value = (part(gates, 2) + reset * part(hidden, 2)).tanh();
    return {(s.h - value) * update + value, {}};
  }
  const Tensor c = sum(1).sigmoid() * s.c + sum(0).sigmoid() * sum(2).tanh();
  const Tensor h = sum(3).sigmoid() * c.tanh();
  return {in[3].defined() ? functional::linear(h, in[3]) : h, c};
}

std::array<Tensor, 3> composed(RecurrentMode mode, bool reverse, const std::vector<int64_t>& batch_sizes,
                               const Inputs& in) {
  const int64_t batch = in[4].size(0);
  const auto first = [](const Tensor& x, int64_t n) { return x.defined() ? x.narrow(0, 0, n) : x; };
  /// The sequences that take part, and then the others as they were.
  const auto with_rest = [&](const Tensor& x, const Tensor& before) {
    const int64_t n = x.defined() ? x.size(0) : batch;
    return n == batch ? x : cat({x, before.narrow(0, n, batch - n)});
  };
  State s{in[4], in[5]};
  std::vector<Tensor> steps(batch_sizes.size());
  int64_t at = reverse ? in[0].size(0) : 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::size_t t = reverse ? steps.size() - 1 - i : i;
    const int64_t n = batch_sizes[t];
    if (reverse) at -= n;
    const State next = step(mode, in[0].narrow(0, at, n), in, {first(s.h, n), first(s.c, n)});
    if (!reverse) at += n;
    steps[t] = next.h;
    s = {with_rest(next.h, s.h), with_rest(next.c, s.c)};
  }
  return {cat(steps), s.h, s.c};
}

std::array<Tensor, 3> steps(RecurrentMode mode, bool reverse, const BatchSizes& batch_sizes, const Inputs& in) {
  const auto new_of = [&](const Shape& shape) { return new_tensor(shape, in[0].dtype(), in[0].device()); };
  const auto forward = [&] {
    const Recurrence a = recurrence(mode, reverse, batch_sizes, in);
    const int64_t total = a.gates.size(0);
    FusedResults<3> r{
        {new_of({total, a.h.size(1)}), new_of(a.h.shape()), a.c.defined() ? new_of(a.c.shape()) : Tensor()},
        a.kept_size() > 0 ? new_of({total, a.kept_size()}) : Tensor()};
    on<RecurrentKernels>(a.gates.device()).recurrent({r.y[0], r.y[1], r.y[2], r.kept}, a);
    return r;
  };
  const auto backward = [=](Grads& g) {
    const Recurrence a = recurrence(mode, reverse, batch_sizes,
                                    {g.saved(0), g.saved(1), g.saved(2), g.saved(3), g.saved(4), g.saved(5)});
    const Tensor kept = g.saved(6), y = g.saved(7), grad = g.in(0).defined() ? g.in(0).contiguous() : Tensor();
    /// A copy, for the kernel changes it.
    const auto arrived = [&](const Tensor& gradient, const Tensor& like) {
      if (!like.defined()) return Tensor();
      return gradient.defined() ? copy_by_rows(gradient)
                                : zeros(like.shape(), {.dtype = like.dtype(), .device = like.device()});
    };
    const auto like = [&](const Tensor& x) { return new_tensor(x.shape(), x.dtype(), x.device()); };
    const Tensor dgates = like(a.gates);
    const RecurrentGradients d{dgates,
                               mode == RecurrentMode::gru ? like(a.gates) : dgates,
                               like(y),
                               a.weight_hr.defined() ? like(y) : Tensor(),
                               arrived(g.in(1), a.h),
                               arrived(g.in(2), a.c)};
    on<RecurrentKernels>(y.device()).recurrent_backward(d, grad, {y, {}, {}, kept}, a);
    g.give(0, d.out);
    if (g.needs(1)) g.give(1, matmul(d.hidden.t(), d.previous));
    if (g.needs(2)) g.give(2, d.hidden.sum({0}));
    if (g.needs(3)) g.give(3, matmul(d.projected.t(), kept.narrow(1, 5 * a.hidden_size(), a.hidden_size())));
    g.give(4, d.h);
    g.give(5, d.c);
  };
  return fused_outputs<3>("recurrent", in, forward, backward,
                          [=](const Inputs& again) { return composed(mode, reverse, *batch_sizes, again); });
}

}  // namespace

RecurrentOutput recurrent(RecurrentMode mode, const Tensor& x, const BatchSizes& batch_sizes, const RecurrentWeights& w,
                          const Tensor& h, const Tensor& c, bool reverse) {
  if (autocasts()) [[unlikely]] {
    const auto of = [&](const Tensor& in, const Tensor& wi, const Tensor& wh, const Tensor& bi, const Tensor& bh,
                        const Tensor& wr, const Tensor& h0, const Tensor& c0) {
      return recurrent(mode, in, batch_sizes, {wi, wh, bi, bh, wr}, h0, c0, reverse);
    };
    const auto in_type = [&](const auto&... all) {
      return mode == RecurrentMode::gru ? in_float_type(of, all...) : in_lower_type(of, all...);
    };
    return in_type(x, w.weight_ih, w.weight_hh, w.bias_ih, w.bias_hh, w.weight_hr, h, c);
  }
  if (x.dtype() == float16 || x.dtype() == bfloat16) {  // in float, rounded once
    const auto wide = [](const Tensor& p) { return p.defined() ? p.to(float32) : p; };
    const auto [y, last_h, last_c] =
        recurrent(mode, wide(x), batch_sizes,
                  {wide(w.weight_ih), wide(w.weight_hh), wide(w.bias_ih), wide(w.bias_hh), wide(w.weight_hr)}, wide(h),
                  wide(c), reverse);
    return {y.to(x.dtype()), last_h.to(x.dtype()), last_c.defined() ? last_c.to(x.dtype()) : last_c};
  }
  // But for a GRU's last gate, which scales h's share, both biases are added to the same.
  const bool gru = mode == RecurrentMode::gru;
  const Tensor bias = gru || !w.bias_hh.defined() ? w.bias_ih : w.bias_ih + w.bias_hh;
  const auto dense = [](const Tensor& p) { return p.defined() ? p.contiguous() : p; };
  const Inputs in{functional::linear(x, w.weight_ih, bias).contiguous(),
                  dense(w.weight_hh),
                  gru ? dense(w.bias_hh) : Tensor(),
                  dense(w.weight_hr),
                  dense(h),
                  dense(c)};
  const auto [y, last_h, last_c] = steps(mode, reverse, batch_sizes, in);
  return {y, last_h, last_c};
}

RecurrentOutput recurrent_step(RecurrentMode mode, const Tensor& x, const RecurrentWeights& w, const Tensor& h,
                               const Tensor& c) {
  const Tensor gates = functional::linear(x, w.weight_ih, w.bias_ih);
  const State next = step(mode, gates, {gates, w.weight_hh, w.bias_hh, w.weight_hr, h, c}, {h, c});
  return {next.h, next.h, next.c};
}

}  // namespace tenon::nn
