// Matrix products: oneDNN for float and the half types, OpenBLAS for double, plain loops for integers and for what is too small to
// be worth a call.
#include <cblas.h>

#include <unordered_map>

#include <oneapi/dnnl/dnnl.hpp>

#include <tenon/autograd.h>
#include <tenon/creation.h>

#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/loop.h"
#include "backend/cpu/vector_kernels.h"

namespace tenon::backend::cpu {
namespace {

using dnnl::memory;

/// A matrix as BLAS libraries take it: one dimension of stride 1, the other at least as long as that. Copied where it is not.
Tensor usable(const Tensor& x) {
  const auto fits = [&](std::size_t unit, std::size_t other) {
    const int64_t n = x.shape()[unit], m = x.shape()[other];
    return (n == 1 || x.strides()[unit] == 1) && (m == 1 || x.strides()[other] >= std::max<int64_t>(n, 1));
  };
  if (fits(1, 0) || fits(0, 1)) return x;
  const NoGrad guard;
  return x.contiguous();
}

/// Row-major, (m, k) by its larger stride, or column-major; a dimension of size 1 may have any stride, so it is given a good one.
struct Layout {
  bool transposed;
  int64_t leading;
  explicit Layout(const Tensor& x) {
    const int64_t rows = x.shape()[0], columns = x.shape()[1];
    transposed = !((columns == 1 || x.strides()[1] == 1) && (rows == 1 || x.strides()[0] >= columns));
    leading = transposed ? (columns == 1 ? rows : x.strides()[1]) : (rows == 1 ? columns : x.strides()[0]);
  }
  bool operator==(const Layout&) const = default;
};

// ---------------------------------------------------------------- oneDNN
struct Key {
  int64_t m, n, k;
  Layout a, b;
  DType type, out_type;
  bool bias;
  bool add;  // to what is in the result already
  int threads;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key& x) const {
    std::size_t h = 0;
    for (const int64_t v : {x.m, x.n, x.k, x.a.leading, x.b.leading,
                            int64_t{x.a.transposed} | int64_t{x.b.transposed} << 1 | int64_t{x.bias} << 2 | int64_t{x.add} << 15 | int64_t{static_cast<uint8_t>(x.type)} << 3 |
                                int64_t{x.threads} << 16})
      h = (h ^ static_cast<std::size_t>(v)) * 0x9E3779B97F4A7C15U;
    return h ^ (h >> 29);
  }
};

/// A product of fixed sizes, ready to run: finding out how takes oneDNN far longer than a small product itself.
class Product {
 public:
  Product(const Key& key, const dnnl::engine& engine) {
    const auto data_type = [](DType t) { return t == float32 ? memory::data_type::f32 : memory::data_type::bf16; };
    const auto type = data_type(key.type);
    const auto matrix = [&](int64_t rows, int64_t columns, const Layout& l) {
      return memory::desc({rows, columns}, type, l.transposed ? memory::dims{1, l.leading} : memory::dims{l.leading, 1});
    };
    const memory::desc a = matrix(key.m, key.k, key.a), b = matrix(key.k, key.n, key.b), c({key.m, key.n}, data_type(key.out_type), memory::dims{key.n, 1});
    const memory::desc bias({1, key.n}, type, memory::dims{key.n, 1});
    const auto op = key.bias ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
    dnnl::primitive_attr attributes;
    if (key.add) {
      dnnl::post_ops after;
      after.append_sum();
      attributes.set_post_ops(after);
    }
    primitive_ = dnnl::matmul(dnnl::matmul::primitive_desc(op, attributes, engine));
    const auto add = [&](int argument, const memory::desc& d) {
      memories_.emplace_back(d, engine, nullptr);
      arguments_.push_back({argument, memories_.back().get()});
    };
    add(DNNL_ARG_SRC, a);
    add(DNNL_ARG_WEIGHTS, b);
    add(DNNL_ARG_DST, c);
    if (key.bias) add(DNNL_ARG_BIAS, bias);
  }

  void run(const dnnl::stream& stream, std::initializer_list<void*> data) {
    auto it = data.begin();
    for (const dnnl_exec_arg_t& x : arguments_) dnnl_memory_set_data_handle(x.memory, *it++);
    const dnnl_status_t status = dnnl_primitive_execute(primitive_.get(), stream.get(), static_cast<int>(arguments_.size()), arguments_.data());
    if (status != dnnl_success) fail("matmul", "oneDNN could not compute the product (status {})", static_cast<int>(status));
  }

 private:
  dnnl::matmul primitive_;
  SmallVector<memory, 4> memories_;
  SmallVector<dnnl_exec_arg_t, 4> arguments_;
};

void run_product(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor& bias, bool add) {
  constexpr std::size_t most = 1024;  // distinct sizes remembered; beyond, start anew
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  thread_local const dnnl::stream stream(engine);
  thread_local std::unordered_map<Key, Product, KeyHash> known;
  apply_num_threads();
  const Key key{a.size(0), b.size(1), a.size(1), Layout(a), Layout(b), a.dtype(), out.dtype(), bias.defined(), add, num_threads()};
  auto found = known.find(key);
  if (found == known.end()) {
    if (known.size() >= most) known.clear();
    found = known.try_emplace(key, key, engine).first;
  }
  found->second.run(stream, {a.impl()->data, b.impl()->data, out.impl()->data, bias.defined() ? bias.impl()->data : nullptr});
}

void product_of(const MatmulArgs& args, const Tensor& a, const Tensor& b) {
  // Where a lies transposed, as in a weight's gradient, and k is long (2048 and more in oneDNN 2.6), oneDNN lets threads add up parts of
  // one sum: the last bits would depend on how many there are. So k is cut here, at fixed places.
  constexpr int64_t longest = 1024;
  const int64_t k = a.size(1);
  if (k <= longest || !Layout(a).transposed) return run_product(args.out, a, b, args.bias, false);
  const NoGrad guard;
  const Tensor sum = args.out.dtype() == float32 ? args.out : tenon::empty(args.out.shape());
  for (int64_t start = 0; start < k; start += longest) {
    const int64_t n = std::min(longest, k - start);
    run_product(sum, a.narrow(1, start, n), b.narrow(0, start, n), start == 0 ? args.bias : Tensor(), start > 0);
  }
  if (!sum.is_same(args.out)) cpu_backend().copy(args.out, sum);
}

// ---------------------------------------------------------------- double
void blas_product(const MatmulArgs& args, const Tensor& a, const Tensor& b) {
  apply_num_threads();
  const Layout la(a), lb(b);
  const int64_t m = a.size(0), n = b.size(1), k = a.size(1);
  auto* out = reinterpret_cast<double*>(args.out.impl()->data);
  double beta = 0;
  if (args.bias.defined()) {
    cpu_backend().copy(args.out, args.bias);
    beta = 1;
  }
  cblas_dgemm(CblasRowMajor, la.transposed ? CblasTrans : CblasNoTrans, lb.transposed ? CblasTrans : CblasNoTrans, static_cast<blasint>(m),
              static_cast<blasint>(n), static_cast<blasint>(k), 1, reinterpret_cast<const double*>(a.impl()->data), static_cast<blasint>(la.leading),
              reinterpret_cast<const double*>(b.impl()->data), static_cast<blasint>(lb.leading), beta, out, static_cast<blasint>(n));
}

// ---------------------------------------------------------------- one row
/// A vector times a matrix whose columns lie in one piece, as a layer's weight does for a batch of one: bound by memory, so that what
/// counts is to read the matrix once, in order.
void row_product(const MatmulArgs& args, const Tensor& a, const Tensor& b) {
  const int64_t n = b.shape()[1], k = b.shape()[0];
  const void* bias = args.bias.defined() ? args.bias.impl()->data : nullptr;
  parallel_for(n, std::max<int64_t>(elementwise_grain / k, 4), [&](int64_t begin, int64_t end) {
    vector_matvec(args.out.dtype(), args.out.impl()->data, b.impl()->data, b.strides()[1], a.impl()->data, bias, begin, end, k);
  });
}

// ---------------------------------------------------------------- plain loops
template <class T>
void plain_product(const MatmulArgs& args) {
  using C = std::conditional_t<std::is_integral_v<T>, uint64_t, compute_t<T>>;  // integers wrap around
  const Tensor &a = args.a, &b = args.b;
  const int64_t m = a.shape()[0], n = b.shape()[1], k = a.shape()[1];
  const int64_t ai = a.strides()[0], ak = a.strides()[1], bk = b.strides()[0], bj = b.strides()[1];
  const T* pa = reinterpret_cast<const T*>(a.impl()->data);
  const T* pb = reinterpret_cast<const T*>(b.impl()->data);
  const T* bias = args.bias.defined() ? reinterpret_cast<const T*>(args.bias.impl()->data) : nullptr;
  T* out = reinterpret_cast<T*>(args.out.impl()->data);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      C sum = bias ? static_cast<C>(bias[j]) : C{};
      for (int64_t l = 0; l < k; ++l) sum += static_cast<C>(pa[i * ai + l * ak]) * static_cast<C>(pb[l * bk + j * bj]);
      out[i * n + j] = static_cast<T>(sum);
    }
}

}  // namespace

void CpuBackend::matmul(const MatmulArgs& args) const {
  const int64_t m = args.a.shape()[0], n = args.b.shape()[1], k = args.a.shape()[1];
  constexpr int64_t too_small = 8 * 8 * 8;
  const DType type = args.out.dtype();
  refuse_carried(type);
  if (m == 0 || n == 0) return;
  if (m * n * k <= too_small || !is_floating_point(type)) return with_type(type, [&]<class T>() { plain_product<T>(args); });
  if (type == float16) {  // by way of float, and rounded once
    const NoGrad guard;
    const MatmulArgs wide{tenon::empty({m, n}), args.a.to(float32), args.b.to(float32), args.bias.defined() ? args.bias.to(float32) : Tensor()};
    matmul(wide);
    return copy(args.out, wide.out);
  }
  if (m == 1 && type != bfloat16 && args.a.strides()[1] == 1 && args.b.strides()[0] == 1) return row_product(args, args.a, args.b);
  if (type == float64) return blas_product(args, usable(args.a), usable(args.b));
  product_of(args, usable(args.a), usable(args.b));
}

}  // namespace tenon::backend::cpu
