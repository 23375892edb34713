#pragma once
// What libpng's functions are given for reading and for writing.
#include <cstring>

#include <png.h>

namespace tenon::data::images {

/// Nothing here, or in what derives from it, has a destructor that a longjmp could pass over.
struct PngState {
  png_structp png = nullptr;
  png_infop info = nullptr;
  char message[128] = "";
};

inline void on_png_error(png_structp png, png_const_charp message) {
  auto& s = *static_cast<PngState*>(png_get_error_ptr(png));
  std::strncpy(s.message, message, sizeof s.message - 1);
  png_longjmp(png, 1);
}
inline void on_png_warning(png_structp, png_const_charp) {}

}  // namespace tenon::data::images
