// Bags of rows: each bag by one thread, its rows in order.
#include "backend/embedding.h"

#include "backend/cpu/loop.h"
#include "backend/cpu/workspace.h"

namespace tenon {
namespace backend::cpu {
namespace {

const int64_t* numbers(const Tensor& x) { return reinterpret_cast<const int64_t*>(x.impl()->data); }

/// f(bag, first, last) for each, with the places of its indices.
template <class F>
void for_bags(const BagArgs& a, F f) {
  const int64_t bags = a.begins.numel() - 1, work = a.index.numel() * a.weight.shape()[1];
  const int64_t* begins = numbers(a.begins);
  parallel_for(bags, std::max<int64_t>(elementwise_grain * bags / std::max<int64_t>(work, 1), 1),
               [&](int64_t from, int64_t to) {
                 for (int64_t b = from; b < to; ++b) f(b, begins[b], begins[b + 1]);
               });
}

}  // namespace

void sum_bags(const Tensor& out, const BagArgs& a) {
  const int64_t size = a.weight.shape()[1];
  const int64_t* index = numbers(a.index);
  with_real_type(out.dtype(), [&]<class T>() {
    using C = compute_t<T>;
    const T* weight = reinterpret_cast<const T*>(a.weight.impl()->data);
    const C* factors = reinterpret_cast<const C*>(a.factors.impl()->data);
    T* to = reinterpret_cast<T*>(out.impl()->data);
    for_bags(a, [&](int64_t b, int64_t first, int64_t last) {
      Workspace<C> sum(static_cast<std::size_t>(size), C{0});
      C* s = sum.data();
      for (int64_t i = first; i < last; ++i) {
        const T* row = weight + index[i] * size;
        const C factor = factors[i];
        if (factor == 0) continue;  // what does not count may be infinite
        for (int64_t j = 0; j < size; ++j) s[j] += factor * static_cast<C>(row[j]);
      }
      for (int64_t j = 0; j < size; ++j) to[b * size + j] = static_cast<T>(s[j]);
    });
  });
}

void largest_of_bags(const Tensor& out, const Tensor& rows, const BagArgs& a) {
  const int64_t size = a.weight.shape()[1];
  const int64_t* index = numbers(a.index);
  with_real_type(out.dtype(), [&]<class T>() {
    using C = compute_t<T>;
    const T* weight = reinterpret_cast<const T*>(a.weight.impl()->data);
    const C* factors = reinterpret_cast<const C*>(a.factors.impl()->data);
    for_bags(a, [&](int64_t b, int64_t first, int64_t last) {
      T* to = reinterpret_cast<T*>(out.impl()->data) + b * size;
      int64_t* which = reinterpret_cast<int64_t*>(rows.impl()->data) + b * size;
      std::fill_n(to, size, T(0));
      std::fill_n(which, size, int64_t{-1});
      bool empty = true;
      for (int64_t i = first; i < last; ++i) {
        if (factors[i] == 0) continue;
        const T* row = weight + index[i] * size;
        for (int64_t j = 0; j < size; ++j)
          if (empty || static_cast<C>(row[j]) > static_cast<C>(to[j])) {
            to[j] = row[j];
            which[j] = index[i];
          }
        empty = false;
      }
    });
  });
}

}  // namespace backend::cpu

constinit const EmbeddingKernels EmbeddingKernels::cpu{
    .sum_bags = backend::cpu::sum_bags,
    .largest_of_bags = backend::cpu::largest_of_bags,
};

}  // namespace tenon
