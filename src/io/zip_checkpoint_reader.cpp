#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>

#include <fmt/format.h>

#include "backend/new_tensor.h"
#include "io/checksum.h"
#include "io/pickle_values.h"
#include "io/torchscript.h"
#include "io/zip.h"
#include "io/zip_checkpoint.h"

namespace tenon::io {
namespace {

constexpr uint64_t always_checked = 1 << 20;  // bytes: records up to that are always compared with their checksums
constexpr uint64_t longest_expanded = 256
                                      << 20;  // bytes of a deflated pickle: the rest of the file bounds what is stored
constexpr uint64_t alignment = 16;            // suits every type

/// The records of an archive by their names below its folder.
class Records {
 public:
  Records(ZipReader& zip, const MappedFile* mapping, const LoadOptions& options)
      : file_(zip.file()), zip_(zip), mapping_(mapping), options_(options) {
    if (zip_.entries().empty()) file_.damaged("is an empty zip archive");
    const std::string& first = zip_.entries().front().name;
    const std::size_t folder = first.find('/') + 1;  // 0 where there is none
    if (folder == 0) file_.damaged("is a zip archive, but not a checkpoint: its entries stand in no folder");
    for (const ZipEntry& e : zip_.entries())
      if (e.name.starts_with(std::string_view(first).substr(0, folder)))
        by_name_.emplace(std::string_view(e.name).substr(folder), &e);
  }

  const ZipEntry* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }
  /// A short record's bytes.
  std::string text(const ZipEntry& entry, uint64_t longest) {
    if (entry.size > longest)
      file_.damaged(fmt::format("its record {} has {} bytes, more than it can need", entry.name, entry.size));
    std::string bytes(static_cast<std::size_t>(entry.size), '\0');
    read(entry, bytes.data());
    return bytes;
  }
  /// A record as memory: of the file where that is mapped and has it aligned, else of its own.
  Ref<Storage> storage(const ZipEntry& entry) {
    if (mapping_ && !entry.deflated) {
      const uint64_t begin = zip_.data_begin(entry);
      if (begin % alignment == 0) {
        const auto bytes =
            mapping_->bytes().subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(entry.size));
        if ((entry.size <= always_checked || options_.verify) && entry.crc != 0 && checksum(bytes) != entry.crc)
          file_.damaged("the checksum of " + entry.name + " is wrong: the data was changed or damaged");
        return mapping_->tensor(begin, {static_cast<int64_t>(entry.size)}, uint8).impl()->storage;
      }
    }
    Ref<Storage> storage = new_storage(static_cast<int64_t>(entry.size), kCPU);
    read(entry, storage->data);
    return storage;
  }
  SeekableSource& file() { return file_; }

 private:
  void read(const ZipEntry& entry, void* to) {
    const auto source = zip_.open(entry, Checksum::optional);
    source->read(to, static_cast<std::size_t>(entry.size));
  }

  SeekableSource& file_;
  ZipReader& zip_;
  const MappedFile* mapping_;
  const LoadOptions& options_;
  std::map<std::string_view, const ZipEntry*> by_name_;  // no hash table: who wrote the file chose the names
};

class ZipStorages final : public Storages {
 public:
  ZipStorages(Records& records, const LoadOptions& options) : records_(records), options_(options) {}

  Ref<Storage> get(const StorageName& name) override {
    const int64_t bytes = name.numel * item_size(name.dtype);
    Ref<Storage>& storage = storages_[name.key];
    if (!storage) {
      const ZipEntry* entry = records_.find("data/" + name.key);
      if (!entry) throw StorageProblem(fmt::format("the record data/{} of a storage is missing", name.key));
      if (entry->size < static_cast<uint64_t>(bytes))
        throw StorageProblem(fmt::format("a storage of {} elements of {} needs {} bytes, its record {} has {}",
                                         name.numel, name.dtype, bytes, entry->name, entry->size));
      const Device place = options_.map_location(name.location);
      storage = place.type == DeviceType::meta ? new_storage(bytes, place) : moved(read(*entry), place);
    }
    if (storage->nbytes < bytes)
      throw StorageProblem(
          fmt::format("the storage {} has {} bytes, and is said to have {} as well", name.key, storage->nbytes, bytes));
    return storage;
  }

 private:
  /// What is wrong with a record is said with the key of the tensor that lies in it.
  Ref<Storage> read(const ZipEntry& entry) {
    try {
      return records_.storage(entry);
    } catch (const Error& e) {
      std::string text = e.what();
      const std::string begin = fmt::format("[{}] {}: ", e.operation(), records_.file().name());
      throw StorageProblem(text.starts_with(begin) ? text.substr(begin.size()) : text);
    }
  }

  Records& records_;
  const LoadOptions& options_;
  std::map<std::string, Ref<Storage>> storages_;
};

void check_version(Records& records) {
  constexpr int oldest = 1, newest = 10;
  const ZipEntry* entry = records.find("version");
  if (!entry) entry = records.find(".data/version");
  if (!entry) records.file().damaged("is a zip archive, but not a checkpoint: it has no record of its version");
  std::string text = records.text(*entry, 64);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size() || version < oldest || version > newest)
    records.file().damaged(
        fmt::format("is of version {}; versions {} to {} are read", Value(text).to_string(), oldest, newest));
}

void check_byte_order(Records& records) {
  const ZipEntry* entry = records.find("byteorder");
  if (!entry) return;  // before PyTorch 2.1
  const std::string order = records.text(*entry, 64);
  if (order == "big")
    records.file().damaged(
        "was saved on a big-endian machine, which is not read: load and save it with PyTorch on this one");
  if (order != "little")
    records.file().damaged(fmt::format("names an unknown byte order: {}", Value(order).to_string()));
}

}  // namespace

Value read_zip_checkpoint(ZipReader& zip, const MappedFile* mapping, const LoadOptions& options) {
  Records records(zip, mapping, options);
  const bool torchscript = records.find("constants.pkl") != nullptr;
  if (torchscript && !options.torchscript)
    records.file().damaged(
        "is a TorchScript archive, a program rather than a checkpoint: load the weights in it with torchscript = true, "
        "or save the model's state_dict() in PyTorch");
  const ZipEntry* pickle = records.find("data.pkl");
  if (!pickle && records.find("archive_format"))
    records.file().damaged(
        "is what torch.export.save wrote, a program rather than a checkpoint: save the model's state_dict() in "
        "PyTorch");
  if (!pickle) records.file().damaged("is a zip archive, but not a checkpoint: it has no data.pkl");
  check_version(records);
  check_byte_order(records);
  const auto whole = [&](const ZipEntry& entry) {
    return records.text(entry, entry.deflated ? longest_expanded : entry.size);
  };
  const std::string bytes = whole(*pickle);
  const PickleGraph graph(std::as_bytes(std::span(bytes)), records.file().operation(),
                          records.file().name() + ": data.pkl");
  ZipStorages storages(records, options);
  if (!torchscript) return values_of(graph, storages, options);
  LoadOptions carried = options;  // its classes are its own
  carried.opaque = true;
  uint64_t left = longest_expanded;  // of all of its program
  return torchscript_state(values_of(graph, storages, carried), graph.length(), records.file(),
                           [&](const std::string& name) {
                             const ZipEntry* const entry = records.find(name);
                             if (!entry) return std::string();
                             if (!entry->deflated) return whole(*entry);
                             std::string text = records.text(*entry, left);
                             left -= entry->size;
                             return text;
                           });
}

}  // namespace tenon::io
