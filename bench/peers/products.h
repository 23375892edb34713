#pragma once
// Those whom bench/products.cpp measures, each behind its own C interface, looked up at run time: nothing is linked.
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <tenon/tenon.h>

#include "../bench.h"
#include "backend/matmul.h"

namespace bench {

using tenon::Tensor;

/// One product to measure: its operands as they lie, and as the matrices that they are.
struct Product {
  int64_t m, n, k;
  std::string layout;  ///< nn, nt, tn, tt: how a and b lie
  std::string type;    ///< f32, f64, bf16, f16
  int threads;
  Tensor stored_a, stored_b, a, b;
  Tensor out, out_f32;  ///< of its type; for those who compute bf16 to f32

  Product(int64_t m_, int64_t n_, int64_t k_, std::string layout_, std::string type_, int threads_)
      : m(m_), n(n_), k(k_), layout(std::move(layout_)), type(std::move(type_)), threads(threads_) {
    stored_a = a_transposed() ? filled(k, m, 0) : filled(m, k, 0);
    stored_b = b_transposed() ? filled(n, k, 5) : filled(k, n, 5);
    a = a_transposed() ? stored_a.t() : stored_a;
    b = b_transposed() ? stored_b.t() : stored_b;
    out = tenon::empty({m, n}, {.dtype = dtype()});
    out_f32 = type == "bf16" ? tenon::empty({m, n}) : out;
  }
  bool a_transposed() const { return layout[0] == 't'; }
  bool b_transposed() const { return layout[1] == 't'; }
  tenon::DType dtype() const {
    return type == "f16"    ? tenon::float16
           : type == "bf16" ? tenon::bfloat16
           : type == "f32"  ? tenon::float32
                            : tenon::float64;
  }

 private:
  /// Numbers that every type holds exactly, and so small that their products are exact sums; as peers/products.py has
  /// them.
  Tensor filled(int64_t rows, int64_t columns, int64_t salt) const {
    const Tensor x = tenon::empty({rows, columns});
    float* p = x.data<float>();
    for (int64_t i = 0; i < rows * columns; ++i) p[i] = static_cast<float>((i * 7 + salt) % 13 - 6) / 4;
    return x.to(dtype());
  }
};

/// A peer's product, ready: the seconds of that many calls, and what came out.
struct Ready {
  std::function<double(int)> run;
  std::function<std::vector<double>()> result;
};

struct Peer {
  std::string name, version;
  void* library;                                                ///< null where it is missing, or not one
  std::function<std::optional<Ready>(const Product&)> prepare;  ///< nothing where it has no such product
};

template <class F>
F* function(void* library, const char* name) {
  return reinterpret_cast<F*>(library ? dlsym(library, name) : nullptr);
}

inline void* opened(const std::string& file) { return dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL); }

/// For all in this process; a Product tells the child.
inline void use_threads(const std::vector<Peer>& peers, int n) {
  tenon::set_num_threads(n);
  for (const Peer& peer : peers)
    for (const char* name : {"omp_set_num_threads", "openblas_set_num_threads", "MKL_Set_Num_Threads_Local"})
      if (auto* const set = function<void(int)>(peer.library, name)) set(n);
}

template <class F>
Ready called(F f, const Tensor& out) {
  return {[f](int calls) {
            const auto start = std::chrono::steady_clock::now();
            for (int i = 0; i < calls; ++i) f();
            return seconds_since(start);
          },
          [out] { return out.to_vector<double>(); }};
}

/// The library's kernel into a result that is there already, as the peers' is: what a matmul adds is not theirs to
/// beat.
inline Peer ours() {
  return {"ours", std::string(tenon::get_cpu_capability()), nullptr, [](const Product& p) {
            const auto product = [args = tenon::MatmulArgs{p.out, p.a, p.b, {}}] {
              tenon::MatmulKernels::cpu.matmul(args);
            };
            return std::optional(called(product, p.out));
          }};
}

/// sgemm and dgemm as Fortran has them, columns first: the transposed product of the operands in the other order.
template <class T>
std::optional<Ready> fortran_product(void* library, const char* name, const Product& p) {
  auto* const gemm = function<void(const char*, const char*, const int*, const int*, const int*, const T*, const T*,
                                   const int*, const T*, const int*, const T*, T*, const int*)>(library, name);
  if (!gemm) return {};
  const char ta = p.a_transposed() ? 'T' : 'N', tb = p.b_transposed() ? 'T' : 'N';
  const int m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
  const int lda = p.a_transposed() ? m : k, ldb = p.b_transposed() ? k : n;
  const auto call = [=, a = p.stored_a.data<T>(), b = p.stored_b.data<T>(), c = p.out.data<T>()] {
    const T one = 1, zero = 0;
    gemm(&tb, &ta, &n, &m, &k, &one, b, &ldb, a, &lda, &zero, c, &n);
  };
  return called(call, p.out);
}

inline std::optional<Ready> blas_product(void* library, const Product& p) {
  if (p.type == "f32") return fortran_product<float>(library, "sgemm_", p);
  if (p.type == "f64") return fortran_product<double>(library, "dgemm_", p);
  return {};
}

inline Peer openblas() {
  void* const library = opened("libopenblas.so.0");
  auto* const version = function<char*()>(library, "openblas_get_config");
  return {"openblas", version ? version() : "", library, [=](const Product& p) { return blas_product(library, p); }};
}

/// PyTorch links MKL statically, and exports it. libtorch_cpu.so takes the libgomp that is there already, so that the
/// process has one.
inline Peer mkl(const std::string& torch) {
  void* const library = torch.empty() ? nullptr : opened(torch + "/lib/libtorch_cpu.so");
  if (!torch.empty() && !library) fmt::print(stderr, "products: no MKL: {}\n", dlerror());
  char version[200] = "";
  if (auto* const get = function<void(char*, int)>(library, "MKL_Get_Version_String")) get(version, sizeof version - 1);
  if (auto* const set = function<void(int)>(library, "MKL_Set_Dynamic")) set(0);  // as torch.set_num_threads does
  return {"mkl", version, library, [=](const Product& p) { return blas_product(library, p); }};
}

template <class T>
std::optional<Ready> onednn_product(void* library, const char* name, const Product& p) {
  auto* const gemm = function<int(char, char, int64_t, int64_t, int64_t, float, const void*, int64_t, const void*,
                                  int64_t, float, float*, int64_t)>(library, name);
  if (!gemm) return {};
  const auto call = [=, ta = p.a_transposed(), tb = p.b_transposed(), m = p.m, n = p.n, k = p.k,
                     a = p.stored_a.data<T>(), b = p.stored_b.data<T>(), c = p.out_f32.data<float>()] {
    return gemm(ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, 1, a, ta ? m : k, b, tb ? k : n, 0, c, n);
  };
  if (call() != 0) return {};  // bf16 is not for every processor
  return called(call, p.out_f32);
}

inline Peer onednn() {
  struct Version {
    int major, minor, patch;
  };
  void* library = opened("libdnnl.so.3");
  if (!library) library = opened("libdnnl.so.2");
  auto* const get = function<const Version*()>(library, "dnnl_version");
  return {"onednn", get ? fmt::format("{}.{}.{}", get()->major, get()->minor, get()->patch) : "", library,
          [=](const Product& p) -> std::optional<Ready> {
            if (p.type == "f32") return onednn_product<float>(library, "dnnl_sgemm", p);
            if (p.type == "bf16") return onednn_product<tenon::BFloat16>(library, "dnnl_gemm_bf16bf16f32", p);
            return {};
          }};
}

/// products.py in a Python that has torch: a line asks, a line answers.
class Child {
 public:
  explicit Child(const std::string& python) {
    const char* const script = TENON_BENCH_DIR "/peers/products.py";
    std::signal(SIGPIPE, SIG_IGN);  // a child that ended does not answer
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("no socket for a child");
    process_ = fork();
    if (process_ == 0) {
      dup2(ends[1], 0);
      dup2(ends[1], 1);
      execl(python.c_str(), python.c_str(), script, nullptr);
      _exit(127);
    }
    close(ends[1]);
    to_ = fdopen(ends[0], "w");
    from_ = fdopen(dup(ends[0]), "r");
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    std::fclose(to_);
    std::fclose(from_);
    waitpid(process_, nullptr, 0);
  }
  std::string ask(const std::string& line) {
    fmt::print(to_, "{}\n", line);
    std::fflush(to_);
    std::string answer;
    for (int c; (c = std::getc(from_)) != EOF && c != '\n';) answer += static_cast<char>(c);
    if (answer.empty()) throw std::runtime_error("peers/products.py did not answer: has this Python torch?");
    return answer;
  }

 private:
  pid_t process_ = -1;
  std::FILE *to_ = nullptr, *from_ = nullptr;
};

/// torch.mm; without a Python, nothing.
inline Peer torch_mm(const std::string& python) {
  if (python.empty()) return {"torch", "", nullptr, [](const Product&) { return std::optional<Ready>(); }};
  const auto child = std::make_shared<Child>(python);
  return {"torch", child->ask("version"), nullptr, [child](const Product& p) -> std::optional<Ready> {
            child->ask(fmt::format("prepare {} {} {} {} {} {}", p.m, p.n, p.k, p.layout, p.type, p.threads));
            return Ready{[child](int calls) { return std::stod(child->ask(fmt::format("run {}", calls))); },
                         [child] {
                           std::istringstream line(child->ask("result"));
                           return std::vector<double>(std::istream_iterator<double>(line), {});
                         }};
          }};
}

}  // namespace bench
