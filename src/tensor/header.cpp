#include "tensor/header.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "tensor/allocator.h"
#include "tensor/layout.h"

namespace tenon {

void TensorImpl::show(TensorImpl& x) {
  base = x.base ? x.base : &x;
  base->retain(special);
  storage = Ref<Storage>::adopt(x.storage.get());
}

void TensorImpl::show_nothing() {
  TensorImpl* const before = std::exchange(base, nullptr);
  if (!before) return;
  storage = Ref<Storage>(storage.release());
  if (before->release(special)) destroy(before);
}

void TensorImpl::replace_storage(Ref<Storage> other) {
  show_nothing();
  if (!has_special()) former_.reset();
  else if (!former_) former_ = std::make_unique<std::vector<Ref<Storage>>>();
  if (former_) former_->push_back(std::move(storage));
  storage = std::move(other);
}

void* TensorImpl::operator new(std::size_t n) { return host::allocate(n); }
void TensorImpl::operator delete(void* p, std::size_t n) { host::deallocate(p, n); }

Tensor new_on_storage(Ref<Storage> storage, const Shape& sizes, const Shape& strides, DType dtype, int64_t offset) {
  Ref<TensorImpl> t = new_impl(sizes, dtype, storage->device);
  t->strides = strides;
  t->offset = offset;
  t->numel = sizes.numel();
  t->contiguous = is_contiguous(sizes, strides);
  t->data = storage->data ? storage->data + offset * item_size(dtype) : nullptr;
  t->storage = std::move(storage);
  return Tensor(std::move(t));
}

namespace {

/// A header of these sizes at x's own first element; its strides are still to be set.
Ref<TensorImpl> header_on(const Tensor& x, const Shape& sizes) {
  const TensorImpl& from = *x.impl();
  Ref<TensorImpl> t = make_ref<TensorImpl>();
  t->sizes = sizes;
  t->dtype = from.dtype;
  t->device = from.device;
  t->offset = from.offset;
  t->numel = from.numel;
  t->data = from.data;
  t->inference = from.inference;
  return t;
}

Tensor on_storage_of(const Tensor& x, Ref<TensorImpl> header) {
  header->storage = x.impl()->storage;
  return Tensor(std::move(header));
}

}  // namespace

Ref<TensorImpl> new_header(const Tensor& x, const Shape& sizes, const Shape& strides, int64_t offset) {
  Ref<TensorImpl> t = header_on(x, sizes);
  t->strides = strides;
  t->numel = sizes.numel();
  t->contiguous = is_contiguous(sizes, strides);
  if (t->data) t->data += (offset - t->offset) * item_size(t->dtype);
  t->offset = offset;
  return t;
}

Ref<TensorImpl> new_header(const Tensor& x, const Shape& sizes) {
  Ref<TensorImpl> t = header_on(x, sizes);
  t->strides = sizes;  // as many; less work than to fill them
  int64_t step = 1;
  for (std::size_t d = sizes.size(); d-- > 0; step *= std::max<int64_t>(sizes[d], 1)) t->strides[d] = step;
  return t;
}

Tensor new_alias(const Tensor& x, const Shape& sizes, const Shape& strides, int64_t offset) {
  return on_storage_of(x, new_header(x, sizes, strides, offset));
}

Tensor new_alias(const Tensor& x) {
  Ref<TensorImpl> t = header_on(x, x.shape());
  t->strides = x.strides();
  t->contiguous = x.is_contiguous();
  return on_storage_of(x, std::move(t));
}

void take_place(TensorImpl& to, const TensorImpl& from) {
  to.data = from.data;
  to.offset = from.offset;
  to.numel = from.numel;
  to.sizes = from.sizes;
  to.strides = from.strides;
  to.contiguous = from.contiguous;
}

void take_data(const Tensor& x, const Tensor& data) {
  TensorImpl& to = *x.impl();
  const TensorImpl& from = *data.impl();
  Storage& storage = *from.storage;
  if (const uint32_t before = x.version(); storage.version.load() <= before) storage.version = before + 1;
  to.replace_storage(from.storage);
  take_place(to, from);
  to.dtype = from.dtype;
  to.device = from.device;
}

}  // namespace tenon
