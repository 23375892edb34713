#include <tenon/training/early_stopping.h>

#include <cmath>

namespace tenon::training {

EarlyStopping::EarlyStopping(const EarlyStoppingOptions& options) : options_(options), best_(std::nan("")) {
  if (options.patience < 0) fail("EarlyStopping", "expected a patience of 0 or more, got {}", options.patience);
  if (!(options.min_delta >= 0)) fail("EarlyStopping", "expected a min_delta of 0 or more, got {}", options.min_delta);
}

bool EarlyStopping::step(double value) {
  const double gain = options_.maximize ? value - best_ : best_ - value;
  if (!std::isnan(value) && (best_step_ < 0 || gain > options_.min_delta)) {
    best_ = value;
    best_step_ = steps_;
    waited_ = 0;
  } else {
    ++waited_;
  }
  ++steps_;
  return waited_ > options_.patience;
}

Dict EarlyStopping::state_dict() const {
  return {{"best", best_}, {"best_step", best_step_}, {"steps", steps_}, {"waited", waited_}};
}

void EarlyStopping::load_state_dict(const Dict& state_dict) {
  EarlyStopping loaded(options_);
  loaded.best_ = state_dict["best"].as<double>();
  loaded.best_step_ = state_dict["best_step"].as<int64_t>();
  loaded.steps_ = state_dict["steps"].as<int64_t>();
  loaded.waited_ = state_dict["waited"].as<int64_t>();
  *this = loaded;
}

}  // namespace tenon::training
