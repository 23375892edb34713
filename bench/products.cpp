// Matrix products beside other libraries': GFLOP/s at fixed shapes. All are measured in turns within one run, so that a
// slow hour is slow for all: peers/products.h has them.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "peers/products.h"

using namespace bench;

namespace {

constexpr const char* about =
    R"(GFLOP/s of matrix products (m, k) x (k, n), ours beside other libraries'.

Peers, "-" where they are missing:
  onednn    libdnnl.so.2 or .3: dnnl_sgemm; bf16: dnnl_gemm_bf16bf16f32, whose results are f32
  openblas  libopenblas.so.0: sgemm, dgemm
  mkl       PyTorch's, out of libtorch_cpu.so (--torch): sgemm, dgemm
  torch     torch.mm(out=) in a Python beside (--torch): with what PyTorch adds; all types
An OpenBLAS older than the processor gets OPENBLAS_CORETYPE, unless it is set.
On an AMD processor MKL is at its best only if its question for Intel's is answered with yes:
  gcc -shared -fPIC bench/peers/mkl_all_isa.c -o mkl_all_isa.so && LD_PRELOAD=$PWD/mkl_all_isa.so build/bench/products ...

Layouts: how a and b lie. n: row by row; t: the transposed matrix row by row. nt is a layer's x.matmul(weight.t()).
Columns: GFLOP/s of each peer, its best batch; us: of one of our calls; /mkl, /best: our speed over MKL's (where MKL has
no such type: torch's), and over the fastest peer's. Above 1, ours is faster. With more than one thread only a machine
without other load (the header says) gives numbers that mean something.)";

struct Sizes {
  std::string name;
  int64_t m, n, k;
};

/// A ResNet-18's convolutions as products: a row for each place in each image, a column for each channel out. Sides of
/// squares: what the first layer gives, its kernel, and what the blocks get.
void resnet18(std::vector<Sizes>& to, const std::string& name, int64_t images, int64_t stem_side, int64_t stem,
              int64_t side) {
  const auto add = [&](const char* what, int64_t places, int64_t out, int64_t in, int64_t kernel) {
    to.push_back({name + what, images * places * places, out, in * kernel * kernel});
  };
  add(" stem", stem_side, 64, 3, stem);
  add(" 3x3", side, 64, 64, 3);
  for (int64_t out = 128; out <= 512; out *= 2) {
    side = (side + 1) / 2;
    add(" 3x3/2", side, out, out / 2, 3);
    add(" 3x3", side, out, out, 3);
    add(" 1x1/2", side, out, out / 2, 1);
  }
}

std::vector<Sizes> shapes() {
  std::vector<Sizes> all = {{"mlp", 32, 256, 784},           {"mlp large", 256, 4096, 1024},
                            {"mlp large", 256, 4096, 4096},  {"mlp large grad", 4096, 4096, 256},
                            {"encoder", 1024, 2048, 512},    {"gpt head T=256", 256, 50257, 768},
                            {"lstm step b32", 32, 2048, 512}};
  for (const int64_t rows : {1, 64, 1024}) {
    const auto add = [&](const char* what, int64_t n, int64_t k) {
      all.push_back({fmt::format("gpt {} T={}", what, rows), rows, n, k});
    };
    add("qkv", 2304, 768);
    add("out", 768, 768);
    add("up", 3072, 768);
    add("down", 768, 3072);
    if (rows <= 64) add("head", 50257, 768);
  }
  resnet18(all, "cifar b32", 32, 32, 3, 32);
  resnet18(all, "imagenet b1", 1, 112, 7, 56);
  for (const int64_t n : {1, 2, 3, 4, 8, 12, 16, 24, 32, 48, 64, 1024, 2048}) all.push_back({"square", n, n, n});
  return all;
}

/// Each peer against ours, once: a wrong leading dimension is found here.
bool agree(const std::vector<Peer>& peers, const std::string& layout, const std::string& type, int threads) {
  const Product p(37, 29, 23, layout, type, threads);
  const Ready ours = *peers[0].prepare(p);
  ours.run(1);
  const std::vector<double> expected = ours.result();
  const double tolerance = type == "f32" || type == "f64" ? 1e-5 : 1e-2;
  const auto close = [&](double x, double y) { return std::abs(x - y) <= tolerance * (1 + std::abs(y)); };
  for (const Peer& peer : peers) {
    const std::optional<Ready> ready = peer.prepare(p);
    if (!ready) continue;
    p.out.fill_(NAN);  // so that nobody passes with what another has left there
    p.out_f32.fill_(NAN);
    ready->run(1);
    const std::vector<double> got = ready->result();
    if (!std::equal(got.begin(), got.end(), expected.begin(), expected.end(), close)) {
      fmt::print(stderr, "products: {} and ours differ: {} {}, 37,29,23\n", peer.name, layout, type);
      return false;
    }
  }
  return true;
}

/// The best seconds of a call for each peer, in turns; 0 where it has none. A turn is made of many short batches, so
/// that one of them escapes what else the machine has to do.
std::vector<double> measured(const std::vector<Peer>& peers, const Product& p, double seconds) {
  constexpr double batch = 1e-3;
  const double turn = seconds / 5 / static_cast<double>(peers.size());
  std::vector<std::optional<Ready>> ready;
  for (const Peer& peer : peers) ready.push_back(peer.prepare(p));
  std::vector<double> best(peers.size(), 0);
  double all = 0;
  for (int round = 0; round < 3 || (round < 5 && all < seconds); ++round)
    for (std::size_t i = 0; i < peers.size(); ++i) {
      if (!ready[i]) continue;
      // Threads that have nothing left to do go on looking for it, some 20 ms long, before they sleep: on a processor
      // that the next peer needs.
      if (p.threads > 1) std::this_thread::sleep_for(std::chrono::milliseconds(30));
      double spent = 0;
      for (int done = 0; spent < turn || (done < 10 && spent < 4 * turn); ++done) {
        const int calls = best[i] == 0 ? 1 : std::max(1, static_cast<int>(batch / std::max(best[i], 1e-9)));
        const double time = ready[i]->run(calls);
        best[i] = best[i] == 0 ? time : std::min(best[i], time / calls);
        spent += time;
        all += time;
      }
    }
  return best;
}

/// Sets what the libraries look at when they are loaded: so this program starts itself anew. With `simd`, what limits
/// them to older instructions; else only what tells an OpenBLAS about a processor newer than it (which would have
/// the instructions of 2004).
void choose_instructions(const std::string& simd, char** argv) {
  std::map<const char*, const char*> variables;
  const bool avx512 = simd.empty() ? __builtin_cpu_supports("avx512f") != 0 : simd == "avx512";
  const char* const core = avx512 ? "SkylakeX" : "Haswell";
  if (!simd.empty()) {
    variables = {{"TENON_SIMD", avx512 ? "avx512" : "avx2"},
                 {"DNNL_MAX_CPU_ISA", avx512 ? "AVX512_CORE" : "AVX2"},
                 {"OPENBLAS_CORETYPE", core},
                 {"MKL_ENABLE_INSTRUCTIONS", avx512 ? "AVX512" : "AVX2"},
                 {"ATEN_CPU_CAPABILITY", avx512 ? "avx512" : "avx2"}};
  } else if (auto* const name = function<char*()>(opened("libopenblas.so.0"), "openblas_get_corename")) {
    if (!std::getenv("OPENBLAS_CORETYPE") && std::string(name()) == "Prescott" && __builtin_cpu_supports("avx2"))
      variables = {{"OPENBLAS_CORETYPE", core}};
  }
  bool set = true;
  for (const auto& [name, value] : variables) {
    const char* const now = std::getenv(name);
    set = set && now && std::string(now) == value;
    setenv(name, value, 1);
  }
  if (!set) execv("/proc/self/exe", argv);
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

struct Options {
  Settings settings{"", 0.5};
  std::vector<std::string> types{"f32"}, layouts{"nn", "nt", "tn", "tt"},
      peers{"ours", "onednn", "openblas", "mkl", "torch"};
  std::vector<int> threads{1};
  std::string torch, python, simd;
};

/// Our speed beside the others', row by row, and what that comes to.
struct Ratio {
  double value;
  std::string label;
};

void summarize(const std::string& what, const std::string& beside, std::vector<Ratio> rows) {
  if (rows.empty()) return;
  std::sort(rows.begin(), rows.end(), [](const Ratio& x, const Ratio& y) { return x.value < y.value; });
  double logs = 0;
  for (const Ratio& r : rows) logs += std::log(r.value);
  fmt::print("{}: ours over {}: geometric mean {:.2f}; below 0.85: {} of {}; the worst:\n", what, beside,
             std::exp(logs / static_cast<double>(rows.size())),
             std::count_if(rows.begin(), rows.end(), [](const Ratio& r) { return r.value < 0.85; }), rows.size());
  rows.resize(std::min<std::size_t>(rows.size(), 5));
  for (const Ratio& r : rows) fmt::print("  {:<45} {:>6.2f}\n", r.label, r.value);
}

/// All rows of one type and number of threads. False where somebody's numbers are wrong.
bool table(const Options& o, const std::vector<Peer>& peers, const std::string& type, int threads) {
  use_threads(peers, threads);
  for (const std::string& layout : o.layouts)
    if (!agree(peers, layout, type, threads)) return false;
  const std::string what = fmt::format("{}, {} thread{}", type, threads, threads == 1 ? "" : "s");
  fmt::print("\n{:<45}", "GFLOP/s, " + what);
  for (const Peer& peer : peers) fmt::print(" {:>8}", peer.name);
  fmt::print(" {:>10} {:>6} {:>6}\n", "us", "/mkl", "/best");

  const auto ratio = [](double x) { return x == 0 ? "-" : fmt::format("{:.2f}", x); };
  std::string beside = "mkl";
  std::vector<Ratio> ratios;
  for (const Sizes& s : shapes()) {
    const std::string name = fmt::format("{} {},{},{}", s.name, s.m, s.n, s.k);
    if (!wanted(o.settings, name)) continue;
    for (const std::string& layout : o.layouts) {
      const std::string label = fmt::format("{:<36} {} {:<4}", name, layout, type);
      const std::vector<double> times =
          measured(peers, Product(s.m, s.n, s.k, layout, type, threads), o.settings.seconds);
      fmt::print("{:<45}", label);
      double mkl = 0, torch = 0, best = 0;
      for (std::size_t i = 0; i < peers.size(); ++i) {
        const double speed = times[i] == 0 ? 0 : 2e-9 * static_cast<double>(s.m * s.n * s.k) / times[i];
        fmt::print(" {:>8}", speed == 0 ? "-" : fmt::format("{:.{}f}", speed, speed < 10 ? 3 : 1));
        if (peers[i].name == "mkl") mkl = times[i];
        if (peers[i].name == "torch") torch = times[i];
        if (i > 0 && speed > 0 && (best == 0 || times[i] < best)) best = times[i];
      }
      const double reference = mkl > 0 ? mkl : torch;
      fmt::print(" {:>10.2f} {:>6} {:>6}\n", times[0] * 1e6, ratio(reference / times[0]), ratio(best / times[0]));
      std::fflush(stdout);
      if (mkl == 0) beside = "torch";
      if (reference > 0) ratios.push_back({reference / times[0], label});
    }
  }
  summarize(what, beside, std::move(ratios));
  return true;
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app(about);
  Options o;
  const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (processors > 1) o.threads.push_back(processors);
  const auto list = [&](const char* name, std::vector<std::string>& to, std::vector<std::string> all,
                        const char* help) {
    app.add_option(name, to, help)->delimiter(',')->check(CLI::IsMember(std::move(all)))->capture_default_str();
  };
  list("--types", o.types, {"f32", "bf16", "f64", "f16"}, "data types");
  list("--layouts", o.layouts, o.layouts, "how a and b lie");
  list("--peers", o.peers, o.peers, "whom to measure; ours always is");
  app.add_option("--threads", o.threads, "a list (default: 1 and the machine's processors)")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  app.add_option("--filter", o.settings.filter, "only rows whose `name m,n,k` holds this text");
  app.add_option("--seconds", o.settings.seconds, "for each row, all peers together; large products take longer")
      ->capture_default_str();
  app.add_option("--torch", o.torch, "a Python's site-packages/torch folder")->check(CLI::ExistingDirectory);
  app.add_option("--python", o.python, "a Python that has torch (default: TORCH/../../../../bin/python, as in a venv)");
  app.add_option("--simd", o.simd, "limits every library to avx2, or to avx512 as it was first (no bf16, no amx)")
      ->check(CLI::IsMember({"avx2", "avx512"}));
  CLI11_PARSE(app, argc, argv);
  choose_instructions(o.simd, argv);
  if (const std::string venv = o.torch + "/../../../../bin/python"; o.python.empty() && std::filesystem::exists(venv))
    o.python = venv;

  const auto chosen = [&](const char* name) {
    return std::find(o.peers.begin(), o.peers.end(), name) != o.peers.end();
  };
  std::vector<Peer> peers{ours()};
  if (chosen("onednn")) peers.push_back(onednn());
  if (chosen("openblas")) peers.push_back(openblas());
  if (chosen("mkl")) peers.push_back(mkl(o.torch));
  if (chosen("torch")) peers.push_back(torch_mm(o.python));
  double load = 0;  // above 0.5, others take part in what is measured
  getloadavg(&load, 1);
  fmt::print("{}; {} processors, load {:.1f}; threads: {}{}\n", processor(), processors, load,
             fmt::join(o.threads, ", "), o.simd.empty() ? "" : "; limited to " + o.simd);
  for (const Peer& peer : peers) fmt::print("  {:<8} {}\n", peer.name, peer.version.empty() ? "-" : peer.version);

  const tenon::InferenceMode guard;
  for (const std::string& type : o.types)
    for (const int threads : o.threads)
      if (!table(o, peers, type, threads)) return 1;
} catch (const std::exception& e) {
  fmt::print(stderr, "products: {}\n", e.what());
  return 1;
}
