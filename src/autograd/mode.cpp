#include <tenon/autograd.h>

namespace tenon {

namespace {
struct Mode {
  bool grad = true, inference = false;
};
thread_local Mode mode;
}  // namespace

bool is_grad_enabled() { return mode.grad; }
bool is_inference_mode_enabled() { return mode.inference; }

detail::ModeGuard::ModeGuard(bool grad, bool inference) : grad_(mode.grad), inference_(mode.inference) { mode = {grad, inference}; }
detail::ModeGuard::~ModeGuard() { mode = {grad_, inference_}; }

}  // namespace tenon
