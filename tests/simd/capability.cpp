// Prints which instructions the kernels use and which processor OpenBLAS takes this one for; or, as often as it is
// tried, why not.
#include <cstdio>

#include <tenon/creation.h>
#include <tenon/device.h>
#include <tenon/error.h>

#include "backend/cpu/lapack.h"

int main() {
  int failures = 0;
  const auto attempt = [&](auto f) {
    try {
      f();
    } catch (const tenon::Error& e) {
      ++failures;
      std::printf("%s\n", e.what());
    }
  };
  attempt([] { tenon::ones({2}); });
  attempt([] { tenon::ones({2}); });
  attempt([] { std::printf("%s", std::string(tenon::get_cpu_capability()).c_str()); });
  if (failures == 0) std::printf(" %s\n", std::string(tenon::backend::cpu::openblas_core()).c_str());
  return failures == 0 ? 0 : 1;
}
