#include <tenon/data/numpy.h>

#include "io/arrays.h"
#include "io/mapped_file.h"
#include "io/named_errors.h"
#include "io/zip.h"
#include "tensor/layout.h"

namespace tenon::data::detail {

Tensor mapped_npy(const std::filesystem::path& file) {
  constexpr const char* operation = "NpyDataset";
  return io::with_named_errors(operation, file.string(), [&] {
    const io::MappedFile mapped(operation, file);
    io::MemorySource source = mapped.source();
    const io::NpyHeader header = io::read_npy_header(source);
    const bool as_it_is = !header.swapped && !header.fortran_order && header.dtype != boolean;
    if (!as_it_is) return io::read_elements(source, header);
    check_numel(header.shape, operation);
    const auto elements = static_cast<uint64_t>(header.shape.numel());
    if (elements > source.left() / static_cast<uint64_t>(item_size(header.dtype)))
      source.damaged(fmt::format("an array of shape {} of {} is not in its {} bytes", header.shape.to_string(),
                                 header.dtype, source.size()));
    return mapped.tensor(source.size() - source.left(), header.shape, header.dtype);
  });
}

std::vector<Tensor> arrays_of_npz(const std::filesystem::path& file, const std::vector<std::string>& names) {
  constexpr const char* operation = "NpzDataset";
  return io::with_named_errors(operation, file.string(), [&] {
    io::ZipReader zip(std::make_unique<io::FileSource>(operation, file));
    std::vector<Tensor> arrays;
    for (const std::string& name : names) {
      const io::ZipEntry* const entry = zip.find(name + ".npy");
      if (!entry) fail(operation, "{}: there is no array '{}' in it", file.string(), name);
      const auto source = zip.open(*entry);
      arrays.push_back(io::read_npy(*source));
    }
    return arrays;
  });
}

}  // namespace tenon::data::detail
