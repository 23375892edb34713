#pragma once
// Where bytes go, in order.
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include <tenon/error.h>

#include "base/internal_api.h"

namespace tenon::io {

class Sink {
 public:
  explicit Sink(std::string operation) : operation_(std::move(operation)) {}
  virtual ~Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void write(const void* from, std::size_t n) {
    put(size_, static_cast<const std::byte*>(from), n);
    size_ += n;
  }
  void write(std::span<const std::byte> bytes) { write(bytes.data(), bytes.size()); }
  /// Writes over what is at `at`, without moving the end; only where can_rewrite().
  void rewrite(uint64_t at, const void* from, std::size_t n) { put(at, static_cast<const std::byte*>(from), n); }
  /// False for what only takes one byte after the other: a stream, a pipe.
  virtual bool can_rewrite() const { return true; }
  uint64_t size() const { return size_; }
  /// All is written.
  virtual void finish() = 0;
  const std::string& operation() const { return operation_; }

 private:
  virtual void put(uint64_t at, const std::byte* from, std::size_t n) = 0;

  std::string operation_;
  uint64_t size_ = 0;
};

class TENON_INTERNAL_API MemorySink final : public Sink {
 public:
  using Sink::Sink;
  void finish() override {}
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void put(uint64_t at, const std::byte* from, std::size_t n) override;
  std::vector<std::byte> bytes_;
};

/// The caller's stream, from where it stands.
class StreamSink final : public Sink {
 public:
  StreamSink(std::string operation, std::ostream& stream) : Sink(std::move(operation)), stream_(stream) {}
  bool can_rewrite() const override { return false; }
  void finish() override;

 private:
  void put(uint64_t at, const std::byte* from, std::size_t n) override;
  std::ostream& stream_;
};

}  // namespace tenon::io
