// tenon::save and tenon::load: which form a file has, and where tensors go.
#include <tenon/io/checkpoint.h>

#include <map>

#include <tenon/creation.h>

#include "backend/new_tensor.h"
#include "io/arrays.h"
#include "io/file_sink.h"
#include "io/form.h"
#include "io/legacy_checkpoint.h"
#include "io/load_stream.h"
#include "io/named_errors.h"
#include "io/pickle_values.h"
#include "io/safetensors.h"
#include "io/shard_index.h"
#include "io/zip_checkpoint.h"

namespace tenon {
namespace {

constexpr const char* loading = "load";
constexpr const char* saving = "save";

using io::SeekableSource;

/// A tensor, or a dict of them, which is in no form that names a device.
Value placed(Value value, const LoadOptions& options) {
  const Device place = options.map_location("cpu");
  if (place == kCPU) return value;
  if (value.is<Tensor>()) return value.as<Tensor>().to(place);
  for (auto& [key, item] : value.as_mutable<Dict>()) item = item.as<Tensor>().to(place);
  return value;
}

Value load_file(const std::filesystem::path& file, const LoadOptions& options, bool is_shard);

/// What the files beside an index have, by its names.
Value load_shards(SeekableSource& index, const std::filesystem::path& folder, const LoadOptions& options) {
  Dict tensors;
  std::map<std::string, Value> shards;
  for (const auto& [key, name] : io::read_shard_index(index)) {
    const auto found = shards.find(name);
    const Value& shard = found != shards.end()
                             ? found->second
                             : shards.emplace(name, load_file(folder / name, options, true)).first->second;
    if (!shard.is<Dict>() || !shard.contains(key))
      index.damaged(fmt::format("says that {} has {}, which is not so", name, Key(key).quoted()));
    tensors.set(key, shard[key]);
  }
  return tensors;
}

}  // namespace

Value io::read_any(std::unique_ptr<SeekableSource> file, const LoadOptions& options, const Origin& origin) {
  SeekableSource& source = *file;
  if (origin.length) *origin.length = source.size();
  switch (form_of(source)) {
    case Form::zip: {
      ZipReader zip(std::move(file));
      if (holds_arrays(zip)) return placed(read_npz(zip), options);
      return read_zip_checkpoint(zip, origin.mapping, options);
    }
    case Form::pickle: return read_legacy_checkpoint(source, origin.mapping, options, origin.length);
    case Form::safetensors:
      return placed(origin.mapping ? read_safetensors(*origin.mapping) : read_safetensors(source), options);
    case Form::npy: {
      Tensor x = read_npy(source);
      if (origin.length) *origin.length -= source.left();
      else if (source.left() > 0) source.damaged("there is more in it than its array");
      return placed(std::move(x), options);
    }
    case Form::index: break;
  }
  if (!origin.folder) source.damaged("is the index of a checkpoint in several files: load it by its path");
  return load_shards(source, *origin.folder, options);
}

namespace {

Value load_file(const std::filesystem::path& file, const LoadOptions& options, bool is_shard) {
  return io::with_named_errors(loading, file.string(), [&] {
    const std::filesystem::path folder = file.parent_path();
    io::Origin origin{.folder = is_shard ? nullptr : &folder};
    if (!options.mmap) return io::read_any(std::make_unique<io::FileSource>(loading, file), options, origin);
    const io::MappedFile mapping(loading, file);
    origin.mapping = &mapping;
    return io::read_any(std::make_unique<io::MemorySource>(loading, mapping.bytes(), file.string()), options, origin);
  });
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
    fail(loading,
         "a tensor was saved on {}{}, which is not here ({}): say where it goes with map_location, for example "
         "{{.map_location = \"cpu\"}}",
         location, given ? fmt::format(" and goes to {}", *given) : "", e.what());
  }
}

Value load(const std::filesystem::path& file, const LoadOptions& options) { return load_file(file, options, false); }

Value load(std::span<const std::byte> bytes, const LoadOptions& options) {
  return io::with_named_errors(
      loading, "", [&] { return io::read_any(std::make_unique<io::MemorySource>(loading, bytes), options, {}); });
}

namespace {

/// The name of the folder in the archive, which PyTorch takes from the file's: without its last extension.
std::string folder_of(const std::filesystem::path& file) { return file.stem().string(); }

void write(io::Sink& sink, const Value& value, std::string_view extension, const std::string& folder) {
  const bool one = extension == ".npy", several = extension == ".npz" || extension == ".safetensors";
  if (one && !value.is<Tensor>()) fail(saving, "a .npy file holds a tensor, got a {}", value.type_name());
  if (several && !value.is<Dict>())
    fail(saving, "a {} file holds a dict of tensors, got a {}", extension.substr(1), value.type_name());
  if (one) return io::write_npy(sink, value.as<Tensor>());
  if (extension == ".npz") return io::write_npz(sink, value.as<Dict>(), false);
  if (!several) return io::write_zip_checkpoint(sink, folder, value);
  io::write_safetensors(sink, value.as<Dict>());
  sink.finish();
}

}  // namespace

void save(const Value& value, const std::filesystem::path& file, const SaveOptions& options) {
  io::with_named_errors(saving, file.string(), [&] {
    io::FileSink sink(saving, file, options.sync ? io::FileSink::Durable::yes : io::FileSink::Durable::no);
    write(sink, value, file.extension().string(), folder_of(file));
  });
}
void save(const Value& value, std::ostream& stream) {
  io::with_named_errors(saving, "", [&] {
    io::StreamSink sink(saving, stream);
    io::write_zip_checkpoint(sink, "archive", value);
  });
}
std::vector<std::byte> save_to_bytes(const Value& value) {
  return io::with_named_errors(saving, "", [&] {
    io::MemorySink sink(saving);
    io::write_zip_checkpoint(sink, "archive", value);
    return sink.take();
  });
}

Ref<Storage> io::moved(Ref<Storage> storage, const Device& place) {
  if (storage->device == place) return storage;
  return new_on_storage(storage, {storage->nbytes}, {1}, uint8).to(place).impl()->storage;
}

}  // namespace tenon
