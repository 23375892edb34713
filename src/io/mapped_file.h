#pragma once
// A file as memory.
#include <memory>

#include <tenon/tensor.h>

#include "io/stream.h"

namespace tenon::io {

/// A file's bytes, which the system reads when they are first touched. They can be written to: a page that is becomes
/// this process's own, the file never changes. Copies share one mapping, which lives as long as they and the tensors on
/// it.
///
/// A file that is replaced, as FileSink does it, leaves a mapping what it was. One that is written over in place shows
/// through on pages not yet written to, and one that is cut short ends the process (SIGBUS) when a lost page is
/// touched: nothing can be done about it from here; FileSource has neither danger.
class MappedFile {
 public:
  /// An error where it cannot be opened, or is no file. An empty one is no error.
  MappedFile(const std::string& operation, const std::filesystem::path& path);

  std::span<std::byte> bytes() const;
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

}  // namespace tenon::io
