#include "io/legacy_checkpoint.h"

#include <map>
#include <optional>

#include <fmt/format.h>

#include "backend/new_tensor.h"
#include "io/pickle_tensor.h"
#include "io/pickle_values.h"

namespace tenon::io {
namespace {

using Kind = PickleGraph::Kind;

constexpr std::string_view magic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";  // 0x1950A86A20F9469CFC6C
constexpr int64_t protocol = 1001;

class NoStorages final : public Storages {
 public:
  Ref<Storage> get(const StorageName&) override {
    throw StorageProblem("a tensor in a plain pickle, which has no place for its elements");
  }
};

class LegacyReader final : public Storages {
 public:
  LegacyReader(SeekableSource& file, std::span<const std::byte> bytes, const MappedFile* mapping,
               const LoadOptions& options)
      : file_(file), bytes_(bytes), mapping_(mapping), options_(options) {}

  Value run(uint64_t* length) {
    const PickleGraph first = next("");
    if (first.kind(first.root()) != Kind::big_integer || first.text(first.root()) != magic) {
      if (length) *length = at_;
      else if (at_ != bytes_.size())
        file_.damaged(fmt::format("is a plain pickle with {} bytes after its end", bytes_.size() - at_));
      NoStorages none;
      return values_of(first, none, options_);
    }
    const PickleGraph version = next("the protocol's version");
    if (version.kind(version.root()) != Kind::integer || version.integer(version.root()) != protocol)
      file_.damaged(fmt::format("is in a form before the zip form, but not of protocol {}", protocol));
    check_system(next("the system's information"));
    const PickleGraph object = next("the object");
    find_storages(object, next("the storages' keys"));
    if (length) *length = at_;
    return values_of(object, *this, options_);
  }

  Ref<Storage> get(const StorageName& name) override {
    Place& place = places_.at(name.key);  // all names that the pickle has were looked at
    if (!place.storage) {
      if (!place.begin) throw StorageProblem(fmt::format("the storage {} is missing from the file", name.key));
      const auto size = static_cast<int64_t>(place.size);
      const Device device = options_.map_location(name.location);
      if (device.type == DeviceType::meta) {
        place.storage = new_storage(size, device);
      } else if (mapping_) {
        place.storage =
            moved(mapping_->tensor(*place.begin, {size / item_size(name.dtype)}, name.dtype).impl()->storage, device);
      } else {
        Ref<Storage> storage = new_storage(size, kCPU);
        const auto from = bytes_.subspan(static_cast<std::size_t>(*place.begin), place.size);
        std::copy(from.begin(), from.end(), storage->data);
        place.storage = moved(std::move(storage), device);
      }
    }
    return place.storage;
  }

 private:
  struct Place {
    DType dtype;
    int64_t numel;
    std::optional<uint64_t> begin = {};
    std::size_t size = 0;
    Ref<Storage> storage = {};
  };

  PickleGraph next(std::string_view what) {
    PickleGraph graph(bytes_.subspan(at_), file_.operation(),
                      what.empty() ? file_.name() : fmt::format("{}: {}", file_.name(), what));
    at_ += graph.length();
    return graph;
  }

  void check_system(const PickleGraph& system) {
    if (system.kind(system.root()) != Kind::dict) file_.damaged("has no information about the system that saved it");
    const auto& entries = system.parts(system.root()).entries;
    for (std::size_t i = 0; i < entries.size(); i += 2)
      if (system.kind(entries[i]) == Kind::text && system.text(entries[i]) == "little_endian" &&
          system.kind(entries[i + 1]) == Kind::boolean && system.integer(entries[i + 1]) == 0)
        file_.damaged(
            "was saved on a big-endian machine, which is not read: load and save it with PyTorch on this one");
  }

  /// The storages follow in the order of their keys, each after its number of elements, whose size only the object
  /// tells.
  void find_storages(const PickleGraph& object, const PickleGraph& keys) {
    for (PickleGraph::Index i = 0; i < object.size(); ++i) {
      if (object.kind(i) != Kind::persistent) continue;
      try {
        const StorageName name = storage_name(object, i);
        const auto [place, is_new] = places_.try_emplace(name.key, Place{name.dtype, name.numel});
        if (place->second.dtype != name.dtype || place->second.numel != name.numel)
          file_.damaged(fmt::format("names the storage {} with two types or sizes", name.key));
      } catch (const BadArgument& e) {
        file_.damaged(fmt::format("{} (byte {} of the pickle)", e.what(), object[i].at));
      }
    }
    if (keys.kind(keys.root()) != Kind::list) file_.damaged("has no list of its storages");
    for (const auto i : keys.parts(keys.root()).items) {
      const auto found = keys.kind(i) == Kind::text ? places_.find(std::string(keys.text(i))) : places_.end();
      if (found == places_.end() || found->second.begin)
        file_.damaged("lists a storage that no tensor lies in, or one twice");
      Place& place = found->second;
      if (bytes_.size() - at_ < sizeof(int64_t)) file_.damaged("ends before its storages do");
      uint64_t numel = 0;
      for (std::size_t k = 0; k < sizeof numel; ++k) numel |= static_cast<uint64_t>(bytes_[at_ + k]) << (8 * k);
      at_ += sizeof numel;
      if (numel != static_cast<uint64_t>(place.numel))
        file_.damaged(
            fmt::format("its storage {} has {} elements, and should have {}", found->first, numel, place.numel));
      place.size = static_cast<std::size_t>(place.numel) * static_cast<std::size_t>(item_size(place.dtype));
      if (bytes_.size() - at_ < place.size) file_.damaged("ends before its storages do");
      place.begin = at_;
      at_ += place.size;
    }
  }

  SeekableSource& file_;
  std::span<const std::byte> bytes_;
  const MappedFile* mapping_;
  const LoadOptions& options_;
  std::size_t at_ = 0;
  std::map<std::string, Place> places_;
};

}  // namespace

Value read_legacy_checkpoint(SeekableSource& file, const MappedFile* mapping, const LoadOptions& options,
                             uint64_t* length) {
  if (mapping) return LegacyReader(file, mapping->bytes(), mapping, options).run(length);
  std::vector<std::byte> bytes(static_cast<std::size_t>(file.size()));
  file.seek(0);
  file.read(bytes.data(), bytes.size());
  return LegacyReader(file, bytes, nullptr, options).run(length);
}

}  // namespace tenon::io
