#pragma once
// Which version of the library this is. CMakeLists.txt reads the numbers here.
#include <string_view>

#define TENON_VERSION_MAJOR 0
#define TENON_VERSION_MINOR 1
#define TENON_VERSION_PATCH 0
/// One number, for #if: 0.1.0 is 100, 1.2.3 is 10203.
#define TENON_VERSION (TENON_VERSION_MAJOR * 10000 + TENON_VERSION_MINOR * 100 + TENON_VERSION_PATCH)

#pragma GCC visibility push(default)

namespace tenon {

/// Of the library that the program runs with, for example "0.1.0"; the macros are of the headers that it was compiled
/// with.
std::string_view version();

}  // namespace tenon

#pragma GCC visibility pop
