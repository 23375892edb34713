#pragma once
// What every target shares. A target is a program around one function that takes any bytes: libFuzzer's, or replay.cpp,
// which hands it the files of a folder.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include <tenon/io/checkpoint.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size);

namespace tenon::fuzz {

inline std::span<const std::byte> bytes_of(const uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

/// What a reader promises: a value, or an Error. Anything else that is thrown ends the program.
template <class F>
void reads_or_refuses(F read) {
  try {
    read();
  } catch (const Error&) {
  }
}

/// For what must hold whatever the bytes are.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "this does not hold: %s\n", what);
  std::abort();
}

/// Looks at every value, so that a sanitizer sees a tensor that is not inside its storage. False where there are too
/// many to look at all: a small file can name one list a million times.
bool look_at(const Value& value);

}  // namespace tenon::fuzz
