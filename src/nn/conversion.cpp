// to() and its kin: other types and devices for the tensors of a model that stay the same objects.
#include <tenon/autograd.h>
#include <tenon/creation.h>

#include "backend/kernels.h"
#include "backend/new_tensor.h"
#include "nn/entries.h"
#include "nn/set_data.h"
#include "tape/leaf.h"
#include "tensor/memory_format.h"

namespace tenon::nn {
namespace {

/// Every parameter once, every slot of a buffer.
template <class OnParameter, class OnBuffer>
void for_each_tensor(ModuleBase& root, OnParameter on_parameter, OnBuffer on_buffer) {
  for (const Parameter& p : root.parameters()) on_parameter(p);
  for (ModuleBase& module : root.modules())
    for (const auto& [key, buffer] : Entries(module).buffers)
      if (buffer->defined()) on_buffer(*buffer);
}

template <class Convert>
void convert(ModuleBase& root, Convert converted) {
  const NoGrad guard;
  Rehousing rehousing;
  for_each_tensor(
      root,
      [&](const Parameter& p) {
        const Tensor data = converted(p);
        if (data.is_same(p)) return;
        const Tensor grad = p.grad();
        rehousing.parameter(p, data);
        if (grad.defined()) p.set_grad(converted(grad).detach());
      },
      [&](Buffer& slot) { rehousing.buffer(slot, converted); });
}

void check_device(ModuleBase& root, const Device& device) {
  tenon::check_device(device);
  if (device == kMeta) return;
  const auto check = [&](const Tensor& x) {
    if (x.is_meta())
      fail("to",
           "{} has tensors on the meta device, and so no data to copy to {}: use to_empty({}), or load with assign",
           root.type_name(), device, device);
  };
  for_each_tensor(root, check, check);
}

void check_dtype(DType dtype) {
  if (!is_floating_point(dtype) && !is_complex(dtype))
    fail("to", "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={}", dtype);
}

/// Integers stay what they are.
Tensor converted_to(const Tensor& x, DType dtype) { return x.is_floating_point() || x.is_complex() ? x.to(dtype) : x; }

}  // namespace

void set_data(const Tensor& x, const Tensor& data) {
  take_data(x, data);
  x.set_grad({});
}

ModuleBase& ModuleBase::to(DType dtype) {
  check_dtype(dtype);
  convert(*this, [&](const Tensor& x) { return converted_to(x, dtype); });
  return *this;
}

ModuleBase& ModuleBase::to(const Device& device) {
  check_device(*this, device);
  convert(*this, [&](const Tensor& x) { return x.to(device); });
  return *this;
}

ModuleBase& ModuleBase::to(const Device& device, DType dtype) {
  check_dtype(dtype);
  check_device(*this, device);
  convert(*this, [&](const Tensor& x) { return converted_to(x, dtype).to(device); });
  return *this;
}

ModuleBase& ModuleBase::to(MemoryFormat format) {
  const auto concerns = [](const Tensor& x) { return x.dim() == 4 || x.dim() == 5; };
  const auto check = [&](const Tensor& x) {
    if (concerns(x)) strides_in(format, x.shape(), "to");
  };
  for_each_tensor(*this, check, check);
  convert(*this, [&](const Tensor& x) { return concerns(x) ? x.to(format) : x; });
  return *this;
}

ModuleBase& ModuleBase::to_empty(const Device& device) {
  check_device(device);
  const NoGrad guard;
  const auto anew = [&](const Tensor& x) { return empty_like(x, {.device = device}); };
  Rehousing rehousing;
  for_each_tensor(
      *this, [&](const Parameter& p) { rehousing.parameter(p, anew(p)); },
      [&](Buffer& slot) { rehousing.buffer(slot, anew); });
  return *this;
}

}  // namespace tenon::nn
