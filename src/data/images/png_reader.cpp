#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <tenon/creation.h>

#include "data/images/codec.h"
#include "data/images/png_state.h"

namespace tenon::data::images {
namespace {

constexpr std::array<uint8_t, 8> signature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

/// ~Reader frees what it holds.
struct State : PngState {
  const std::byte* next = nullptr;
  std::size_t left = 0;
};

void give_bytes(png_structp png, png_bytep to, std::size_t n) {
  auto& s = *static_cast<State*>(png_get_io_ptr(png));
  if (n > s.left) png_error(png, "it ends too early");
  std::memcpy(to, s.next, n);
  s.next += n;
  s.left -= n;
}

bool read_header(State& s) {
  if (setjmp(png_jmpbuf(s.png)) != 0) return false;
  png_set_read_fn(s.png, &s, give_bytes);
  png_set_user_limits(s.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_pixels() has one
  png_read_info(s.png, s.info);
  return true;
}

/// Tells libpng what to make of the rows.
bool prepare(State& s, const ReadImageOptions& options) {
  if (setjmp(png_jmpbuf(s.png)) != 0) return false;
  const png_byte type = png_get_color_type(s.png, s.info), depth = png_get_bit_depth(s.png, s.info);
  const ImageReadMode mode = options.mode;
  const bool wants_alpha = mode == ImageReadMode::gray_alpha || mode == ImageReadMode::rgb_alpha,
             wants_gray = mode == ImageReadMode::gray || mode == ImageReadMode::gray_alpha,
             is_palette = type == PNG_COLOR_TYPE_PALETTE, has_color = (type & PNG_COLOR_MASK_COLOR) != 0,
             has_transparency = png_get_valid(s.png, s.info, PNG_INFO_tRNS) != 0,
             has_alpha = (type & PNG_COLOR_MASK_ALPHA) != 0;
  if (is_palette) png_set_palette_to_rgb(s.png);  // and its transparency to alpha
  else if (depth < 8) png_set_expand_gray_1_2_4_to_8(s.png);
  if (depth == 16 && options.keep_16_bits && std::endian::native == std::endian::little) png_set_swap(s.png);
  if (depth == 16 && !options.keep_16_bits) png_set_scale_16(s.png);
  if (mode != ImageReadMode::unchanged) {
    if (wants_alpha && has_transparency && !is_palette) png_set_tRNS_to_alpha(s.png);
    if (wants_alpha && !has_alpha && !has_transparency) png_set_add_alpha(s.png, 0xffff, PNG_FILLER_AFTER);
    if (!wants_alpha && (has_alpha || (is_palette && has_transparency))) png_set_strip_alpha(s.png);
    if (wants_gray && has_color) png_set_rgb_to_gray(s.png, PNG_ERROR_ACTION_NONE, 0.2989, 0.587);
    if (!wants_gray && !has_color) png_set_gray_to_rgb(s.png);
  }
  png_set_interlace_handling(s.png);
  png_read_update_info(s.png, s.info);
  return true;
}

bool read_rows(State& s, std::byte* to, std::size_t height, std::size_t row_size, int passes) {
  if (setjmp(png_jmpbuf(s.png)) != 0) return false;
  for (int pass = 0; pass < passes; ++pass)
    for (std::size_t y = 0; y < height; ++y)
      png_read_row(s.png, reinterpret_cast<png_bytep>(to + y * row_size), nullptr);
  png_read_end(s.png, s.info);
  return true;
}

bool find_exif(State& s, png_bytep* exif, png_uint_32* size) {
  if (setjmp(png_jmpbuf(s.png)) != 0) return false;
  return png_get_eXIf_1(s.png, s.info, size, exif) != 0;
}

class Reader {
 public:
  explicit Reader(const Encoded& file) : file_(file) {
    s_.next = file.bytes.data();
    s_.left = file.bytes.size();
    s_.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, static_cast<PngState*>(&s_), on_png_error, on_png_warning);
    if (s_.png) s_.info = png_create_info_struct(s_.png);
    if (!s_.info) {
      png_destroy_read_struct(&s_.png, nullptr, nullptr);
      file.damaged("there is not enough memory");
    }
  }
  ~Reader() { png_destroy_read_struct(&s_.png, &s_.info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Decoded decode(const ReadImageOptions& options) {
    check(read_header(s_));
    const uint64_t width = png_get_image_width(s_.png, s_.info), height = png_get_image_height(s_.png, s_.info);
    check_pixels(file_, width, height, options);
    // deflate makes at most 1032 bytes of one: memory is taken only where the file can fill it.
    const uint64_t bits = uint64_t{png_get_bit_depth(s_.png, s_.info)} * png_get_channels(s_.png, s_.info);
    if (const uint64_t row = (width * bits + 7) / 8; height > (file_.bytes.size() + 1) * 1032 / row)
      file_.damaged(
          fmt::format("damaged PNG: an image of {} × {} cannot be in its {} bytes", width, height, file_.bytes.size()));
    const int passes = png_get_interlace_type(s_.png, s_.info) == PNG_INTERLACE_NONE ? 1 : PNG_INTERLACE_ADAM7_PASSES;
    check(prepare(s_, options));
    const bool is_wide = png_get_bit_depth(s_.png, s_.info) == 16;
    const std::size_t row_size = png_get_rowbytes(s_.png, s_.info);
    Decoded out;
    out.pixels = empty({static_cast<int64_t>(height), static_cast<int64_t>(width), png_get_channels(s_.png, s_.info)},
                       {.dtype = is_wide ? uint16 : uint8, .device = kCPU});
    check(read_rows(s_, static_cast<std::byte*>(out.pixels.raw_data()), height, row_size, passes));
    png_bytep exif = nullptr;
    png_uint_32 size = 0;
    if (options.apply_exif_orientation && find_exif(s_, &exif, &size))
      out.orientation = exif_orientation(std::as_bytes(std::span(exif, size)));
    return out;
  }

 private:
  void check(bool done) const {
    if (!done) file_.damaged(fmt::format("damaged PNG: {}", s_.message));
  }

  const Encoded& file_;
  State s_;
};

}  // namespace

bool is_png(std::span<const std::byte> bytes) {
  return bytes.size() >= signature.size() && std::memcmp(bytes.data(), signature.data(), signature.size()) == 0;
}

Decoded decode_png(const Encoded& file, const ReadImageOptions& options) { return Reader(file).decode(options); }

}  // namespace tenon::data::images
