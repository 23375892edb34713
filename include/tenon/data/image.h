#pragma once
// PNG and JPEG files as tensors, tensors as PNG files, and many images as one.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::data {

/// Which channels an image gets: those that it has, grey, or red, green and blue, each with an alpha channel or without
/// one. Source: torchvision.io.ImageReadMode.
enum class ImageReadMode : uint8_t { unchanged, gray, gray_alpha, rgb, rgb_alpha };

struct ReadImageOptions {
  /// A palette's colours are always resolved; alpha that the file does not have is opaque. A JPEG of inks (CMYK) is
  /// kept with its four channels by `unchanged`, and converted by the others.
  ImageReadMode mode = ImageReadMode::unchanged;
  bool apply_exif_orientation = false;  ///< turn and mirror the image as its camera noted
  bool keep_16_bits = true;             ///< a PNG of 16 bits is a uint16 tensor; false: uint8, rounded
  int64_t max_pixels = 178'956'970;     ///< more of them are an error, before memory is taken for them
};

/// The image in a PNG or JPEG file, which is told by its content: uint8 (C, H, W). Its memory is (H, W, C), channels
/// last. A file that is missing, damaged, cut short, too large, or of another kind is an error that names it. Source:
/// torchvision.io.read_image.
Tensor read_image(const std::filesystem::path& file, const ReadImageOptions& options = {});
/// The same from memory that holds such a file. Source: torchvision.io.decode_image.
Tensor decode_image(std::span<const std::byte> bytes, const ReadImageOptions& options = {});

struct PngOptions {
  int64_t compression_level = 6;  ///< 0 (none) to 9 (smallest)
};
/// A uint8 tensor (C, H, W) as a PNG file: grey, grey and alpha, RGB, or RGB and alpha by its 1 to 4 channels. Source:
/// torchvision.io.encode_png.
std::vector<std::byte> encode_png(const Tensor& image, const PngOptions& options = {});
/// The same into a file, which appears only once it is whole. Source: torchvision.io.write_png.
void write_png(const Tensor& image, const std::filesystem::path& file, const PngOptions& options = {});

struct MakeGridOptions {
  int64_t columns = 8;
  int64_t padding = 2;                                        ///< pixels around each image
  bool normalize = false;                                     ///< the lowest value becomes 0, the highest 1
  std::optional<std::pair<double, double>> value_range = {};  ///< what is lowest and highest; else the images' own
  bool scale_each = false;                                    ///< each image by its own lowest and highest
  double pad_value = 0;                                       ///< of what is around the images, and of places left over
};
/// Images (N, C, H, W) as one, (C, …, …), in rows of up to `columns`; grey ones become RGB. One image, (C, H, W) or N
/// of 1, stays as it is. Source: torchvision.utils.make_grid, whose nrow is `columns`.
Tensor make_grid(const Tensor& images, const MakeGridOptions& options = {});

}  // namespace tenon::data

#pragma GCC visibility pop
