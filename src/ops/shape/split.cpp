// A tensor in pieces, which are views: unbind, chunk, split, tensor_split and its kin.
#include "ops/common.h"
#include "tape/view.h"

namespace tenon {
namespace {

int64_t size_along(const Tensor& x, int64_t& dim, std::string_view operation) {
  if (x.dim() == 0) fail(operation, "a 0-dim tensor has no dimension to be split along");
  dim = wrap_dim(dim, x.dim(), operation);
  return x.size(dim);
}

}  // namespace

std::vector<Tensor> Tensor::unbind(int64_t d) const {
  const int64_t n = size_along(*this, d, "unbind");
  std::vector<Tensor> parts = detail::vector_of<Tensor>(n, "unbind");
  for (int64_t i = 0; i < n; ++i) parts[static_cast<std::size_t>(i)] = select(d, i);
  track_views(parts);
  return parts;
}

std::vector<Tensor> Tensor::split(int64_t size, int64_t d) const {
  const int64_t n = size_along(*this, d, "split");
  if (size < 0 || (size == 0 && n != 0))
    fail("split", "expected pieces of 1 or more elements, got {}, for dimension {} of size {}", size, d, n);
  // At least one, though it be of no elements.
  std::vector<Tensor> parts = detail::vector_of<Tensor>(n == 0 ? 1 : n / size + (n % size != 0 ? 1 : 0), "split");
  int64_t start = 0;
  for (Tensor& part : parts) {
    const int64_t length = std::min(size, n - start);
    part = narrow(d, start, length);
    start += length;
  }
  track_views(parts);
  return parts;
}

std::vector<Tensor> Tensor::split(const Shape& sizes, int64_t d) const {
  const int64_t n = size_along(*this, d, "split");
  int64_t rest = n;
  for (const int64_t size : sizes) {
    if (size < 0) fail("split", "a size cannot be negative: {}", sizes.to_string());
    if (__builtin_sub_overflow(rest, size, &rest)) break;
  }
  if (rest != 0) fail("split", "sizes {} do not add up to {}, the size of dimension {}", sizes.to_string(), n, d);
  std::vector<Tensor> parts;
  int64_t start = 0;
  for (const int64_t size : sizes) {
    parts.push_back(narrow(d, start, size));
    start += size;
  }
  track_views(parts);
  return parts;
}

std::vector<Tensor> Tensor::chunk(int64_t chunks, int64_t d) const {
  const int64_t n = size_along(*this, d, "chunk");
  if (chunks < 1) fail("chunk", "expected 1 chunk or more, got {}", chunks);
  if (n == 0) {
    std::vector<Tensor> parts = detail::vector_of<Tensor>(chunks, "chunk");
    for (Tensor& part : parts) part = narrow(d, 0, 0);
    track_views(parts);
    return parts;
  }
  return split(n / chunks + (n % chunks != 0 ? 1 : 0), d);
}

std::vector<Tensor> Tensor::tensor_split(int64_t sections, int64_t d) const {
  const int64_t n = size_along(*this, d, "tensor_split");
  if (sections < 1) fail("tensor_split", "expected 1 section or more, got {}", sections);
  std::vector<Tensor> parts = detail::vector_of<Tensor>(sections, "tensor_split");
  int64_t start = 0;
  for (int64_t i = 0; i < sections; ++i) {  // the first are longer by one
    const int64_t length = n / sections + (i < n % sections ? 1 : 0);
    parts[static_cast<std::size_t>(i)] = narrow(d, start, length);
    start += length;
  }
  return parts;
}

std::vector<Tensor> Tensor::tensor_split(const Shape& indices, int64_t d) const {
  size_along(*this, d, "tensor_split");
  std::vector<Tensor> parts;
  int64_t start = 0;
  for (const int64_t stop : indices) {
    parts.push_back(slice(d, {start, stop}));
    start = stop;
  }
  parts.push_back(slice(d, {start}));
  return parts;
}

namespace {

/// tensor_split along `dim`, but of a vector along its only one. Sections must be equal here.
template <class How>
std::vector<Tensor> split_along(const char* name, const Tensor& x, int64_t dim, int64_t least_dims, const How& how) {
  if (x.dim() < least_dims)
    fail(name, "expected at least {} dimension{}, got shape {}", least_dims, least_dims > 1 ? "s" : "",
         x.shape().to_string());
  const int64_t d = x.dim() == 1 ? 0 : dim;
  if constexpr (std::is_same_v<How, int64_t>) {
    if (how < 1 || x.size(d) % how != 0)
      fail(name, "dimension {} of size {} cannot be split into {} equal sections", d, x.size(d), how);
  }
  return x.tensor_split(how, d);
}

}  // namespace

std::vector<Tensor> hsplit(const Tensor& x, int64_t sections) { return split_along("hsplit", x, 1, 1, sections); }
std::vector<Tensor> hsplit(const Tensor& x, const Shape& indices) { return split_along("hsplit", x, 1, 1, indices); }
std::vector<Tensor> vsplit(const Tensor& x, int64_t sections) { return split_along("vsplit", x, 0, 2, sections); }
std::vector<Tensor> vsplit(const Tensor& x, const Shape& indices) { return split_along("vsplit", x, 0, 2, indices); }
std::vector<Tensor> dsplit(const Tensor& x, int64_t sections) { return split_along("dsplit", x, 2, 3, sections); }
std::vector<Tensor> dsplit(const Tensor& x, const Shape& indices) { return split_along("dsplit", x, 2, 3, indices); }

std::vector<Tensor> Tensor::hsplit(int64_t sections) const { return tenon::hsplit(*this, sections); }
std::vector<Tensor> Tensor::hsplit(const Shape& indices) const { return tenon::hsplit(*this, indices); }
std::vector<Tensor> Tensor::vsplit(int64_t sections) const { return tenon::vsplit(*this, sections); }
std::vector<Tensor> Tensor::vsplit(const Shape& indices) const { return tenon::vsplit(*this, indices); }
std::vector<Tensor> Tensor::dsplit(int64_t sections) const { return tenon::dsplit(*this, sections); }
std::vector<Tensor> Tensor::dsplit(const Shape& indices) const { return tenon::dsplit(*this, indices); }

}  // namespace tenon
