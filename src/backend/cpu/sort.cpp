// Order along rows: sort, the first k of it, the k-th, the middle, the most frequent. An element and its place become
// one key, so that all of them are different and equal elements keep their order. NaN is the largest.
#include <algorithm>
#include <bit>
#include <limits>

#include "backend/cpu/loop.h"
#include "backend/cpu/workspace.h"
#include "backend/sort.h"

namespace tenon {
namespace backend::cpu {
namespace {

/// An element as an unsigned number of the same order, and where it stands.
template <class Key>
struct Entry {
  Key key, place;
  bool operator<(const Entry& o) const { return key != o.key ? key < o.key : place < o.place; }
};

/// −0 is 0, and all NaNs are one that is above infinity.
template <class Key, class T>
Key key_of(T x) {
  constexpr int bits = std::numeric_limits<Key>::digits;
  constexpr Key sign = Key{1} << (bits - 1);
  if constexpr (std::is_integral_v<T>) {
    return static_cast<Key>(static_cast<std::make_signed_t<Key>>(x)) ^ sign;
  } else {
    using Real = std::conditional_t<bits == 64, double, float>;
    const Real y = static_cast<Real>(x);
    if (y != y) return static_cast<Key>(-1);
    const Key k = std::bit_cast<Key>(y + Real{0});
    return k & sign ? ~k : k | sign;
  }
}

template <class Key>
using Entries = Workspace<Entry<Key>>;

/// By 11 bits of the key at a time, the lowest first: keeps the order of equals.
template <class Key>
void radix_sort(Entries<Key>& entries, Entries<Key>& other) {
  constexpr int digit = 11, digits = (std::numeric_limits<Key>::digits + digit - 1) / digit;
  constexpr std::size_t values = std::size_t{1} << digit;
  const auto value = [](Key key, int d) { return static_cast<std::size_t>(key >> (d * digit)) & (values - 1); };
  Workspace<std::size_t> counts(values * digits);
  for (const Entry<Key>& e : entries)
    for (int d = 0; d < digits; ++d) ++counts[static_cast<std::size_t>(d) * values + value(e.key, d)];
  other.resize(entries.size());
  for (int d = 0; d < digits; ++d) {
    std::size_t* start = counts.data() + static_cast<std::size_t>(d) * values;
    if (start[value(entries[0].key, d)] == entries.size()) continue;  // all alike here
    std::size_t sum = 0;
    for (std::size_t v = 0; v < values; ++v) sum += std::exchange(start[v], sum);
    for (const Entry<Key>& e : entries) other[start[value(e.key, d)]++] = e;
    entries.swap(other);
  }
}

/// The first k in order come to the begin.
template <class Key>
void sort_first(Entries<Key>& entries, Entries<Key>& other, int64_t k) {
  const auto n = static_cast<int64_t>(entries.size());
  if (k == 0) return;
  if (k == n && n > 1024) return radix_sort(entries, other);
  if (k * 64 <= n) {
    std::partial_sort(entries.begin(), entries.begin() + k, entries.end());
  } else {
    if (k < n) std::nth_element(entries.begin(), entries.begin() + k - 1, entries.end());
    std::sort(entries.begin(), entries.begin() + k);
  }
}

template <class T>
T* elements(const Tensor& x) {
  return reinterpret_cast<T*>(x.impl()->data);
}

/// f(row, in, entries, other) with the entries of each row; both are the thread's to change.
template <class T, class Key, class F>
void for_each_row(const Tensor& in, bool descending, F f) {
  const int64_t n = in.size(-1), rows = n == 0 ? 0 : in.numel() / n;
  const T* from = elements<const T>(in);
  parallel_for(rows, std::max<int64_t>(4096 / std::max<int64_t>(n, 1), 1), [&](int64_t begin, int64_t end) {
    Entries<Key> entries, other;
    for (int64_t r = begin; r < end; ++r) {
      const T* row = from + r * n;
      entries.resize(static_cast<std::size_t>(n));
      for (int64_t i = 0; i < n; ++i) {
        const Key key = key_of<Key>(row[i]);
        entries[static_cast<std::size_t>(i)] = {descending ? static_cast<Key>(~key) : key, static_cast<Key>(i)};
      }
      f(r, row, entries, other);
    }
  });
}

/// f.template operator()<T, Key>(): keys of 32 bits where elements and places fit.
template <class F>
void with_key(const Tensor& in, F f) {
  with_type(in.dtype(), [&]<class T>() {
    if (sizeof(T) == 8 || in.size(-1) > int64_t{std::numeric_limits<uint32_t>::max()})
      f.template operator()<T, uint64_t>();
    else if constexpr (sizeof(T) < 8) f.template operator()<T, uint32_t>();
  });
}

template <class T>
bool is_nan(T x) {
  if constexpr (std::is_integral_v<T>) return false;
  else return static_cast<compute_t<T>>(x) != static_cast<compute_t<T>>(x);
}

}  // namespace

void sort(const Tensor& values, const Tensor& places, const Tensor& in, bool descending) {
  const int64_t k = values.size(-1);
  with_key(in, [&]<class T, class Key>() {
    for_each_row<T, Key>(in, descending, [&](int64_t r, const T* row, Entries<Key>& entries, Entries<Key>& other) {
      sort_first(entries, other, k);
      for (int64_t i = 0; i < k; ++i) {
        const auto place = static_cast<int64_t>(entries[static_cast<std::size_t>(i)].place);
        elements<T>(values)[r * k + i] = row[place];
        elements<int64_t>(places)[r * k + i] = place;
      }
    });
  });
}

void select_ranked(Rank rank, const Tensor& values, const Tensor& places, const Tensor& in, int64_t k) {
  const int64_t n = in.size(-1);
  with_key(in, [&]<class T, class Key>() {
    for_each_row<T, Key>(in, false, [&](int64_t r, const T* row, Entries<Key>& entries, Entries<Key>&) {
      const auto nans = rank == Rank::kth ? 0 : std::count_if(row, row + n, is_nan<T>);
      int64_t at = rank == Rank::kth                     ? k - 1
                   : nans == 0                           ? (n - 1) / 2
                   : rank == Rank::nanmedian && nans < n ? (n - nans - 1) / 2
                                                         : n - nans;
      std::nth_element(entries.begin(), entries.begin() + at, entries.end());
      at = static_cast<int64_t>(entries[static_cast<std::size_t>(at)].place);
      elements<T>(values)[r] = row[at];
      elements<int64_t>(places)[r] = at;
    });
  });
}

void mode(const Tensor& values, const Tensor& places, const Tensor& in) {
  with_key(in, [&]<class T, class Key>() {
    for_each_row<T, Key>(in, false, [&](int64_t r, const T* row, Entries<Key>& entries, Entries<Key>& other) {
      sort_first(entries, other, static_cast<int64_t>(entries.size()));
      std::size_t best = 0, most = 0, run = 0;
      for (std::size_t i = 0; i < entries.size(); ++i) {
        ++run;
        const bool goes_on =
            i + 1 < entries.size() && entries[i].key == entries[i + 1].key && !is_nan(row[entries[i].place]);
        if (goes_on) continue;
        if (run > most) {
          most = run;
          best = i;
        }
        run = 0;
      }
      const auto place = static_cast<int64_t>(entries[best].place);
      elements<T>(values)[r] = row[place];
      elements<int64_t>(places)[r] = place;
    });
  });
}

void order_rows(const Tensor& places, const Tensor& in) {
  const int64_t rows = in.size(0), width = in.size(1);
  auto* order = elements<int64_t>(places);
  for (int64_t i = 0; i < rows; ++i) order[i] = i;
  with_type(in.dtype(), [&]<class T>() {
    using C = compute_t<T>;
    const T* from = elements<const T>(in);
    std::stable_sort(order, order + rows, [&](int64_t a, int64_t b) {
      for (int64_t j = 0; j < width; ++j) {
        const C x = from[a * width + j], y = from[b * width + j];
        if (x == y || (x != x && y != y)) continue;
        return x < y || y != y;
      }
      return false;
    });
  });
}

KernelFunction<&SortKernels::searchsorted> searchsorted;  // search.cpp
KernelFunction<&SortKernels::histogram> histogram;        // search.cpp

}  // namespace backend::cpu

constinit const SortKernels SortKernels::cpu{
    .sort = backend::cpu::sort,
    .select_ranked = backend::cpu::select_ranked,
    .mode = backend::cpu::mode,
    .order_rows = backend::cpu::order_rows,
    .searchsorted = backend::cpu::searchsorted,
    .histogram = backend::cpu::histogram,
};

}  // namespace tenon
