#pragma once
// What the readers of image formats share.
//
// libpng and libjpeg report errors by longjmp. A function that calls setjmp, and all that it calls, therefore holds
// nothing that has a destructor; it returns false, and its caller throws.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tenon/data/image.h>
#include <tenon/error.h>

namespace tenon::data::images {

/// A file's bytes, and how an error names it.
struct Encoded {
  std::string_view operation;
  std::string name;
  std::span<const std::byte> bytes;

  [[noreturn]] void damaged(std::string_view how) const { fail(operation, "{}: {}", name, how); }
};

struct Decoded {
  Tensor pixels;        ///< (H, W, C)
  int orientation = 1;  ///< as EXIF counts them: 1 is upright
};

bool is_png(std::span<const std::byte> bytes);
bool is_jpeg(std::span<const std::byte> bytes);
Decoded decode_png(const Encoded& file, const ReadImageOptions& options);
Decoded decode_jpeg(const Encoded& file, const ReadImageOptions& options);

/// An error for an image of more pixels than are allowed.
void check_pixels(const Encoded& file, uint64_t width, uint64_t height, const ReadImageOptions& options);

/// What a TIFF header and its entries (EXIF) say; 1 where they say nothing that makes sense.
int exif_orientation(std::span<const std::byte> tiff);

}  // namespace tenon::data::images
