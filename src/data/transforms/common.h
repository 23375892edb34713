#pragma once
// What transforms share: checks, draws as torchvision has them, parts of images.
#include <string_view>

#include <tenon/data/transforms/arguments.h>
#include <tenon/tensor.h>

namespace tenon::data::transforms {

struct ImageSizes {
  int64_t channels, height, width;
};
/// An error naming the transform for what is not (…, C, H, W).
ImageSizes sizes_of(std::string_view transform, const Tensor& image);
/// (…, C, H, W) as (N, C, H, W).
Tensor as_batch(const Tensor& image);
/// (N, C, H', W') with the leading dimensions of `image`.
Tensor as_before(const Tensor& batch, const Tensor& image);

void check_probability(std::string_view transform, double p);
/// An error for a range that is turned round or goes beyond `low` and `high`, which `allowed` says in words.
void check_range(std::string_view transform, std::string_view name, const Range& range, double low, double high,
                 std::string_view allowed);
void check_fill(std::string_view transform, std::string_view name, const Fill& fill, int64_t channels);
/// As (C, 1, 1), or (1, 1, 1), of the image's type.
Tensor fill_like(const Fill& fill, const Tensor& image);

bool happens(double p);  ///< draws one number
double draw_uniform(const Range& range);
/// exp of a number drawn between the logarithms.
double draw_ratio(const Range& ratio);
/// 0 to most.
int64_t draw_place(int64_t most);
/// As Python's round.
int64_t rounded(double x);

/// The largest value of a data type: 1 of floating-point ones.
double largest_value(DType dtype);
/// See ToDtype.
Tensor to_dtype(std::string_view transform, const Tensor& image, DType dtype, bool scale);

/// Rows from `top`, columns from `left`; they lie in the image.
Tensor crop(const Tensor& image, int64_t top, int64_t left, int64_t height, int64_t width);
struct Sides {
  int64_t left = 0, top = 0, right = 0, bottom = 0;
  bool operator==(const Sides&) const = default;
};
/// What Pad's one, two or four numbers say; none say 0.
Sides sides_of(std::string_view transform, const Shape& padding);
Tensor pad(std::string_view transform, const Tensor& image, const Sides& sides, const Fill& fill, PaddingMode mode);
Tensor resize(std::string_view transform, const Tensor& image, int64_t height, int64_t width, InterpolationMode mode,
              bool antialias);
void check_interpolation(std::string_view transform, InterpolationMode mode, bool antialias);

/// `channels`: 1 or 3.
Tensor grayscale(std::string_view transform, const Tensor& image, int64_t channels);

}  // namespace tenon::data::transforms
