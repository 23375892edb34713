#include "backend/cpu/simd/optimizer_step.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/optimizer_step.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each set of instructions
//
#include <hwy/highway.h>
//
#include "backend/cpu/simd/optimizer_rules-inl.h"
#include "backend/cpu/simd/vector_common-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T, class Rule>
void StepOf(const Rule& rule, const StepData& data, int64_t begin, int64_t end) {
  using RuleLoop = Loop<Rule, T>;
  constexpr int needed = RuleLoop::needed, slots = RuleLoop::slots;
  const RuleLoop loop(rule);
  const Down<T> down(rule.descent);
  T* HWY_RESTRICT p = static_cast<T*>(data.p) + begin;
  const T* HWY_RESTRICT grad = static_cast<const T*>(data.grad) + begin;
  T* kept[slots];
  bool there[slots];
  for (int s = 0; s < slots; ++s) {
    there[s] = s < needed || data.slots[s];
    kept[s] = there[s] ? static_cast<T*>(data.slots[s]) + begin : nullptr;
  }
  ForVectors<T>(end - begin, [&](auto d, int64_t i) HWY_ATTR {
    using V = hn::Vec<decltype(d)>;
    V x = hn::LoadU(d, p + i), slot[slots];
    for (int s = 0; s < slots; ++s) slot[s] = s < needed || there[s] ? hn::LoadU(d, kept[s] + i) : hn::Zero(d);
    const V g = down.Of(d, x, hn::LoadU(d, grad + i));
    loop(d, x, g, slot, there);
    hn::StoreU(x, d, p + i);
    for (int s = 0; s < slots; ++s)
      if (s < needed || there[s]) hn::StoreU(slot[s], d, kept[s] + i);
  });
}

/// A stretch at a time is turned into floats, and what the step changed back.
template <class H, class Rule>
void StepOfHalf(const Rule& rule, const StepData& data, int64_t begin, int64_t end) {
  constexpr int64_t size = 256;  // five of them stay in the first cache
  constexpr int slots = Loop<Rule, float>::slots;
  alignas(64) float p[size], grad[size], kept[slots][size];
  const auto read = [](float* to, const void* from, int64_t at, int64_t n) {
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<const H*>(from)[at + i];
  };
  const auto write = [](void* to, int64_t at, const float* from, int64_t n) {
    for (int64_t i = 0; i < n; ++i) static_cast<H*>(to)[at + i] = H(from[i]);
  };
  StepData wide{p, grad, {}};
  for (int s = 0; s < slots; ++s) wide.slots[s] = data.slots[s] ? kept[s] : nullptr;
  for (int64_t i = begin; i < end; i += size) {
    const int64_t n = std::min(size, end - i);
    read(p, data.p, i, n);
    read(grad, data.grad, i, n);
    for (int s = 0; s < slots; ++s)
      if (data.slots[s]) read(kept[s], data.slots[s], i, n);
    StepOf<float>(rule, wide, 0, n);
    write(data.p, i, p, n);
    for (int s = 0; s < slots; ++s)
      if (data.slots[s]) write(data.slots[s], i, kept[s], n);
  }
}

void Step(DType type, const OptimizerRule& rule, const StepData& data, int64_t begin, int64_t end) {
  std::visit(
      [&](const auto& r) {
        switch (type) {
          case DType::float64: return StepOf<double>(r, data, begin, end);
          case DType::bfloat16: return StepOfHalf<BFloat16>(r, data, begin, end);
          case DType::float16: return StepOfHalf<tenon::Half>(r, data, begin, end);
          default: return StepOf<float>(r, data, begin, end);
        }
      },
      rule);
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(Step);

void vector_step(DType type, const OptimizerRule& rule, const StepData& data, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(Step)(type, rule, data, begin, end);
}

}  // namespace tenon::backend::cpu
#endif
