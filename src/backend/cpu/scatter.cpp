// Writing by number. What may meet in one place is done by one thread in order, so that results do not depend on their
// number.
#include "backend/cpu/loop.h"
#include "backend/index.h"
#include "backend/new_tensor.h"

namespace tenon::backend::cpu {
namespace {

struct Along {  // the dimension in which elements may meet; strides in bytes
  int64_t n, in_stride, index_stride, step;
};

template <class T, class F>
void scatter_row(const Row<3>& r, const Along& a, F combine) {
  const auto element = [&](int64_t k, int64_t j) {
    const int64_t place = at<int64_t>(r.data[2] + k * a.index_stride + j * r.stride[2]);
    T& to = at<T>(r.data[0] + j * r.stride[0] + place * a.step);
    to = combine(to, at<T>(r.data[1] + k * a.in_stride + j * r.stride[1]));
  };
  if (r.stride[2] == 0 && r.stride[0] == sizeof(T) && r.stride[1] == sizeof(T)) {  // one number for a whole row
    for (int64_t k = 0; k < a.n; ++k) {
      T* to = reinterpret_cast<T*>(r.data[0] + at<int64_t>(r.data[2] + k * a.index_stride) * a.step);
      const T* from = reinterpret_cast<const T*>(r.data[1] + k * a.in_stride);
      for (int64_t j = 0; j < r.n; ++j) to[j] = combine(to[j], from[j]);
    }
  } else if (r.n > 1 && r.stride[0] == sizeof(T)) {
    for (int64_t k = 0; k < a.n; ++k)
      for (int64_t j = 0; j < r.n; ++j) element(k, j);
  } else {
    for (int64_t j = 0; j < r.n; ++j)
      for (int64_t k = 0; k < a.n; ++k) element(k, j);
  }
}

/// The same tensor without one dimension.
Tensor without(const Tensor& x, std::size_t dim) {
  Shape sizes = x.shape(), strides = x.strides();
  sizes.erase(dim);
  strides.erase(dim);
  return new_alias(x, sizes, strides, x.storage_offset());
}

template <class T, class F>
void scatter_all(const Tensor& out, const Tensor& in, const Tensor& index, std::size_t dim, int64_t step, F combine) {
  const auto size = static_cast<int64_t>(sizeof(T));
  const Along along{index.shape()[dim], in.strides()[dim] * size, index.strides()[dim] * item_size(int64), step * size};
  if (along.n == 0) return;
  const Tensor lanes_out = without(out, dim), lanes_in = without(in, dim), lanes_index = without(index, dim);
  for_rows<3>(
      {&lanes_out, &lanes_in, &lanes_index}, [&](const Row<3>& r) { scatter_row<T>(r, along, combine); }, along.n);
}

template <class T>
void combine_all(Combine how, const Tensor& out, const Tensor& in, const Tensor& index, std::size_t dim, int64_t step) {
  const auto run = [&](auto f) { scatter_all<T>(out, in, index, dim, step, f); };
  using W = std::conditional_t<!std::is_integral_v<T>, T,
                               std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>>;  // wraps around
  switch (how) {
    case Combine::replace: return run([](T, T b) { return b; });
    case Combine::add: return run([](T a, T b) { return static_cast<T>(static_cast<W>(a) + static_cast<W>(b)); });
    case Combine::multiply: return run([](T a, T b) { return static_cast<T>(static_cast<W>(a) * static_cast<W>(b)); });
    case Combine::max: return run([](T a, T b) { return a > b || a != a ? a : b; });
    case Combine::min: return run([](T a, T b) { return a < b || a != a ? a : b; });
  }
}

}  // namespace

void scatter(Combine how, const Tensor& out, const Tensor& in, const Tensor& index, int64_t dim, int64_t step) {
  const auto d = static_cast<std::size_t>(dim);
  if (how == Combine::replace)
    return with_size(out.dtype(),
                     [&]<class T>() { scatter_all<T>(out, in, index, d, step, [](T, T b) { return b; }); });
  switch (out.dtype()) {
    case DType::boolean:  // stored as 0 and 1: or is the greater, and the lesser
      return combine_all<uint8_t>(how == Combine::add        ? Combine::max
                                  : how == Combine::multiply ? Combine::min
                                                             : how,
                                  out, in, index, d, step);
    case DType::uint8: return combine_all<uint8_t>(how, out, in, index, d, step);
    case DType::int8: return combine_all<int8_t>(how, out, in, index, d, step);
    case DType::int16: return combine_all<int16_t>(how, out, in, index, d, step);
    case DType::int32: return combine_all<int32_t>(how, out, in, index, d, step);
    case DType::int64: return combine_all<int64_t>(how, out, in, index, d, step);
    case DType::float32: return combine_all<float>(how, out, in, index, d, step);
    case DType::float64: return combine_all<double>(how, out, in, index, d, step);
    default: fail("scatter", "{} elements cannot be combined", out.dtype());  // half types come as float32
  }
}

}  // namespace tenon::backend::cpu
