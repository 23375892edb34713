// NumPy's arrays, by themselves and in archives: read, or refused; what was read, written and read again, is the same.
#include "io/arrays.h"

#include "fuzz/files/target.h"

namespace tenon::fuzz {
namespace {

void comes_back(const Tensor& x) {
  constexpr int64_t most = 1 << 16;  // elements: larger ones take time and show nothing else
  if (x.numel() > most) return;
  io::MemorySink sink("fuzz");
  io::write_npy(sink, x);
  const std::vector<std::byte> bytes = sink.take();
  io::MemorySource source("fuzz", bytes);
  const Tensor again = io::read_npy(source);
  require(again.shape() == x.shape() && again.dtype() == x.dtype(), "an array is the same after it was written");
  require(source.left() == 0, "an array ends where its bytes do");
}

}  // namespace
}  // namespace tenon::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace tenon;
  fuzz::reads_or_refuses([&] {
    io::MemorySource source("fuzz", fuzz::bytes_of(data, size));
    fuzz::comes_back(io::read_npy(source));
  });
  fuzz::reads_or_refuses([&] { fuzz::look_at(load(fuzz::bytes_of(data, size))); });
  return 0;
}
