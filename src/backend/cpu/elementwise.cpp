// Elementwise kernels: float and double rows go to the vector kernels, everything else through plain loops.
#include <cmath>
#include <cstring>

#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/loop.h"
#include "backend/cpu/vector_kernels.h"

namespace tenon::backend::cpu {
namespace {

bool vectorized(DType t) { return t == float32 || t == float64; }

/// What integers are computed in, so that they wrap around: unsigned, and too wide to be promoted to int.
template <class T>
using wrapping_t = std::conditional_t<!std::is_integral_v<T>, T, std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>>;

template <class T>
T unary(UnaryOp op, T x) {
  if constexpr (std::is_same_v<T, bool>) return x;
  else {
    switch (op) {
      case UnaryOp::neg: return static_cast<T>(-static_cast<wrapping_t<T>>(x));
      case UnaryOp::abs:
        if constexpr (std::is_floating_point_v<T>) return std::abs(x);
        else return x < 0 ? static_cast<T>(-static_cast<wrapping_t<T>>(x)) : x;
      case UnaryOp::relu: return x < 0 ? T{0} : x;
      default: break;
    }
    if constexpr (std::is_floating_point_v<T>) {
      switch (op) {
        case UnaryOp::exp: return std::exp(x);
        case UnaryOp::log: return std::log(x);
        case UnaryOp::sqrt: return std::sqrt(x);
        case UnaryOp::tanh: return std::tanh(x);
        default: return 1 / (1 + std::exp(-x));
      }
    }
    return x;
  }
}

template <class T>
T binary(BinaryOp op, T a, T b, T alpha) {
  if constexpr (std::is_same_v<T, bool>) return op == BinaryOp::add || op == BinaryOp::maximum ? a || b : a && b;
  else {
    const auto wide = [](T x) { return static_cast<wrapping_t<T>>(x); };
    switch (op) {
      case BinaryOp::add: return static_cast<T>(wide(a) + wide(alpha) * wide(b));
      case BinaryOp::sub: return static_cast<T>(wide(a) - wide(alpha) * wide(b));
      case BinaryOp::mul: return static_cast<T>(wide(a) * wide(b));
      case BinaryOp::div: return b == T{0} && std::is_integral_v<T> ? T{0} : static_cast<T>(a / b);
      case BinaryOp::maximum: return a > b || a != a ? a : b;
      case BinaryOp::minimum: break;
    }
    return a < b || a != a ? a : b;
  }
}

template <class T>
bool compare(CompareOp op, T a, T b) {
  switch (op) {
    case CompareOp::eq: return a == b;
    case CompareOp::ne: return a != b;
    case CompareOp::lt: return a < b;
    case CompareOp::le: return a <= b;
    case CompareOp::gt: return a > b;
    case CompareOp::ge: break;
  }
  return a >= b;
}

}  // namespace

void CpuBackend::unary(UnaryOp op, const Tensor& out, const Tensor& in) const {
  const DType type = out.dtype();
  with_type(type, [&]<class T>() {
    for_rows<2>({&out, &in}, [&](const Row<2>& r) {
      if (vectorized(type) && r.stride[0] == sizeof(T) && r.stride[1] == sizeof(T)) return vector_unary(type, op, r.data[0], r.data[1], r.n);
      for (int64_t i = 0; i < r.n; ++i)
        at<T>(r.data[0] + i * r.stride[0]) = static_cast<T>(cpu::unary<compute_t<T>>(op, at<T>(r.data[1] + i * r.stride[1])));
    });
  });
}

void CpuBackend::binary(BinaryOp op, const Tensor& out, const Tensor& a, const Tensor& b, double alpha) const {
  const DType type = out.dtype();
  const auto whole = [](const Tensor& x) { return x.numel() == 1; };
  const bool aligned = (a.shape() == out.shape() && a.is_contiguous()) || whole(a);
  if (vectorized(type) && out.is_contiguous() && aligned && ((b.shape() == out.shape() && b.is_contiguous()) || whole(b))) {
    const int64_t size = item_size(type), n = out.numel();  // the common case, without building a walk
    parallel_for(n, elementwise_grain, [&](int64_t begin, int64_t end) {
      vector_binary(type, op, out.impl()->data + begin * size, {a.impl()->data + (whole(a) ? 0 : begin * size), whole(a)},
                    {b.impl()->data + (whole(b) ? 0 : begin * size), whole(b)}, alpha, end - begin);
    });
    return;
  }
  with_type(type, [&]<class T>() {
    const auto scale = number_to<compute_t<T>>(alpha);
    for_rows<3>({&out, &a, &b}, [&](const Row<3>& r) {
      const auto usable = [](int64_t stride) { return stride == sizeof(T) || stride == 0; };
      if (vectorized(type) && r.stride[0] == sizeof(T) && usable(r.stride[1]) && usable(r.stride[2]))
        return vector_binary(type, op, r.data[0], {r.data[1], r.stride[1] == 0}, {r.data[2], r.stride[2] == 0}, alpha, r.n);
      for (int64_t i = 0; i < r.n; ++i)
        at<T>(r.data[0] + i * r.stride[0]) =
            static_cast<T>(cpu::binary<compute_t<T>>(op, at<T>(r.data[1] + i * r.stride[1]), at<T>(r.data[2] + i * r.stride[2]), scale));
    });
  });
}

void CpuBackend::compare(CompareOp op, const Tensor& out, const Tensor& a, const Tensor& b) const {
  with_type(a.dtype(), [&]<class T>() {
    for_rows<3>({&out, &a, &b}, [op](const Row<3>& r) {
      for (int64_t i = 0; i < r.n; ++i)
        at<bool>(r.data[0] + i * r.stride[0]) =
            cpu::compare<compute_t<T>>(op, at<T>(r.data[1] + i * r.stride[1]), at<T>(r.data[2] + i * r.stride[2]));
    });
  });
}

void CpuBackend::relu_backward(const Tensor& out, const Tensor& grad, const Tensor& y) const {
  const DType type = out.dtype();
  with_type(type, [&]<class T>() {
    for_rows<3>({&out, &grad, &y}, [&](const Row<3>& r) {
      if (vectorized(type) && r.stride[0] == sizeof(T) && r.stride[1] == sizeof(T) && r.stride[2] == sizeof(T))
        return vector_relu_backward(type, r.data[0], r.data[1], r.data[2], r.n);
      for (int64_t i = 0; i < r.n; ++i) {
        const bool on = static_cast<compute_t<T>>(at<T>(r.data[2] + i * r.stride[2])) > 0;
        at<T>(r.data[0] + i * r.stride[0]) = on ? at<T>(r.data[1] + i * r.stride[1]) : T{};
      }
    });
  });
}

void CpuBackend::clamp(const Tensor& x, std::optional<Scalar> min, std::optional<Scalar> max) const {
  with_type(x.dtype(), [&]<class T>() {
    using C = compute_t<T>;
    for_rows<1>({&x}, [&](const Row<1>& r) {
      for (int64_t i = 0; i < r.n; ++i) {
        T& element = at<T>(r.data[0] + i * r.stride[0]);
        C v = element;
        if (min && v < min->to<C>()) v = min->to<C>();
        if (max && v > max->to<C>()) v = max->to<C>();
        element = static_cast<T>(v);
      }
    });
  });
}

}  // namespace tenon::backend::cpu

namespace tenon {

const Backend& cpu_backend() {
  static const backend::cpu::CpuBackend backend;
  return backend;
}

}  // namespace tenon
