#include <fmt/format.h>

#include "backend/new_tensor.h"
#include "io/pickle_values.h"
#include "io/pickle_writer.h"
#include "io/zip.h"
#include "io/zip_checkpoint.h"

namespace tenon::io {
namespace {

constexpr uint64_t alignment = 64;

class CheckpointWriter {
 public:
  CheckpointWriter(Sink& sink, std::string folder)
      : zip_(sink, ZipWriter::Form::streamed), folder_(std::move(folder)) {}

  void add(const std::string& name, std::span<const std::byte> bytes) {
    const std::array<std::span<const std::byte>, 1> pieces{bytes};
    zip_.add(folder_ + "/" + name, pieces, {.alignment = alignment});
  }
  void add(const std::string& name, std::string_view text) { add(name, std::as_bytes(std::span(text))); }
  /// The same for the same records, so that files can be compared: a number made of their names, and one of what they
  /// hold.
  std::string serialization_id() const {
    uint64_t names = 0xCBF29CE484222325, contents = 0;  // FNV-1a
    for (const ZipEntry& e : zip_.entries()) {
      for (const char c : e.name) names = (names ^ static_cast<unsigned char>(c)) * 0x100000001B3;
      contents = contents * 31 + e.crc;
    }
    return fmt::format("{:020}{:020}", names, contents);
  }
  void finish() { zip_.finish(); }

 private:
  ZipWriter zip_;
  std::string folder_;
};

}  // namespace

void write_zip_checkpoint(Sink& sink, const std::string& folder, const Value& value) {
  const PickledCheckpoint checkpoint = pickled(value, sink.operation());
  CheckpointWriter writer(sink, folder);
  writer.add("data.pkl", checkpoint.pickle);
  writer.add(".format_version", "1");
  writer.add(".storage_alignment", fmt::to_string(alignment));
  writer.add("byteorder", "little");
  for (std::size_t i = 0; i < checkpoint.storages.size(); ++i) {
    const Ref<Storage> storage = moved(checkpoint.storages[i], kCPU);
    writer.add(fmt::format("data/{}", i),
               std::span<const std::byte>(storage->data, static_cast<std::size_t>(storage->nbytes)));
  }
  writer.add("version", "3\n");
  writer.add(".data/serialization_id", writer.serialization_id());
  writer.finish();
}

}  // namespace tenon::io
