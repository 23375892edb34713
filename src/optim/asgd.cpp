#include <tenon/optim/asgd.h>

#include <algorithm>
#include <cmath>

#include <tenon/ops.h>

namespace tenon::optim {

void ASGD::update(const ASGDOptions& o, std::span<const Step> steps) {
  for (const Step& s : steps) {
    const Tensor grad = s.direction(o.maximize, o.weight_decay), &ax = s["ax"];
    const auto eta = s["eta"].item<double>(), mu = s["mu"].item<double>();
    s.p.mul_(1 - o.lambd * eta).add_(grad, -eta);
    if (mu == 1) ax.copy_(s.p);
    else ax.add_(s.p.sub(ax), mu);
    s["eta"].fill_(o.lr / std::pow(1 + o.lambd * o.lr * s.count, o.alpha));
    s["mu"].fill_(1 / std::max(1.0, s.count - o.t0));
  }
}

}  // namespace tenon::optim
