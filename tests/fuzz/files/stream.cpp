// One object after the other from a stream, each of which takes some of it.
#include <sstream>

#include "fuzz/files/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace tenon;
  fuzz::reads_or_refuses([&] {
    std::istringstream stream(std::string(reinterpret_cast<const char*>(data), size));
    constexpr int most = 16;
    for (int i = 0; i < most && stream.peek() != EOF; ++i) {
      const auto before = stream.tellg();
      fuzz::look_at(load(stream, {.map_location = "cpu", .opaque = true}));
      fuzz::require(stream.tellg() > before, "an object takes some of its stream");
    }
  });
  return 0;
}
