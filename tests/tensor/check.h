#pragma once
// What the core's tests share: elements read the slow way, the same numbers in many layouts, an error's text.
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tenon/autograd.h>
#include <tenon/ops.h>

namespace tenon::test {

inline const std::vector<DType> all_types{boolean, uint8,   int8,     int16,   int32,
                                          int64,   float16, bfloat16, float32, float64};
inline const std::vector<DType> carried_types{uint16,      uint32,          uint64,          float8_e4m3fn,
                                              float8_e5m2, float8_e4m3fnuz, float8_e5m2fnuz, float8_e8m0fnu,
                                              complex32,   complex64,       complex128};
inline const std::vector<DType> number_types{uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64};
inline const std::vector<DType> real_types{float16, bfloat16, float32, float64};

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// The text of the Error that f throws; empty where it throws none.
inline std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

/// f(index) for every element of a shape, row by row.
template <class F>
void for_each_index(const Shape& shape, F f) {
  for (const int64_t n : shape)
    if (n == 0) return;
  Shape index(shape.size(), int64_t{0});
  while (true) {
    f(index);
    std::size_t d = shape.size();
    while (d-- > 0) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
    if (d == static_cast<std::size_t>(-1)) return;
  }
}

/// One element by pointer and strides, without any of the library's loops. `index` may have more dimensions than x,
/// which then broadcasts.
inline double element(const Tensor& x, const Shape& index) {
  const std::size_t ahead = index.size() - x.shape().size();
  int64_t at = 0;
  for (std::size_t d = 0; d < x.shape().size(); ++d)
    if (x.shape()[d] != 1) at += index[d + ahead] * x.strides()[d];
  const std::byte* p = x.impl()->data + at * item_size(x.dtype());
  switch (x.dtype()) {
    case DType::boolean: return *reinterpret_cast<const bool*>(p) ? 1 : 0;
    case DType::uint8: return *reinterpret_cast<const uint8_t*>(p);
    case DType::int8: return *reinterpret_cast<const int8_t*>(p);
    case DType::int16: return *reinterpret_cast<const int16_t*>(p);
    case DType::int32: return *reinterpret_cast<const int32_t*>(p);
    case DType::int64: return static_cast<double>(*reinterpret_cast<const int64_t*>(p));
    case DType::float16: return *reinterpret_cast<const Half*>(p);
    case DType::bfloat16: return *reinterpret_cast<const BFloat16*>(p);
    case DType::float32: return *reinterpret_cast<const float*>(p);
    case DType::float64: return *reinterpret_cast<const double*>(p);
    default: throw std::logic_error("elements of types that are only carried are compared by their bytes");
  }
}

/// All elements, row by row.
inline std::vector<double> elements(const Tensor& x) {
  std::vector<double> v;
  for_each_index(x.shape(), [&](const Shape& i) { v.push_back(element(x, i)); });
  return v;
}

/// What a type makes of a number.
inline double rounded(double x, DType type) {
  if (type == float32) return static_cast<float>(x);
  if (type == float16) return Half(static_cast<float>(x));
  if (type == bfloat16) return BFloat16(static_cast<float>(x));
  return x;
}

/// How far a computed number may be from the exact one, relative to it.
inline double tolerance(DType type) {
  return type == float64 ? 1e-13 : type == float32 ? 2e-6 : type == float16 ? 2e-3 : 1.6e-2;
}

inline void expect_near(double got, double wanted, double relative, double absolute, const std::string& what) {
  if (std::isnan(wanted)) {
    EXPECT_TRUE(std::isnan(got)) << what << ": " << got;
    return;
  }
  if (std::isinf(wanted)) {
    EXPECT_EQ(got, wanted) << what;
    return;
  }
  EXPECT_LE(std::abs(got - wanted), relative * std::abs(wanted) + absolute)
      << what << ": got " << got << ", wanted " << wanted;
}

/// Every element against wanted(index).
template <class F>
void expect_elements(const Tensor& x, double relative, double absolute, F wanted) {
  for_each_index(x.shape(), [&](const Shape& i) {
    expect_near(element(x, i), wanted(i), relative, absolute, "at " + i.to_string());
  });
}

inline void expect_values(const Tensor& x, const Shape& shape, const std::vector<double>& wanted, double relative = 0,
                          double absolute = 0) {
  ASSERT_EQ(x.shape(), shape) << x.shape().to_string();
  std::size_t k = 0;
  expect_elements(x, relative, absolute, [&](const Shape&) { return wanted[k++]; });
}

/// The same shape, type and numbers, bit by bit (NaN equals NaN).
inline bool identical(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return false;
  const Tensor x = a.detach().contiguous(), y = b.detach().contiguous();
  const auto* p = static_cast<const std::byte*>(x.raw_data());
  const auto* q = static_cast<const std::byte*>(y.raw_data());
  return x.numel() == 0 || std::equal(p, p + x.nbytes(), q);
}

/// Numbers that vary, exact in every type: −2 … 2.25 in quarters for real types, 0 … 17 or −8 … 9 for integers.
inline Tensor numbers(const Shape& shape, DType type = float32, int64_t seed = 0) {
  std::vector<double> v(static_cast<std::size_t>(shape.numel()));
  for (std::size_t i = 0; i < v.size(); ++i) {
    const auto n = static_cast<double>((static_cast<int64_t>(i) * 7 + seed * 5 + 3) % 18);
    v[i] = type == boolean ? std::fmod(n, 2) : type == uint8 ? n : is_integral(type) ? n - 8 : (n - 8) / 4;
  }
  return tensor(v, {float64}).to(type).reshape(shape);
}

/// Reproducible numbers without a pattern that a wrong order could keep: in (−1, 1).
inline Tensor noise(const Shape& shape, DType type = float32, uint64_t seed = 1) {
  std::vector<double> v(static_cast<std::size_t>(shape.numel()));
  uint64_t s = seed * 0x9E3779B97F4A7C15U + 1;
  for (double& x : v) {
    s = s * 6364136223846793005U + 1442695040888963407U;
    x = static_cast<double>(s >> 40) / 8388608 - 1;
  }
  return tensor(v, {float64}).to(type).reshape(shape);
}

/// x's elements as they are, in column order, at every other place of a longer memory, and in the middle of another
/// tensor.
inline std::vector<Tensor> layouts(const Tensor& x) {
  std::vector<Tensor> all{x.contiguous()};
  Shape reversed, twice = x.shape();
  for (int64_t d = x.dim(); d-- > 0;) reversed.push_back(d);
  all.push_back(x.permute(reversed).contiguous().permute(reversed));
  twice.push_back(2);
  const Tensor gaps = full(twice, 1, {x.dtype()}).select(-1, 1);
  gaps.copy_(x);
  all.push_back(gaps);
  if (x.dim() > 0) {
    Shape longer = x.shape();
    longer[0] += 3;
    const Tensor middle = full(longer, 1, {x.dtype()}).narrow(0, 2, x.size(0));
    middle.copy_(x);
    all.push_back(middle);
  }
  return all;
}

}  // namespace tenon::test
