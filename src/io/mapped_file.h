#pragma once
// A file as memory.
#include <sys/stat.h>

#include <memory>
#include <string_view>

#include <tenon/tensor.h>

#include "base/internal_api.h"
#include "io/stream.h"

namespace tenon::io {

/// A file's bytes as memory. They can be written to: the file never changes. Copies share one block, which lives as
/// long as they and the tensors on it.
///
/// A file of up to 16 MiB is read at once. A larger one is mapped: the system reads it when it is first touched, and
/// what is written to becomes this process's own, a page at a time. A mapped file that is replaced, as FileSink does
/// it, leaves a mapping what it was. One that is written over in place shows through on pages not yet written to, and
/// one that is cut short ends the process (SIGBUS) when a lost page is touched: nothing can be done about it from here;
/// FileSource has neither danger.
class TENON_INTERNAL_API MappedFile {
 public:
  /// An error where it cannot be opened, or is no file. An empty one is no error.
  MappedFile(const std::string& operation, const std::filesystem::path& path);

  std::span<std::byte> bytes() const;
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes().data()), bytes().size()}; }
  /// To read from it in order; this mapping must live on.
  MemorySource source() const;
  /// A tensor on the bytes from `begin` on, which must be there. Where `begin` does not suit the type, which no sound
  /// writer does, it is a copy.
  Tensor tensor(uint64_t begin, const Shape& shape, DType dtype) const;

 private:
  struct Mapping;
  std::string operation_, name_;
  std::shared_ptr<const Mapping> mapping_;
};

/// Whether anything in this process lies in a mapping of that file, found by its device and number.
bool is_mapped(const struct stat& file);

}  // namespace tenon::io
