#pragma once
// Where bytes go, in order.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include <tenon/error.h>

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
  /// Writes over what is at `at`, without moving the end. An error for a stream.
  void rewrite(uint64_t at, const void* from, std::size_t n) { put(at, static_cast<const std::byte*>(from), n); }
  uint64_t size() const { return size_; }
  /// All is written.
  virtual void finish() = 0;
  const std::string& operation() const { return operation_; }

 private:
  virtual void put(uint64_t at, const std::byte* from, std::size_t n) = 0;

  std::string operation_;
  uint64_t size_ = 0;
};

/// A file that is there only once it is whole: it is written without a name, so that a process that is killed leaves
/// nothing, or under another one where the file system knows no such files; finish() gives it its own. Through a
/// symbolic link it is the file that the link leads to.
class FileSink final : public Sink {
 public:
  /// Whether finish() returns only when the disk has the file. Without, it may be lost with the machine's power, not
  /// with the process.
  enum class Durable : bool { no, yes };
  FileSink(std::string operation, std::filesystem::path path, Durable durable = Durable::no);
  ~FileSink() override;
  void finish() override;

 private:
  void put(uint64_t at, const std::byte* from, std::size_t n) override;
  int give_name() const;
  void sync_folder() const;
  [[noreturn]] void failed(int error) const;

  std::filesystem::path path_, unfinished_;
  Durable durable_;
  bool has_name_ = false;
  int file_ = -1;
};

class MemorySink final : public Sink {
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
  void finish() override;

 private:
  void put(uint64_t at, const std::byte* from, std::size_t n) override;
  std::ostream& stream_;
};

}  // namespace tenon::io
