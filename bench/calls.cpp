// What a module call costs beside a plain function's, and what a hook costs.
#include <vector>

#include <benchmark/benchmark.h>
#include <tenon/tenon.h>

namespace {

using namespace tenon;

struct Identity : nn::Module<Identity> {
  [[gnu::noinline]] Tensor forward(const Tensor& x) { return x; }
  TENON_MODULE(Identity)
};

[[gnu::noinline]] Tensor plain_function(const Tensor& x) { return x; }

void plain_call(benchmark::State& state) {
  const Tensor x = ones({4});
  for (auto _ : state) benchmark::DoNotOptimize(plain_function(x));
}

void module_call(benchmark::State& state) {
  const Tensor x = ones({4});
  Identity m;
  for (auto _ : state) benchmark::DoNotOptimize(m(x));
}

void call_of_any_module(benchmark::State& state) {
  const Tensor x = ones({4});
  Identity m;
  nn::ModuleBase& base = m;
  for (auto _ : state) benchmark::DoNotOptimize(base(x));
}

// 100 layers with `hooks` hooks each: the time is for all of them.
void hooked_layers(benchmark::State& state) {
  const auto hooks = state.range(0);
  const Tensor x = ones({4});
  std::vector<Identity> layers(100);
  int64_t calls = 0;
  for (Identity& layer : layers)
    for (int64_t i = 0; i < hooks; ++i)
      layer.register_forward_hook([&calls](nn::ModuleBase&, nn::Tensors, nn::Tensors) { ++calls; });
  for (auto _ : state)
    for (Identity& layer : layers) benchmark::DoNotOptimize(layer(x));
}

BENCHMARK(plain_call);
BENCHMARK(module_call);
BENCHMARK(call_of_any_module);
BENCHMARK(hooked_layers)->Arg(0)->Arg(1)->Arg(2)->Arg(10);

}  // namespace

int main(int argc, char** argv) {
  benchmark::AddCustomContext("kernels", std::string(get_cpu_capability()));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
