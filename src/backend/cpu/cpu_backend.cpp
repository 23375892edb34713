#include "backend/cpu/cpu_backend.h"

#include "backend/cpu/instruction_set.h"

namespace tenon {

const Backend& cpu_backend() {
  static const backend::cpu::CpuBackend backend = [] {
    backend::cpu::check_instruction_set();  // a static whose initialisation throws is initialised again by the next
                                            // call
    return backend::cpu::CpuBackend();
  }();
  return backend;
}

}  // namespace tenon
