#pragma once
#include <tenon/device.h>

namespace tenon::cuda {

/// How many there are.
int devices();
/// Fails unless the device is there.
void check_device(const Device& device);

}  // namespace tenon::cuda
