#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <vector>

#include <jpeglib.h>

#include <tenon/creation.h>

#include "data/images/codec.h"

namespace tenon::data::images {
namespace {

/// What libjpeg's functions are given. Nothing here has a destructor that a longjmp could pass over; ~Reader frees.
struct State {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_source_mgr source{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump{};
  char message[JMSG_LENGTH_MAX] = "";
};

State& state_of(j_common_ptr jpeg) { return *static_cast<State*>(jpeg->client_data); }

[[noreturn]] void give_up(State& s, const char* why) {
  std::snprintf(s.message, sizeof s.message, "%s", why);
  std::longjmp(s.jump, 1);
}
void on_error(j_common_ptr jpeg) {
  State& s = state_of(jpeg);
  s.errors.format_message(jpeg, s.message);
  std::longjmp(s.jump, 1);
}
void on_warning(j_common_ptr, int) {}
void print_nothing(j_common_ptr) {}

void nothing(j_decompress_ptr) {}
::boolean no_more_bytes(j_decompress_ptr jpeg) {
  give_up(state_of(reinterpret_cast<j_common_ptr>(jpeg)), "it ends too early");
}
void skip(j_decompress_ptr jpeg, long n) {
  if (n <= 0) return;
  jpeg_source_mgr& source = *jpeg->src;
  if (static_cast<std::size_t>(n) > source.bytes_in_buffer) no_more_bytes(jpeg);
  source.next_input_byte += n;
  source.bytes_in_buffer -= static_cast<std::size_t>(n);
}

/// A small file can name thousands of scans, each of which goes over the whole image.
void count_scans(j_common_ptr jpeg) {
  constexpr int most = 200;
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > most)
    give_up(state_of(jpeg), "it has more scans than an image needs");
}

bool create(State& s) {
  s.jpeg.err = jpeg_std_error(&s.errors);
  s.errors.error_exit = on_error;
  s.errors.emit_message = on_warning;
  s.errors.output_message = print_nothing;
  s.jpeg.client_data = &s;
  if (setjmp(s.jump) != 0) return false;
  jpeg_create_decompress(&s.jpeg);
  s.jpeg.progress = &s.progress;
  s.progress.progress_monitor = count_scans;
  return true;
}

bool read_header(State& s, const JOCTET* bytes, std::size_t size) {
  constexpr unsigned exif_marker = JPEG_APP0 + 1;
  s.source.init_source = nothing;
  s.source.fill_input_buffer = no_more_bytes;
  s.source.skip_input_data = skip;
  s.source.resync_to_restart = jpeg_resync_to_restart;
  s.source.term_source = nothing;
  s.source.next_input_byte = bytes;
  s.source.bytes_in_buffer = size;
  s.jpeg.src = &s.source;
  if (setjmp(s.jump) != 0) return false;
  jpeg_save_markers(&s.jpeg, exif_marker, 0xffff);
  jpeg_read_header(&s.jpeg, TRUE);
  return true;
}

bool start(State& s) {
  if (setjmp(s.jump) != 0) return false;
  jpeg_start_decompress(&s.jpeg);
  return true;
}

bool read_row(State& s, JSAMPROW to) {
  if (setjmp(s.jump) != 0) return false;
  jpeg_read_scanlines(&s.jpeg, &to, 1);
  return true;
}

bool finish(State& s) {
  if (setjmp(s.jump) != 0) return false;
  jpeg_finish_decompress(&s.jpeg);
  return true;
}

/// a · b / 255, rounded.
uint8_t product(uint8_t a, uint8_t b) {
  const int x = a * b + 128;
  return static_cast<uint8_t>((x + (x >> 8)) >> 8);
}

/// A row of inks as colours. All programs that write such files follow Adobe's, whose inks are 255 where there is none.
void colors_of_inks(const uint8_t* inks, uint8_t* to, int64_t width, ImageReadMode mode) {
  for (int64_t x = 0; x < width; ++x, inks += 4) {
    const uint8_t r = product(inks[0], inks[3]), g = product(inks[1], inks[3]), b = product(inks[2], inks[3]);
    if (mode == ImageReadMode::gray || mode == ImageReadMode::gray_alpha) {
      *to++ = static_cast<uint8_t>((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);  // as libjpeg weighs them
    } else {
      *to++ = r;
      *to++ = g;
      *to++ = b;
    }
    if (mode == ImageReadMode::gray_alpha || mode == ImageReadMode::rgb_alpha) *to++ = 255;
  }
}

void add_alpha(const uint8_t* from, uint8_t* to, int64_t width, int64_t channels) {
  for (int64_t x = 0; x < width; ++x) {
    to = std::copy_n(from, channels, to);
    from += channels;
    *to++ = 255;
  }
}

class Reader {
 public:
  explicit Reader(const Encoded& file) : file_(file) {
    if (create(s_)) return;
    jpeg_destroy_decompress(&s_.jpeg);
    file.damaged(s_.message);
  }
  ~Reader() { jpeg_destroy_decompress(&s_.jpeg); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Decoded decode(const ReadImageOptions& options) {
    check(read_header(s_, reinterpret_cast<const JOCTET*>(file_.bytes.data()), file_.bytes.size()));
    const int64_t width = s_.jpeg.image_width, height = s_.jpeg.image_height;
    check_pixels(file_, s_.jpeg.image_width, s_.jpeg.image_height, options);
    // A block of 64 pixels has a code of one bit at least: memory is taken only where the file can fill it.
    if (!s_.jpeg.arith_code && static_cast<uint64_t>(width * height) / 512 > file_.bytes.size())
      file_.damaged(fmt::format("damaged JPEG: an image of {} × {} cannot be in its {} bytes", width, height,
                                file_.bytes.size()));
    const ImageReadMode mode = options.mode;
    const bool inks = s_.jpeg.jpeg_color_space == JCS_CMYK || s_.jpeg.jpeg_color_space == JCS_YCCK,
               gray = mode == ImageReadMode::gray || mode == ImageReadMode::gray_alpha ||
                      (mode == ImageReadMode::unchanged && s_.jpeg.jpeg_color_space == JCS_GRAYSCALE),
               alpha = mode == ImageReadMode::gray_alpha || mode == ImageReadMode::rgb_alpha;
    s_.jpeg.out_color_space = inks ? JCS_CMYK : gray ? JCS_GRAYSCALE : JCS_RGB;
    check(start(s_));

    const int64_t stored = s_.jpeg.output_components;
    const bool keeps_inks = inks && mode == ImageReadMode::unchanged, converts = (inks && !keeps_inks) || alpha;
    const int64_t channels = keeps_inks ? 4 : (gray ? 1 : 3) + (alpha ? 1 : 0);
    Decoded out;
    out.pixels = empty({height, width, channels}, {.dtype = uint8, .device = kCPU});
    std::vector<uint8_t> row(converts ? static_cast<std::size_t>(width * stored) : 0);
    uint8_t* to = out.pixels.data<uint8_t>();
    for (int64_t y = 0; y < height; ++y, to += width * channels) {
      check(read_row(s_, converts ? row.data() : to));
      if (!converts) continue;
      if (inks) colors_of_inks(row.data(), to, width, mode);
      else add_alpha(row.data(), to, width, stored);
    }
    if (options.apply_exif_orientation) out.orientation = orientation();
    check(finish(s_));
    return out;
  }

 private:
  void check(bool done) const {
    if (!done) file_.damaged(fmt::format("damaged JPEG: {}", s_.message));
  }
  int orientation() const {
    constexpr char name[]{'E', 'x', 'i', 'f', 0, 0};
    for (const jpeg_marker_struct* m = s_.jpeg.marker_list; m; m = m->next)
      if (m->data_length > sizeof name && std::memcmp(m->data, name, sizeof name) == 0)
        return exif_orientation(std::as_bytes(std::span(m->data, m->data_length)).subspan(sizeof name));
    return 1;
  }

  const Encoded& file_;
  State s_;
};

}  // namespace

bool is_jpeg(std::span<const std::byte> bytes) {
  return bytes.size() >= 3 && bytes[0] == std::byte{0xff} && bytes[1] == std::byte{0xd8} && bytes[2] == std::byte{0xff};
}

Decoded decode_jpeg(const Encoded& file, const ReadImageOptions& options) { return Reader(file).decode(options); }

}  // namespace tenon::data::images
