// Factorisations and solvers, by LAPACK: matrix by matrix of a batch.
#include "backend/cpu/lapack.h"

#include <omp.h>

#include <cmath>
#include <limits>

#include "backend/cpu/parallel.h"
#include "backend/cpu/workspace.h"
#include "backend/linalg.h"

namespace tenon {
namespace backend::cpu {
namespace {

/// OpenBLAS on the calling thread alone: what its LAPACK computes depends in the last bits on how many threads it has.
class OneThread {
 public:
  OneThread() { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_ = omp_get_max_threads();
};

/// f(begin, end) over the matrices of a batch, shared out among threads; `work` is about what one of them takes in
/// operations.
template <class F>
void for_matrices(int64_t count, double work, F f) {
  const OneThread guard;
  parallel_for(count, 1 + static_cast<int64_t>(elementwise_grain / (work + 1)), f);
}

template <class F>
void with_type_of(const Tensor& x, F f) {
  if (x.dtype() == float32) f(lapack<float>());
  else f(lapack<double>());
}

/// LAPACK counts in ints, its own workspaces too, and does not notice where that is not enough.
constexpr int64_t most = std::numeric_limits<int>::max();
int counted(int64_t n) {
  if (n > most) fail("linalg", "LAPACK takes matrices of up to {} rows and columns, got {}", most, n);
  return static_cast<int>(n);
}
void check_workspace(double elements) {
  if (elements > static_cast<double>(most))
    fail("linalg", "LAPACK would need {:.0f} numbers of workspace for a matrix of this size; it counts up to {}",
         elements, most);
}

/// A batch of matrices, each by columns, one after the other.
template <class T>
struct Matrices {
  T* data;
  int rows, columns;
  explicit Matrices(const Tensor& x)
      : data(reinterpret_cast<T*>(x.impl()->data)), rows(counted(x.size(-2))), columns(counted(x.size(-1))) {}
  T* operator[](int64_t i) const { return data + i * rows * columns; }
  int leading() const { return std::max(rows, 1); }
};
template <class T>
struct Vectors {
  T* data;
  int64_t n;
  explicit Vectors(const Tensor& x) : data(reinterpret_cast<T*>(x.impl()->data)), n(x.size(-1)) {}
  T* operator[](int64_t i) const { return data + i * n; }
};
int* numbers(const Tensor& x) { return reinterpret_cast<int*>(x.impl()->data); }

/// The length of the workspace that LAPACK asks for; float32 may have rounded it down.
template <class T>
int length(T asked) {
  check_workspace(asked);
  return static_cast<int>(std::nextafter(asked, std::numeric_limits<T>::infinity()));
}

}  // namespace

void lu_factor(const Tensor& x, const Tensor& pivots, const Tensor& info) {
  with_type_of(x, [&]<class T>(const Lapack<T>& routines) {
    const Matrices<T> a(x);
    const Vectors<int> p(pivots);
    for_matrices(info.numel(), std::pow(a.rows, 2.0) * a.columns, [&](int64_t begin, int64_t end) {
      const int lda = a.leading();
      for (int64_t i = begin; i < end; ++i) routines.getrf(&a.rows, &a.columns, a[i], &lda, p[i], numbers(info) + i);
    });
  });
}

void lu_solve(const Tensor& x, const Tensor& lu, const Tensor& pivots, bool transposed) {
  if (x.numel() == 0) return;
  with_type_of(x, [&]<class T>(const Lapack<T>& routines) {
    const Matrices<T> b(x), a(lu);
    const Vectors<int> p(pivots);
    for_matrices(x.numel() / b.rows / b.columns, std::pow(a.rows, 2.0) * b.columns, [&](int64_t begin, int64_t end) {
      int info = 0;
      for (int64_t i = begin; i < end; ++i)
        routines.getrs(transposed ? "T" : "N", &a.rows, &b.columns, a[i], &a.rows, p[i], b[i], &b.rows, &info, 1);
    });
  });
}

void triangular_solve(const Tensor& x, const Tensor& triangle, const TriangularArgs& args) {
  if (x.numel() == 0) return;
  with_type_of(x, [&]<class T>(const Lapack<T>& routines) {
    const Matrices<T> b(x), a(triangle);
    const T one{1};
    for_matrices(x.numel() / b.rows / b.columns, static_cast<double>(a.rows) * b.rows * b.columns,
                 [&](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i)
                     routines.trsm(args.left ? "L" : "R", args.upper ? "U" : "L", "N", args.unitriangular ? "U" : "N",
                                   &b.rows, &b.columns, &one, a[i], &a.rows, b[i], &b.rows, 1, 1, 1, 1);
                 });
  });
}

void cholesky(const Tensor& x, bool upper, const Tensor& info) {
  with_type_of(x, [&]<class T>(const Lapack<T>& routines) {
    const Matrices<T> a(x);
    for_matrices(info.numel(), std::pow(a.rows, 3.0) / 3, [&](int64_t begin, int64_t end) {
      const int lda = a.leading();
      for (int64_t i = begin; i < end; ++i) {
        int& status = numbers(info)[i];
        routines.potrf(upper ? "U" : "L", &a.rows, a[i], &lda, &status, 1);
        // OpenBLAS finds what is not positive, but not what is no number.
        for (int64_t j = 0; status == 0 && j < a.rows; ++j)
          if (std::isnan(a[i][j * lda + j])) status = static_cast<int>(j + 1);
      }
    });
  });
}

void qr(const Tensor& x, const Tensor& reflectors) {
  if (x.numel() == 0) return;
  with_type_of(x, [&]<class T>(const Lapack<T>& routines) {
    const Matrices<T> a(x);
    const Vectors<T> tau(reflectors);
    T asked{};
    int info = 0, lwork = -1;
    routines.geqrf(&a.rows, &a.columns, a.data, &a.rows, tau.data, &asked, &lwork, &info);
    lwork = length(asked);
    for_matrices(x.numel() / a.rows / a.columns, 2.0 * a.rows * a.columns * a.columns, [&](int64_t begin, int64_t end) {
      Workspace<T> work(static_cast<std::size_t>(lwork));
      int status = 0;
      for (int64_t i = begin; i < end; ++i)
        routines.geqrf(&a.rows, &a.columns, a[i], &a.rows, tau[i], work.data(), &lwork, &status);
    });
  });
}

void orthogonal(const Tensor& x, const Tensor& reflectors) {
  if (x.numel() == 0) return;
  with_type_of(x, [&]<class T>(const Lapack<T>& routines) {
    const Matrices<T> q(x);
    const Vectors<T> tau(reflectors);
    const int k = counted(tau.n);
    T asked{};
    int info = 0, lwork = -1;
    routines.orgqr(&q.rows, &q.columns, &k, q.data, &q.rows, tau.data, &asked, &lwork, &info);
    lwork = length(asked);
    for_matrices(x.numel() / q.rows / q.columns, 2.0 * q.rows * q.columns * k, [&](int64_t begin, int64_t end) {
      Workspace<T> work(static_cast<std::size_t>(lwork));
      int status = 0;
      for (int64_t i = begin; i < end; ++i)
        routines.orgqr(&q.rows, &q.columns, &k, q[i], &q.rows, tau[i], work.data(), &lwork, &status);
    });
  });
}

void svd(const Tensor& u, const Tensor& s, const Tensor& vh, const Tensor& x, const Tensor& info) {
  with_type_of(x, [&]<class T>(const Lapack<T>& routines) {
    const Matrices<T> a(x);
    const Vectors<T> values(s);
    const auto smaller = static_cast<std::size_t>(values.n);
    const bool vectors = u.defined(), full = vectors && (u.size(-1) != s.size(-1) || vh.size(-2) != s.size(-1));
    const Matrices<T> left(vectors ? u : x), right(vectors ? vh : x);  // not looked at without vectors
    const char* job = !vectors ? "N" : full ? "A" : "S";
    const auto run = [&](int64_t i, T* work, int lwork, int* iwork, int* status) {
      routines.gesdd(job, &a.rows, &a.columns, a[i], &a.rows, values[i], left[i], &left.rows, right[i], &right.rows,
                     work, &lwork, iwork, status, 1);
    };
    // What it will ask for, at most: near the limit its answer has overflown.
    const double k = static_cast<double>(values.n);
    check_workspace((vectors ? 4 * k * k : 0) + 64.0 * (6 * k + (full ? 1.0 * a.rows + a.columns : 0)));
    T asked{};
    int unused = 0, status = 0;
    run(0, &asked, -1, &unused, &status);
    for_matrices(info.numel(), 10.0 * a.rows * a.columns * values.n, [&](int64_t begin, int64_t end) {
      Workspace<T> work(static_cast<std::size_t>(length(asked)));
      Workspace<int> iwork(8 * smaller);
      for (int64_t i = begin; i < end; ++i)
        run(i, work.data(), static_cast<int>(work.size()), iwork.data(), numbers(info) + i);
    });
  });
}

void eigh(const Tensor& x, const Tensor& eigenvalues, bool vectors, const Tensor& info) {
  with_type_of(x, [&]<class T>(const Lapack<T>& routines) {
    const Matrices<T> a(x);
    const Vectors<T> values(eigenvalues);
    const auto run = [&](int64_t i, T* work, int lwork, int* iwork, int liwork, int* status) {
      const int lda = a.leading();
      routines.syevd(vectors ? "V" : "N", "L", &a.rows, a[i], &lda, values[i], work, &lwork, iwork, &liwork, status, 1,
                     1);
    };
    if (vectors) check_workspace(1 + 6.0 * a.rows + 2.0 * a.rows * a.rows);
    T asked{};
    int integers = 0, status = 0;
    run(0, &asked, -1, &integers, -1, &status);
    for_matrices(info.numel(), 9 * std::pow(a.rows, 3.0), [&](int64_t begin, int64_t end) {
      Workspace<T> work(static_cast<std::size_t>(length(asked)));
      Workspace<int> iwork(static_cast<std::size_t>(integers));
      for (int64_t i = begin; i < end; ++i)
        run(i, work.data(), static_cast<int>(work.size()), iwork.data(), integers, numbers(info) + i);
    });
  });
}

void least_squares(const Tensor& x, const Tensor& y, double rcond, const Tensor& info) {
  with_type_of(x, [&]<class T>(const Lapack<T>& routines) {
    const Matrices<T> a(x), b(y);
    const T limit = static_cast<T>(rcond);
    const auto run = [&](int64_t i, int* pivots, T* work, int lwork, int* status) {
      int rank = 0;
      routines.gelsy(&a.rows, &a.columns, &b.columns, a[i], &a.rows, b[i], &b.rows, pivots, &limit, &rank, work, &lwork,
                     status);
    };
    T asked{};
    int unused = 0, status = 0;
    run(0, &unused, &asked, -1, &status);
    for_matrices(info.numel(), 2.0 * a.rows * a.columns * std::min(a.rows, a.columns), [&](int64_t begin, int64_t end) {
      Workspace<T> work(static_cast<std::size_t>(length(asked)));
      Workspace<int> pivots(static_cast<std::size_t>(a.columns));
      for (int64_t i = begin; i < end; ++i) {
        std::fill(pivots.begin(), pivots.end(), 0);  // every column may move
        run(i, pivots.data(), work.data(), static_cast<int>(work.size()), numbers(info) + i);
      }
    });
  });
}

}  // namespace backend::cpu

constinit const LinalgKernels LinalgKernels::cpu{
    .lu_factor = backend::cpu::lu_factor,
    .lu_solve = backend::cpu::lu_solve,
    .triangular_solve = backend::cpu::triangular_solve,
    .cholesky = backend::cpu::cholesky,
    .qr = backend::cpu::qr,
    .orthogonal = backend::cpu::orthogonal,
    .svd = backend::cpu::svd,
    .eigh = backend::cpu::eigh,
    .least_squares = backend::cpu::least_squares,
};

}  // namespace tenon
