#pragma once
// What a module keeps in tensors: parameters, buffers, and what is neither.
#include <algorithm>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct ParameterOptions {
  bool requires_grad = true;  ///< false: frozen (integers can be nothing else)
};

/// A tensor that is trained, saved and moved with its module: a leaf that requires grad.
///
/// A shared handle, as every tensor: `decoder.weight = encoder.weight` ties the two. A default-made one is an empty
/// slot (an optional bias), which iteration and saving skip. Source: torch.nn.Parameter.
class Parameter : public Tensor {
 public:
  Parameter() = default;
  /// Shares the tensor's data; the tensor itself stays as it is. An error for the result of a recorded operation.
  explicit Parameter(const Tensor& data, const ParameterOptions& options = {});

  template <std::same_as<Tensor> T>
  Parameter& operator=(const T&) = delete;  // assign nn::Parameter(tensor), or copy its values in with copy_()
};

struct BufferOptions {
  bool persistent = true;  ///< false: moved with the module, but not saved
};

/// A tensor that is saved and moved with its module but not trained (a running mean, a mask). A shared handle.
/// Source: torch.nn.Buffer, Module.register_buffer.
class Buffer : public Tensor {
 public:
  Buffer() = default;
  explicit Buffer(const Tensor& data, const BufferOptions& options = {})
      : Tensor(data), persistent_(options.persistent) {}

  /// Another tensor takes the buffer's place; whether it is saved stays. Assigning a Buffer replaces both.
  Buffer& operator=(const Tensor& data) {
    Tensor::operator=(data);
    return *this;
  }
  bool persistent() const { return persistent_; }

 private:
  bool persistent_ = true;
};

/// A member that its module leaves alone: neither saved, moved nor listed. `Untracked<Tensor> scratch`, a module of
/// somebody else's, a mutex. Used as the T that it is.
template <class T>
class Untracked : public T {
 public:
  using T::T;
  Untracked() = default;
  Untracked(T value) : T(std::move(value)) {}
};

/// A pointer to what others own, as it is.
template <class T>
class Untracked<T*> {
 public:
  Untracked(T* pointer = nullptr) : pointer_(pointer) {}
  operator T*() const { return pointer_; }
  T* operator->() const { return pointer_; }

 private:
  T* pointer_;
};

}  // namespace tenon::nn

/// PyTorch's text: `Parameter containing:`, then the tensor.
template <>
struct fmt::formatter<tenon::nn::Parameter> : fmt::formatter<tenon::Tensor> {
  auto format(const tenon::nn::Parameter& p, fmt::format_context& c) const {
    constexpr std::string_view head = "Parameter containing:\n";
    if (spec_.empty()) std::copy(head.begin(), head.end(), c.out());
    return fmt::formatter<tenon::Tensor>::format(p, c);
  }
};
template <>
struct fmt::formatter<tenon::nn::Buffer> : fmt::formatter<tenon::Tensor> {};
template <class T>
struct fmt::formatter<tenon::nn::Untracked<T>> : fmt::formatter<T> {};

#pragma GCC visibility pop
