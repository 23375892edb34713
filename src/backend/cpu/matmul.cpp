// Matrix products: oneDNN for float and the half types, OpenBLAS for double, plain loops for integers and for what is
// too small to be worth a call.
#include <cblas.h>

#include <string_view>
#include <unordered_map>

#include <oneapi/dnnl/dnnl.hpp>

#include <tenon/autograd.h>
#include <tenon/creation.h>

#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/loop.h"
#include "backend/cpu/vector_kernels.h"
#include "tensor/new_tensor.h"

namespace tenon::backend::cpu {
namespace {

using dnnl::memory;

/// Whether no two elements lie in one place, broadcast (stride 0) leading dimensions aside, each dimension around or
/// inside another.
bool nested(const Tensor& x) {
  SmallVector<std::pair<int64_t, int64_t>, 8> dims;  // stride, size
  for (std::size_t d = 0; d < x.shape().size(); ++d)
    if (x.shape()[d] != 1 && x.strides()[d] != 0) dims.push_back({x.strides()[d], x.shape()[d]});
  std::sort(dims.begin(), dims.end());
  for (std::size_t d = 1; d < dims.size(); ++d)
    if (dims[d].first < dims[d - 1].first * dims[d - 1].second) return false;
  return true;
}

/// Matrices as BLAS libraries take them: one of the last two dimensions of stride 1, the other at least as long as
/// that. Copied where they are not.
Tensor usable(const Tensor& x) {
  const std::size_t row = x.shape().size() - 2, column = row + 1;
  const auto fits = [&](std::size_t unit, std::size_t other) {
    const int64_t n = x.shape()[unit], m = x.shape()[other];
    return (n == 1 || x.strides()[unit] == 1) && (m == 1 || x.strides()[other] >= std::max<int64_t>(n, 1));
  };
  if ((fits(column, row) || fits(row, column)) && (row == 0 || nested(x))) return x;
  const NoGrad guard;
  return x.contiguous();
}

/// Row-major, (m, k) by its larger stride, or column-major; a dimension of size 1 may have any stride, so it is given a
/// good one.
struct Layout {
  bool transposed;
  int64_t leading;
  explicit Layout(const Tensor& x) {
    const std::size_t row = x.shape().size() - 2;
    const int64_t rows = x.shape()[row], columns = x.shape()[row + 1];
    transposed = !((columns == 1 || x.strides()[row + 1] == 1) && (rows == 1 || x.strides()[row] >= columns));
    leading = transposed ? (columns == 1 ? rows : x.strides()[row + 1]) : (rows == 1 ? columns : x.strides()[row]);
  }
  bool operator==(const Layout&) const = default;
};

/// The leading dimensions of a product, as few as their strides allow: sizes, and how far a and b step (0: broadcast).
struct Batches {
  Shape sizes, a, b;
  explicit Batches(const MatmulArgs& args) {
    const Shape& out = args.out.shape();
    const auto step = [](const Tensor& x, std::size_t d) { return x.shape()[d] == 1 ? 0 : x.strides()[d]; };
    for (std::size_t d = 0; d + 2 < out.size(); ++d) {
      const int64_t n = out[d], in_a = step(args.a, d), in_b = step(args.b, d);
      if (n == 1) continue;
      if (!sizes.empty() && a.back() == in_a * n && b.back() == in_b * n) {
        sizes.back() *= n;
        a.back() = in_a;
        b.back() = in_b;
      } else {
        sizes.push_back(n);
        a.push_back(in_a);
        b.push_back(in_b);
      }
    }
  }
  bool operator==(const Batches&) const = default;
  /// What oneDNN does not take: a dimension in which both are broadcast, and more dimensions than it has.
  bool unusual() const {
    constexpr std::size_t most = 8;
    for (std::size_t d = 0; d < sizes.size(); ++d)
      if (a[d] == 0 && b[d] == 0) return true;
    return sizes.size() > most;
  }
  int64_t count() const { return sizes.numel(); }
  /// Where the matrices of one product begin.
  std::pair<int64_t, int64_t> offsets(int64_t index) const {
    int64_t at_a = 0, at_b = 0;
    for (std::size_t d = sizes.size(); d-- > 0; index /= sizes[d]) {
      at_a += index % sizes[d] * a[d];
      at_b += index % sizes[d] * b[d];
    }
    return {at_a, at_b};
  }
};

// ---------------------------------------------------------------- oneDNN
struct Key {
  int64_t m, n, k;
  Layout a, b;
  Batches batches;
  DType type, out_type;
  bool bias;
  bool add;  // to what is in the result already
  int threads;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key& x) const {
    std::size_t h = 0;
    const auto mix = [&](int64_t v) { h = (h ^ static_cast<std::size_t>(v)) * 0x9E3779B97F4A7C15U; };
    for (const Shape* list : {&x.batches.sizes, &x.batches.a, &x.batches.b})
      for (const int64_t v : *list) mix(v);
    for (const int64_t v :
         {x.m, x.n, x.k, x.a.leading, x.b.leading,
          int64_t{x.a.transposed} | int64_t{x.b.transposed} << 1 | int64_t{x.bias} << 2 | int64_t{x.add} << 15 |
              int64_t{static_cast<uint8_t>(x.type)} << 3 | int64_t{x.threads} << 16})
      mix(v);
    return h ^ (h >> 29);
  }
};

/// A product of fixed sizes, ready to run: finding out how takes oneDNN far longer than a small product itself.
class Product {
 public:
  Product(const Key& key, const dnnl::engine& engine) {
    const auto data_type = [](DType t) { return t == float32 ? memory::data_type::f32 : memory::data_type::bf16; };
    const auto type = data_type(key.type);
    // A broadcast dimension has size 1 here, and the stride that it would have in one piece. With one batch dimension a
    // second one of size 1 is put in front: oneDNN's fast kernels know more orders of four dimensions than of three.
    const std::size_t ahead = key.batches.sizes.size() == 1 ? 1 : 0;
    const auto matrices = [&](int64_t rows, int64_t columns, const Layout& l, const Shape& steps) {
      memory::dims sizes(ahead, 1), strides(ahead, key.batches.sizes.numel() * rows * columns);
      for (std::size_t d = 0; d < steps.size(); ++d) {
        sizes.push_back(steps[d] == 0 ? 1 : key.batches.sizes[d]);
        strides.push_back(steps[d] == 0 ? rows * columns : steps[d]);
      }
      sizes.insert(sizes.end(), {rows, columns});
      strides.insert(strides.end(), {l.transposed ? 1 : l.leading, l.transposed ? l.leading : 1});
      return memory::desc(sizes, type, strides);
    };
    const memory::desc a = matrices(key.m, key.k, key.a, key.batches.a),
                       b = matrices(key.k, key.n, key.b, key.batches.b);
    Shape results(ahead, int64_t{1});
    for (const int64_t n : key.batches.sizes) results.push_back(n);
    results.push_back(key.m);
    results.push_back(key.n);
    const Shape steps = contiguous_strides(results);
    const memory::desc c({results.begin(), results.end()}, data_type(key.out_type),
                         memory::dims(steps.begin(), steps.end()));
    memory::dims across(results.size(), 1);
    across.back() = key.n;
    const memory::desc bias(across, type, memory::dims(results.size(), 1));
    const auto op = key.bias ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
    dnnl::primitive_attr attributes;
    if (key.add) {
      dnnl::post_ops after;
      after.append_sum();
      attributes.set_post_ops(after);
    }
    const dnnl::matmul::primitive_desc how(op, attributes, engine);
    any_layout_ = std::string_view(how.impl_info_str()).starts_with("brg");
    primitive_ = dnnl::matmul(how);
    const auto add = [&](int argument, const memory::desc& d) {
      memories_.emplace_back(d, engine, nullptr);
      arguments_.push_back({argument, memories_.back().get()});
    };
    add(DNNL_ARG_SRC, a);
    add(DNNL_ARG_WEIGHTS, b);
    add(DNNL_ARG_DST, c);
    if (key.bias) add(DNNL_ARG_BIAS, bias);
  }

  /// Whether it is as good for matrices that do not lie in one piece. The kernel that is not is slower (half types: by
  /// far), and adds up in an order that depends on the number of threads.
  bool any_layout() const { return any_layout_; }

  void run(const dnnl::stream& stream, std::initializer_list<void*> data) {
    auto it = data.begin();
    for (const dnnl_exec_arg_t& x : arguments_) dnnl_memory_set_data_handle(x.memory, *it++);
    const dnnl_status_t status =
        dnnl_primitive_execute(primitive_.get(), stream.get(), static_cast<int>(arguments_.size()), arguments_.data());
    if (status != dnnl_success)
      fail("matmul", "oneDNN could not compute the product (status {})", static_cast<int>(status));
  }

 private:
  bool any_layout_ = false;
  dnnl::matmul primitive_;
  SmallVector<memory, 4> memories_;
  SmallVector<dnnl_exec_arg_t, 4> arguments_;
};

bool in_one_piece(const MatmulArgs& args) {
  const int64_t count = Batches(args).count(), k = args.a.size(-1);
  return args.a.is_contiguous() && args.b.is_contiguous() && args.a.numel() == count * args.out.size(-2) * k &&
         args.b.numel() == count * k * args.out.size(-1);
}

MatmulArgs made_one_piece(const MatmulArgs& args) {
  const NoGrad guard;
  const auto whole = [&](const Tensor& x) {
    Shape shape = x.shape();
    std::copy(args.out.shape().begin(), args.out.shape().end() - 2, shape.begin());
    return x.expand(shape).contiguous();
  };
  return {args.out, whole(args.a), whole(args.b), args.bias};
}

void run_product(const MatmulArgs& args, bool add) {
  constexpr std::size_t most = 1024;  // distinct sizes remembered; beyond, start anew
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  thread_local const dnnl::stream stream(engine);
  thread_local std::unordered_map<Key, Product, KeyHash> known;
  apply_num_threads();
  const bool bias = args.bias.defined();
  const Key key{args.out.size(-2), args.out.size(-1), args.a.size(-1),  Layout(args.a), Layout(args.b),
                Batches(args),     args.a.dtype(),    args.out.dtype(), bias,           add,
                num_threads()};
  auto found = known.find(key);
  if (found == known.end()) {
    if (known.size() >= most) known.clear();
    found = known.try_emplace(key, key, engine).first;
  }
  if (!found->second.any_layout() && !in_one_piece(args)) return run_product(made_one_piece(args), add);
  found->second.run(stream, {args.a.impl()->data, args.b.impl()->data, args.out.impl()->data,
                             bias ? args.bias.impl()->data : nullptr});
}

void product_of(const MatmulArgs& args) {
  // Where a lies transposed, as in a weight's gradient, or is one for a whole batch, and k is long (2048 and more in
  // oneDNN 2.6), oneDNN lets threads add up parts of one sum: the last bits would depend on how many there are. So k is
  // cut here, at fixed places.
  constexpr int64_t longest = 1024;
  const int64_t k = args.a.size(-1);
  const auto one_for_all = [&] {
    const Batches batches(args);
    return std::find(batches.a.begin(), batches.a.end(), 0) != batches.a.end();
  };
  if (k <= longest || !(Layout(args.a).transposed || one_for_all())) return run_product(args, false);
  const NoGrad guard;
  const Tensor sum = args.out.dtype() == float32 ? args.out : tenon::empty(args.out.shape());
  for (int64_t start = 0; start < k; start += longest) {
    const int64_t n = std::min(longest, k - start);
    run_product({sum, args.a.narrow(-1, start, n), args.b.narrow(-2, start, n), start == 0 ? args.bias : Tensor()},
                start > 0);
  }
  if (!sum.is_same(args.out)) cpu_backend().copy(args.out, sum);
}

// ---------------------------------------------------------------- double
void blas_product(const MatmulArgs& args) {
  apply_num_threads();
  const Batches batches(args);
  const Layout la(args.a), lb(args.b);
  const int64_t m = args.out.size(-2), n = args.out.size(-1), k = args.a.size(-1);
  const auto* a = reinterpret_cast<const double*>(args.a.impl()->data);
  const auto* b = reinterpret_cast<const double*>(args.b.impl()->data);
  auto* out = reinterpret_cast<double*>(args.out.impl()->data);
  if (args.bias.defined()) cpu_backend().copy(args.out, args.bias);
  const auto one = [&](int64_t i) {
    const auto [at_a, at_b] = batches.offsets(i);
    cblas_dgemm(CblasRowMajor, la.transposed ? CblasTrans : CblasNoTrans, lb.transposed ? CblasTrans : CblasNoTrans,
                static_cast<blasint>(m), static_cast<blasint>(n), static_cast<blasint>(k), 1, a + at_a,
                static_cast<blasint>(la.leading), b + at_b, static_cast<blasint>(lb.leading),
                args.bias.defined() ? 1 : 0, out + i * m * n, static_cast<blasint>(n));
  };
  parallel_for(batches.count(), elementwise_grain / (m * n * k) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) one(i);
  });
}

// ---------------------------------------------------------------- one row
/// A vector times a matrix whose columns lie in one piece, as a layer's weight does for a batch of one: bound by
/// memory, so that what counts is to read the matrix once, in order.
void row_product(const MatmulArgs& args, const Tensor& a, const Tensor& b) {
  const int64_t n = b.shape()[1], k = b.shape()[0];
  const void* bias = args.bias.defined() ? args.bias.impl()->data : nullptr;
  parallel_for(n, std::max<int64_t>(elementwise_grain / k, 4), [&](int64_t begin, int64_t end) {
    vector_matvec(args.out.dtype(), args.out.impl()->data, b.impl()->data, b.strides()[1], a.impl()->data, bias, begin,
                  end, k);
  });
}

// ---------------------------------------------------------------- plain loops
template <class T>
void plain_product(const MatmulArgs& args) {
  using C = std::conditional_t<std::is_integral_v<T>, uint64_t, compute_t<T>>;  // integers wrap around
  const std::size_t row = args.out.shape().size() - 2;
  const int64_t m = args.out.shape()[row], n = args.out.shape()[row + 1], k = args.a.shape()[row + 1];
  const int64_t ai = args.a.strides()[row], ak = args.a.strides()[row + 1], bk = args.b.strides()[row],
                bj = args.b.strides()[row + 1];
  const T* pa = reinterpret_cast<const T*>(args.a.impl()->data);
  const T* pb = reinterpret_cast<const T*>(args.b.impl()->data);
  const T* bias = args.bias.defined() ? reinterpret_cast<const T*>(args.bias.impl()->data) : nullptr;
  T* out = reinterpret_cast<T*>(args.out.impl()->data);
  constexpr int64_t width = 64;  // sums kept at a time, so that b is read along its rows
  const auto one_row = [&](const T* x, const T* y, T* to) {
    if (n < 16) {  // too short for that to be worth its loops
      for (int64_t j = 0; j < n; ++j) {
        C sum = bias ? static_cast<C>(bias[j]) : C{};
        for (int64_t l = 0; l < k; ++l) sum += static_cast<C>(x[l * ak]) * static_cast<C>(y[l * bk + j * bj]);
        to[j] = static_cast<T>(sum);
      }
      return;
    }
    C sums[width];
    for (int64_t start = 0; start < n; start += width) {
      const int64_t count = std::min(width, n - start);
      for (int64_t j = 0; j < count; ++j) sums[j] = bias ? static_cast<C>(bias[start + j]) : C{};
      for (int64_t l = 0; l < k; ++l) {
        const C factor = static_cast<C>(x[l * ak]);
        for (int64_t j = 0; j < count; ++j) sums[j] += factor * static_cast<C>(y[l * bk + (start + j) * bj]);
      }
      for (int64_t j = 0; j < count; ++j) to[start + j] = static_cast<T>(sums[j]);
    }
  };
  if (row == 0 && m * n * k <= elementwise_grain) {
    for (int64_t i = 0; i < m; ++i) one_row(pa + i * ai, pb, out + i * n);
    return;
  }
  const Batches batches(args);
  parallel_for(batches.count() * m, elementwise_grain / (n * k + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto [at_a, at_b] = batches.offsets(i / m);
      one_row(pa + at_a + i % m * ai, pb + at_b, out + i * n);
    }
  });
}

}  // namespace

void CpuBackend::matmul(const MatmulArgs& args) const {
  const std::size_t row = args.out.shape().size() - 2;
  const int64_t m = args.out.shape()[row], n = args.out.shape()[row + 1], k = args.a.shape()[row + 1];
  const DType type = args.out.dtype();
  refuse_carried(type);
  if (args.out.numel() == 0) return;
  // OpenBLAS is called once a matrix, oneDNN once for all.
  constexpr int64_t too_small = 8 * 8 * 8;
  if ((type == float64 ? m * n : args.out.numel()) * k <= too_small || !is_floating_point(type))
    return with_type(type, [&]<class T>() { plain_product<T>(args); });
  if (type == float16) {  // by way of float, and rounded once
    const NoGrad guard;
    const MatmulArgs wide{tenon::empty(args.out.shape()), args.a.to(float32), args.b.to(float32),
                          args.bias.defined() ? args.bias.to(float32) : Tensor()};
    matmul(wide);
    return copy(args.out, wide.out);
  }
  if (row == 0 && m == 1 && type != bfloat16 && args.a.strides()[1] == 1 && args.b.strides()[0] == 1)
    return row_product(args, args.a, args.b);
  MatmulArgs ready{args.out, usable(args.a), usable(args.b), args.bias};
  if (type == float64) return blas_product(ready);
  product_of(row > 0 && Batches(ready).unusual() ? made_one_piece(ready) : ready);
}

}  // namespace tenon::backend::cpu
