#pragma once
// How an operation finds a processor's kernels: on<ScanKernels>(device).scan(…). A topic's header lists its kernels and
// what they may rely on; each processor has a table of those that it has.
#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <tenon/tensor.h>

#include "base/internal_api.h"

namespace tenon {
namespace detail {

struct KernelName {
  template <std::size_t n>
  consteval KernelName(const char (&name)[n]) {
    static_assert(n <= sizeof(text));
    std::copy_n(name, n, text);
  }
  char text[32] = {};
};

/// Fails for a kernel that the device's processor lacks; does nothing on the meta device, whose tensors have no data.
TENON_INTERNAL_API void no_kernel(const char* name, const Device& device);

/// The device that a kernel's argument names, or on which it lies; null where it tells none.
template <class T>
const Device* device_of(const T& argument) {
  if constexpr (std::is_same_v<T, Device>) return &argument;
  else if constexpr (std::is_same_v<T, Tensor>) return argument.defined() ? &argument.device() : nullptr;
  else if constexpr (requires { argument.out; }) return &argument.out.device();
  else return nullptr;
}

}  // namespace detail

/// A kernel in a table: a function, or the lack of one, which is an error at the first call. The first argument that is
/// a device or a tensor says which device.
template <detail::KernelName name, class Signature>
class Kernel;

template <detail::KernelName name, class R, class... Args>
class Kernel<name, R(Args...)> {
 public:
  using Function = R(Args...);
  constexpr Kernel() = default;
  constexpr Kernel(Function* function) : function_(function) {}

  /// Whether the processor has it.
  explicit operator bool() const { return function_; }

  R operator()(Args... args) const {
    if (function_) [[likely]]
      return function_(std::forward<Args>(args)...);
    const Device* device = nullptr;
    static_cast<void>(((device = detail::device_of<std::decay_t<Args>>(args)) || ...));
    detail::no_kernel(name.text, *device);
    return R();
  }

 private:
  Function* function_ = nullptr;
};

/// The type of a kernel's function, for a table that lies in another file: `KernelFunction<&MemoryKernels::copy>
/// copy;`.
template <auto member>
using KernelFunction =
    typename std::remove_reference_t<decltype(std::declval<typename decltype([]<class C, class M>(M C::*) {
                                                return std::type_identity<C>();
                                              }(member))::type>().*
                                              member)>::Function;

/// Fails unless the device is there.
void check_device(const Device& device);

namespace detail {
extern bool cpu_is_refused;  ///< what TENON_SIMD asks for is not to be had
}

template <class Topic>
const Topic& on(const Device& device) {
  if (device.type == DeviceType::cpu && !detail::cpu_is_refused) [[likely]]
    return Topic::cpu;
  check_device(device);
  return device.type == DeviceType::cuda ? Topic::cuda : Topic::meta;
}

}  // namespace tenon
