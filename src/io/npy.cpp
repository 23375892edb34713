#include <tenon/io/npy.h>

#include <algorithm>
#include <numeric>

#include <tenon/autograd.h>
#include <tenon/creation.h>

#include "backend/new_tensor.h"
#include "io/arrays.h"
#include "io/file_sink.h"
#include "io/named_errors.h"
#include "io/zip.h"

namespace tenon::io {
namespace {

constexpr std::string_view extension = ".npy";

/// A header and x's bytes, ready to be written. NumPy's types are checked before anything is.
struct Array {
  std::string header;
  Tensor x;

  Array(std::string_view operation, const Tensor& from) : header(npy_header(operation, from.dtype(), from.shape())) {
    const NoGrad guard;
    x = from.detach().cpu().contiguous();
  }
  std::span<const std::byte> bytes() const {
    return {static_cast<const std::byte*>(x.raw_data()), static_cast<std::size_t>(x.nbytes())};
  }
};

}  // namespace

Tensor read_elements(Source& source, const NpyHeader& h) {
  check_numel(h.shape, source.operation());
  const auto elements = static_cast<uint64_t>(h.shape.numel()), item = static_cast<uint64_t>(item_size(h.dtype));
  if (elements > source.left() / item)
    source.damaged(fmt::format("an array of shape {} of {} needs {} bytes, only {} are there", h.shape.to_string(),
                               h.dtype, elements * item, source.left()));
  Shape in_memory = h.shape;
  if (h.fortran_order) std::reverse(in_memory.begin(), in_memory.end());
  Tensor x = new_tensor(in_memory, h.dtype);
  auto* const bytes = static_cast<std::byte*>(x.raw_data());
  const auto n = static_cast<std::size_t>(elements * item),
             part = static_cast<std::size_t>(item_size(part_type(h.dtype)));
  source.read(bytes, n);
  if (h.swapped)
    for (std::size_t i = 0; i < n; i += part) std::reverse(bytes + i, bytes + i + part);
  if (h.dtype == boolean)  // whatever is not 0 is true
    for (std::size_t i = 0; i < n; ++i) bytes[i] = bytes[i] == std::byte{0} ? std::byte{0} : std::byte{1};
  if (!h.fortran_order) return x;
  const NoGrad guard;
  Shape order(h.shape.size(), int64_t{0});
  std::iota(order.begin(), order.end(), int64_t{0});
  std::reverse(order.begin(), order.end());
  return x.permute(order).contiguous();
}

Tensor read_npy(Source& source) { return read_elements(source, read_npy_header(source)); }

bool holds_arrays(const ZipReader& zip) {
  const auto& entries = zip.entries();
  return !entries.empty() &&
         std::all_of(entries.begin(), entries.end(), [](const ZipEntry& e) { return e.name.ends_with(extension); });
}

Dict read_npz(ZipReader& zip) {
  Dict arrays;
  for (const ZipEntry& entry : zip.entries()) {
    const auto source = zip.open(entry);
    if (!entry.name.ends_with(extension)) source->damaged("is not an array");
    Tensor x = read_npy(*source);
    if (source->left() > 0) source->damaged("there is more in it than its array");
    arrays.set(entry.name.substr(0, entry.name.size() - extension.size()), std::move(x));
  }
  return arrays;
}

void write_npy(Sink& sink, const Tensor& x) {
  const Array array(sink.operation(), x);
  sink.write(array.header.data(), array.header.size());
  sink.write(array.bytes());
  sink.finish();
}

void write_npz(Sink& sink, const Dict& arrays, bool compressed) {
  std::vector<std::pair<std::string, Array>> all;
  for (const auto& [key, value] : arrays) {
    if (!value.is<Tensor>())
      fail(sink.operation(), "expected a tensor for the key {}, found {}", key.quoted(), value.type_name());
    all.emplace_back(key.to_string() + std::string(extension), Array(sink.operation(), value.as<Tensor>()));
  }
  ZipWriter zip(sink);
  for (const auto& [name, array] : all) {
    const std::array<std::span<const std::byte>, 2> pieces{std::as_bytes(std::span(array.header)), array.bytes()};
    zip.add(name, pieces, {.deflate = compressed});
  }
  zip.finish();
}

Tensor load_npy(const std::filesystem::path& file) {
  return with_named_errors("load_npy", file.string(), [&] {
    FileSource source("load_npy", file);
    return read_npy(source);
  });
}
Tensor load_npy(std::span<const std::byte> bytes) {
  return with_named_errors("load_npy", "", [&] {
    MemorySource source("load_npy", bytes);
    return read_npy(source);
  });
}

Dict load_npz(const std::filesystem::path& file) {
  return with_named_errors("load_npz", file.string(), [&] {
    ZipReader zip(std::make_unique<FileSource>("load_npz", file));
    return read_npz(zip);
  });
}
Dict load_npz(std::span<const std::byte> bytes) {
  return with_named_errors("load_npz", "", [&] {
    ZipReader zip(std::make_unique<MemorySource>("load_npz", bytes));
    return read_npz(zip);
  });
}

void save_npy(const std::filesystem::path& file, const Tensor& x) {
  with_named_errors("save_npy", file.string(), [&] {
    FileSink sink("save_npy", file);
    write_npy(sink, x);
  });
}
void save_npz(const std::filesystem::path& file, const Dict& arrays, const NpzOptions& options) {
  with_named_errors("save_npz", file.string(), [&] {
    FileSink sink("save_npz", file);
    write_npz(sink, arrays, options.compressed);
  });
}

}  // namespace tenon::io
