// Stands in for src/backend/cuda where the library is built without CUDA.
#include "backend/backend.h"

#include <tenon/cuda.h>

namespace tenon {

const Backend& cuda_backend(const Device& device) {
  fail("Device", "{} is not there: this build of tenon has no CUDA; use \"cpu\" or \"meta\"", device);
}

namespace cuda {

int device_count() { return 0; }

std::vector<Tensor> get_rng_state_all() { return {}; }

void set_rng_state_all(const std::vector<Tensor>& states) {
  if (!states.empty())
    fail("set_rng_state_all", "expected no states, as this build of tenon has no CUDA, got {}", states.size());
}

}  // namespace cuda
}  // namespace tenon
