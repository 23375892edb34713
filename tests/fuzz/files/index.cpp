// The index of a checkpoint in several files: it may name files beside it and no others.
#include "io/shard_index.h"

#include "fuzz/files/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace tenon;
  fuzz::reads_or_refuses([&] {
    io::MemorySource source("fuzz", fuzz::bytes_of(data, size));
    for (const auto& [key, file] : io::read_shard_index(source))
      fuzz::require(!file.empty() && file.find('/') == file.npos && file != ".." && file != ".",
                    "an index names files beside it");
  });
  return 0;
}
