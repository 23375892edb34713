#pragma once
// The routines of LAPACK (and BLAS) that are called, as OpenBLAS exports them: Fortran's, every argument by address,
// matrices by columns. The length of each character argument follows at the end.
#include <cstddef>
#include <span>
#include <string_view>

#include "base/internal_api.h"

namespace tenon::backend::cpu {

/// By LAPACK's names without the letter that stands for the type.
template <class T>
struct Lapack {
  using length = std::size_t;
  void (*getrf)(const int* m, const int* n, T* a, const int* lda, int* pivots, int* info);
  void (*getrs)(const char* trans, const int* n, const int* nrhs, const T* a, const int* lda, const int* pivots, T* b,
                const int* ldb, int* info, length);
  void (*potrf)(const char* uplo, const int* n, T* a, const int* lda, int* info, length);
  void (*geqrf)(const int* m, const int* n, T* a, const int* lda, T* tau, T* work, const int* lwork, int* info);
  void (*orgqr)(const int* m, const int* n, const int* k, T* a, const int* lda, const T* tau, T* work, const int* lwork,
                int* info);
  void (*gesdd)(const char* jobz, const int* m, const int* n, T* a, const int* lda, T* s, T* u, const int* ldu, T* vt,
                const int* ldvt, T* work, const int* lwork, int* iwork, int* info, length);
  void (*syevd)(const char* jobz, const char* uplo, const int* n, T* a, const int* lda, T* w, T* work, const int* lwork,
                int* iwork, const int* liwork, int* info, length, length);
  void (*gelsy)(const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b, const int* ldb, int* jpvt,
                const T* rcond, int* rank, T* work, const int* lwork, int* info);
  void (*trsm)(const char* side, const char* uplo, const char* trans, const char* diag, const int* m, const int* n,
               const T* alpha, const T* a, const int* lda, T* b, const int* ldb, length, length, length, length);
};

/// OpenBLAS's, which is loaded by the first call; an Error where there is none.
template <class T>
const Lapack<T>& lapack();

/// OpenBLAS's name for the processor that its kernels are made for.
TENON_INTERNAL_API std::string_view openblas_core();
/// The first of these libraries that can be opened, as dlopen gives it.
TENON_INTERNAL_API void* open_openblas(std::span<const char* const> names);

}  // namespace tenon::backend::cpu
