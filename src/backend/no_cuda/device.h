#pragma once
#include <tenon/device.h>

namespace tenon::cuda {

/// Fails unless the device is there.
void check_device(const Device& device);

}  // namespace tenon::cuda
