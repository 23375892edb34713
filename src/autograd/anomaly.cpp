#include <utility>

#include <tenon/autograd.h>

namespace tenon {

namespace {
thread_local bool enabled = false;
}

autograd::AnomalyMode::AnomalyMode(bool on) : before_(std::exchange(enabled, on)) {}
autograd::AnomalyMode::~AnomalyMode() { enabled = before_; }
bool autograd::is_anomaly_enabled() { return enabled; }

}  // namespace tenon
