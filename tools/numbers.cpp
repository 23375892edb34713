#include "numbers.h"

#include <tenon/ops.h>

namespace tenon::tool {
namespace {

template <class T>
std::vector<Number> numbers_in(const Tensor& x, int64_t n) {
  const auto* p = static_cast<const T*>(x.raw_data());
  return std::vector<Number>(p, p + n);
}

}  // namespace

std::vector<Number> numbers(const Tensor& flat, int64_t begin, int64_t n) {
  const Tensor x = flat.narrow(0, begin, n);
  if (x.dtype() == int64) return numbers_in<int64_t>(x, n);
  if (x.dtype() == uint64) return numbers_in<uint64_t>(x, n);
  if (is_complex(x.dtype())) return numbers_in<double>(x.to(complex128), 2 * n);
  return numbers_in<double>(x.to(float64), n);
}

}  // namespace tenon::tool
