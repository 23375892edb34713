#pragma once
// Views and the tape: a view's place on the tape follows from its base's, which a change in place through any view may
// move.
#include <tenon/tensor.h>

#include "base/internal_api.h"

namespace tenon {

/// A view of x for the tape, out of its header. A view operation calls this before it records itself.
Tensor view_of(const Tensor& x, Ref<TensorImpl> header);
/// Makes `y`, a tensor on x's storage, a view of x for the tape.
void track_view(const Tensor& y, const Tensor& x);

/// The same for each result of an operation that gives several views (split, unbind), which PyTorch refuses to change
/// in place.
TENON_INTERNAL_API void track_views(const std::vector<Tensor>& views);

namespace detail {

/// Moves x to another place on the tape. Hooks stay with the old one; a gradient that is retained is always the
/// latest's.
void change_place(TensorImpl& x, Ref<Node> node, uint32_t output_nr);

/// The view that x is, taken of its base again.
Tensor taken_again(const TensorImpl& x);

/// An error where `x`, a view made under NoGrad or one of several, would be changed in place, or was through its base
/// (`indirectly`).
void check_view_kind(const TensorImpl& x, const char* operation, bool indirectly);

/// x, whose data was changed in place, takes `value`'s place on the tape: a tensor of its shape and type that was
/// recorded. Where x is a view its base gets that part from `value`, and every view of the base sees it.
void rebase(const Tensor& x, const Tensor& value);

}  // namespace detail
}  // namespace tenon
