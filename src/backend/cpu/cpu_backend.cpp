#include "backend/cpu/cpu_backend.h"

#include <tenon/error.h>

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

namespace {
// Made while the library is loaded: what a thread is making while another one forks stays unfinished in the child.
[[maybe_unused]] const bool made_early = [] {
  try {
    cpu_backend();
    return true;
  } catch (const Error&) {  // is raised again at the first use
    return false;
  }
}();
}  // namespace

}  // namespace tenon
