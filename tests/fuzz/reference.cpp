#include "fuzz/reference.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string_view>

namespace tenon::fuzz {
namespace {

Sizes contiguous(const Sizes& sizes) {
  Sizes strides(sizes.size(), 1);
  for (std::size_t d = sizes.size(); d-- > 1;) strides[d - 1] = strides[d] * std::max<int64_t>(sizes[d], 1);
  return strides;
}

/// A dimension counted from the end where negative; none where out of range.
std::optional<std::size_t> dimension(int64_t dim, int64_t dims) {
  const int64_t range = std::max<int64_t>(dims, 1);
  if (dim < -range || dim >= range) return std::nullopt;
  return static_cast<std::size_t>(dim < 0 ? dim + range : dim);
}

int kind(DType t) { return t == boolean ? 0 : is_integral(t) ? 1 : 2; }

Number wrap(uint64_t bits, DType dtype) {
  switch (dtype) {
    case DType::uint8: return static_cast<uint8_t>(bits);
    case DType::int32: return static_cast<int32_t>(static_cast<uint32_t>(bits));
    default: return static_cast<Number>(static_cast<int64_t>(bits));
  }
}

uint64_t bits_of(Number integer) { return static_cast<uint64_t>(static_cast<int64_t>(integer)); }
Number wrapped_sum(Number a, Number b, DType dtype) { return wrap(bits_of(a) + bits_of(b), dtype); }

/// What int32 does not hold of the real numbers becomes its least number, as x86 does it (uint8 goes by way of int64).
Number converted(Number x, DType from, DType to) {
  if (kind(from) != 2 || to != int32) return x;
  const bool fits = x > -0x1p31L - 1 && x < 0x1p31L;
  return fits ? std::trunc(x) : -0x1p31L;
}

Number larger(Number a, Number b) { return std::isnan(a) || a > b ? a : b; }  // NaN wins
Number smaller(Number a, Number b) { return std::isnan(a) || a < b ? a : b; }

/// An operation of the type's own precision.
template <class F>
Number in_type(DType dtype, Number a, Number b, F f) {
  if (dtype == float32) return f(static_cast<float>(a), static_cast<float>(b));
  if (dtype == float64) return f(static_cast<double>(a), static_cast<double>(b));
  return wrap(f(bits_of(a), bits_of(b)), dtype);
}

}  // namespace

int64_t Reference::numel() const {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
}

Number& Reference::at(const Sizes& index) const {
  int64_t place = offset;
  for (std::size_t d = 0; d < sizes.size(); ++d) place += index[d] * strides[d];
  return memory->at(static_cast<std::size_t>(place));
}

void for_each(const Sizes& sizes, const std::function<void(const Sizes&)>& f) {
  if (std::find(sizes.begin(), sizes.end(), 0) != sizes.end()) return;
  Sizes index(sizes.size(), 0);
  while (true) {
    f(index);
    std::size_t d = sizes.size();
    while (d > 0 && ++index[d - 1] == sizes[d - 1]) index[--d] = 0;
    if (d == 0) return;
  }
}

Reference make(const Sizes& sizes, DType dtype, const std::function<Number(const Sizes&)>& element) {
  Reference x{std::make_shared<std::vector<Number>>(), dtype, sizes, contiguous(sizes), 0};
  for_each(sizes, [&](const Sizes& i) { x.memory->push_back(as_type(element(i), dtype)); });
  return x;
}

Number as_type(Number x, DType dtype) {
  if (dtype == float64) return static_cast<double>(x);
  if (dtype == float32) return static_cast<float>(static_cast<double>(x));
  if (dtype == boolean) return x != 0 ? 1 : 0;
  const bool fits = x >= -0x1p63L && x < 0x1p63L;  // what does not, NaN too, becomes the least int64 on the way
  return wrap(bits_of(fits ? x : -0x1p63L), dtype);
}

DType promote(const Reference& a, const Reference& b) {
  // Only a higher kind (bool < integers < real numbers) lets a 0-dim tensor decide beside one with dimensions.
  if ((a.dim() == 0) != (b.dim() == 0)) {
    const Reference &high = a.dim() == 0 ? b : a, &low = a.dim() == 0 ? a : b;
    if (kind(high.dtype) >= kind(low.dtype)) return high.dtype;
  }
  if (a.dtype == b.dtype) return a.dtype;
  return std::max(a.dtype, b.dtype);  // of the types used here the later one holds the earlier
}

std::optional<Sizes> broadcast(const Sizes& a, const Sizes& b) {
  Sizes out(std::max(a.size(), b.size()), 1);
  for (std::size_t back = 1; back <= out.size(); ++back) {
    const int64_t x = back <= a.size() ? a[a.size() - back] : 1, y = back <= b.size() ? b[b.size() - back] : 1;
    if (x != y && x != 1 && y != 1) return std::nullopt;
    out[out.size() - back] = x == 1 ? y : x;
  }
  return out;
}

Number broadcast_at(const Reference& x, const Sizes& index) {
  Sizes own(index.end() - x.dim(), index.end());
  for (std::size_t d = 0; d < own.size(); ++d)
    if (x.sizes[d] == 1) own[d] = 0;
  return x.at(own);
}

// ---------------------------------------------------------------- views
Maybe reshape(const Reference& x, const Sizes& sizes) {
  if (Maybe y = view(x, sizes)) return y;
  Reference copy = make(x.sizes, x.dtype, [&](const Sizes& i) { return x.at(i); });
  return view(copy, sizes);
}

Maybe view(const Reference& x, const Sizes& sizes) {
  Reference y = x;
  y.sizes = sizes;
  for (const int64_t n : sizes)
    if (n < 0) return std::nullopt;
  if (y.numel() != x.numel()) return std::nullopt;
  y.strides = contiguous(sizes);
  if (x.numel() == 0) return y;
  // Each new dimension's stride is where one step leads to; then every element must stand where it stood.
  std::vector<int64_t> places;
  for_each(x.sizes, [&](const Sizes& i) {
    int64_t place = x.offset;
    for (std::size_t d = 0; d < i.size(); ++d) place += i[d] * x.strides[d];
    places.push_back(place);
  });
  const Sizes steps = contiguous(sizes);
  for (std::size_t d = 0; d < sizes.size(); ++d)
    if (sizes[d] > 1) y.strides[d] = places[static_cast<std::size_t>(steps[d])] - places[0];
  std::size_t k = 0;
  bool same = true;
  for_each(sizes, [&](const Sizes& i) {
    int64_t place = y.offset;
    for (std::size_t d = 0; d < i.size(); ++d) place += i[d] * y.strides[d];
    same = same && place == places[k++];
  });
  return same ? Maybe(y) : std::nullopt;
}

Maybe permute(const Reference& x, const Sizes& dims) {
  if (dims.size() != x.sizes.size()) return std::nullopt;
  Reference y = x;
  std::set<std::size_t> seen;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const auto from = dimension(dims[d], x.dim());
    if (!from || !seen.insert(*from).second) return std::nullopt;
    y.sizes[d] = x.sizes[*from];
    y.strides[d] = x.strides[*from];
  }
  return y;
}

Maybe expand(const Reference& x, const Sizes& sizes) {
  if (sizes.size() < x.sizes.size()) return std::nullopt;
  Reference y = x;
  y.sizes = sizes;
  y.strides.assign(sizes.size(), 0);
  const std::size_t added = sizes.size() - x.sizes.size();
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    const int64_t own = d < added ? 1 : x.sizes[d - added];
    if (sizes[d] < 0 || (own != 1 && own != sizes[d])) return std::nullopt;
    if (own == sizes[d] && d >= added) y.strides[d] = x.strides[d - added];
  }
  return y;
}

Maybe select(const Reference& x, int64_t dim, int64_t index) {
  const auto at = dimension(dim, x.dim());
  if (x.dim() == 0 || !at) return std::nullopt;
  const int64_t n = x.sizes[*at];
  if (index < -n || index >= n) return std::nullopt;
  Reference y = x;
  y.offset += (index < 0 ? index + n : index) * x.strides[*at];
  y.sizes.erase(y.sizes.begin() + static_cast<std::ptrdiff_t>(*at));
  y.strides.erase(y.strides.begin() + static_cast<std::ptrdiff_t>(*at));
  return y;
}

Maybe slice(const Reference& x, int64_t dim, int64_t start, int64_t stop, int64_t step) {
  const auto at = dimension(dim, x.dim());
  if (x.dim() == 0 || !at || step < 1) return std::nullopt;
  const int64_t n = x.sizes[*at];
  const auto inside = [n](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + n : i, 0, n); };
  start = inside(start);
  stop = std::max(inside(stop), start);
  Reference y = x;
  y.offset += start * x.strides[*at];
  y.sizes[*at] = (stop - start + step - 1) / step;
  y.strides[*at] *= step;
  return y;
}

Maybe squeeze(const Reference& x, int64_t dim) {
  const auto at = dimension(dim, x.dim());
  if (!at) return std::nullopt;
  Reference y = x;
  if (x.dim() == 0 || x.sizes[*at] != 1) return y;
  y.sizes.erase(y.sizes.begin() + static_cast<std::ptrdiff_t>(*at));
  y.strides.erase(y.strides.begin() + static_cast<std::ptrdiff_t>(*at));
  return y;
}

Maybe unsqueeze(const Reference& x, int64_t dim) {
  const auto at = dimension(dim, x.dim() + 1);
  if (!at) return std::nullopt;
  Reference y = x;
  y.sizes.insert(y.sizes.begin() + static_cast<std::ptrdiff_t>(*at), 1);
  y.strides.insert(y.strides.begin() + static_cast<std::ptrdiff_t>(*at), 0);
  return y;
}

Maybe diagonal(const Reference& x, int64_t offset, int64_t dim1, int64_t dim2) {
  const auto a = dimension(dim1, x.dim()), b = dimension(dim2, x.dim());
  if (x.dim() < 2 || !a || !b || *a == *b) return std::nullopt;
  Reference y = x;
  const int64_t rows = x.sizes[*a], columns = x.sizes[*b];
  const int64_t n =
      std::max<int64_t>(offset >= 0 ? std::min(rows, columns - offset) : std::min(rows + offset, columns), 0);
  if (n > 0) y.offset += offset >= 0 ? offset * x.strides[*b] : -offset * x.strides[*a];
  y.sizes.clear();
  y.strides.clear();
  for (std::size_t d = 0; d < x.sizes.size(); ++d)
    if (d != *a && d != *b) {
      y.sizes.push_back(x.sizes[d]);
      y.strides.push_back(x.strides[d]);
    }
  y.sizes.push_back(n);
  y.strides.push_back(x.strides[*a] + x.strides[*b]);
  return y;
}

// ---------------------------------------------------------------- operations
Maybe unary(const char* name_, const Reference& x) {
  const std::string_view name = name_;
  const bool keeps_integers = name == "neg" || name == "abs" || name == "relu" || name == "square";
  if (x.dtype == boolean && keeps_integers && name != "square") return std::nullopt;
  const bool powers = x.dtype == boolean && name == "square";  // x², where the 2 makes it an integer
  const DType dtype = powers ? int64 : keeps_integers || kind(x.dtype) == 2 ? x.dtype : float32;
  return make(x.sizes, dtype, [&](const Sizes& i) -> Number {
    const Number v = x.at(i);
    if (name == "neg") return in_type(dtype, 0, v, [](auto zero, auto b) { return zero - b; });
    if (name == "square") return in_type(dtype, v, v, [](auto a, auto b) { return a * b; });
    if (name == "abs") return v < 0 ? in_type(dtype, 0, v, [](auto zero, auto b) { return zero - b; }) : v;
    if (name == "relu") return v < 0 ? 0 : v;
    const auto d = static_cast<double>(as_type(v, dtype));
    if (name == "sin") return std::sin(d);
    if (name == "tanh") return std::tanh(d);
    return 1 / (1 + std::exp(-d));
  });
}

Maybe binary(const char* name_, const Reference& a, const Reference& b) {
  const std::string_view name = name_;
  const auto sizes = broadcast(a.sizes, b.sizes);
  DType dtype = promote(a, b);
  if (!sizes || (name == "sub" && (a.dtype == boolean || b.dtype == boolean))) return std::nullopt;
  if (name == "div" && kind(dtype) != 2) dtype = float32;
  return make(*sizes, dtype, [&](const Sizes& i) -> Number {
    const Number x = as_type(broadcast_at(a, i), dtype), y = as_type(broadcast_at(b, i), dtype);
    if (name == "maximum") return larger(x, y);
    if (name == "minimum") return smaller(x, y);
    if (dtype == boolean) return name == "add" ? x != 0 || y != 0 : x != 0 && y != 0;
    if (name == "add") return in_type(dtype, x, y, [](auto p, auto q) { return p + q; });
    if (name == "sub") return in_type(dtype, x, y, [](auto p, auto q) { return p - q; });
    if (name == "mul") return in_type(dtype, x, y, [](auto p, auto q) { return p * q; });
    return dtype == float32 ? Number(static_cast<float>(x) / static_cast<float>(y))
                            : Number(static_cast<double>(x) / static_cast<double>(y));
  });
}

Maybe compare(const char* name_, const Reference& a, const Reference& b) {
  const std::string_view name = name_;
  const auto sizes = broadcast(a.sizes, b.sizes);
  if (!sizes) return std::nullopt;
  const DType dtype = promote(a, b);
  return make(*sizes, boolean, [&](const Sizes& i) -> Number {
    const Number x = as_type(broadcast_at(a, i), dtype), y = as_type(broadcast_at(b, i), dtype);
    return name == "lt" ? x < y : name == "ge" ? x >= y : x == y;
  });
}

Maybe where(const Reference& condition, const Reference& a, const Reference& b) {
  const auto values = broadcast(a.sizes, b.sizes);
  const auto sizes = values ? broadcast(condition.sizes, *values) : std::nullopt;
  if (!sizes || condition.dtype != boolean) return std::nullopt;
  return make(*sizes, promote(a, b), [&](const Sizes& i) {
    return broadcast_at(condition, i) != 0 ? broadcast_at(a, i) : broadcast_at(b, i);
  });
}

Maybe reduce(const char* name_, const Reference& x, int64_t dim, bool keepdim) {
  const std::string_view name = name_;
  const auto at = dimension(dim, x.dim());
  const bool extremum = name == "amax" || name == "amin";
  if (!at || (name == "mean" && kind(x.dtype) != 2)) return std::nullopt;
  const int64_t n = x.dim() == 0 ? 1 : x.sizes[*at];
  if (extremum && n == 0) return std::nullopt;
  const DType dtype = extremum || kind(x.dtype) == 2 ? x.dtype : int64;
  Sizes sizes = x.sizes;
  if (x.dim() > 0) sizes[*at] = 1;
  Reference y = make(sizes, dtype, [&](const Sizes& i) -> Number {
    Sizes from = i;
    Number total = 0, largest = 0;
    for (int64_t k = 0; k < n; ++k) {
      if (x.dim() > 0) from[*at] = k;
      const Number v = x.at(from);
      total = dtype == int64 ? wrapped_sum(total, v, int64) : total + v;
      largest = k == 0 ? v : name == "amax" ? larger(v, largest) : smaller(v, largest);
    }
    return extremum ? largest : name == "sum" ? total : total / static_cast<Number>(n);
  });
  if (keepdim || x.dim() == 0) return y;
  y.sizes.erase(y.sizes.begin() + static_cast<std::ptrdiff_t>(*at));
  y.strides = contiguous(y.sizes);
  return y;
}

Maybe cat(const std::vector<Reference>& parts, int64_t dim) {
  Reference out;
  const auto is_skipped = [](const Reference& x) { return x.dim() == 1 && x.numel() == 0; };
  std::vector<Reference> used;
  DType dtype = parts.front().dtype;
  for (const Reference& part : parts) {
    dtype = std::max(dtype, part.dtype);
    if (!is_skipped(part)) used.push_back(part);
  }
  if (used.empty()) used.push_back(parts.front());
  const auto at = dimension(dim, used.front().dim());
  if (used.front().dim() == 0 || !at) return std::nullopt;
  Sizes sizes = used.front().sizes;
  sizes[*at] = 0;
  for (const Reference& part : used) {
    Sizes other = part.sizes;
    if (other.size() != sizes.size()) return std::nullopt;
    sizes[*at] += other[*at];
    other[*at] = used.front().sizes[*at];
    if (other != used.front().sizes) return std::nullopt;
  }
  return make(sizes, dtype, [&](const Sizes& i) {
    Sizes from = i;
    std::size_t k = 0;
    while (from[*at] >= used[k].sizes[*at]) from[*at] -= used[k++].sizes[*at];
    return used[k].at(from);
  });
}

Maybe flip(const Reference& x, int64_t dim) {
  const auto at = dimension(dim, x.dim());
  if (!at) return std::nullopt;
  return make(x.sizes, x.dtype, [&](const Sizes& i) {
    Sizes from = i;
    if (x.dim() > 0) from[*at] = x.sizes[*at] - 1 - i[*at];
    return x.at(from);
  });
}

Maybe roll(const Reference& x, int64_t shift, int64_t dim) {
  const auto at = dimension(dim, x.dim());
  if (x.dim() == 0 || !at) return std::nullopt;
  return make(x.sizes, x.dtype, [&](const Sizes& i) {
    Sizes from = i;
    const int64_t n = x.sizes[*at];
    from[*at] = ((i[*at] - shift) % n + n) % n;
    return x.at(from);
  });
}

Maybe index_select(const Reference& x, int64_t dim, const Reference& index) {
  const auto at = dimension(dim, x.dim());
  if (!at || index.dim() != 1 || (index.dtype != int64 && index.dtype != int32)) return std::nullopt;
  if (x.dim() == 0) {  // one element, which is place 0
    if (index.sizes[0] != 1 || index.at({0}) != 0) return std::nullopt;
    return make({}, x.dtype, [&](const Sizes&) { return x.at({}); });
  }
  bool valid = true;
  for_each(index.sizes, [&](const Sizes& i) {
    valid = valid && index.at(i) >= 0 && index.at(i) < static_cast<Number>(x.sizes[*at]);
  });
  if (!valid) return std::nullopt;
  Sizes sizes = x.sizes;
  sizes[*at] = index.sizes[0];
  return make(sizes, x.dtype, [&](const Sizes& i) {
    Sizes from = i;
    from[*at] = static_cast<int64_t>(index.at({i[*at]}));
    return x.at(from);
  });
}

Maybe matmul(const Reference& a, const Reference& b) {
  if (a.dim() != 2 || b.dim() != 2 || a.sizes[1] != b.sizes[0] || a.dtype != b.dtype || a.dtype == boolean)
    return std::nullopt;
  return make({a.sizes[0], b.sizes[1]}, a.dtype, [&](const Sizes& i) {
    Number total = 0;
    for (int64_t k = 0; k < a.sizes[1]; ++k) {
      const Number x = a.at({i[0], k}), y = b.at({k, i[1]});
      total = kind(a.dtype) == 2 ? total + x * y : wrap(bits_of(total) + bits_of(x) * bits_of(y), a.dtype);
    }
    return total;
  });
}

Maybe cumsum(const Reference& x, int64_t dim) {
  const auto at = dimension(dim, x.dim());
  if (!at) return std::nullopt;
  return make(x.sizes, kind(x.dtype) == 2 ? x.dtype : int64, [&](const Sizes& i) {
    if (x.dim() == 0) return x.at({});
    Number total = 0;
    Sizes from = i;
    for (from[*at] = 0; from[*at] <= i[*at]; ++from[*at])
      total = kind(x.dtype) == 2 ? total + x.at(from) : wrapped_sum(total, x.at(from), int64);
    return total;
  });
}

Maybe convert(const Reference& x, DType dtype) {
  return make(x.sizes, dtype, [&](const Sizes& i) { return converted(x.at(i), x.dtype, dtype); });
}

bool has_overlap(const Reference& x) {
  std::set<int64_t> places;
  bool overlap = false;
  for_each(x.sizes, [&](const Sizes& i) {
    int64_t place = 0;
    for (std::size_t d = 0; d < i.size(); ++d) place += i[d] * x.strides[d];
    overlap = overlap || !places.insert(place).second;
  });
  return overlap;
}

bool assign(const Reference& x, const Reference& source) {
  const auto sizes = broadcast(x.sizes, source.sizes);
  if (!sizes || *sizes != x.sizes || has_overlap(x)) return false;
  std::vector<Number> values;  // first all is read, for both may share memory
  for_each(x.sizes, [&](const Sizes& i) {
    values.push_back(as_type(converted(broadcast_at(source, i), source.dtype, x.dtype), x.dtype));
  });
  std::size_t k = 0;
  for_each(x.sizes, [&](const Sizes& i) { x.at(i) = values[k++]; });
  return true;
}

}  // namespace tenon::fuzz
