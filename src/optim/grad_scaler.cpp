#include <tenon/optim/grad_scaler.h>

#include <cmath>

#include <tenon/grad_mode.h>
#include <tenon/ops.h>

namespace tenon::optim {

GradScaler::GradScaler(const GradScalerOptions& o) : options_(o), scale_(o.init_scale) {
  if (!o.enabled) return;
  if (!(o.growth_factor > 1)) fail("GradScaler", "expected a growth_factor above 1, got {}", o.growth_factor);
  if (!(o.backoff_factor < 1)) fail("GradScaler", "expected a backoff_factor below 1, got {}", o.backoff_factor);
  if (o.growth_interval < 1) fail("GradScaler", "expected a growth_interval of 1 or more, got {}", o.growth_interval);
}

Tensor GradScaler::scale(const Tensor& loss) const {
  if (!options_.enabled) return loss;
  return loss * full({}, scale_, {float32, loss.device()});  // as a tensor: a loss in float16 becomes one in float32
}

void GradScaler::unscale_(Optimizer& optimizer) {
  if (!options_.enabled) return;
  Known& known = known_[&optimizer];
  if (known.stage == Stage::unscaled)
    fail("GradScaler", "unscale_() has been called on this optimizer since the last update()");
  if (known.stage == Stage::stepped) fail("GradScaler", "unscale_() comes before step()");
  const NoGrad guard;
  std::vector<Tensor> gradients;
  for (std::size_t i = 0; i < optimizer.group_count(); ++i)
    for (const Tensor& p : optimizer.group(i).parameters()) {
      if (!p.grad().defined()) continue;
      if (p.grad().dtype() == float16)
        fail("GradScaler", "gradients in float16 cannot be scaled back: keep the weights in float32");
      gradients.push_back(p.grad());
    }
  const double inverse = 1 / scale_;
  for (const Tensor& g : gradients) {
    known.found_inf = known.found_inf || !g.isfinite().all().item<bool>();
    g.mul_(inverse);
  }
  known.stage = Stage::unscaled;
}

bool GradScaler::step(Optimizer& optimizer) {
  if (!options_.enabled) {
    optimizer.step();
    return true;
  }
  Known& known = known_[&optimizer];
  if (known.stage == Stage::stepped)
    fail("GradScaler", "step() has been called on this optimizer since the last update()");
  if (known.stage == Stage::ready) unscale_(optimizer);
  if (!known.found_inf) optimizer.step();
  known.stage = Stage::stepped;
  return !known.found_inf;
}

void GradScaler::update() {
  if (!options_.enabled) return;
  if (known_.empty()) fail("GradScaler", "update() comes after step() or unscale_()");
  bool found_inf = false;
  for (const auto& [optimizer, known] : known_) found_inf = found_inf || known.found_inf;
  known_.clear();
  if (found_inf) {
    scale_ *= options_.backoff_factor;
    growth_tracker_ = 0;
  } else if (++growth_tracker_ == options_.growth_interval) {
    const double grown = scale_ * options_.growth_factor;
    if (std::isfinite(static_cast<float>(grown))) scale_ = grown;
    growth_tracker_ = 0;
  }
}

void GradScaler::update(double new_scale) {
  if (!options_.enabled) return;
  if (!(new_scale > 0) || std::isinf(new_scale)) fail("GradScaler", "expected a scale above 0, got {}", new_scale);
  known_.clear();
  scale_ = new_scale;
}

Dict GradScaler::state_dict() const {
  if (!options_.enabled) return {};
  return {{"scale", scale_},
          {"growth_factor", options_.growth_factor},
          {"backoff_factor", options_.backoff_factor},
          {"growth_interval", options_.growth_interval},
          {"_growth_tracker", growth_tracker_}};
}

void GradScaler::load_state_dict(const Dict& state_dict) {
  if (!options_.enabled) return;
  if (state_dict.empty()) fail("GradScaler", "the state that is loaded is of a GradScaler that was not enabled");
  GradScalerOptions options = options_;
  options.growth_factor = state_dict["growth_factor"].as<double>();
  options.backoff_factor = state_dict["backoff_factor"].as<double>();
  options.growth_interval = state_dict["growth_interval"].as<int64_t>();
  GradScaler loaded(options);
  loaded.scale_ = state_dict["scale"].as<double>();
  loaded.growth_tracker_ = state_dict["_growth_tracker"].as<int64_t>();
  *this = std::move(loaded);
}

}  // namespace tenon::optim
