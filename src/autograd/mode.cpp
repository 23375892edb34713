#include <tenon/autograd.h>

#include <utility>

namespace tenon {

namespace {
struct Mode {
  bool grad = true, inference = false;
};
thread_local Mode current;
thread_local bool anomaly = false;
}  // namespace

bool is_grad_enabled() { return current.grad; }
bool is_inference_mode_enabled() { return current.inference; }

detail::ModeGuard::ModeGuard(bool grad, bool inference) : grad_(current.grad), inference_(current.inference) {
  current = {grad, inference};
}
detail::ModeGuard::~ModeGuard() { current = {grad_, inference_}; }

autograd::AnomalyMode::AnomalyMode(bool on) : before_(std::exchange(anomaly, on)) {}
autograd::AnomalyMode::~AnomalyMode() { anomaly = before_; }
bool autograd::is_anomaly_enabled() { return anomaly; }

}  // namespace tenon
