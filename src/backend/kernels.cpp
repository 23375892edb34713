#include "backend/kernels.h"

#include <tenon/error.h>

#include "backend/cpu/instruction_set.h"
#include "backend/no_cuda/device.h"

namespace tenon {

void detail::no_kernel(const char* name, const Device& device) {
  if (device.type == DeviceType::meta) return;
  fail(name, "there is no kernel for {} yet; compute on the CPU, where x.to(\"cpu\") brings a tensor", device);
}

void check_device(const Device& device) {
  if (device.type == DeviceType::cpu) backend::cpu::check_instruction_set();
  if (device.type == DeviceType::cuda) cuda::check_device(device);
}

}  // namespace tenon
