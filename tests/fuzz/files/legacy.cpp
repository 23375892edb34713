// What torch.save wrote before PyTorch 1.6, and bare pickles.
#include "fuzz/files/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace tenon;
  for (const bool opaque : {false, true})
    fuzz::reads_or_refuses(
        [&] { fuzz::look_at(load(fuzz::bytes_of(data, size), {.map_location = "cpu", .opaque = opaque})); });
  return 0;
}
