#pragma once
// The safetensors format: named tensors and nothing else, where they can be used as they lie in the file.
#include <filesystem>
#include <span>

#include <tenon/tensor.h>
#include <tenon/value.h>

namespace tenon::io {

struct LoadSafetensorsOptions {
  bool mmap = true;  ///< the tensors lie on the file's own bytes, which are read when they are first used; false: read
                     ///< all of it now
};
/// The tensors in such a file by their names, in the order of these. What is written to a mapped tensor stays with this
/// process; a file that is cut short while it is mapped ends the process when the lost bytes are touched. A damaged
/// file is refused: sizes, places and types must agree to the byte. Source: safetensors.torch.load_file.
Dict load_safetensors(const std::filesystem::path& file, const LoadSafetensorsOptions& options = {});
/// The same from memory that holds such a file. The tensors are copies.
Dict load_safetensors(std::span<const std::byte> bytes);
/// The texts by name that stand beside the tensors ("format": "pt"); empty where there are none. Source:
/// safetensors.safe_open(…).metadata().
Dict safetensors_metadata(const std::filesystem::path& file);

struct SaveSafetensorsOptions {
  Dict metadata = {};  ///< texts by name, to stand beside the tensors
};
/// Writes a dict of tensors, to the byte as Python's safetensors does. A tensor may lie on the tape and have any
/// strides; tensors that share memory (tied weights, views) are each written in full, so that every name is there when
/// the file is loaded, where save_file of Python refuses them and save_model leaves names out. An error that names the
/// key for anything but tensors with a name, for tensors on the meta device, and for complex32 and complex128, which
/// the format has not. The file appears only once it is whole. Source: safetensors.torch.save_file.
void save_safetensors(const std::filesystem::path& file, const Dict& tensors,
                      const SaveSafetensorsOptions& options = {});

}  // namespace tenon::io
