#pragma once
// NumPy's files: .npy, one array, and .npz, a zip archive of named ones.
#include <filesystem>
#include <span>

#include <tenon/tensor.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::io {

/// The array in a .npy file, row-major, in this machine's byte order whatever the file's. Format versions 1 to 3.
/// Arrays of objects, records, text and dates are refused, and so is a damaged file; nothing in it is executed. Source:
/// numpy.load.
Tensor load_npy(const std::filesystem::path& file);
/// The same from memory that holds such a file.
Tensor load_npy(std::span<const std::byte> bytes);

/// Writes x, which may lie on the tape and have any strides. NumPy has no bfloat16, complex32 and eight-bit
/// floating-point numbers: an error says what to convert to. The file appears only once it is whole. Source:
/// numpy.save.
void save_npy(const std::filesystem::path& file, const Tensor& x);

/// The arrays in a .npz file by their names, in the file's order. Source: numpy.load.
Dict load_npz(const std::filesystem::path& file);
Dict load_npz(std::span<const std::byte> bytes);

struct NpzOptions {
  bool compressed = false;  ///< as numpy.savez_compressed does
};
/// Writes a dict of tensors. Source: numpy.savez.
void save_npz(const std::filesystem::path& file, const Dict& arrays, const NpzOptions& options = {});

}  // namespace tenon::io

#pragma GCC visibility pop
