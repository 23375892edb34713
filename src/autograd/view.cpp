#include "autograd/view.h"

#include <mutex>

#include <tenon/ops.h>

#include "autograd/leaf.h"
#include "ops/window.h"
#include "tensor/fork.h"
#include "tensor/new_tensor.h"

namespace tenon {
namespace {

/// Moves x to another place on the tape. Hooks stay with the old one; a gradient that is retained is always the
/// latest's.
void take_place(TensorImpl& x, Ref<Node> node, uint32_t output_nr) {
  if (x.leaf && x.leaf->retains) {
    if (x.grad_fn) x.grad_fn->stop_retaining(*x.leaf);
    if (node) node->retain_grad(output_nr, x.leaf);
    else x.leaf->retains = false;
  }
  x.grad_fn = std::move(node);
  x.output_nr = output_nr;
}

void bump_history(const TensorImpl& x) { x.storage->history.fetch_add(1, std::memory_order_relaxed); }

bool may_be_on_tape(const TensorImpl& t) { return !t.inference && (is_floating_point(t.dtype) || is_complex(t.dtype)); }

/// t, which has no storage, becomes a view of `from`.
void become_view(TensorImpl& t, TensorImpl& from) {
  t.show(from);
  t.history.store(t.storage->history.load(std::memory_order_relaxed), std::memory_order_relaxed);
  t.kind = from.kind;
  if (t.kind == ViewKind::plain && !is_grad_enabled())
    t.kind = is_inference_mode_enabled() ? ViewKind::inference : ViewKind::no_grad;
}

}  // namespace

Tensor view_of(const Tensor& x, Ref<TensorImpl> header) {
  if (may_be_on_tape(*header)) become_view(*header, *x.impl());
  else header->storage = x.impl()->storage;
  return Tensor(std::move(header));
}

void track_view(const Tensor& y, const Tensor& x) {
  if (!may_be_on_tape(*y.impl())) return;
  y.impl()->storage.reset();  // which x has as well
  become_view(*y.impl(), *x.impl());
}

void track_views(const std::vector<Tensor>& views) {
  for (const Tensor& v : views)
    if (v.impl()->kind == ViewKind::plain) v.impl()->kind = ViewKind::one_of_several;
}

Tensor detail::taken_again(const TensorImpl& x) {
  const EnableGrad guard;
  return Tensor(Ref<TensorImpl>(x.base)).as_strided(x.sizes, x.strides, x.offset);
}

void detail::check_view_kind(const TensorImpl& x, const char* operation, bool indirectly) {
  if (x.kind == ViewKind::plain) return;
  const char* change = indirectly ? ", whose base was changed in place while that was recorded, is used"
                                  : " is changed in place while that is recorded";
  if (x.kind == ViewKind::one_of_several)
    fail(operation,
         "a view that was made as one of several (by unbind, split or chunk), or for the backward hooks of a module{}: "
         "use the operation "
         "that is not in place, or select() and narrow()",
         change);
  const char* mode = x.kind == ViewKind::no_grad ? "NoGrad" : "InferenceMode";
  fail(operation, "a view made under tenon::{}{}: take the view and change it under the same mode", mode, change);
}

namespace {
std::mutex finding;  // threads may share the view; this is rare
[[maybe_unused]] const bool is_held = hold_across_forks(ProcessLock::view, finding);
}  // namespace

void TensorImpl::find_grad_fn() {
  const std::lock_guard lock(finding);
  if (!stale()) return;
  const uint32_t now = storage->history.load(std::memory_order_relaxed);
  if (base->on_tape()) {
    detail::check_view_kind(*this, "view", true);
    take_place(*this, detail::taken_again(*this).impl()->grad_fn, 0);
  } else {
    take_place(*this, {}, 0);
  }
  history.store(now, std::memory_order_release);
}

void detail::rebase(const Tensor& x, const Tensor& value) {
  TensorImpl& t = *x.impl();
  if (!t.base) {
    take_place(t, value.impl()->current_grad_fn(), value.impl()->output_nr);
  } else if (value.requires_grad()) {
    const Tensor base{Ref<TensorImpl>(t.base)}, whole = new_alias(base);
    record("copy_slices", whole, {&base, &value}, {}, [from = Window(base), part = Window(x)](Grads& g) {
      Tensor rest = g.take_in();
      if (g.needs(1)) g.give(1, moved(rest, from, part));
      if (g.needs(0)) g.give(0, cleared(std::move(rest), from, part));
    });
    take_place(*t.base, whole.impl()->grad_fn, 0);
  }
  bump_history(t);
}

const Tensor& Tensor::detach_() const {
  TensorImpl& t = *checked();
  if (t.base) fail("detach_", "a view cannot be taken out of the graph in place: use detach()");
  take_place(t, {}, 0);
  t.requires_grad = false;
  return *this;
}

}  // namespace tenon
