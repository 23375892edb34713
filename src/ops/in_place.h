#pragma once
// How an operation in place is done and recorded.
#include "ops/common.h"

namespace tenon {

/// The one way to change x in place: checks that x may be changed, then either `direct(x)` writes into its memory, or, where the change
/// has to be recorded, `recorded(before)`, the ordinary operation on a copy of x, gives the new values and the place on the tape that x
/// then takes. `others` are the operation's further tensors (null: absent), which the caller has checked and copied where they overlap x.
template <class Direct, class Recorded>
const Tensor& in_place(const char* name, const Tensor& x, TensorPointers others, Direct direct, Recorded recorded) {
  bool grad = needs_grad(x);
  for (const Tensor* other : others) {
    detail::check_inplace(x, name, other ? *other : Tensor());
    grad = grad || (other && needs_grad(*other));
  }
  if (others.size() == 0) detail::check_inplace(x, name);
  if (!grad) {
    direct(x);
    bump_version(x);
    return x;
  }
  const Tensor y = recorded(x.clone());
  const NoGrad guard;
  backend_for(x.device()).copy(x, y);
  bump_version(x);
  bump_history(x);
  x.impl()->grad_fn = y.impl()->grad_fn;
  x.impl()->output_nr = y.impl()->output_nr;
  return x;
}

}  // namespace tenon
