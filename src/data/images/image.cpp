#include <tenon/data/image.h>

#include <tenon/ops/shape.h>

#include "data/images/codec.h"
#include "io/named_errors.h"
#include "io/stream.h"

namespace tenon::data {
namespace {

using images::Decoded;
using images::Encoded;

/// What is found where an image was expected; empty for what nobody knows.
std::string_view other_kind(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 12));
  if (text.empty()) return "nothing";
  if (text.starts_with("GIF8")) return "GIF";
  if (text.starts_with("BM")) return "BMP";
  if (text.starts_with("RIFF") && text.ends_with("WEBP")) return "WebP";
  if (text.starts_with("II*") || text.starts_with(std::string_view("MM\0*", 4))) return "TIFF";
  return "";
}

/// (H, W, C) as its camera saw it. Source: EXIF 2.32, tag Orientation.
Tensor upright(const Tensor& x, int orientation) {
  switch (orientation) {
    case 2: return x.flip({1});
    case 3: return x.flip({0, 1});
    case 4: return x.flip({0});
    case 5: return x.transpose(0, 1);
    case 6: return x.transpose(0, 1).flip({1});
    case 7: return x.transpose(0, 1).flip({0, 1});
    case 8: return x.transpose(0, 1).flip({0});
    default: return x;
  }
}

Tensor decode(const Encoded& file, const ReadImageOptions& options) {
  Decoded image;
  if (images::is_png(file.bytes)) image = images::decode_png(file, options);
  else if (images::is_jpeg(file.bytes)) image = images::decode_jpeg(file, options);
  else {
    const std::string_view kind = other_kind(file.bytes);
    file.damaged(fmt::format("expected PNG or JPEG, found {}", kind.empty() ? "something else" : kind));
  }
  return upright(image.pixels, image.orientation).permute({2, 0, 1});
}

}  // namespace

void images::check_pixels(const Encoded& file, uint64_t width, uint64_t height, const ReadImageOptions& options) {
  // Either size is below 2³², so that the product fits.
  if (width * height > static_cast<uint64_t>(std::max<int64_t>(options.max_pixels, 0)))
    file.damaged(fmt::format("an image of {} × {} has more than the {} pixels that max_pixels allows", width, height,
                             options.max_pixels));
}

Tensor read_image(const std::filesystem::path& file, const ReadImageOptions& options) {
  constexpr std::string_view operation = "read_image";
  return io::with_named_errors(operation, file.string(), [&] {
    const std::vector<std::byte> bytes = io::FileSource(std::string(operation), file).rest();
    return decode({operation, file.string(), bytes}, options);
  });
}

Tensor decode_image(std::span<const std::byte> bytes, const ReadImageOptions& options) {
  constexpr std::string_view operation = "decode_image";
  return io::with_named_errors(operation, "", [&] { return decode({operation, "memory", bytes}, options); });
}

}  // namespace tenon::data
