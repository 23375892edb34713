#pragma once
#include <concepts>
#include <initializer_list>
#include <optional>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// How a resized image takes its values from the given one: the nearest element, as PyTorch's nearest rounds, or
/// exactly; between two neighbours a dimension (linear of one, bilinear of two, trilinear of three dimensions) or four
/// (bicubic); by six with lanczos, which takes antialias; the mean of what a place covers (area).
enum class InterpolationMode : uint8_t { nearest, nearest_exact, linear, bilinear, bicubic, trilinear, lanczos, area };

/// Factors of sizes: one for all dimensions or one for each. By default none.
class ScaleFactors : public SmallVector<double, 3> {
 public:
  ScaleFactors() = default;
  template <class T>
  requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) ScaleFactors(T same)
      : SmallVector(std::size_t{1}, static_cast<double>(same)), is_one_(true) {}
  ScaleFactors(std::initializer_list<double> each) : SmallVector(each) {}

  bool is_one() const { return is_one_; }  ///< one number for all dimensions

 private:
  bool is_one_ = false;
};

struct InterpolateOptions {
  Shape size = {};                 ///< the result's, one for all dimensions or one for each
  ScaleFactors scale_factor = {};  ///< or the factor of the input's; one of the two is given
  InterpolationMode mode = InterpolationMode::nearest;
  /// Whether the outermost elements lie in the same places before and after, not the images' edges. Not of nearest,
  /// nearest_exact and area.
  std::optional<bool> align_corners = {};
  /// Whether places are computed from the sizes, not from scale_factor.
  bool recompute_scale_factor = false;
  /// Whether a smaller image takes all that a place covers: bilinear, bicubic and lanczos.
  bool antialias = false;
};
/// An image, (N, C, W), (N, C, H, W) or (N, C, D, H, W), in another size. Floating-point numbers, half types computed
/// in float; uint8 of two dimensions, rounded, too. Channels that lie last stay so. An error where a size is 0 but N.
/// Source: torch.nn.functional.interpolate.
Tensor interpolate(const Tensor& x, const InterpolateOptions& options);

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
