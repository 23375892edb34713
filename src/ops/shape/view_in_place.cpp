// Views that a tensor itself becomes: squeeze_, unsqueeze_, t_, transpose_, as_strided_; and resize_.
#include "backend/memory.h"
#include "ops/common.h"
#include "tape/view.h"

namespace tenon {
namespace {

/// x becomes what `view(x)` shows, and takes its place on the tape. Views of x do not change: they lead to it through
/// memory, whatever shape x has.
template <class View>
const Tensor& become(const char* name, const Tensor& x, View view) {
  TensorImpl& t = *x.impl();
  detail::check_recorded_inplace(x, name);
  const Tensor y = view(x);
  take_place(t, *y.impl());
  bump_version(x);
  if (t.base) t.grad_fn = y.impl()->grad_fn, t.output_nr = y.impl()->output_nr;  // its base is as it was
  else if (needs_grad(x)) detail::rebase(x, y);
  return x;
}

}  // namespace

const Tensor& Tensor::squeeze_() const {
  return become("squeeze_", *this, [](const Tensor& x) { return x.squeeze(); });
}
const Tensor& Tensor::squeeze_(int64_t d) const {
  return become("squeeze_", *this, [d](const Tensor& x) { return x.squeeze(d); });
}
const Tensor& Tensor::squeeze_(const Shape& dims) const {
  return become("squeeze_", *this, [&](const Tensor& x) { return x.squeeze(dims); });
}
const Tensor& Tensor::unsqueeze_(int64_t d) const {
  return become("unsqueeze_", *this, [d](const Tensor& x) { return x.unsqueeze(d); });
}
const Tensor& Tensor::t_() const {
  return become("t_", *this, [](const Tensor& x) { return x.t(); });
}
const Tensor& Tensor::transpose_(int64_t dim0, int64_t dim1) const {
  return become("transpose_", *this, [=](const Tensor& x) { return x.transpose(dim0, dim1); });
}
const Tensor& Tensor::as_strided_(const Shape& sizes, const Shape& steps, std::optional<int64_t> offset) const {
  return become("as_strided_", *this, [&](const Tensor& x) { return x.as_strided(sizes, steps, offset); });
}

const Tensor& Tensor::resize_(const Shape& wanted) const {
  TensorImpl& t = *checked();
  if (t.on_tape() || (t.base && t.base->on_tape()))
    fail("resize_", "a tensor that requires grad cannot be resized: detach() it, or use reshape() or narrow()");
  for (const int64_t n : wanted)
    if (n < 0) fail("resize_", "a size cannot be negative: {}", wanted.to_string());
  check_numel(wanted, "resize_");
  if (wanted == t.sizes && t.contiguous) return *this;
  const int64_t size = element_size(), needed = (t.offset + wanted.numel()) * size;
  if (wanted.numel() > 0 && needed > t.storage->nbytes) {
    const Ref<Storage> larger = new_storage(needed, t.device);
    if (t.storage->nbytes > 0 && !is_meta()) {
      const auto bytes = [](const Ref<Storage>& storage, int64_t n) {
        return new_on_storage(storage, {n}, {1}, uint8);
      };
      on<MemoryKernels>(t.device).copy(bytes(larger, t.storage->nbytes), bytes(t.storage, t.storage->nbytes));
    }
    larger->version = t.storage->version.load();
    if (t.base) t.show_nothing();
    t.replace_storage(larger);
    t.data = larger->data ? larger->data + t.offset * size : nullptr;
  }
  t.sizes = wanted;
  t.strides = contiguous_strides(wanted);
  t.numel = wanted.numel();
  t.contiguous = true;
  bump_version(*this);
  return *this;
}

}  // namespace tenon
