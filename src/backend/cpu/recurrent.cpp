#include "backend/recurrent.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "backend/cpu/gemm/gemm.h"
#include "backend/cpu/gemm/scratch.h"
#include "backend/cpu/parallel.h"
#include "backend/cpu/simd/recurrent_cell.h"
#include "backend/memory.h"
#include "backend/new_tensor.h"

namespace tenon::backend::cpu {
namespace {

/// Rows of a matrix, by their number; none of a tensor that is not there.
struct Rows {
  std::byte* data = nullptr;
  int64_t bytes = 0;  ///< from one to the next
  std::byte* operator[](int64_t row) const { return data ? data + row * bytes : nullptr; }
};

Rows rows_of(const Tensor& x, int64_t first_column = 0) {
  if (!x.defined()) return {};
  const int64_t item = item_size(x.dtype());
  return {x.impl()->data + first_column * item, x.shape()[1] * item};
}

/// The steps in the order in which they are taken.
class Steps {
 public:
  explicit Steps(const Recurrence& a) : sizes_(*a.batch_sizes), reverse_(a.reverse) {
    int64_t total = 0;
    for (const int64_t n : sizes_) {
      first_.push_back(total);
      total += n;
    }
  }
  int64_t count() const { return static_cast<int64_t>(sizes_.size()); }
  /// How many sequences take part in the i-th one.
  int64_t size(int64_t i) const { return sizes_[at(i)]; }
  /// Where its rows begin.
  int64_t first(int64_t i) const { return first_[at(i)]; }
  /// How many of its sequences took part in the one before, too: the first ones.
  int64_t went_on(int64_t i) const { return i == 0 ? 0 : std::min(size(i), size(i - 1)); }

 private:
  std::size_t at(int64_t i) const { return static_cast<std::size_t>(reverse_ ? count() - 1 - i : i); }

  const std::vector<int64_t>& sizes_;
  std::vector<int64_t> first_;
  bool reverse_;
};

struct Sizes {
  int64_t total, batch, gates, hidden, given;  ///< total, N, G, H, P
  DType type;
  int64_t item;
  explicit Sizes(const Recurrence& a)
      : total(a.gates.shape()[0]),
        batch(a.h.shape()[0]),
        gates(a.weight_hh.shape()[0]),
        hidden(a.hidden_size()),
        given(a.weight_hh.shape()[1]),
        type(a.gates.dtype()),
        item(item_size(type)) {}
  /// Rows of a cell below which a second thread costs more than it brings: an element takes some exp() and tanh().
  int64_t grain() const { return std::max<int64_t>(1, elementwise_grain / 4 / std::max<int64_t>(gates, 1)); }
};

void copy_all(const Tensor& to, const Tensor& from) {
  if (to.defined() && to.numel() > 0)
    std::memcpy(to.impl()->data, from.impl()->data, static_cast<std::size_t>(to.numel() * item_size(to.dtype())));
}

void copy_rows(std::byte* to, const std::byte* from, int64_t count, int64_t bytes) {
  if (count > 0) std::memcpy(to, from, static_cast<std::size_t>(count * bytes));
}

/// to = x + y.
void add(DType type, std::byte* to, const std::byte* x, const std::byte* y, int64_t n) {
  const auto of = [&]<class T>(T* sum) {
    for (int64_t i = 0; i < n; ++i) sum[i] = reinterpret_cast<const T*>(x)[i] + reinterpret_cast<const T*>(y)[i];
  };
  if (type == float64) of(reinterpret_cast<double*>(to));
  else of(reinterpret_cast<float*>(to));
}

/// The hidden state that each step found: what the step before gave, or the initial one.
void find_previous(const Rows& previous, const Steps& steps, const Rows& out, const Rows& initial) {
  for (int64_t i = 0; i < steps.count(); ++i) {
    const int64_t first = steps.first(i), went_on = steps.went_on(i);
    if (went_on > 0) copy_rows(previous[first], out[steps.first(i - 1)], went_on, out.bytes);
    copy_rows(previous[first + went_on], initial[went_on], steps.size(i) - went_on, out.bytes);
  }
}

void product(const Gemm& g) {
  if (g.m > 0 && g.n > 0) gemm(g, {});
}

/// x·weightᵀ, many times with one weight (n, k): it is laid across once, so that no product has to pack it.
class ProductWith {
 public:
  ProductWith(const Tensor& weight, const Tensor& bias, int64_t times) {
    g_ = {weight.dtype(),
          0,
          weight.shape()[0],
          weight.shape()[1],
          {nullptr, weight.shape()[1], 1},
          {weight.impl()->data, 1, weight.shape()[1]},
          {nullptr, weight.shape()[0], 1}};
    if (bias.defined()) g_.bias = {bias.impl()->data, 0, 1};
    if (times < 4) return;
    across_ = new_tensor({g_.k, g_.n}, weight.dtype());
    const NoGrad guard;
    MemoryKernels::cpu.copy(across_, weight.t());
    g_.b = {across_.impl()->data, g_.n, 1};
  }
  /// x's rows lie `row` elements apart.
  void operator()(std::byte* out, std::byte* x, int64_t row, int64_t rows) const {
    Gemm g = g_;
    g.m = rows;
    g.a.data = x;
    g.a.row = row;
    g.out.data = out;
    product(g);
  }

 private:
  Gemm g_;
  Tensor across_;
};

}  // namespace

void recurrent(const RecurrentResult& r, const Recurrence& a) {
  const Sizes s(a);
  const Steps steps(a);
  copy_all(r.h, a.h);
  copy_all(r.c, a.c);
  if (s.batch == 0) return;
  const ProductWith by_hh(a.weight_hh, a.bias_hh, steps.count());
  std::optional<ProductWith> by_hr;
  if (a.weight_hr.defined()) by_hr.emplace(a.weight_hr, Tensor(), steps.count());
  const Scratch<std::byte> room(s.batch * s.gates * s.item);
  const Rows hidden{room.get(), s.gates * s.item}, gates = rows_of(a.gates), kept = rows_of(r.kept),
                                                   out = rows_of(r.out), h = rows_of(r.h), c = rows_of(r.c),
                                                   projected = by_hr ? rows_of(r.kept, 5 * s.hidden) : Rows();
  for (int64_t i = 0; i < steps.count(); ++i) {
    const int64_t count = steps.size(i), first = steps.first(i);
    by_hh(hidden.data, h.data, s.given, count);
    parallel_for(count, s.grain(), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        vector_recurrent_cell(
            s.type, a.mode,
            {gates[first + row], hidden[row], kept[first + row], by_hr ? projected[first + row] : out[first + row],
             by_hr ? nullptr : h[row], c[row], s.hidden});
    });
    if (!by_hr) continue;
    (*by_hr)(out[first], projected[first], r.kept.shape()[1], count);
    copy_rows(h.data, out[first], count, out.bytes);
  }
}

void recurrent_backward(const RecurrentGradients& g, const Tensor& grad, const RecurrentResult& r,
                        const Recurrence& a) {
  const Sizes s(a);
  const Steps steps(a);
  if (s.batch == 0) return;
  const Rows out = rows_of(r.out), kept = rows_of(r.kept), previous = rows_of(g.previous), initial_c = rows_of(a.c),
             cells = a.c.defined() ? rows_of(r.kept, 4 * s.hidden) : Rows(), dout = rows_of(grad),
             dgates = rows_of(g.out), dhidden = rows_of(g.hidden), dh = rows_of(g.h), dc = rows_of(g.c),
             dprojected = rows_of(g.projected);
  const bool gru = a.mode == RecurrentMode::gru;
  find_previous(previous, steps, out, rows_of(a.h));
  // What reaches the state before a step: of a GRU beside what its cell adds by itself.
  const Scratch<std::byte> reached_room(gru ? s.batch * s.given * s.item : 0),
      raw_room(dprojected.data ? s.batch * s.hidden * s.item : 0);
  const Rows raw{raw_room.get(), s.hidden * s.item};
  for (int64_t i = steps.count() - 1; i >= 0; --i) {
    const int64_t count = steps.size(i), first = steps.first(i), went_on = steps.went_on(i),
                  before = i > 0 ? steps.first(i - 1) : 0;
    if (dprojected.data) {
      if (dout.data) add(s.type, dprojected[first], dh.data, dout[first], count * s.given);
      else copy_rows(dprojected[first], dh.data, count, dh.bytes);
      product({s.type,
               count,
               s.hidden,
               s.given,
               {dprojected[first], s.given, 1},
               {a.weight_hr.impl()->data, s.hidden, 1},
               {raw.data, s.hidden, 1}});
    }
    parallel_for(count, s.grain(), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const std::byte* state = gru                           ? previous[first + row]
                                 : row < went_on && cells.data ? cells[before + row]
                                                               : initial_c[row];
        vector_recurrent_cell_backward(
            s.type, a.mode,
            {dprojected.data ? nullptr : dout[first + row], kept[first + row], out[first + row], state,
             dgates[first + row], gru ? dhidden[first + row] : nullptr, dprojected.data ? raw[row] : dh[row], dc[row],
             s.hidden});
      }
    });
    std::byte* reached = gru ? reached_room.get() : dh.data;
    product({s.type,
             count,
             s.given,
             s.gates,
             {dhidden[first], s.gates, 1},
             {a.weight_hh.impl()->data, s.given, 1},
             {reached, s.given, 1}});
    if (gru) add(s.type, dh.data, dh.data, reached, count * s.given);
  }
}

}  // namespace tenon::backend::cpu

namespace tenon {

constinit const RecurrentKernels RecurrentKernels::cpu{
    .recurrent = backend::cpu::recurrent,
    .recurrent_backward = backend::cpu::recurrent_backward,
};

}  // namespace tenon
