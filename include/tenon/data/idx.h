#pragma once
// The format of MNIST's files.
#include <filesystem>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::data {

/// Reads an idx file of unsigned bytes, plain or compressed by gzip: a uint8 tensor of the shape that the file gives. A
/// file that is missing, too short, too long, damaged or of another kind is an error that names it.
Tensor read_idx(const std::filesystem::path& file);

}  // namespace tenon::data

#pragma GCC visibility pop
