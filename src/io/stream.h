#pragma once
// Bytes in, in order, with errors that name the file.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <tenon/error.h>

#include "base/internal_api.h"

namespace tenon::io {

/// Where bytes are read from.
class Source {
 public:
  /// `what` in messages: the operation, and the file (and the place in it).
  Source(std::string operation, std::string name) : operation_(std::move(operation)), name_(std::move(name)) {}
  virtual ~Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// How many bytes there are still to be read.
  virtual uint64_t left() const = 0;
  /// Exactly n bytes; an error where there are fewer.
  void read(void* to, std::size_t n) {
    if (n > left()) damaged("it ends too early");
    read_some(static_cast<std::byte*>(to), n);
  }
  /// All that is left.
  std::vector<std::byte> rest() {
    std::vector<std::byte> bytes(left());
    read(bytes.data(), bytes.size());
    return bytes;
  }
  /// An error that says what is wrong with the file.
  [[noreturn]] void damaged(std::string_view how) const { fail(operation_, "{}: {}", name_, how); }
  const std::string& operation() const { return operation_; }
  const std::string& name() const { return name_; }

 private:
  virtual void read_some(std::byte* to, std::size_t n) = 0;

  std::string operation_, name_;
};

/// One that can be read from anywhere.
class SeekableSource : public Source {
 public:
  using Source::Source;
  uint64_t left() const override { return size_ - at_; }
  uint64_t size() const { return size_; }
  void seek(uint64_t at) { at_ = at; }  ///< not beyond its end

 protected:
  uint64_t size_ = 0, at_ = 0;
};

/// The caller's memory, which must live on.
class TENON_INTERNAL_API MemorySource final : public SeekableSource {
 public:
  MemorySource(std::string operation, std::span<const std::byte> bytes, std::string name = "memory");

 private:
  void read_some(std::byte* to, std::size_t n) override;
  const std::byte* bytes_;
};

/// A file, or what comes out of a pipe until nobody writes to it any more, which is kept in memory: it cannot be read
/// twice. An error where there is no such thing, or it is something else.
class TENON_INTERNAL_API FileSource final : public SeekableSource {
 public:
  FileSource(std::string operation, const std::filesystem::path& path);
  ~FileSource() override;
  bool is_pipe() const { return is_pipe_; }
  int descriptor() const { return file_; }

 private:
  void read_some(std::byte* to, std::size_t n) override;
  void read_pipe();

  int file_ = -1;
  bool is_pipe_ = false;
  std::vector<std::byte> from_pipe_;
};

}  // namespace tenon::io
