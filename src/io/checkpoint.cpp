// tenon::save and tenon::load: which form a file has, and where tensors go.
#include <tenon/io/checkpoint.h>

#include <array>

#include <tenon/creation.h>

#include "io/legacy_checkpoint.h"
#include "io/pickle_values.h"
#include "io/safetensors.h"
#include "io/zip_checkpoint.h"
#include "tensor/new_tensor.h"

namespace tenon {
namespace {

constexpr const char* operation = "load";

using io::SeekableSource;

enum class Form : uint8_t { zip, pickle, safetensors };

Form form_of(SeekableSource& file) {
  std::array<std::byte, 9> bytes{};
  const std::span<std::byte> begin =
      std::span(bytes).first(static_cast<std::size_t>(std::min<uint64_t>(file.size(), bytes.size())));
  file.read(begin.data(), begin.size());
  file.seek(0);
  const std::string_view text(reinterpret_cast<const char*>(begin.data()), begin.size());
  if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) return Form::zip;
  if (text.starts_with('\x80')) return Form::pickle;
  if (io::begins_as_safetensors(begin)) return Form::safetensors;
  file.damaged(begin.empty() ? "is empty" : "is not a checkpoint: neither what torch.save writes, nor safetensors");
}

/// The whole of `file`; `mapping`, where given, is the same one.
Value read(std::unique_ptr<SeekableSource> file, const io::MappedFile* mapping, const LoadOptions& options) {
  switch (form_of(*file)) {
    case Form::zip: return io::read_zip_checkpoint(std::move(file), mapping, options);
    case Form::pickle: return io::read_legacy_checkpoint(*file, mapping, options);
    case Form::safetensors: break;
  }
  Dict tensors = mapping ? io::read_safetensors(*mapping) : io::read_safetensors(*file);
  if (const Device place = options.map_location("cpu"); place != kCPU)
    for (auto& [key, value] : tensors) value = value.as<Tensor>().to(place);
  return tensors;
}

}  // namespace

MapLocation::MapLocation(const Device& everything) : place_([everything](const std::string&) { return everything; }) {}
MapLocation::MapLocation(std::map<std::string, Device> places)
    : place_([places = std::move(places)](const std::string& location) {
        const auto found = places.find(location);
        return found == places.end() ? std::nullopt : std::optional(found->second);
      }) {}

Device MapLocation::operator()(const std::string& location) const {
  if (location == "cpu" && !place_) return kCPU;
  const std::optional<Device> given = place_ ? place_(location) : std::nullopt;
  try {
    const Device place = given ? *given : Device(location);
    (void)empty({0}, {.device = place});  // refused where there is no such device
    return place;
  } catch (const Error& e) {
    fail(operation,
         "a tensor was saved on {}{}, which is not here ({}): say where it goes with map_location, for example "
         "{{.map_location = \"cpu\"}}",
         location, given ? fmt::format(" and goes to {}", *given) : "", e.what());
  }
}

Value load(const std::filesystem::path& file, const LoadOptions& options) {
  if (!options.mmap) return read(std::make_unique<io::FileSource>(operation, file), nullptr, options);
  const io::MappedFile mapping(operation, file);
  return read(std::make_unique<io::MemorySource>(operation, mapping.bytes(), file.string()), &mapping, options);
}

Value load(std::span<const std::byte> bytes, const LoadOptions& options) {
  return read(std::make_unique<io::MemorySource>(operation, bytes), nullptr, options);
}

namespace {

/// The name of the folder in the archive, which PyTorch takes from the file's: without its last extension.
std::string folder_of(const std::filesystem::path& file) { return file.stem().string(); }

void write(io::Sink& sink, const Value& value, std::string_view extension, const std::string& folder) {
  if (extension != ".safetensors") return io::write_zip_checkpoint(sink, folder, value);
  if (!value.is<Dict>())
    fail(sink.operation(), "a safetensors file holds a dict of tensors, got a {}", value.type_name());
  io::write_safetensors(sink, value.as<Dict>());
  sink.finish();
}

constexpr const char* saving = "save";

}  // namespace

void save(const Value& value, const std::filesystem::path& file, const SaveOptions& options) {
  io::FileSink sink(saving, file, options.sync ? io::FileSink::Durable::yes : io::FileSink::Durable::no);
  write(sink, value, file.extension().string(), folder_of(file));
}
void save(const Value& value, std::ostream& stream) {
  io::StreamSink sink(saving, stream);
  io::write_zip_checkpoint(sink, "archive", value);
}
std::vector<std::byte> save_to_bytes(const Value& value) {
  io::MemorySink sink(saving);
  io::write_zip_checkpoint(sink, "archive", value);
  return sink.take();
}

Ref<Storage> io::moved(Ref<Storage> storage, const Device& place) {
  if (storage->device == place) return storage;
  return new_on_storage(storage, {storage->nbytes}, {1}, uint8).to(place).impl()->storage;
}

}  // namespace tenon
