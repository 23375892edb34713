// What data-parallel training costs beyond its computing: mpirun -np 2 build/bench/distributed --help
#include <cmath>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include <tenon/distributed.h>
#include <tenon/tenon.h>

#include "bench.h"
#include "models/gpt2.h"
#include "models/resnet.h"

using namespace tenon;
namespace d = tenon::distributed;

namespace {

struct Options {
  double seconds = 0.5, latency_us = 25;
  std::string filter, chart;
};

/// Rank 0 speaks.
template <class... A>
void say(fmt::format_string<A...> format, A&&... arguments) {
  if (d::rank() != 0) return;
  fmt::print(format, std::forward<A>(arguments)...);
  std::fflush(stdout);
}

/// The median of a call that all processes make, in seconds; every process has rank 0's.
template <class F>
double median_seconds(double seconds, F&& f) {
  std::vector<double> all;
  f();
  d::barrier();
  const auto start = std::chrono::steady_clock::now();
  for (bool more = true; more;) {
    const auto begin = std::chrono::steady_clock::now();
    f();
    all.push_back(bench::seconds_since(begin));
    more = d::broadcast_object(bench::seconds_since(start) < seconds || all.size() < 3).as<bool>();
  }
  std::sort(all.begin(), all.end());
  return d::broadcast_object(all[all.size() / 2]).as<double>();
}

// ---- the link: latency + bytes / bandwidth

struct Link {
  double latency = 0, bandwidth = 0;  ///< seconds; bytes a second
};

/// A line through the times, by the least sum of squared relative errors.
Link fitted(const std::vector<double>& bytes, const std::vector<double>& times) {
  double w = 0, wx = 0, wxx = 0, wy = 0, wxy = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const double weight = 1 / (times[i] * times[i]);
    w += weight;
    wx += weight * bytes[i];
    wxx += weight * bytes[i] * bytes[i];
    wy += weight * times[i];
    wxy += weight * bytes[i] * times[i];
  }
  const double slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  return {(wy - slope * wx) / w, 1 / slope};
}

void measure_link(const Options& o) {
  say("\nall_reduce of float32, {} processes\n", d::world_size());
  std::vector<double> bytes, times;
  for (int64_t n = 2; n <= int64_t{1} << 24; n *= 8) {
    const Tensor x = ones({n});
    const double t = median_seconds(o.seconds, [&] { d::all_reduce(x, {.op = d::ReduceOp::max}); });
    bytes.push_back(static_cast<double>(x.nbytes()));
    times.push_back(t);
    say("{:>12} bytes {:>12.1f} us {:>8.2f} GB/s\n", x.nbytes(), t * 1e6, bytes.back() / t * 1e-9);
  }
  const Link link = fitted(bytes, times);
  say("latency {:.1f} us, bandwidth {:.2f} GB/s\n", link.latency * 1e6, link.bandwidth * 1e-9);
}

// ---- models: what a step computes, and what it sends

struct Measured {
  std::string name;
  double bytes = 0, last_bucket = 0;  ///< of gradients; of those that are sent last, when nothing is left to compute
  double forward = 0, backward = 0, update = 0;  ///< seconds
  double step() const { return forward + backward + update; }
};

/// A step of `model` by parts, and what of a slow link's time passes while backward goes on.
template <class M, class Loss>
Measured measure(const std::string& name, M model, Loss loss_of) {
  Measured m{.name = name};
  d::DistributedDataParallel parallel(std::move(model));
  optim::SGD optimizer(parallel.parameters(), {.lr = 1e-4});
  const auto seconds = [](auto&& f) {
    const auto begin = std::chrono::steady_clock::now();
    f();
    return bench::seconds_since(begin);
  };
  std::vector<double> forward, backward, update;
  for (int i = 0; i < 5; ++i) {
    const auto local = parallel.no_sync();
    Tensor loss;
    optimizer.zero_grad();
    forward.push_back(seconds([&] { loss = loss_of(parallel); }));
    backward.push_back(seconds([&] { loss.backward(); }));
    update.push_back(seconds([&] { optimizer.step(); }));
  }
  const auto median = [](std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return d::broadcast_object(v[v.size() / 2]).as<double>();
  };
  m.forward = median(forward);
  m.backward = median(backward);
  m.update = median(update);
  for (const nn::Parameter& p : parallel.parameters()) m.bytes += static_cast<double>(p.nbytes());

  // On a link that takes as long for all gradients as backward does, one bucket after the other.
  const double bandwidth = m.bytes / m.backward;
  const auto slowed = [&](double bucket_mb) {
    d::DistributedDataParallel copy(parallel.module.clone(), {.bucket_cap_mb = bucket_mb});
    copy.register_comm_hook([&](const d::GradBucket& bucket, const d::Group& group) {
      const auto bytes = static_cast<double>(bucket.buffer.nbytes());
      if (bucket.is_last) m.last_bucket = bytes;
      std::this_thread::sleep_for(std::chrono::duration<double>(bytes / bandwidth));
      bucket.buffer.div_(group.size());
      d::all_reduce(bucket.buffer, {.group = group});
      return bucket.buffer;
    });
    return median_seconds(0, [&] {
      copy.zero_grad();
      loss_of(copy).backward();
    });
  };
  const double at_the_end = slowed(1e9), meanwhile = slowed(25), alone = m.forward + m.backward;
  say("{:<10} {:>8.1f} MB  forward {:.3f} s  backward {:.3f} s  step {:.3f} s;  slowed link: sent at the end {:.3f} s, "
      "meanwhile {:.3f} s: {:.0f} % of it hidden\n",
      name, m.bytes * 1e-6, m.forward, m.backward, m.update, at_the_end, meanwhile,
      100 * (at_the_end - meanwhile) / (at_the_end - alone));
  return m;
}

// ---- beyond this machine

enum class Way { ring, tree };

/// How long it takes n processes to add up so many bytes.
double all_reduce_seconds(Way way, double n, double bytes, const Link& link) {
  if (n <= 1) return 0;
  if (way == Way::ring) return 2 * (n - 1) * link.latency + 2 * (n - 1) / n * bytes / link.bandwidth;
  return 2 * std::ceil(std::log2(n)) * (link.latency + bytes / link.bandwidth);
}

/// A step of n processes; what is sent while backward goes on counts where it takes longer.
double step_seconds(const Measured& m, Way way, double n, const Link& link, bool overlap) {
  const double all = all_reduce_seconds(way, n, m.bytes, link);
  if (!overlap) return m.step() + all;
  return m.step() + std::max(all - m.backward, all_reduce_seconds(way, n, m.last_bucket, link));
}

void predict(const Options& o, const std::vector<Measured>& models) {
  std::vector<training::Curve> curves;
  for (const double gbit : {10.0, 100.0}) {
    const Link link{o.latency_us * 1e-6, gbit * 1e9 / 8};
    say("\n{} Gbit/s, {} us: how much of n machines' speed is left, in percent\n{:<24}", gbit, o.latency_us, "");
    for (int n = 1; n <= 1024; n *= 4) say("{:>8}", n);
    say("\n");
    for (const Measured& m : models)
      for (const Way way : {Way::ring, Way::tree})
        for (const bool overlap : {true, false}) {
          const std::string name =
              fmt::format("{} {}{}", m.name, way == Way::ring ? "ring" : "tree", overlap ? "" : ", no overlap");
          say("{:<24}", name);
          training::Curve curve{fmt::format("{}, {} Gbit/s", name, gbit), {}, {}};
          for (int n = 1; n <= 1024; n *= 2) {
            const double left = 100 * m.step() / step_seconds(m, way, n, link, overlap);
            curve.x.push_back(std::log2(n));
            curve.y.push_back(left);
            if (static_cast<int>(std::log2(n)) % 2 == 0) say("{:>8.1f}", left);
          }
          say("\n");
          if (way == Way::ring && overlap) curves.push_back(std::move(curve));
        }
    for (const Measured& m : models) {
      const double latency = 2 * 1023 * link.latency, bytes = 2 * m.bytes / link.bandwidth;
      say("{}: with 1,024 in a ring {:.3f} s of latency and {:.3f} s of bytes, {:.3f} s of backward: {} holds it back "
          "first\n",
          m.name, latency, bytes, m.backward, latency > bytes ? "latency" : "bandwidth");
    }
  }
  if (!o.chart.empty() && d::rank() == 0)
    training::save_chart(o.chart, curves,
                         {"Data-parallel training, predicted", "log2 of processes", "% of their speed"});
}

struct MLP : nn::Module<MLP> {
  nn::Linear fc1{784, 256}, fc2{256, 10};
  Tensor forward(const Tensor& x) { return fc2(fc1(x).relu()); }
  TENON_MODULE(MLP, fc1, fc2)
};

void run(const Options& o) {
  say("tenon, {} processes of {} threads, {}\n", d::world_size(), num_threads(), get_cpu_capability());
  const bench::Settings which{.filter = o.filter};
  if (bench::wanted(which, "link")) measure_link(o);
  say("\n");
  std::vector<Measured> models;
  namespace F = nn::functional;
  if (bench::wanted(which, "MLP")) {
    const Tensor x = randn({32, 784}), y = randint(0, 10, {32});
    models.push_back(measure("MLP", MLP(), [=](auto& m) { return F::cross_entropy(m(x), y); }));
  }
  if (bench::wanted(which, "ResNet-50")) {
    const Tensor x = randn({4, 3, 224, 224}), y = randint(0, 1000, {4});
    models.push_back(measure("ResNet-50", models::resnet50(), [=](auto& m) { return F::cross_entropy(m(x), y); }));
  }
  if (bench::wanted(which, "GPT-2")) {
    const Tensor x = randint(0, 50257, {1, 128}), y = randint(0, 50257, {128});
    models.push_back(
        measure("GPT-2", models::GPT2(), [=](auto& m) { return F::cross_entropy(m(x).flatten(0, 1), y); }));
  }
  predict(o, models);
}

}  // namespace

int main(int argc, char** argv) {
  d::init();
  Options o;
  int threads = 1;
  CLI::App app("Latency, bandwidth and overlap of data-parallel training here, and what they lead to elsewhere.");
  app.option_defaults()->always_capture_default();
  app.add_option("--threads", threads, "Threads of each process")->check(CLI::PositiveNumber);
  app.add_option("--filter", o.filter, "Only link, MLP, ResNet-50 or GPT-2");
  app.add_option("--seconds", o.seconds, "For each size of the link's table")->check(CLI::PositiveNumber);
  app.add_option("--latency-us", o.latency_us, "Of a message between machines, for the predictions")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--chart", o.chart, "Draw the predictions here, as SVG");
  CLI11_PARSE(app, argc, argv);
  set_num_threads(threads);
  run(o);
}
