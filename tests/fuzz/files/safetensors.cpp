// safetensors files: read, or refused; what was read, written and read again, is the same.
#include "io/safetensors.h"

#include "fuzz/files/target.h"
#include "io/safetensors_header.h"

namespace tenon::fuzz {
namespace {

void header_comes_back(const uint8_t* data, std::size_t size) {
  io::MemorySource source("fuzz", bytes_of(data, size));
  io::SafetensorsHeader header = io::read_safetensors_header(source);
  const std::size_t payload = static_cast<std::size_t>(source.left());
  const std::string text = io::safetensors_header("fuzz", header) + std::string(payload, '\0');
  io::MemorySource again("fuzz", std::as_bytes(std::span(text)));
  const io::SafetensorsHeader second = io::read_safetensors_header(again);
  const auto same = [](const io::SafetensorsEntry& a, const io::SafetensorsEntry& b) {
    return a.name == b.name && a.dtype == b.dtype && a.shape == b.shape && a.begin == b.begin && a.end == b.end;
  };
  require(std::equal(header.tensors.begin(), header.tensors.end(), second.tensors.begin(), second.tensors.end(), same),
          "tensors are written as they were read");
  require(Value(header.metadata).to_string() == Value(second.metadata).to_string(),
          "texts are written as they were read");
}

}  // namespace
}  // namespace tenon::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace tenon;
  fuzz::reads_or_refuses([&] { fuzz::header_comes_back(data, size); });
  fuzz::reads_or_refuses([&] {
    io::MemorySource source("fuzz", fuzz::bytes_of(data, size));
    fuzz::look_at(io::read_safetensors(source));
  });
  return 0;
}
