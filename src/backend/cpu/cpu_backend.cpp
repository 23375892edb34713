#include "backend/cpu/cpu_backend.h"

namespace tenon {

const Backend& cpu_backend() {
  static const backend::cpu::CpuBackend backend;
  return backend;
}

}  // namespace tenon
