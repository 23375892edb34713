#include <tenon/autograd.h>

#include <utility>

namespace tenon {

namespace {
struct Mode {
  bool grad = true, inference = false;
};
thread_local Mode mode;
thread_local bool anomaly = false;
}  // namespace

bool is_grad_enabled() { return mode.grad; }
bool is_inference_mode_enabled() { return mode.inference; }

detail::ModeGuard::ModeGuard(bool grad, bool inference) : grad_(mode.grad), inference_(mode.inference) {
  mode = {grad, inference};
}
detail::ModeGuard::~ModeGuard() { mode = {grad_, inference_}; }

autograd::AnomalyMode::AnomalyMode(bool on) : before_(std::exchange(anomaly, on)) {}
autograd::AnomalyMode::~AnomalyMode() { anomaly = before_; }
bool autograd::is_anomaly_enabled() { return anomaly; }

}  // namespace tenon
