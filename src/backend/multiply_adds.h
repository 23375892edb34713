#pragma once
#include <cstdint>

namespace tenon {

/// How many multiplications with an addition this thread's products on the meta device would have taken. A kernel that
/// multiplies matrices (or convolves) adds its own in meta.cpp, and nn::summary knows of it.
int64_t& meta_multiply_adds();

}  // namespace tenon
