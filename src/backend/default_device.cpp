#include <tenon/default_device.h>

#include "backend/kernels.h"

namespace tenon {

namespace {
thread_local Device device_by_default = kCPU;
}  // namespace

Device default_device() { return device_by_default; }

DefaultDevice::DefaultDevice(const Device& device) : before_(device_by_default) {
  check_device(device);  // refuses what is not there
  device_by_default = device;
}
DefaultDevice::~DefaultDevice() { device_by_default = before_; }

}  // namespace tenon
