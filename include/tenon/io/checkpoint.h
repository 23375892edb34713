#pragma once
// tenon::save and tenon::load: checkpoints that PyTorch reads, and those that it wrote. Nothing in a file is ever
// executed.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/device.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon {

namespace detail {
template <class F>
concept GivesAPlace = requires(F place, const std::string& location) {
  { place(location) } -> std::convertible_to<std::optional<Device>>;
};
}  // namespace detail

/// Where tensors go that a file says were on some device: one place for all, a place for each of some locations
/// ({{"cuda:1", "cpu"}}), or what a function says. Default, and where they have no answer: where they were. Source:
/// torch.load's map_location.
class MapLocation {
 public:
  using Function = std::function<std::optional<Device>(const std::string& location)>;

  MapLocation() = default;
  MapLocation(const Device& everything);
  MapLocation(const char* everything) : MapLocation(Device(everything)) {}
  MapLocation(const std::string& everything) : MapLocation(Device(everything)) {}
  MapLocation(std::initializer_list<std::pair<const std::string, Device>> places)
      : MapLocation(std::map<std::string, Device>(places)) {}
  MapLocation(std::map<std::string, Device> places);
  template <detail::GivesAPlace F>
  MapLocation(F place) : place_(std::move(place)) {}

  /// Where what was at `location` ("cpu", "cuda:1") goes. An error that names the location where there is no such
  /// device.
  Device operator()(const std::string& location) const;

 private:
  Function place_;
};

struct LoadOptions {
  MapLocation map_location = {};
  /// Checks the checksums of large tensors too, which reads all of the file; those up to 1 MiB are always checked.
  bool verify = false;
  /// Classes and functions that are not known become values that are only carried (Opaque); else an error lists them.
  bool opaque = false;
  /// Tensors lie in the file mapped into memory, and are read when they are used; changing them leaves the file alone.
  /// While they live, another program must not write into the file: what it changes changes the tensors, and if it
  /// shortens the file, using them ends the process (SIGBUS). Replacing the file, as save() does, is harmless. Files of
  /// up to 16 MiB are read at once, to which nothing can happen any more; false reads every file so.
  bool mmap = true;
  /// Of a TorchScript archive (torch.jit.save, or libtorch's torch::save) the parameters and buffers by their names, as
  /// the state_dict() of the module in it, none of whose code is run; else such an archive is an error. Buffers that
  /// are not persistent are there as well.
  bool torchscript = false;
};

struct SaveOptions {
  bool sync = true;  ///< returns when the disk has the file, so that it outlasts a loss of power
};

/// Writes what torch.load(weights_only=True) reads; for a name that ends in .safetensors, a dict of tensors in that
/// form; in .npy a tensor, and in .npz a dict of tensors, in NumPy's. Tensors that share memory share it in PyTorch's
/// form, and a view brings the whole of it.
///
/// The file appears only once it is whole: an error leaves an old one as it was. It keeps the owner, the mode and the
/// access list of the one that it replaces. A link leads to the file that is written, also where that is not there yet;
/// a file with several names (hard links) keeps them, and is the one that a crash in the last moment can leave
/// unfinished. A pipe or a device is written to as it is; a folder, a socket, a disk, and a file that may not be
/// written to, are errors. Source: torch.save.
void save(const Value& value, const std::filesystem::path& file, const SaveOptions& options = {});
/// The same into a stream, in PyTorch's form, from where it stands: several can be written one after the other.
void save(const Value& value, std::ostream& stream);
/// The same into memory.
std::vector<std::byte> save_to_bytes(const Value& value);

/// What a file holds that torch.save wrote (of any version), or safetensors, or NumPy (.npy: a tensor, .npz: a dict of
/// them); decided by its content. A pipe (/dev/stdin, a FIFO) is read until nobody writes to it any more. The index of
/// a checkpoint in several files (model.safetensors.index.json) gives what they hold together. An error names the file
/// and says what is wrong and where. Source: torch.load with weights_only=True, safetensors.torch.load_file,
/// numpy.load.
Value load(const std::filesystem::path& file, const LoadOptions& options = {});
/// The same from memory, of which nothing is kept.
Value load(std::span<const std::byte> bytes, const LoadOptions& options = {});
/// The next object in a stream that holds one or, one after the other, several; the stream is left behind it. One that
/// cannot be moved (a pipe) must end with its first object, and so must one with safetensors. An error where there is
/// no more (stream.peek() tells), and one leaves the stream where it was. Nothing is mapped. Source: torch.load.
Value load(std::istream& stream, const LoadOptions& options = {});

namespace io {

/// Makes a value of what a file holds of a class: its arguments, its state. Source:
/// torch.serialization.add_safe_globals.
using Builder = std::function<Value(const Opaque& object)>;

/// A name that is allowed while this lives.
class [[nodiscard]] Allowed {
 public:
  Allowed(Allowed&& o) noexcept : id_(std::exchange(o.id_, 0)) {}
  Allowed& operator=(Allowed&& o) noexcept {
    std::swap(id_, o.id_);
    return *this;
  }
  ~Allowed();

 private:
  friend Allowed allow(std::string, Builder);
  explicit Allowed(uint64_t id) : id_(id) {}
  uint64_t id_;
};

/// Until the result goes, what this thread loads may name "module.Name": `builder` makes a value of it. Without one it
/// is carried as Opaque. Source: torch.serialization.safe_globals.
Allowed allow(std::string name, Builder builder = {});
/// The same for all threads, from now on.
void allow_always(std::string name, Builder builder = {});

}  // namespace io
}  // namespace tenon

#pragma GCC visibility pop
