#include "backend/new_tensor.h"

#include "backend/memory.h"
#include "tensor/allocator.h"
#include "tensor/memory_format.h"

namespace tenon {
namespace {

constexpr std::size_t header = 64;  // a storage of the library's own stands right before its data, in one block
static_assert(sizeof(Storage) <= header);

/// Where the host's own memory is no place for data; apart, so that the CPU's way is as short as it was.
[[gnu::noinline]] Ref<Storage> new_device_storage(int64_t nbytes, const Device& device) {
  const MemoryKernels& memory = on<MemoryKernels>(device);
  if (!memory.deallocate) detail::no_kernel("deallocate", device);  // now, and not where nothing can be thrown
  Ref<Storage> s = make_ref<Storage>();
  s->device = device;
  s->nbytes = nbytes;
  s->on_release = std::make_unique<std::function<void()>>([&memory, s = s.get()] {
    if (s->data) memory.deallocate(s->device, s->data, s->nbytes);
  });
  if (nbytes > 0) s->data = memory.allocate(device, nbytes);
  return s;
}

}  // namespace

Ref<Storage> new_storage(int64_t nbytes, const Device& device) {
  const bool has_data = device.type == DeviceType::cpu;
  if (has_data) check_device(device);
  else if (device.type != DeviceType::meta) return new_device_storage(nbytes, device);
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

Tensor new_tensor(const Shape& sizes, MemoryFormat format, DType dtype, const Device& device,
                  std::string_view operation) {
  check_numel(sizes, operation);
  return new_strided(sizes, strides_in(format, sizes, operation), dtype, device);
}

Tensor new_like(const Tensor& x, DType dtype, const Device& device) {
  if (x.is_contiguous() || is_dense(x.shape(), x.strides())) return new_strided(x.shape(), x.strides(), dtype, device);
  return new_strided(x.shape(), strides_in_order(x.shape(), {&x.strides(), 1}), dtype, device);
}

Tensor number_for(const Tensor& x, const Scalar& value) {
  DType dtype = value.kind();
  const bool wide = x.dtype() == DType::float64;
  if (is_complex(dtype)) dtype = is_complex(x.dtype()) ? x.dtype() : wide ? DType::complex128 : DType::complex64;
  else if (dtype == DType::float64 || (dtype != DType::boolean && is_floating_point(x.dtype())))
    dtype = wide ? DType::float64 : DType::float32;
  Tensor t = new_tensor({}, dtype);
  t.impl()->wrapped_number = true;
  on<MemoryKernels>(kCPU).fill(t, value);
  return t;
}

}  // namespace tenon
