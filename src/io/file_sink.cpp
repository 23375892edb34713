#include "io/file_sink.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <system_error>
#include <vector>

#include "io/mapped_file.h"

namespace tenon::io {
namespace {

constexpr const char* own_files = "/proc/self/fd";
constexpr const char* access_list = "system.posix_acl_access";
constexpr std::size_t most_at_once = std::size_t{1} << 30;  // bytes: what one system call takes

/// A link in /proc stands for a file that somebody has open; what it says is no path.
bool is_open_file(const std::filesystem::path& link) {
  struct statfs about {};
  const auto folder = link.has_parent_path() ? link.parent_path() : std::filesystem::path(".");
  return ::statfs(folder.c_str(), &about) == 0 && about.f_type == PROC_SUPER_MAGIC;
}

struct Links {
  std::filesystem::path end;
  bool open_file = false;
};
/// Where a path leads through symbolic links, also where there is nothing yet.
Links follow(std::filesystem::path path) {
  constexpr int most = 40;  // as the system follows
  for (int i = 0; i < most; ++i) {
    std::error_code no_link;
    const auto to = std::filesystem::read_symlink(path, no_link);
    if (no_link) break;
    if (is_open_file(path)) return {path, true};
    path = to.is_absolute() ? to : path.parent_path() / to;
  }
  return {path};
}

/// While it lives, writing to a pipe that nobody reads is an error and not a signal, which would end the process.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    sigset_t waiting;
    ::sigpending(&waiting);
    was_waiting_ = ::sigismember(&waiting, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    const int error = errno;
    constexpr timespec at_once{};
    if (!was_waiting_)
      while (::sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
      }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_{}, before_{};
  bool was_waiting_ = false;
};

int error_of(int result) { return result == 0 ? 0 : errno; }

}  // namespace

FileSink::FileSink(std::string operation, const std::filesystem::path& path, Durable durable)
    : Sink(std::move(operation)), shown_(path.string()), durable_(durable) {
  way_ = way_to(path);
  if (way_ == Way::as_it_comes)
    return;  // opened when there is something to write: what cannot be written changes nothing
  try {
    open_unfinished();
  } catch (...) {
    if (folder_ >= 0) ::close(folder_);
    throw;
  }
}

FileSink::~FileSink() {
  close_file();
  if (has_name_) ::unlinkat(folder_, unfinished_.c_str(), 0);
  if (folder_ >= 0) ::close(folder_);
}

FileSink::Way FileSink::way_to(const std::filesystem::path& path) {
  Links links = follow(path);
  target_ = std::move(links.end);
  if (::stat(path.c_str(), &old_) != 0) {
    if (errno != ENOENT) failed(errno);
    if (!target_.has_filename()) refused("is no name of a file");
    return Way::new_file;
  }
  if (S_ISDIR(old_.st_mode)) refused("is a folder");
  if (S_ISSOCK(old_.st_mode)) refused("is a socket, to which no file can be written");
  if (S_ISBLK(old_.st_mode)) refused("is a disk, and what is on it would be lost");
  if (!S_ISREG(old_.st_mode) || links.open_file) return Way::as_it_comes;
  if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) failed(errno);
  if (old_.st_nlink == 1) return Way::replace;
  if (is_mapped(old_))
    refused(
        "has other names (hard links) and cannot be replaced, and tensors that were loaded from it lie in it: save "
        "under another name, or load with mmap = false");
  return Way::copy_into;
}

/// All is done by names in the folder, so that neither its own path's length nor the file's name's counts.
void FileSink::open_unfinished() {
  static std::atomic<unsigned> files{0};  // two threads may write the same file: the last one stays
  const auto folder = target_.has_parent_path() ? target_.parent_path() : std::filesystem::path(".");
  folder_ = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder_ < 0 && errno == ENOENT) refused(fmt::format("there is no folder {}", folder.string()));
  if (folder_ < 0) failed(errno);
  unfinished_ = fmt::format(".tenon-{}-{}.part", ::getpid(), ++files);
  // What takes the place of a private file is private from the first byte on.
  const mode_t mode = way_ == Way::new_file ? 0666 : 0600;
  if (::access(own_files, X_OK) == 0)  // through which give_name() goes
    file_ = ::openat(folder_, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
  if (file_ >= 0) return;
  ::unlinkat(folder_, unfinished_.c_str(), 0);  // a process of the same number was killed here
  file_ = ::openat(folder_, unfinished_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file_ < 0) failed(errno);
  has_name_ = true;
}

void FileSink::open_as_it_is() {
  file_ = ::open(target_.c_str(), O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC);
  if (file_ < 0) failed(errno);
}

void FileSink::put(uint64_t at, const std::byte* from, std::size_t n) {
  if (file_ < 0) open_as_it_is();
  while (n > 0) {
    const std::size_t part = std::min(n, most_at_once);
    ssize_t done = 0;
    if (way_ == Way::as_it_comes) {
      const NoPipeSignal guard;
      done = ::write(file_, from, part);
    } else {
      done = ::pwrite(file_, from, part, static_cast<off_t>(at));
    }
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) failed(errno);
    from += done;
    at += static_cast<uint64_t>(done);
    n -= static_cast<std::size_t>(done);
  }
}

void FileSink::finish() {
  if (file_ < 0) open_as_it_is();
  int error = way_ == Way::replace ? keep_access() : 0;
  if (error == 0 && way_ == Way::copy_into) error = copy_into_target();
  else if (error == 0 && durable_ == Durable::yes) error = error_of(::fsync(file_));
  if (error == EINVAL || error == EROFS) error = 0;  // no file that could be on a disk
  const bool named = way_ == Way::new_file || way_ == Way::replace;
  if (error == 0 && named && !has_name_) error = give_name();
  if (const int closing = close_file(); error == 0) error = closing;
  if (error == 0 && named) {
    // The target's last name: its folder is the open one.
    error = error_of(::renameat(folder_, unfinished_.c_str(), folder_, target_.filename().c_str()));
    has_name_ = error != 0;
  }
  if (error != 0) failed(error);
  if (named) sync_folder();
}

/// Owner, mode and access list of the file that is replaced. What cannot be kept leads to less access, not more.
int FileSink::keep_access() {
  mode_t mode = old_.st_mode & 0777;
  const bool same_group =
      ::fchown(file_, old_.st_uid, old_.st_gid) == 0 || ::fchown(file_, static_cast<uid_t>(-1), old_.st_gid) == 0;
  std::array<std::byte, 4096> list{};
  const ssize_t n = ::getxattr(target_.c_str(), access_list, list.data(), list.size());
  // Without the list, the mode's second digit says what the list allows at most.
  const bool same_list = n > 0 ? ::fsetxattr(file_, access_list, list.data(), static_cast<std::size_t>(n), 0) == 0
                               : ::fremovexattr(file_, access_list) == 0 || errno == ENODATA || errno == ENOTSUP;
  if (!same_group || !same_list || (n < 0 && errno == ERANGE)) mode &= ~static_cast<mode_t>(S_IRWXG);
  return error_of(::fchmod(file_, mode));
}

/// Only rename() replaces a file in one step, and it wants a name to begin with.
int FileSink::give_name() {
  const std::string open_file = fmt::format("{}/{}", own_files, file_);
  const auto link = [&] {
    return error_of(::linkat(AT_FDCWD, open_file.c_str(), folder_, unfinished_.c_str(), AT_SYMLINK_FOLLOW));
  };
  int error = link();
  if (error == EEXIST) {
    ::unlinkat(folder_, unfinished_.c_str(), 0);  // a process of the same number was killed right here
    error = link();
  }
  has_name_ = error == 0;
  return error;
}

/// The one way that a crash can leave half a file: a file with several names has no other.
int FileSink::copy_into_target() {
  const int to = ::openat(folder_, target_.filename().c_str(), O_WRONLY | O_CLOEXEC);
  if (to < 0) return errno;
  const auto size = static_cast<off_t>(this->size());
  int error = 0;
  if (size > old_.st_size) {  // a disk that is too full is found out before anything changes
    error = ::posix_fallocate(to, old_.st_size, size - old_.st_size);
    if (error == EINVAL || error == EOPNOTSUPP) error = 0;
    if (error != 0 && ::ftruncate(to, old_.st_size) != 0) error = errno;
  }
  std::vector<std::byte> buffer(std::size_t{1} << 20);
  for (off_t at = 0; error == 0 && at < size;) {
    const ssize_t got = ::pread(file_, buffer.data(), buffer.size(), at);
    const ssize_t done = got > 0 ? ::pwrite(to, buffer.data(), static_cast<std::size_t>(got), at) : got;
    if (done > 0) at += done;
    else if (done == 0) error = EIO;
    else if (errno != EINTR) error = errno;
  }
  if (error == 0) error = error_of(::ftruncate(to, size));
  if (error == 0 && durable_ == Durable::yes) error = error_of(::fsync(to));
  if (::close(to) != 0 && error == 0) error = errno;
  return error;
}

/// The new name is in the folder, which is a file as well. The data is safe already: an error here would say that it is
/// not.
void FileSink::sync_folder() const {
  if (durable_ == Durable::no) return;
  const int descriptor = ::openat(folder_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

int FileSink::close_file() {
  const int file = std::exchange(file_, -1);
  return file < 0 ? 0 : error_of(::close(file));
}

void FileSink::failed(int error) const { refused(std::strerror(error)); }
void FileSink::refused(std::string_view why) const { fail(operation(), "{}: {}", shown_, why); }

}  // namespace tenon::io
