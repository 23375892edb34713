// Gradients that arrive: at a leaf, and at a computed tensor that retains its own.
#include <mutex>
#include <utility>

#include <tenon/ops.h>

#include "backend/new_tensor.h"
#include "tape/leaf.h"
#include "tape/owned.h"

namespace tenon {

void LeafGrad::apply(Grads& g) {
  Tensor fresh = g.take_in();
  if (!fresh.defined()) return;
  const std::lock_guard lock(accumulating);
  const bool record_it = is_grad_enabled();
  if (!grad.defined()) {
    // A gradient that nobody else holds, laid out as the leaf, is taken over as it is. One that others hold is copied
    // even if it is recorded: the next gradient may be added to it in place.
    if (owned_alone(fresh) && fresh.strides() == leaf_->strides) {
      if (!record_it) {  // a view of what nobody sees any more is none
        fresh.impl()->show_nothing();
        fresh.impl()->kind = ViewKind::plain;
      }
      grad = std::move(fresh);
    } else {
      const bool dense = leaf_->contiguous || is_dense(leaf_->sizes, leaf_->strides);
      const Tensor own = dense ? new_strided(leaf_->sizes, leaf_->strides, leaf_->dtype, leaf_->device)
                               : new_tensor(leaf_->sizes, leaf_->dtype, leaf_->device);
      grad = record_it ? fresh.clone() : own.copy_(fresh);
    }
  } else if (record_it) {
    grad = add(grad, fresh);
  } else {
    grad.add_(fresh);
  }
  if (!after) return;
  const Tensor leaf{Ref<TensorImpl>(leaf_)};
  const auto running = after->snapshot();
  for (const auto& entry : *running) entry.hook(leaf);
}

void Node::run_hooks(Tensor* grads) {
  const auto tables = hooks_->tables;  // a copy: a hook may register another
  for (const auto& on : tables)
    if (grads[on.output_nr].defined()) run_tensor_hooks(*on.hooks, grads[on.output_nr]);
  for (const auto& [output_nr, to] : hooks_->retaining)
    if (const auto leaf = to.lock(); leaf && grads[output_nr].defined())
      leaf->grad = leaf->grad.defined() ? add(leaf->grad, grads[output_nr]) : grads[output_nr].clone();
}

}  // namespace tenon
