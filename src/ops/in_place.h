#pragma once
// How an operation in place is done and recorded.
#include "backend/memory.h"
#include "ops/common.h"
#include "tape/view.h"

namespace tenon {

namespace detail {
inline bool any_on_tape(TensorPointers tensors) {
  return std::any_of(tensors.begin(), tensors.end(), [](const Tensor* x) { return x && on_tape(*x); });
}
}  // namespace detail

/// The one way to change x in place: checks that x may be changed, then either `direct(x)` writes into its memory, or,
/// where the change has to be recorded, `recorded(before)`, the ordinary operation on a copy of x, gives the new values
/// and the place on the tape that x then takes. `others` are the operation's further tensors (null: absent), which the
/// caller has checked and copied where they overlap x.
template <class Direct, class Recorded>
const Tensor& in_place(const char* name, const Tensor& x, TensorPointers others, Direct direct, Recorded recorded) {
  const bool by_others = detail::any_on_tape(others);
  detail::check_inplace(x, name, by_others);
  if (!needs_grad(x) && !(by_others && is_grad_enabled())) {
    direct(x);
    bump_version(x);
    return x;
  }
  // A view's value before is its base's: hooks on the view itself do not see this gradient, as in PyTorch.
  const Tensor value = recorded((x.impl()->base ? detail::taken_again(*x.impl()) : x).clone());
  const NoGrad guard;
  on<MemoryKernels>(x.device()).copy(x, value);
  bump_version(x);
  detail::rebase(x, value);
  return x;
}

/// in_place() of what has no kernel that writes over its input: f(x) is made beside x, checked, and copied.
template <class F>
const Tensor& in_place_by_copy(const char* name, const Tensor& x, TensorPointers others, F f) {
  const auto checked = [&](const Tensor& from) {
    Tensor y = f(from);
    check_result_fits(name, x, y.shape(), y.dtype());
    return y;
  };
  return in_place(
      name, x, others, [&](const Tensor& to) { on<MemoryKernels>(to.device()).copy(to, checked(to)); }, checked);
}

/// in_place() where nothing counts of what x held before, whose gradient is zero then: `direct(x)` is all that is
/// computed, and `give_source(g)` gives the gradient of `source` (undefined: there is none) as g's input 0.
template <class Direct, class F>
const Tensor& overwrite(const char* name, const Tensor& x, const Tensor& source, Direct direct, F give_source) {
  detail::check_inplace(x, name, on_tape(source));
  direct(x);
  bump_version(x);
  if (!needs_grad(x, source)) return x;
  const Tensor value = new_alias(x);
  record(name, value, {&source, x.impl()->base ? nullptr : &x}, {}, [give_source](Grads& g) {
    if (g.needs(0)) give_source(g);
    if (g.needs(1)) g.give(1, zeros_like(g.in()));
  });
  detail::rebase(x, value);
  return x;
}

}  // namespace tenon
