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

constexpr const char* own_files = "/proc/self/fd";
constexpr std::size_t most_at_once = std::size_t{1} << 30;  // bytes: what one system call takes

std::filesystem::path target_of(std::filesystem::path path) {
  std::error_code ignored;
  if (!std::filesystem::is_symlink(path, ignored)) return path;
  const auto target = std::filesystem::weakly_canonical(path, ignored);
  return ignored ? path : target;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

}  // namespace

// ---------------------------------------------------------------- FileSink
FileSink::FileSink(std::string operation, std::filesystem::path path, Durable durable)
    : Sink(std::move(operation)), path_(target_of(std::move(path))), unfinished_(path_), durable_(durable) {
  static std::atomic<unsigned> files{0};  // two threads may write the same file: the last one stays
  unfinished_ += fmt::format(".{}.{}.part", ::getpid(), ++files);
  if (::access(own_files, X_OK) == 0)  // through which give_name() goes
    file_ = ::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  if (file_ >= 0) return;
  has_name_ = true;
  file_ = ::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) failed(errno);
}

FileSink::~FileSink() {
  if (file_ < 0) return;
  ::close(file_);
  if (has_name_) ::unlink(unfinished_.c_str());
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
  int error = synced ? 0 : errno;
  if (error == 0 && !has_name_) error = give_name();
  if (::close(std::exchange(file_, -1)) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(unfinished_.c_str(), path_.c_str()) != 0) error = errno;
  if (error == 0) return sync_folder();
  ::unlink(unfinished_.c_str());
  failed(error);
}

/// Only rename() replaces a file in one step, and it wants a name to begin with.
int FileSink::give_name() const {
  const std::string open_file = fmt::format("{}/{}", own_files, file_);
  const auto link = [&] {
    return ::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, unfinished_.c_str(), AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
  };
  const int error = link();
  if (error != EEXIST) return error;
  ::unlink(unfinished_.c_str());  // a process of the same number was killed right here
  return link();
}

/// The new name is in the folder, which is a file as well. The data is safe already: an error here would say that it is
/// not.
void FileSink::sync_folder() const {
  if (durable_ == Durable::no) return;
  const int descriptor = ::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
