// Zip archives: every entry is read, or refused; and as checkpoints.
#include "io/zip.h"

#include <algorithm>
#include <vector>

#include "fuzz/files/target.h"

namespace tenon::fuzz {
namespace {

void read_all(const uint8_t* data, std::size_t size) {
  constexpr uint64_t most = 16 << 20;  // of what a deflated entry can become
  io::ZipReader zip(std::make_unique<io::MemorySource>("fuzz", bytes_of(data, size)));
  for (const io::ZipEntry& entry : zip.entries())
    reads_or_refuses([&] {
      const auto source = zip.open(entry);
      require(entry.deflated || source->left() <= size, "a stored entry is no larger than its archive");
      std::vector<std::byte> buffer(1 << 16);
      for (uint64_t done = 0; source->left() > 0 && done < most;) {
        const auto part = static_cast<std::size_t>(std::min<uint64_t>(source->left(), buffer.size()));
        source->read(buffer.data(), part);
        done += part;
      }
    });
}

}  // namespace
}  // namespace tenon::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace tenon;
  fuzz::reads_or_refuses([&] { fuzz::read_all(data, size); });
  fuzz::reads_or_refuses([&] {
    fuzz::look_at(load(fuzz::bytes_of(data, size), {.map_location = "cpu", .verify = true, .opaque = true}));
  });
  fuzz::reads_or_refuses([&] { fuzz::look_at(load(fuzz::bytes_of(data, size), {.torchscript = true})); });
  return 0;
}
