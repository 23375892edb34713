#include "io/stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tenon::io {
namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 30;  // the system takes no more than 2 GiB

}  // namespace

MemorySource::MemorySource(std::string operation, std::span<const std::byte> bytes, std::string name)
    : SeekableSource(std::move(operation), std::move(name)), bytes_(bytes.data()) {
  size_ = bytes.size();
}

void MemorySource::read_some(std::byte* to, std::size_t n) {
  std::copy_n(bytes_ + at_, n, to);
  at_ += n;
}

FileSource::FileSource(std::string operation, const std::filesystem::path& path)
    : SeekableSource(std::move(operation), path.string()) {
  while ((file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) < 0 && errno == EINTR) {  // while waiting for a writer
  }
  if (file_ < 0) damaged(std::strerror(errno));
  try {
    struct stat about {};
    if (::fstat(file_, &about) != 0) damaged(std::strerror(errno));
    size_ = static_cast<uint64_t>(about.st_size);
    is_pipe_ = S_ISFIFO(about.st_mode);
    if (is_pipe_) read_pipe();
    else if (!S_ISREG(about.st_mode)) damaged("is not a file");
  } catch (...) {
    ::close(file_);
    throw;
  }
}

FileSource::~FileSource() { ::close(file_); }

void FileSource::read_pipe() {
  constexpr std::size_t least = std::size_t{1} << 16;  // what a pipe holds
  std::size_t had = 0;
  for (;;) {
    if (from_pipe_.size() - had < least) from_pipe_.resize(std::max(2 * from_pipe_.size(), 2 * least));
    const ssize_t got = ::read(file_, from_pipe_.data() + had, std::min(from_pipe_.size() - had, most_at_once));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) damaged(std::strerror(errno));
    if (got == 0) break;
    had += static_cast<std::size_t>(got);
  }
  from_pipe_.resize(had);
  size_ = had;
}

void FileSource::read_some(std::byte* to, std::size_t n) {
  if (is_pipe_) {
    std::copy_n(from_pipe_.data() + at_, n, to);
    at_ += n;
    return;
  }
  while (n > 0) {
    const ssize_t got = ::pread(file_, to, std::min(n, most_at_once), static_cast<off_t>(at_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) damaged(std::strerror(errno));
    if (got == 0) damaged("it ends too early");  // somebody has shortened it
    to += got;
    n -= static_cast<std::size_t>(got);
    at_ += static_cast<uint64_t>(got);
  }
}

}  // namespace tenon::io
