#include <algorithm>

#include <tenon/creation.h>
#include <tenon/data/transforms/geometry.h>
#include <tenon/nn/functional/padding.h>

#include "data/transforms/common.h"

namespace tenon::data::transforms {
namespace {

namespace F = nn::functional;

/// The dimension mirrored behind its ends; numbers below 0 take elements away.
Tensor mirror(std::string_view transform, const Tensor& x, int64_t dim, int64_t before, int64_t after) {
  const int64_t first = std::max<int64_t>(-before, 0), end = x.size(dim) - std::max<int64_t>(-after, 0);
  if (end < first || std::max(before, after) > end - first)
    fail(transform, "symmetric mirrors no more elements than there are, got a padding of {} and {} for a size of {}",
         before, after, x.size(dim));
  std::vector<int64_t> places;
  for (int64_t i = before; i-- > 0;) places.push_back(first + i);
  for (int64_t i = first; i < end; ++i) places.push_back(i);
  for (int64_t i = 0; i < after; ++i) places.push_back(end - 1 - i);
  return x.index_select(dim, tensor(places, {.device = kCPU}).to(x.device()));
}

/// The margins of what was padded with zeros become a number for each channel.
void fill_margins(const Tensor& x, const Sides& sides, const Fill& fill) {
  const Tensor values = fill_like(fill, x);
  const auto side = [&](int64_t dim, int64_t start, int64_t width) {
    if (width > 0) x.narrow(dim, start, width).copy_(values);
  };
  side(-2, 0, sides.top);
  side(-1, 0, sides.left);
  side(-2, x.size(-2) - sides.bottom, sides.bottom);
  side(-1, x.size(-1) - sides.right, sides.right);
}

}  // namespace

Sides sides_of(std::string_view transform, const Shape& padding) {
  switch (padding.size()) {
    case 0: return {};
    case 1: return {padding[0], padding[0], padding[0], padding[0]};
    case 2: return {padding[0], padding[1], padding[0], padding[1]};
    case 4: return {padding[0], padding[1], padding[2], padding[3]};
    default: fail(transform, "expected a padding of one, two or four numbers, got {} of them", padding.size());
  }
}

Tensor pad(std::string_view transform, const Tensor& image, const Sides& sides, const Fill& fill, PaddingMode mode) {
  const ImageSizes sizes = sizes_of(transform, image);
  const Shape margins{sides.left, sides.right, sides.top, sides.bottom};
  const Tensor x = as_batch(image);
  Tensor y;
  switch (mode) {
    case PaddingMode::constant:
      check_fill(transform, "fill", fill, sizes.channels);
      if (fill.size() == 1) {
        y = F::pad(x, margins, F::PaddingMode::constant, fill[0]);
      } else {
        y = F::pad(x, margins);
        fill_margins(y, sides, fill);
      }
      break;
    case PaddingMode::edge: y = F::pad(x, margins, F::PaddingMode::replicate); break;
    case PaddingMode::reflect: y = F::pad(x, margins, F::PaddingMode::reflect); break;
    case PaddingMode::symmetric:
      y = mirror(transform, mirror(transform, x, -1, sides.left, sides.right), -2, sides.top, sides.bottom);
      break;
  }
  return as_before(y, image);
}

Pad::Pad(Shape padding, const PadOptions& options) : padding_(std::move(padding)), options_(options) {
  if (padding_.empty()) fail("Pad", "expected a padding of one, two or four numbers, got none");
  sides_of("Pad", padding_);
  if (options.padding_mode != PaddingMode::constant && options.fill.size() != 1)
    fail("Pad", "a fill for each channel goes with PaddingMode::constant alone");
}

Tensor Pad::operator()(const Tensor& image) const {
  return pad("Pad", image, sides_of("Pad", padding_), options_.fill, options_.padding_mode);
}

}  // namespace tenon::data::transforms
