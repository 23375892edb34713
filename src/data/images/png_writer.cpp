#include <tenon/autograd.h>

#include "data/images/codec.h"
#include "data/images/png_state.h"
#include "io/file_sink.h"
#include "io/named_errors.h"

namespace tenon::data {
namespace {

struct State : images::PngState {
  std::vector<std::byte>* out = nullptr;
};

/// What is thrown here must not pass through libpng.
bool append(std::vector<std::byte>& out, png_const_bytep from, std::size_t n) noexcept try {
  const auto* const p = reinterpret_cast<const std::byte*>(from);
  out.insert(out.end(), p, p + n);
  return true;
} catch (...) {
  return false;
}
void take_bytes(png_structp png, png_bytep from, std::size_t n) {
  if (!append(*static_cast<State*>(png_get_io_ptr(png))->out, from, n)) png_error(png, "there is not enough memory");
}
void flush(png_structp) {}

bool write(State& s, const uint8_t* pixels, png_uint_32 height, png_uint_32 width, png_uint_32 channels, int level) {
  constexpr int types[]{PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  if (setjmp(png_jmpbuf(s.png)) != 0) return false;
  png_set_write_fn(s.png, &s, take_bytes, flush);
  png_set_user_limits(s.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_compression_level(s.png, level);
  png_set_IHDR(s.png, s.info, width, height, 8, types[channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(s.png, s.info);
  for (std::size_t y = 0; y < height; ++y) png_write_row(s.png, pixels + y * width * channels);
  png_write_end(s.png, s.info);
  return true;
}

class Writer {
 public:
  Writer() {
    s_.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, static_cast<images::PngState*>(&s_), images::on_png_error,
                                     images::on_png_warning);
    if (s_.png) s_.info = png_create_info_struct(s_.png);
  }
  ~Writer() { png_destroy_write_struct(&s_.png, &s_.info); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::vector<std::byte> encode(std::string_view operation, const Tensor& pixels, int level) {
    std::vector<std::byte> out;
    s_.out = &out;
    const auto size = [&](int64_t dim) { return static_cast<png_uint_32>(pixels.size(dim)); };
    if (!s_.info) fail(operation, "there is not enough memory");
    if (!write(s_, pixels.data<uint8_t>(), size(0), size(1), size(2), level)) fail(operation, "{}", s_.message);
    return out;
  }

 private:
  State s_;
};

std::vector<std::byte> encode(std::string_view operation, const Tensor& image, const PngOptions& options) {
  constexpr int64_t most = PNG_UINT_31_MAX;
  if (!image.defined() || image.dtype() != uint8 || image.dim() != 3 || image.size(0) < 1 || image.size(0) > 4 ||
      image.size(1) < 1 || image.size(2) < 1 || image.size(1) > most || image.size(2) > most)
    fail(operation, "expected a uint8 tensor of shape (C, H, W) with 1 to 4 channels, got {}",
         image.defined() ? fmt::format("{} {}", image.dtype(), image.shape().to_string()) : "an undefined one");
  if (options.compression_level < 0 || options.compression_level > 9)
    fail(operation, "expected a compression_level from 0 to 9, got {}", options.compression_level);
  const NoGrad guard;
  return Writer().encode(operation, image.cpu().permute({1, 2, 0}).contiguous(),
                         static_cast<int>(options.compression_level));
}

}  // namespace

std::vector<std::byte> encode_png(const Tensor& image, const PngOptions& options) {
  return encode("encode_png", image, options);
}

void write_png(const Tensor& image, const std::filesystem::path& file, const PngOptions& options) {
  const std::vector<std::byte> bytes = encode("write_png", image, options);
  io::with_named_errors("write_png", file.string(), [&] {
    io::FileSink sink("write_png", file);
    sink.write(bytes);
    sink.finish();
  });
}

}  // namespace tenon::data
