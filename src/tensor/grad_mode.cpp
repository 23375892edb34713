#include <tenon/grad_mode.h>

namespace tenon {

namespace {
struct Mode {
  bool grad = true, inference = false;
};
thread_local Mode current;
}  // namespace

bool is_grad_enabled() { return current.grad; }
bool is_inference_mode_enabled() { return current.inference; }

detail::ModeGuard::ModeGuard(bool grad, bool inference) : grad_(current.grad), inference_(current.inference) {
  current = {grad, inference};
}
detail::ModeGuard::~ModeGuard() { current = {grad_, inference_}; }

}  // namespace tenon
