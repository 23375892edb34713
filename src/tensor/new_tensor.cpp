#include "tensor/new_tensor.h"

#include <cstring>
#include <numeric>

#include <tenon/autograd.h>

#include "autograd/leaf.h"
#include "backend/memory.h"
#include "tensor/allocator.h"
#include "tensor/layout.h"

namespace tenon {
namespace {

constexpr std::size_t header = 64;  // a storage of the library's own stands right before its data, in one block
static_assert(sizeof(Storage) <= header);

[[noreturn]] void too_many_elements(const Shape& sizes, std::string_view operation) {
  fail(operation, "{} has more elements than memory has addresses", sizes.to_string());
}

Ref<TensorImpl> new_impl(const Shape& sizes, DType dtype, const Device& device) {
  Ref<TensorImpl> t = make_ref<TensorImpl>();
  t->sizes = sizes;
  t->dtype = dtype;
  t->device = device;
  t->inference = is_inference_mode_enabled();
  return t;
}

}  // namespace

Ref<Storage> new_storage(int64_t nbytes, const Device& device) {
  const bool has_data = device.type != DeviceType::meta;
  if (has_data) check_device(device);
  const std::size_t block = header + (has_data ? static_cast<std::size_t>(nbytes) : 0);
  auto* const p = static_cast<std::byte*>(host::allocate(block, header));
  Ref<Storage> s = Ref<Storage>::adopt(::new (static_cast<void*>(p)) Storage);
  s->data = has_data ? p + header : nullptr;
  s->nbytes = nbytes;
  s->device = device;
  return s;
}

void Storage::destroy(Storage* s) {
  if (s->on_release) {
    if (*s->on_release) (*s->on_release)();
    delete s;
    return;
  }
  const std::size_t block = header + (s->data ? static_cast<std::size_t>(s->nbytes) : 0);
  s->~Storage();
  host::deallocate(s, block);
}

TensorImpl::TensorImpl() = default;
TensorImpl::~TensorImpl() {
  if (!base) return;
  static_cast<void>(storage.release());
  if (base->release(special)) destroy(base);
}
void TensorImpl::destroy(TensorImpl* t) { delete t; }

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

Tensor new_strided(const Shape& sizes, const Shape& strides, DType dtype, const Device& device) {
  Ref<TensorImpl> t = new_impl(sizes, dtype, device);
  t->numel = sizes.numel();
  t->strides = strides;
  t->contiguous = is_contiguous(sizes, strides);
  t->storage = new_storage(t->numel * item_size(dtype), device);
  t->data = t->storage->data;
  return Tensor(std::move(t));
}

Tensor new_tensor(const Shape& sizes, DType dtype, const Device& device) {
  Ref<TensorImpl> t = new_impl(sizes, dtype, device);
  t->strides.resize(sizes.size());
  int64_t n = 1;
  for (std::size_t d = sizes.size(); d-- > 0;) {
    t->strides[d] = n;
    if (__builtin_mul_overflow(n, std::max<int64_t>(sizes[d], 1), &n)) too_many_elements(sizes, "Tensor");
  }
  if (n > most_elements) too_many_elements(sizes, "Tensor");  // two small tensors broadcast to more than there is
  t->numel = sizes.numel();
  t->storage = new_storage(t->numel * item_size(dtype), device);
  t->data = t->storage->data;
  return Tensor(std::move(t));
}

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

Tensor new_like(const Tensor& x, DType dtype) {
  if (x.is_contiguous() || is_dense(x.shape(), x.strides()))
    return new_strided(x.shape(), x.strides(), dtype, x.device());
  return new_strided(x.shape(), strides_in_order(x.shape(), {&x.strides(), 1}), dtype, x.device());
}

Tensor number_for(const Tensor& x, const Scalar& value) {
  DType dtype = value.kind();
  const bool wide = x.dtype() == DType::float64;
  if (is_complex(dtype)) dtype = is_complex(x.dtype()) ? x.dtype() : wide ? DType::complex128 : DType::complex64;
  else if (dtype == DType::float64 || (dtype != DType::boolean && is_floating_point(x.dtype())))
    dtype = wide ? DType::float64 : DType::float32;
  Tensor t = new_tensor({}, dtype, x.device());
  t.impl()->wrapped_number = true;
  on<MemoryKernels>(t.device()).fill(t, value);
  return t;
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

void check_numel(const Shape& sizes, std::string_view operation) {
  int64_t n = 1;
  for (const int64_t d : sizes)
    if (__builtin_mul_overflow(n, std::max<int64_t>(d, 1), &n) || n > most_elements)
      too_many_elements(sizes, operation);
}

Shape contiguous_strides(const Shape& sizes) {
  Shape strides(sizes.size(), int64_t{1});
  for (std::size_t d = sizes.size(); d-- > 1;) strides[d - 1] = strides[d] * std::max<int64_t>(sizes[d], 1);
  return strides;
}

bool is_contiguous(const Shape& sizes, const Shape& strides) {
  int64_t expected = 1;
  bool contiguous = true;
  for (std::size_t d = sizes.size(); d-- > 0;) {
    if (sizes[d] == 0) return true;
    if (sizes[d] == 1) continue;
    contiguous = contiguous && strides[d] == expected;
    expected *= sizes[d];
  }
  return contiguous;
}

bool is_dense(const Shape& sizes, const Shape& strides) {
  SmallVector<std::size_t, 8> order(sizes.size(), std::size_t{0});
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return strides[a] < strides[b]; });
  int64_t expected = 1;
  for (const std::size_t d : order) {
    if (sizes[d] == 1) continue;
    if (strides[d] != expected) return false;
    expected *= sizes[d];
  }
  return true;
}

int64_t wrap_dim(int64_t dim, int64_t dims, std::string_view operation) {
  const int64_t range = std::max<int64_t>(dims, 1);
  if (dim < -range || dim >= range)
    fail(operation, "dimension {} is out of range: expected one of {} … {}", dim, -range, range - 1);
  return dim < 0 ? dim + range : dim;
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

void Tensor::set_data(const Tensor& data) const {
  if (impl_->base) fail("set_data", "a view shows its base's data: give that other data, or take clone() of the view");
  if (!is_leaf()) fail("set_data", "a computed tensor's data belong to its graph: detach() it first");
  if (requires_grad() && !data.is_floating_point())
    fail("set_data", "a tensor that requires grad cannot have data of type {}", data.dtype());
  const Tensor before = grad();
  take_data(*this, data);
  const bool fits =
      before.defined() && before.shape() == shape() && before.dtype() == dtype() && before.device() == device();
  if (before.defined() && !fits) set_grad({});
}

}  // namespace tenon
