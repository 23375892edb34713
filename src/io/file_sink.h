#pragma once
// Writing to a path.
#include <sys/stat.h>

#include <filesystem>

#include "base/internal_api.h"
#include "io/sink.h"

namespace tenon::io {

/// A file that is there only once it is whole: it is written without a name, so that a process that is killed leaves
/// nothing, or under another one where the file system knows no such files; finish() gives it its own. It has the
/// owner, the mode and the access list of a file that it replaces. Through a symbolic link it is the file that the link
/// leads to, or is to lead to.
///
/// A file with several names (hard links) keeps them: when all is written, it is copied into that file. What is a
/// device or a pipe, or is open already (/dev/stdout), is written to as bytes come. Folders, sockets and disks are
/// refused, and files that may not be written to, although a new one could stand in their place.
class TENON_INTERNAL_API FileSink final : public Sink {
 public:
  /// Whether finish() returns only when the disk has the file. Without, it may be lost with the machine's power, not
  /// with the process.
  enum class Durable : bool { no, yes };
  FileSink(std::string operation, const std::filesystem::path& path, Durable durable = Durable::no);
  ~FileSink() override;
  bool can_rewrite() const override { return way_ != Way::as_it_comes; }
  void finish() override;

 private:
  enum class Way : uint8_t { new_file, replace, copy_into, as_it_comes };

  Way way_to(const std::filesystem::path& path);
  void open_unfinished();
  void open_as_it_is();
  void put(uint64_t at, const std::byte* from, std::size_t n) override;
  int keep_access();
  int give_name();
  int copy_into_target();
  void sync_folder() const;
  int close_file();
  [[noreturn]] void failed(int error) const;
  [[noreturn]] void refused(std::string_view why) const;

  std::string shown_;             // the path as it was given
  std::filesystem::path target_;  // behind all links
  struct stat old_ {};            // what stands there now
  Durable durable_;
  Way way_ = Way::new_file;
  std::string unfinished_;  // a name in the folder
  bool has_name_ = false;
  int folder_ = -1, file_ = -1;
};

}  // namespace tenon::io
