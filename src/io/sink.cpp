#include "io/sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ostream>
#include <system_error>

namespace tenon::io {
namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 30;  // bytes: what one system call takes

std::filesystem::path target_of(std::filesystem::path path) {
  std::error_code ignored;
  if (!std::filesystem::is_symlink(path, ignored)) return path;
  const auto target = std::filesystem::weakly_canonical(path, ignored);
  return ignored ? path : target;
}

}  // namespace

// ---------------------------------------------------------------- FileSink
FileSink::FileSink(std::string operation, std::filesystem::path path, Durable durable)
    : Sink(std::move(operation)), path_(target_of(std::move(path))), unfinished_(path_), durable_(durable) {
  static std::atomic<unsigned> files{0};  // two threads may write the same file: the last one stays
  unfinished_ += fmt::format(".{}.{}.part", ::getpid(), ++files);
  file_ = ::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) failed(errno);
}

FileSink::~FileSink() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(unfinished_.c_str());
}

void FileSink::put(uint64_t at, const std::byte* from, std::size_t n) {
  while (n > 0) {
    const ssize_t done = ::pwrite(file_, from, std::min(n, most_at_once), static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) failed(errno);
    from += done;
    at += static_cast<uint64_t>(done);
    n -= static_cast<std::size_t>(done);
  }
}

void FileSink::finish() {
  const bool synced =
      durable_ == Durable::no || ::fsync(file_) == 0 || errno == EINVAL;  // EINVAL: no file that could be
  const int sync_error = errno;
  const int closed = ::close(std::exchange(file_, -1));
  if (synced && closed == 0 && ::rename(unfinished_.c_str(), path_.c_str()) == 0) return sync_folder();
  const int error = synced ? errno : sync_error;
  ::unlink(unfinished_.c_str());
  failed(error);
}

/// The new name is in the folder, which is a file as well. The data is safe already: an error here would say that it is
/// not.
void FileSink::sync_folder() const {
  if (durable_ == Durable::no) return;
  const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

void FileSink::failed(int error) const { fail(operation(), "{}: {}", path_.string(), std::strerror(error)); }

// ---------------------------------------------------------------- memory and streams
void MemorySink::put(uint64_t at, const std::byte* from, std::size_t n) {
  const auto begin = static_cast<std::size_t>(at);
  if (begin + n > bytes_.size()) bytes_.resize(begin + n);
  std::copy_n(from, n, bytes_.begin() + static_cast<std::ptrdiff_t>(begin));
}

void StreamSink::put(uint64_t at, const std::byte* from, std::size_t n) {
  if (at != size()) fail(operation(), "a stream cannot be written to before its end");
  if (!stream_.write(reinterpret_cast<const char*>(from), static_cast<std::streamsize>(n)))
    fail(operation(), "the stream takes no more");
}
void StreamSink::finish() {
  if (!stream_.flush()) fail(operation(), "the stream takes no more");
}

}  // namespace tenon::io
