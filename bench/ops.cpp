// What the smallest operations cost: tensors of 4 floats, where nothing but the library's own work is left to measure.
#include <cstdio>

#include <CLI/CLI.hpp>

#include <tenon/tenon.h>

#include "bench.h"

using namespace tenon;

namespace {

constexpr int many = 1000;  // of each in a call, so that the clock does not count

/// Prints `name  nanoseconds ns  (goal)` for one of the `many` that f does.
template <class F>
void row(const bench::Settings& s, std::string_view name, double goal, F&& f) {
  if (!bench::wanted(s, name)) return;
  fmt::print("{:<40} {:>8.1f} ns   goal {:>4.0f}\n", name, bench::best_seconds(s, f) * 1e9 / many, goal);
  std::fflush(stdout);
}

template <class F>
auto repeated(F f) {
  return [f] {
    for (int i = 0; i < many; ++i) f();
  };
}

void all(const bench::Settings& s) {
  const Shape four{4}, square{2, 2};
  const Tensor a = randn(four), b = randn(four), w = randn(four, {.requires_grad = true});
  row(s, "create: empty of 4 floats", 60, repeated([&] { const Tensor x = empty(four); }));
  row(s, "view: 4 as 2 by 2", 25, repeated([&] { const Tensor x = a.view(square); }));
  row(s, "view: select of 4", 25, repeated([&] { const Tensor x = a[1]; }));
  row(s, "add: 4 floats", 90, repeated([&] { const Tensor x = a + b; }));
  row(s, "add: 4 floats, in place", 90, repeated([&] { a.add_(b); }));
  row(s, "recorded add: 4 floats", 130, repeated([&] { const Tensor x = w + b; }));
  Tensor chain = w;
  for (int i = 0; i < many; ++i) chain = chain + b;
  row(s, "backward: a node of an add", 100, [&] {
    chain.backward(b);
    w.set_grad({});
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Tenon's smallest operations, in nanoseconds.");
  bench::Settings settings;
  app.add_option("filter", settings.filter, "only rows whose name holds this");
  app.add_option("--seconds", settings.seconds, "for each row")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  bench::header();
  all(settings);
  return 0;
}
