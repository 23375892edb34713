#pragma once
// The processes that train together: one, unless mpirun has started more.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>

#include <tenon/data/sampler.h>
#include <tenon/nn/module.h>
#include <tenon/ops.h>

#ifdef TENON_WITH_DISTRIBUTED
#include <tenon/distributed.h>
#endif

namespace support {

#ifdef TENON_WITH_DISTRIBUTED

template <class M>
using Parallel = tenon::distributed::DistributedDataParallel<M>;

/// Joins the others. Of several processes the first one speaks.
inline void begin_processes() {
  tenon::distributed::init();
  if (tenon::distributed::rank() > 0 && !std::freopen("/dev/null", "w", stdout)) std::perror("/dev/null");
}
inline int64_t rank() { return tenon::distributed::rank(); }
inline int64_t processes() { return tenon::distributed::world_size(); }
inline double sum_of_all(double x) {
  const tenon::Tensor sum = tenon::full({}, x, {tenon::float64});
  tenon::distributed::all_reduce(sum);
  return sum.item<double>();
}

#else  // built without MPI

template <class M>
struct Parallel : tenon::nn::Module<Parallel<M>> {
  M module;
  explicit Parallel(M model) : module(std::move(model)) {}
  tenon::Tensor forward(const tenon::Tensor& x) { return module(x); }
  TENON_MODULE(Parallel, module)
};

inline void begin_processes() {}
inline int64_t rank() { return 0; }
inline int64_t processes() { return 1; }
inline double sum_of_all(double x) { return x; }

#endif

/// Whether it is so in any process. They ask each other every 16th time.
inline bool anywhere(bool here, int64_t times = 0) {
  return processes() == 1 ? here : times % 16 == 0 && sum_of_all(here) > 0;
}

/// This process's part of n items, another one each epoch; null for a process that has them all.
inline std::shared_ptr<tenon::data::DistributedSampler> part_of(int64_t n, int64_t seed) {
  if (processes() == 1) return nullptr;
  return std::make_shared<tenon::data::DistributedSampler>(
      n, tenon::data::DistributedSamplerOptions{.num_replicas = processes(), .rank = rank(), .seed = seed});
}

}  // namespace support
