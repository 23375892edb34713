// Stands in for src/backend/cuda where the library is built without CUDA.
#include "backend/backend.h"

namespace tenon {

const Backend& cuda_backend(const Device& device) {
  fail("Device", "{} is not there: this build of tenon has no CUDA; use \"cpu\" or \"meta\"", device);
}

}  // namespace tenon
