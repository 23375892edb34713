#include <tenon/cuda.h>

#include "backend/no_cuda/device.h"

namespace tenon {

int cuda::device_count() { return devices(); }

std::vector<Tensor> cuda::get_rng_state_all() { return {}; }

void cuda::set_rng_state_all(const std::vector<Tensor>& states) {
  if (states.size() != static_cast<std::size_t>(device_count()))
    fail("set_rng_state_all", "expected a state for each of {} CUDA devices, got {}", device_count(), states.size());
}

}  // namespace tenon
