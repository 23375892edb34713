// Images: read in every mode, or refused; what was read is the same after it was written.
#include <tenon/data/image.h>

#include "fuzz/files/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, std::size_t size) {
  using namespace tenon;
  using data::ImageReadMode;
  constexpr ImageReadMode modes[]{ImageReadMode::unchanged, ImageReadMode::gray, ImageReadMode::gray_alpha,
                                  ImageReadMode::rgb, ImageReadMode::rgb_alpha};
  for (const ImageReadMode mode : modes)
    fuzz::reads_or_refuses([&] {
      const Tensor x =
          data::decode_image(fuzz::bytes_of(bytes, size), {.mode = mode,
                                                           .apply_exif_orientation = true,
                                                           .keep_16_bits = mode == ImageReadMode::unchanged,
                                                           .max_pixels = 1 << 16});
      fuzz::require(x.dim() == 3 && x.numel() > 0, "an image has pixels");
      fuzz::look_at(x);
      if (x.dtype() != uint8) return;
      const Tensor again = data::decode_image(data::encode_png(x, {.compression_level = 1}));
      fuzz::require(x.equal(again), "an image is the same after it was written");
    });
  return 0;
}
