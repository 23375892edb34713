// Copies and fills: elements of one type are moved by their size; the types that are only carried are converted by way
// of those that are computed with.
#include <complex>
#include <cstring>
#include <new>

#include "backend/cpu/element_loops.h"
#include "backend/cpu/elements.h"
#include "backend/cpu/loop.h"
#include "backend/cpu/transpose.h"
#include "backend/elementwise.h"
#include "backend/memory.h"
#include "backend/new_tensor.h"

namespace tenon {
namespace backend::cpu {
namespace {

template <class T>
void move_row(const Row<2>& r) {
  if (r.stride[0] == sizeof(T) && r.stride[1] == sizeof(T))
    std::memmove(r.data[0], r.data[1], static_cast<std::size_t>(r.n) * sizeof(T));
  else
    for (int64_t i = 0; i < r.n; ++i) at<T>(r.data[0] + i * r.stride[0]) = at<T>(r.data[1] + i * r.stride[1]);
}

/// out(i) = f(in(i)).
template <class To, class From, class F>
void map(const Tensor& out, const Tensor& in, F f) {
  for_rows<2>({&out, &in}, [&f](const Row<2>& r) {
    for (int64_t i = 0; i < r.n; ++i) at<To>(r.data[0] + i * r.stride[0]) = f(at<From>(r.data[1] + i * r.stride[1]));
  });
}

/// From one type to another, by way of float for the half types.
template <class To, class From>
void convert(const Tensor& out, const Tensor& in) {
  map<To, From>(out, in,
                [](From x) { return static_cast<To>(number_to<compute_t<To>>(static_cast<compute_t<From>>(x))); });
}

// ---- types that are only carried

/// The same memory as elements of another type of the same size.
Tensor seen_as(const Tensor& x, DType type) {
  Tensor y = new_alias(x);
  y.impl()->dtype = type;
  return y;
}

/// A complex tensor's real (0) or imaginary (1) parts.
Tensor part(const Tensor& x, int which) {
  Shape strides = x.strides();
  for (int64_t& s : strides) s *= 2;
  Tensor y = new_alias(x, x.shape(), strides, 0);
  y.impl()->dtype = part_type(x.dtype());
  y.impl()->data = x.impl()->data + which * item_size(y.dtype());
  return y;
}

DType signed_type(DType t) { return t == uint16 ? int16 : t == uint32 ? int32 : int64; }

}  // namespace

void fill(const Tensor& out, const Scalar& value) {
  if (is_carried(out.dtype())) {
    Tensor one = new_tensor({}, value.kind());
    if (is_complex(value.kind())) at<std::complex<double>>(one.impl()->data) = value.to<std::complex<double>>();
    else if (value.kind() == uint64) at<uint64_t>(one.impl()->data) = value.to<uint64_t>();
    else fill(one, value);
    Tensor element = new_tensor({}, out.dtype());
    MemoryKernels::cpu.copy(element, one);
    return MemoryKernels::cpu.copy(out, element);
  }
  alignas(8) std::array<std::byte, 8> element;
  with_type(out.dtype(), [&]<class T>() { new (element.data()) T(static_cast<T>(value.to<compute_t<T>>())); });
  with_size(item_size(out.dtype()), [&]<class Bits>() {  // half types are no less numbers to a processor then
    Bits bits;
    std::memcpy(&bits, element.data(), std::min(sizeof(Bits), element.size()));
    for_rows<1>({&out}, [bits](const Row<1>& r) {
      if (r.stride[0] == sizeof(Bits)) std::fill_n(reinterpret_cast<Bits*>(r.data[0]), r.n, bits);
      else
        for (int64_t i = 0; i < r.n; ++i) at<Bits>(r.data[0] + i * r.stride[0]) = bits;
    });
  });
}

void copy(const Tensor& out, const Tensor& in) {
  const DType to = out.dtype(), from = in.dtype();
  if (to == from) {
    if (copy_transposed(out, in)) return;
    return with_size(to, [&]<class T>() { for_rows<2>({&out, &in}, [](const Row<2>& r) { move_row<T>(r); }); });
  }
  if (!is_carried(to) && !is_carried(from)) {
    if (const Loop loop = convert_loop(to, from)) return for_elements(out, {&in}, loop);
    return with_type(to, [&]<class To>() { with_type(from, [&]<class From>() { convert<To, From>(out, in); }); });
  }

  const auto by_way_of = [&](DType type) {
    const Tensor between = new_tensor(in.shape(), type);
    copy(between, in);
    copy(out, between);
  };
  if (is_complex(to)) {
    copy(part(out, 0), is_complex(from) ? part(in, 0) : in);
    if (is_complex(from)) copy(part(out, 1), part(in, 1));
    else fill(part(out, 1), 0);
  } else if (is_complex(from)) {
    if (to != boolean) return copy(out, part(in, 0));
    copy(out, part(in, 0));
    const Tensor imaginary = new_tensor(in.shape(), boolean);
    copy(imaginary, part(in, 1));
    ElementwiseKernels::cpu.binary(BinaryOp::add, out, out, imaginary, 1);  // either part
  } else if (is_float8(from)) {
    if (to != float32) return by_way_of(float32);
    std::array<float, 256> values;
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = tenon::detail::float8_value(from, static_cast<uint8_t>(i));
    map<float, uint8_t>(out, in, [&values](uint8_t bits) { return values[bits]; });
  } else if (is_float8(to)) {
    if (from != float32) return by_way_of(float32);
    map<uint8_t, float>(out, in, [to](float x) { return tenon::detail::float8_bits(to, x); });
  } else if (from == uint64) {
    if (to == float16 || to == bfloat16) return by_way_of(float32);
    if (to == float32) convert<float, uint64_t>(out, in);
    else if (to == float64) convert<double, uint64_t>(out, in);
    else copy(out, seen_as(in, int64));
  } else if (from == uint16 || from == uint32) {
    if (to != int64) return by_way_of(int64);
    if (from == uint16) convert<int64_t, uint16_t>(out, in);
    else convert<int64_t, uint32_t>(out, in);
  } else {  // to unsigned: integers wrap around, so the signed type of the same size has the same bits
    if (to == uint64 && from == float32) convert<uint64_t, float>(out, in);
    else if (to == uint64 && from == float64) convert<uint64_t, double>(out, in);
    else if (to == uint64 && is_floating_point(from)) by_way_of(float32);
    else if (to == uint32 && is_floating_point(from)) by_way_of(int64);
    else copy(seen_as(out, signed_type(to)), in);
  }
}

KernelFunction<&MemoryKernels::arange> arange;      // range.cpp
KernelFunction<&MemoryKernels::linspace> linspace;  // range.cpp
KernelFunction<&MemoryKernels::join> join;

}  // namespace backend::cpu

constinit const MemoryKernels MemoryKernels::cpu{
    .allocate = {},  // the CPU's memory is the host's: backend/new_tensor.cpp
    .deallocate = {},
    .copy_from_host = {},
    .copy_to_host = {},
    .copy_across = {},
    .fill = backend::cpu::fill,
    .copy = backend::cpu::copy,
    .arange = backend::cpu::arange,
    .linspace = backend::cpu::linspace,
    .join = backend::cpu::join,
};

}  // namespace tenon
