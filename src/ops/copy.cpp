// Copies: clone, contiguous, conversions, copy_.
#include <cstring>

#include "backend/memory.h"
#include "ops/in_place.h"
#include "tensor/memory_format.h"

namespace tenon {
namespace {

void record_copy(const char* name, const Tensor& y, const Tensor& x) {
  if (needs_grad(x))
    record(name, y, {&x}, {}, [like = Like(x)](Grads& g) { g.give(0, g.in().to(like.device).to(like.dtype)); });
}

Tensor copied(const char* name, const Tensor& x, Tensor y) {
  on<MemoryKernels>(x.device()).copy(y, x);
  record_copy(name, y, x);
  return y;
}

/// The elements of `from`, on one device, in the same places of `to`, on another: both are dense, with the same
/// strides.
void transfer(const Tensor& to, const Tensor& from) {
  const int64_t bytes = from.nbytes();
  std::byte *const target = to.impl()->data, *const source = from.impl()->data;
  const MemoryKernels& memory = on<MemoryKernels>(to.device() == kCPU ? from.device() : to.device());
  if (bytes == 0) return;
  if (from.device() == kCPU) memory.copy_from_host(to.device(), target, source, bytes);
  else if (to.device() == kCPU) memory.copy_to_host(from.device(), target, source, bytes);
  else memory.copy_across(to.device(), target, from.device(), source, bytes);
}

}  // namespace

Tensor Tensor::clone() const { return copy_laid_out_as(*this, *this); }

Tensor copy_by_rows(const Tensor& x) { return x.is_contiguous() ? x.clone() : x.contiguous(); }

Tensor copy_laid_out_as(const Tensor& x, const Tensor& like) { return copied("clone", x, new_like(like, x.dtype())); }

Tensor Tensor::clone(MemoryFormat format) const {
  return copied("clone", *this, new_tensor(shape(), format, dtype(), device(), "clone"));
}

Tensor Tensor::contiguous() const {
  return is_contiguous() ? *this : copied("contiguous", *this, new_tensor(shape(), dtype(), device()));
}

Tensor Tensor::contiguous(MemoryFormat format) const {
  const Shape wanted = strides_in(format, shape(), "contiguous");
  if (is_contiguous(format)) return *this;
  return copied("contiguous", *this, new_strided(shape(), wanted, dtype(), device()));
}

Tensor Tensor::to(MemoryFormat format) const {
  const Shape wanted = strides_in(format, shape(), "to");
  if (suggested_format(*this) == format) return *this;
  return copied("to", *this, new_strided(shape(), wanted, dtype(), device()));
}

Tensor Tensor::to(DType to_type) const {
  if (to_type == dtype()) return *this;
  Tensor y = new_like(*this, to_type);
  on<MemoryKernels>(device()).copy(y, *this);
  if (tenon::is_floating_point(to_type) || tenon::is_complex(to_type)) record_copy("to", y, *this);
  return y;
}

Tensor Tensor::to(const Device& to_device) const {
  if (to_device == device()) return *this;
  check_device(to_device);
  if (is_meta())
    fail("to", "a tensor on the meta device has no data to copy to {}: use empty_like() or to_empty()", to_device);
  Tensor y = new_like(*this, dtype(), to_device);
  transfer(y, y.is_meta() || strides() == y.strides() ? *this : detach().clone());
  record_copy("to", y, *this);
  return y;
}

const Tensor& Tensor::copy_(const Tensor& source) const {
  if (source.is_same(*this)) return *this;
  if (overlaps(*this, source)) return copy_(source.clone());
  if (source.device() != device()) return copy_(source.to(device()));
  if (broadcast_shapes(shape(), source.shape(), "copy_") != shape())
    fail("copy_", "a source of shape {} does not fit into {}", source.shape().to_string(), shape().to_string());
  return overwrite(
      "copy_", *this, source, [&](const Tensor& x) { on<MemoryKernels>(x.device()).copy(x, source); },
      [like = Like(source)](Grads& g) { g.give(0, reduce_to(g.in(), like)); });
}

const Tensor& Tensor::fill_(const Tensor& value) const {
  if (value.dim() != 0)
    fail("fill_", "expected a number or a 0-dim tensor to fill with, got shape {}", value.shape().to_string());
  return copy_(value);
}

const Tensor& Tensor::fill_(const Scalar& value) const {
  check_fits(value, dtype(), "fill_");
  return overwrite(
      "fill_", *this, {}, [&](const Tensor& x) { on<MemoryKernels>(x.device()).fill(x, value); }, [](Grads&) {});
}

void detail::copy_out(const Tensor& x, DType as, void* to) {
  const NoGrad guard;
  const Tensor flat = (x.device() == kCPU || x.is_meta() ? x.to(as) : x.cpu().to(as)).contiguous();
  if (flat.numel() > 0) std::memcpy(to, flat.raw_data(), static_cast<std::size_t>(flat.nbytes()));
}

}  // namespace tenon
