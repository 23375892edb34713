#include "tape/leaf.h"

#include <tenon/grad_mode.h>

#include "tensor/header.h"

namespace tenon {

LeafGrad::LeafGrad(TensorImpl& leaf) : Node("AccumulateGrad", leaf) { take_number(); }

void LeafGrad::run_hooks(Tensor* grads) {
  if (const auto running = hooks) run_tensor_hooks(*running, grads[0]);
}

LeafGrad& leaf_of(const Tensor& x) {
  auto& leaf = x.impl()->leaf;
  if (!leaf) leaf = std::make_shared<LeafGrad>(*x.impl());
  return *leaf;
}

Edge gradient_edge(const Tensor& x) {
  if (const Ref<Node>& node = x.impl()->current_grad_fn()) return {node, x.impl()->output_nr};
  return {Ref<Node>(x.impl()->leaf.get()), 0};
}

const Tensor& Tensor::requires_grad_(bool on) const {
  TensorImpl& t = *checked();
  if (t.grad_fn) {
    if (!on)
      fail("requires_grad_", "only a leaf's flag can be changed: use detach() for this tensor, which was computed");
    return *this;
  }
  if (on && !tenon::is_floating_point(t.dtype) && !tenon::is_complex(t.dtype))
    fail("requires_grad_", "only floating-point and complex tensors can require grad, this has {}", t.dtype);
  if (on && t.inference && !is_inference_mode_enabled())
    fail("requires_grad_", "a tensor made in inference mode cannot require grad outside it: clone() it first");
  t.requires_grad = on;
  if (on) leaf_of(*this);
  return *this;
}

Tensor Tensor::grad() const {
  const TensorImpl& t = *checked();
  return t.leaf ? t.leaf->grad : Tensor();
}

void Tensor::set_grad(const Tensor& grad) const {
  TensorImpl& t = *checked();
  if (grad.defined()) {
    if (grad.is_same(*this)) fail("set_grad", "a tensor cannot be its own gradient: clone() it");
    if (grad.shape() != shape())
      fail("set_grad", "expected a gradient of shape {}, got {}", shape().to_string(), grad.shape().to_string());
    if (grad.dtype() != dtype()) fail("set_grad", "expected a gradient of type {}, got {}", dtype(), grad.dtype());
    if (grad.device() != device())
      fail("set_grad", "expected a gradient on {}, got one on {}", device(), grad.device());
    leaf_of(*this);
  }
  if (!t.leaf) return;
  // A view of this tensor would hold it, and with it itself.
  t.leaf->grad = grad.defined() && grad.impl()->base == &t && !grad.requires_grad() ? new_alias(grad) : grad;
}

void Tensor::set_data(const Tensor& data) const {
  if (impl_->base) fail("set_data", "a view shows its base's data: give that other data, or take clone() of the view");
  if (!is_leaf()) fail("set_data", "a computed tensor's data belong to its graph: detach() it first");
  if (requires_grad() && !data.is_floating_point())
    fail("set_data", "a tensor that requires grad cannot have data of type {}", data.dtype());
  const Tensor before = grad();
  take_data(*this, data);
  const bool fits =
      before.defined() && before.shape() == shape() && before.dtype() == dtype() && before.device() == device();
  if (before.defined() && !fits) set_grad({});
}

}  // namespace tenon
