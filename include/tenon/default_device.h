#pragma once
// Where tensors are made that nobody says a device for.
#include <tenon/device.h>

#pragma GCC visibility push(default)

namespace tenon {

/// This thread's: the CPU, unless a DefaultDevice says otherwise.
Device default_device();

/// While it lives, tensors are made there on this thread: `DefaultDevice guard(kMeta); Net net;` makes a model that has
/// shapes and no data. Source: torch.device as a context manager.
class [[nodiscard]] DefaultDevice {
 public:
  explicit DefaultDevice(const Device& device);
  ~DefaultDevice();
  DefaultDevice(const DefaultDevice&) = delete;
  DefaultDevice& operator=(const DefaultDevice&) = delete;

 private:
  Device before_;
};

}  // namespace tenon

#pragma GCC visibility pop
