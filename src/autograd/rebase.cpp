// A view's place on the tape is found again after its base was changed in place, and moved with a change of its own.
#include <mutex>

#include <tenon/ops.h>

#include "base/fork.h"
#include "ops/shape/window.h"
#include "tape/node.h"
#include "tape/view.h"
#include "tensor/header.h"

namespace tenon {

namespace {
std::mutex finding;  // threads may share the view; this is rare
[[maybe_unused]] const bool is_held = hold_across_forks(ProcessLock::view, finding);

void bump_history(const TensorImpl& x) { x.storage->history.fetch_add(1, std::memory_order_relaxed); }
}  // namespace

Tensor detail::taken_again(const TensorImpl& x) {
  const EnableGrad guard;
  return Tensor(Ref<TensorImpl>(x.base)).as_strided(x.sizes, x.strides, x.offset);
}

void TensorImpl::find_grad_fn() {
  const std::lock_guard lock(finding);
  if (!stale()) return;
  const uint32_t now = storage->history.load(std::memory_order_relaxed);
  if (base->on_tape()) {
    detail::check_view_kind(*this, "view", true);
    detail::change_place(*this, detail::taken_again(*this).impl()->grad_fn, 0);
  } else {
    detail::change_place(*this, {}, 0);
  }
  history.store(now, std::memory_order_release);
}

void detail::rebase(const Tensor& x, const Tensor& value) {
  TensorImpl& t = *x.impl();
  if (!t.base) {
    change_place(t, value.impl()->current_grad_fn(), value.impl()->output_nr);
  } else if (value.requires_grad()) {
    const Tensor base{Ref<TensorImpl>(t.base)}, whole = new_alias(base);
    record("copy_slices", whole, {&base, &value}, {}, [from = Window(base), part = Window(x)](Grads& g) {
      Tensor rest = g.take_in();
      if (g.needs(1)) g.give(1, moved(rest, from, part));
      if (g.needs(0)) g.give(0, cleared(std::move(rest), from, part));
    });
    change_place(*t.base, whole.impl()->grad_fn, 0);
  }
  bump_history(t);
}

}  // namespace tenon
