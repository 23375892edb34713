#include "io/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include <tenon/creation.h>

#include "backend/new_tensor.h"
#include "base/fork.h"

namespace tenon::io {
namespace {

constexpr std::size_t copied = std::size_t{16} << 20;  // bytes: files up to that are read at once

/// The files that are mapped now, and how often.
struct Mapped {
  using File = std::pair<dev_t, ino_t>;
  std::mutex mutex;
  std::map<File, int> files;
};
Mapped& mapped() {
  static Mapped& all = *[] {
    auto* const made = new Mapped;  // tensors may outlive everything
    hold_across_forks(ProcessLock::mapped_files, made->mutex);
    return made;
  }();
  return all;
}
[[maybe_unused]] const Mapped& made_early = mapped();

}  // namespace

struct MappedFile::Mapping {
  std::byte* data = nullptr;
  std::size_t size = 0;

  explicit Mapping(FileSource&& file)
      : size(static_cast<std::size_t>(file.size())), is_copy_(file.is_pipe() || size <= copied) {
    if (size == 0) return;  // the system maps no empty range
    void* const at =
        is_copy_ ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                 : ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.descriptor(), 0);
    if (at == MAP_FAILED) file.damaged(std::strerror(errno));
    data = static_cast<std::byte*>(at);
    try {
      is_copy_ ? file.read(data, size) : note(file);
    } catch (...) {
      ::munmap(data, size);
      throw;
    }
  }
  ~Mapping() {
    if (!data) return;
    ::munmap(data, size);
    if (is_copy_) return;
    const std::lock_guard lock(mapped().mutex);
    const auto found = mapped().files.find(file_);
    if (--found->second == 0) mapped().files.erase(found);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

 private:
  void note(const FileSource& file) {
    struct stat about {};
    if (::fstat(file.descriptor(), &about) != 0) file.damaged(std::strerror(errno));
    file_ = {about.st_dev, about.st_ino};
    const std::lock_guard lock(mapped().mutex);
    ++mapped().files[file_];
  }

  bool is_copy_;
  Mapped::File file_{};
};

MappedFile::MappedFile(const std::string& operation, const std::filesystem::path& path)
    : operation_(operation), name_(path.string()), mapping_(std::make_shared<Mapping>(FileSource(operation, path))) {}

std::span<std::byte> MappedFile::bytes() const { return {mapping_->data, mapping_->size}; }

MemorySource MappedFile::source() const { return {operation_, bytes(), name_}; }

Tensor MappedFile::tensor(uint64_t begin, const Shape& shape, DType dtype) const {
  std::byte* const from = mapping_->data + begin;
  if (begin % static_cast<uint64_t>(item_size(part_type(dtype))) == 0)
    return from_blob(from, shape, dtype, [mapping = mapping_] {});
  Tensor x = new_tensor(shape, dtype);
  if (x.numel() > 0) std::memcpy(x.raw_data(), from, static_cast<std::size_t>(x.nbytes()));
  return x;
}

bool is_mapped(const struct stat& file) {
  const std::lock_guard lock(mapped().mutex);
  return mapped().files.contains({file.st_dev, file.st_ino});
}

}  // namespace tenon::io
