#pragma once
// Reading whatever a source holds.
#include <filesystem>
#include <memory>

#include <tenon/io/checkpoint.h>

#include "io/mapped_file.h"
#include "io/stream.h"

namespace tenon::io {

/// What else is known of a source.
struct Origin {
  const MappedFile* mapping = nullptr;            ///< the same file
  const std::filesystem::path* folder = nullptr;  ///< where it lies, if it may name other files there
  uint64_t* length = nullptr;                     ///< given: there may be more behind it; set to how long it is
};

/// The source's value, whatever its form.
Value read_any(std::unique_ptr<SeekableSource> source, const LoadOptions& options, const Origin& origin);

}  // namespace tenon::io
