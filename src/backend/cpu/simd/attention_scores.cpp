#include "backend/cpu/simd/attention_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/attention_scores.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"
#include "backend/cpu/simd/vector_exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// All lanes of a vector belong to the row.
struct AllLanes {};
template <class V>
HWY_INLINE V Belonging(AllLanes, V x, V) {
  return x;
}
template <class M, class V>
HWY_INLINE V Belonging(M lanes, V x, V otherwise) {
  return hn::IfThenElse(lanes, x, otherwise);
}

/// f(i, lanes) for the vectors of a row of n; there is room for whole ones.
template <class T, class F>
HWY_INLINE void ForWholeVectors(int64_t n, F f) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(i, AllLanes());
  if (i < n) f(i, hn::FirstN(d, static_cast<std::size_t>(n - i)));
}

/// The block's scores, scaled and masked.
template <class T>
class Scores {
 public:
  explicit Scores(const ScoreBlock& block) : block_(block), room_(static_cast<T*>(block.mask_room)) {}

  T* row(int64_t r) const { return static_cast<T*>(block_.scores) + r * block_.step; }
  /// How many keys the query may attend to.
  int64_t seen(int64_t r) const { return std::clamp<int64_t>(block_.seen + r, 0, block_.keys); }

  /// score(vector, i) for row r's: a function, with the mask at hand.
  template <class F>
  HWY_INLINE void WithRow(int64_t r, F f) {
    const hn::ScalableTag<T> d;
    const auto scale = hn::Set(d, static_cast<T>(block_.scale));
    if (!block_.mask) return f([scale](auto s, int64_t) HWY_ATTR { return hn::Mul(s, scale); });
    ReadMask(r);
    const T* added = room_;
    if (!block_.mask_is_bool)
      return f([d, scale, added](auto s, int64_t i) HWY_ATTR { return hn::MulAdd(s, scale, hn::LoadU(d, added + i)); });
    f([d, scale, added](auto s, int64_t i) HWY_ATTR {  // whatever a score is that is masked, it is not seen
      const auto m = hn::LoadU(d, added + i);
      return hn::IfThenElse(hn::Eq(m, hn::Zero(d)), hn::Mul(s, scale), m);
    });
  }

 private:
  void ReadMask(int64_t r) {
    if (read_ && block_.mask_row == 0) return;
    read_ = true;
    const int64_t at = r * block_.mask_row, step = block_.mask_key;
    if (block_.mask_is_bool) {
      const bool* from = static_cast<const bool*>(block_.mask) + at;
      for (int64_t j = 0; j < block_.keys; ++j) room_[j] = from[j * step] ? T{0} : -std::numeric_limits<T>::infinity();
    } else {
      const T* from = static_cast<const T*>(block_.mask) + at;
      for (int64_t j = 0; j < block_.keys; ++j) room_[j] = from[j * step];
    }
  }

  const ScoreBlock& block_;
  T* room_;
  bool read_ = false;
};

/// The largest of the scores, which are written to the row as they then are; NaN where one is NaN or +inf.
template <class T, class Score>
HWY_INLINE T Largest(T* row, int64_t n, Score score) {
  const hn::ScalableTag<T> d;
  const T infinity = std::numeric_limits<T>::infinity();
  const auto low = hn::Set(d, -infinity), high = hn::Set(d, infinity);
  auto most = low;
  auto whole = hn::Eq(low, low);  // Max may ignore a NaN, so that is looked for on its own
  ForWholeVectors<T>(n, [&](int64_t i, auto lanes) HWY_ATTR {
    const auto x = Belonging(lanes, score(hn::LoadU(d, row + i), i), low);
    whole = hn::And(whole, hn::Lt(x, high));
    most = hn::Max(most, x);
    hn::StoreU(x, d, row + i);
  });
  return hn::AllTrue(d, whole) ? hn::GetLane(hn::MaxOfLanes(d, most)) : std::numeric_limits<T>::quiet_NaN();
}

/// The row becomes exp(row − shift); gives the sum.
template <class T>
HWY_INLINE T ExpAndSum(T* row, int64_t n, T shift) {
  const hn::ScalableTag<T> d;
  const auto from = hn::Set(d, shift), zero = hn::Zero(d);
  auto sum = zero;
  ForWholeVectors<T>(n, [&](int64_t i, auto lanes) HWY_ATTR {
    const auto e = Belonging(lanes, NormalOrZero(d, ExpBelow0(d, hn::Sub(hn::LoadU(d, row + i), from))), zero);
    hn::StoreU(e, d, row + i);
    sum = hn::Add(sum, e);
  });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

template <class T>
HWY_INLINE void Scale(T* x, int64_t step, int64_t n, T factor) {
  if (step == 1)
    ForVectors<T>(
        n, [=](auto d, int64_t i) HWY_ATTR { hn::StoreU(hn::Mul(hn::LoadU(d, x + i), hn::Set(d, factor)), d, x + i); });
  else
    for (int64_t i = 0; i < n; ++i) x[i * step] *= factor;
}

template <class T>
void Weights(const ScoreBlock& block, const RunningSums& running) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  Scores<T> scores(block);
  T *largest = static_cast<T*>(running.largest), *sums = static_cast<T*>(running.sums);
  for (int64_t r = 0; r < block.rows; ++r) {
    T* row = scores.row(r);
    const int64_t n = scores.seen(r);
    const T before = running.begun ? largest[r] : -infinity;
    T now = -infinity;
    scores.WithRow(r, [&](auto score) HWY_ATTR { now = Largest(row, n, score); });
    const bool lost = std::isnan(now) || std::isnan(before);
    now = lost ? std::numeric_limits<T>::quiet_NaN() : std::max(now, before);
    largest[r] = now;
    T sum = 0, factor = 1;  // of what was summed before
    if (lost) {
      std::fill_n(row, n, now);
      sum = now;
    } else if (now == -infinity) {
      std::fill_n(row, n, T{0});
    } else {
      sum = ExpAndSum(row, n, now);
      factor = std::exp(before - now);
    }
    std::fill_n(row + n, block.keys - n, T{0});
    sums[r] = running.begun ? sums[r] * factor + sum : sum;
    if (running.begun && factor != 1)
      Scale(static_cast<T*>(running.out) + r * running.out_row, running.out_column, running.width, factor);
  }
}

template <class T>
void Finish(int64_t rows, const RunningSums& running, T* log_sums) {
  const T *largest = static_cast<const T*>(running.largest), *sums = static_cast<const T*>(running.sums);
  for (int64_t r = 0; r < rows; ++r) {
    log_sums[r] = largest[r] + std::log(sums[r]);  // −∞ + −∞ where there was nothing
    Scale(static_cast<T*>(running.out) + r * running.out_row, running.out_column, running.width,
          sums[r] == 0 ? T{0} : 1 / sums[r]);
  }
}

template <class T>
void ScoreGradients(const ScoreBlock& block, const T* log_sums, const T* products, T* gradients) {
  const hn::ScalableTag<T> d;
  Scores<T> scores(block);
  for (int64_t r = 0; r < block.rows; ++r) {
    T *row = scores.row(r), *grad = gradients + r * block.step;
    const int64_t n = log_sums[r] == -std::numeric_limits<T>::infinity() ? 0 : scores.seen(r);
    const auto shift = hn::Set(d, log_sums[r]), product = hn::Set(d, products[r]),
               scale = hn::Set(d, static_cast<T>(block.scale));
    if (n > 0)
      scores.WithRow(r, [&](auto score) HWY_ATTR {
        ForWholeVectors<T>(n, [&](int64_t i, auto) HWY_ATTR {
          const auto x = hn::Sub(score(hn::LoadU(d, row + i), i), shift);
          const auto weight = hn::IfThenElse(hn::IsNaN(x), x, NormalOrZero(d, ExpBelow0(d, x)));
          hn::StoreU(weight, d, row + i);
          hn::StoreU(hn::Mul(hn::Mul(weight, hn::Sub(hn::LoadU(d, grad + i), product)), scale), d, grad + i);
        });
      });
    std::fill_n(row + n, block.keys - n, T{0});
    std::fill_n(grad + n, block.keys - n, T{0});
  }
}

void WeightsOf(DType type, const ScoreBlock& block, const RunningSums& running) {
  TENON_BY_TYPE(Weights<T>(block, running));
}
void FinishOf(DType type, int64_t rows, const RunningSums& running, void* log_sums) {
  TENON_BY_TYPE(Finish<T>(rows, running, static_cast<T*>(log_sums)));
}
void ScoreGradientsOf(DType type, const ScoreBlock& block, const void* log_sums, const void* products,
                      void* gradients) {
  TENON_BY_TYPE(ScoreGradients<T>(block, static_cast<const T*>(log_sums), static_cast<const T*>(products),
                                  static_cast<T*>(gradients)));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(WeightsOf);
HWY_EXPORT(FinishOf);
HWY_EXPORT(ScoreGradientsOf);

void attention_weights(DType type, const ScoreBlock& block, const RunningSums& running) {
  HWY_DYNAMIC_DISPATCH(WeightsOf)(type, block, running);
}
void attention_finish(DType type, int64_t rows, const RunningSums& running, void* log_sums) {
  HWY_DYNAMIC_DISPATCH(FinishOf)(type, rows, running, log_sums);
}
void attention_score_gradients(DType type, const ScoreBlock& block, const void* log_sums, const void* products,
                               void* gradients) {
  HWY_DYNAMIC_DISPATCH(ScoreGradientsOf)(type, block, log_sums, products, gradients);
}

}  // namespace tenon::backend::cpu
#endif
