#include "backend/cpu/simd/recurrent_cell.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/recurrent_cell.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"
#include "backend/cpu/simd/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// grad·y·(1 − y): through a sigmoid that gave y.
template <class V>
HWY_INLINE V ThroughSigmoid(V grad, V y) {
  return hn::Mul(grad, hn::NegMulAdd(y, y, y));
}
/// grad·(1 − y²): through a tanh that gave y.
template <class V>
HWY_INLINE V ThroughTanh(V grad, V y) {
  return hn::NegMulAdd(hn::Mul(grad, y), y, grad);
}

template <class T, bool relu>
void PlainCell(const CellRow& r) {
  const auto *gates = static_cast<const T*>(r.gates), *hidden = static_cast<const T*>(r.hidden);
  auto *y = static_cast<T*>(r.y), *h = static_cast<T*>(r.h);
  ForVectors<T>(r.n, [=](auto d, int64_t i) HWY_ATTR {
    const auto sum = hn::Add(hn::LoadU(d, gates + i), hn::LoadU(d, hidden + i));
    const auto result = [&]() HWY_ATTR {
      if constexpr (relu) return hn::IfThenZeroElse(hn::Le(sum, hn::Zero(d)), sum);  // keeps NaN
      else return FullTanh(d, sum);
    }();
    hn::StoreU(result, d, y + i);
    hn::StoreU(result, d, h + i);
  });
}
template <class T, bool relu>
void PlainCellBackward(const CellBackwardRow& r) {
  const auto *y = static_cast<const T*>(r.y), *grad = static_cast<const T*>(r.grad), *h = static_cast<const T*>(r.h);
  auto* gates = static_cast<T*>(r.gates);
  ForVectors<T>(r.n, [=](auto d, int64_t i) HWY_ATTR {
    auto dy = hn::LoadU(d, h + i);
    if (grad) dy = hn::Add(dy, hn::LoadU(d, grad + i));
    const auto result = hn::LoadU(d, y + i);
    if constexpr (relu) hn::StoreU(hn::IfThenZeroElse(hn::Le(result, hn::Zero(d)), dy), d, gates + i);
    else hn::StoreU(ThroughTanh(dy, result), d, gates + i);
  });
}

template <class T>
void LstmCell(const CellRow& r) {
  const int64_t n = r.n;
  const auto *gates = static_cast<const T*>(r.gates), *hidden = static_cast<const T*>(r.hidden);
  auto *kept = static_cast<T*>(r.kept), *y = static_cast<T*>(r.y), *h = static_cast<T*>(r.h), *c = static_cast<T*>(r.c);
  ForVectors<T>(n, [=](auto d, int64_t i) HWY_ATTR {
    const auto sum = [&](int64_t gate) HWY_ATTR {
      return hn::Add(hn::LoadU(d, gates + gate * n + i), hn::LoadU(d, hidden + gate * n + i));
    };
    const auto in = Sigmoid(d, sum(0)), forget = Sigmoid(d, sum(1)), value = FullTanh(d, sum(2)),
               out = Sigmoid(d, sum(3));
    const auto cell = hn::MulAdd(forget, hn::LoadU(d, c + i), hn::Mul(in, value));
    const auto result = hn::Mul(out, FullTanh(d, cell));
    hn::StoreU(in, d, kept + i);
    hn::StoreU(forget, d, kept + n + i);
    hn::StoreU(value, d, kept + 2 * n + i);
    hn::StoreU(out, d, kept + 3 * n + i);
    hn::StoreU(cell, d, kept + 4 * n + i);
    hn::StoreU(cell, d, c + i);
    hn::StoreU(result, d, y + i);
    if (h) hn::StoreU(result, d, h + i);
  });
}
template <class T>
void LstmCellBackward(const CellBackwardRow& r) {
  const int64_t n = r.n;
  const auto *kept = static_cast<const T*>(r.kept), *grad = static_cast<const T*>(r.grad),
             *h = static_cast<const T*>(r.h), *previous = static_cast<const T*>(r.previous);
  auto *gates = static_cast<T*>(r.gates), *c = static_cast<T*>(r.c);
  ForVectors<T>(n, [=](auto d, int64_t i) HWY_ATTR {
    auto dy = hn::LoadU(d, h + i);
    if (grad) dy = hn::Add(dy, hn::LoadU(d, grad + i));
    const auto in = hn::LoadU(d, kept + i), forget = hn::LoadU(d, kept + n + i), value = hn::LoadU(d, kept + 2 * n + i),
               out = hn::LoadU(d, kept + 3 * n + i), shown = FullTanh(d, hn::LoadU(d, kept + 4 * n + i));
    const auto dc = hn::Add(hn::LoadU(d, c + i), ThroughTanh(hn::Mul(dy, out), shown));
    hn::StoreU(ThroughSigmoid(hn::Mul(dc, value), in), d, gates + i);
    hn::StoreU(ThroughSigmoid(hn::Mul(dc, hn::LoadU(d, previous + i)), forget), d, gates + n + i);
    hn::StoreU(ThroughTanh(hn::Mul(dc, in), value), d, gates + 2 * n + i);
    hn::StoreU(ThroughSigmoid(hn::Mul(dy, shown), out), d, gates + 3 * n + i);
    hn::StoreU(hn::Mul(dc, forget), d, c + i);
  });
}

template <class T>
void GruCell(const CellRow& r) {
  const int64_t n = r.n;
  const auto *gates = static_cast<const T*>(r.gates), *hidden = static_cast<const T*>(r.hidden);
  auto *kept = static_cast<T*>(r.kept), *y = static_cast<T*>(r.y), *h = static_cast<T*>(r.h);
  ForVectors<T>(n, [=](auto d, int64_t i) HWY_ATTR {
    const auto sum = [&](int64_t gate) HWY_ATTR {
      return hn::Add(hn::LoadU(d, gates + gate * n + i), hn::LoadU(d, hidden + gate * n + i));
    };
    const auto reset = Sigmoid(d, sum(0)), update = Sigmoid(d, sum(1)), share = hn::LoadU(d, hidden + 2 * n + i);
    const auto value = FullTanh(d, hn::MulAdd(reset, share, hn::LoadU(d, gates + 2 * n + i)));
    const auto result = hn::MulAdd(update, hn::Sub(hn::LoadU(d, h + i), value), value);
    hn::StoreU(reset, d, kept + i);
    hn::StoreU(update, d, kept + n + i);
    hn::StoreU(value, d, kept + 2 * n + i);
    hn::StoreU(share, d, kept + 3 * n + i);
    hn::StoreU(result, d, y + i);
    hn::StoreU(result, d, h + i);
  });
}
template <class T>
void GruCellBackward(const CellBackwardRow& r) {
  const int64_t n = r.n;
  const auto *kept = static_cast<const T*>(r.kept), *grad = static_cast<const T*>(r.grad),
             *previous = static_cast<const T*>(r.previous);
  auto *gates = static_cast<T*>(r.gates), *hidden = static_cast<T*>(r.hidden), *h = static_cast<T*>(r.h);
  ForVectors<T>(n, [=](auto d, int64_t i) HWY_ATTR {
    auto dy = hn::LoadU(d, h + i);
    if (grad) dy = hn::Add(dy, hn::LoadU(d, grad + i));
    const auto reset = hn::LoadU(d, kept + i), update = hn::LoadU(d, kept + n + i),
               value = hn::LoadU(d, kept + 2 * n + i), share = hn::LoadU(d, kept + 3 * n + i);
    const auto dvalue = ThroughTanh(hn::NegMulAdd(dy, update, dy), value);
    const auto dreset = ThroughSigmoid(hn::Mul(dvalue, share), reset);
    const auto dupdate = ThroughSigmoid(hn::Mul(dy, hn::Sub(hn::LoadU(d, previous + i), value)), update);
    hn::StoreU(dreset, d, gates + i);
    hn::StoreU(dupdate, d, gates + n + i);
    hn::StoreU(dvalue, d, gates + 2 * n + i);
    hn::StoreU(dreset, d, hidden + i);
    hn::StoreU(dupdate, d, hidden + n + i);
    hn::StoreU(hn::Mul(dvalue, reset), d, hidden + 2 * n + i);
    hn::StoreU(hn::Mul(dy, update), d, h + i);
  });
}

template <class T>
void Cell(RecurrentMode mode, const CellRow& row) {
  switch (mode) {
    case RecurrentMode::rnn_tanh: return PlainCell<T, false>(row);
    case RecurrentMode::rnn_relu: return PlainCell<T, true>(row);
    case RecurrentMode::lstm: return LstmCell<T>(row);
    case RecurrentMode::gru: return GruCell<T>(row);
  }
}
template <class T>
void CellBackward(RecurrentMode mode, const CellBackwardRow& row) {
  switch (mode) {
    case RecurrentMode::rnn_tanh: return PlainCellBackward<T, false>(row);
    case RecurrentMode::rnn_relu: return PlainCellBackward<T, true>(row);
    case RecurrentMode::lstm: return LstmCellBackward<T>(row);
    case RecurrentMode::gru: return GruCellBackward<T>(row);
  }
}

void CellAny(DType type, RecurrentMode mode, const CellRow& row) { TENON_BY_TYPE(Cell<T>(mode, row)); }
void CellBackwardAny(DType type, RecurrentMode mode, const CellBackwardRow& row) {
  TENON_BY_TYPE(CellBackward<T>(mode, row));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(CellAny);
HWY_EXPORT(CellBackwardAny);

void vector_recurrent_cell(DType type, RecurrentMode mode, const CellRow& row) {
  HWY_DYNAMIC_DISPATCH(CellAny)(type, mode, row);
}
void vector_recurrent_cell_backward(DType type, RecurrentMode mode, const CellBackwardRow& row) {
  HWY_DYNAMIC_DISPATCH(CellBackwardAny)(type, mode, row);
}

}  // namespace tenon::backend::cpu
#endif
