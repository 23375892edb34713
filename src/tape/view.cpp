#include "tape/view.h"

#include <utility>

#include <tenon/grad_mode.h>

#include "tape/leaf.h"

namespace tenon {
namespace {

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

void detail::change_place(TensorImpl& x, Ref<Node> node, uint32_t output_nr) {
  if (x.leaf && x.leaf->retains) {
    if (x.grad_fn) x.grad_fn->stop_retaining(*x.leaf);
    if (node) node->retain_grad(output_nr, x.leaf);
    else x.leaf->retains = false;
  }
  x.grad_fn = std::move(node);
  x.output_nr = output_nr;
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

const Tensor& Tensor::detach_() const {
  TensorImpl& t = *checked();
  if (t.base) fail("detach_", "a view cannot be taken out of the graph in place: use detach()");
  detail::change_place(t, {}, 0);
  t.requires_grad = false;
  return *this;
}

}  // namespace tenon
