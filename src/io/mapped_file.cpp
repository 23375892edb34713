#include "io/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include <tenon/creation.h>

#include "tensor/new_tensor.h"

namespace tenon::io {

struct MappedFile::Mapping {
  std::byte* data = nullptr;
  std::size_t size = 0;

  explicit Mapping(const FileSource& file) : size(static_cast<std::size_t>(file.size())) {
    if (size == 0) return;  // the system maps no empty range
    void* const at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.descriptor(), 0);
    if (at == MAP_FAILED) file.damaged(std::strerror(errno));
    data = static_cast<std::byte*>(at);
  }
  ~Mapping() {
    if (data) ::munmap(data, size);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
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

}  // namespace tenon::io
