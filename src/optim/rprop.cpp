#include <tenon/optim/rprop.h>

#include <tenon/ops.h>

namespace tenon::optim {

void check(const RpropOptions& o, std::string_view optimizer) {
  const auto [shrink, grow] = o.etas;
  if (!(0 < shrink && shrink < 1 && 1 < grow))
    fail(optimizer, "expected etas with 0 < etas[0] < 1 < etas[1], got {} and {}", shrink, grow);
}

void Rprop::update(const RpropOptions& o, std::span<const Step> steps) {
  const auto [shrink, grow] = o.etas;
  for (const Step& s : steps) {
    Tensor grad = s.direction(o.maximize, 0);
    const Tensor &prev = s["prev"], &step_size = s["step_size"], turn = grad.mul(prev), turned = turn.lt(0);
    step_size.mul_(ones_like(turn).masked_fill_(turn.gt(0), grow).masked_fill_(turned, shrink));
    step_size.clamp_(o.step_sizes[0], o.step_sizes[1]);
    grad = grad.masked_fill(turned, 0);  // stays, and the next step does not count as a turn
    s.p.addcmul_(grad.sign(), step_size, -1);
    prev.copy_(grad);
  }
}

}  // namespace tenon::optim
