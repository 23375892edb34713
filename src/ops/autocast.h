#pragma once
// How an operation takes part in Autocast: a line at its beginning,
//   if (autocasts()) [[unlikely]] return in_lower_type(linear, x, weight, bias);
#include <utility>

#include <tenon/autocast.h>
#include <tenon/tensor.h>

namespace tenon {

namespace detail {
/// `enabled` is false where there is none.
inline constinit thread_local AutocastOptions autocast{.enabled = false};
}  // namespace detail

inline bool autocasts() { return detail::autocast.enabled; }
/// All of it, to be put back where something is computed again.
inline AutocastOptions autocast_options() { return detail::autocast; }

/// While one lives, operations compute in the types that they are given.
class AutocastOff {
 public:
  AutocastOff() : before_(std::exchange(detail::autocast.enabled, false)) {}
  ~AutocastOff() { detail::autocast.enabled = before_; }
  AutocastOff(const AutocastOff&) = delete;
  AutocastOff& operator=(const AutocastOff&) = delete;

 private:
  bool before_;
};

/// A floating-point tensor, but one of float64, in the type of Autocast, or in float32; anything else as it is.
Tensor in_autocast_type(const Tensor& x);
Tensor in_float(const Tensor& x);

/// f of the tensors in that type, without Autocast.
template <class F, class... T>
auto in_lower_type(const F& f, const T&... x) {
  const std::array<Tensor, sizeof...(T)> converted{in_autocast_type(x)...};
  const AutocastOff off;
  return std::apply(f, converted);
}
template <class F, class... T>
auto in_float_type(const F& f, const T&... x) {
  const std::array<Tensor, sizeof...(T)> converted{in_float(x)...};
  const AutocastOff off;
  return std::apply(f, converted);
}

}  // namespace tenon
