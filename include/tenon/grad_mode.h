#pragma once
// Whether operations are recorded, on this thread.

#pragma GCC visibility push(default)

namespace tenon {

/// Whether operations are recorded on this thread.
bool is_grad_enabled();
/// Whether this thread is in inference mode.
bool is_inference_mode_enabled();

namespace detail {
class ModeGuard {  // sets both modes, and puts back what was
 public:
  ModeGuard(bool grad, bool inference);
  ~ModeGuard();
  ModeGuard(const ModeGuard&) = delete;
  ModeGuard& operator=(const ModeGuard&) = delete;

 private:
  bool grad_, inference_;
};
}  // namespace detail

/// While it lives, nothing is recorded on this thread.
class [[nodiscard]] NoGrad : detail::ModeGuard {
 public:
  NoGrad() : ModeGuard(false, is_inference_mode_enabled()) {}
};

/// While it lives, operations are recorded again (inside a NoGrad; inference mode stays as it is).
class [[nodiscard]] EnableGrad : detail::ModeGuard {
 public:
  EnableGrad() : ModeGuard(!is_inference_mode_enabled(), is_inference_mode_enabled()) {}
};

/// NoGrad or EnableGrad, by a flag. Source: torch.set_grad_enabled.
class [[nodiscard]] SetGradEnabled : detail::ModeGuard {
 public:
  explicit SetGradEnabled(bool on) : ModeGuard(on && !is_inference_mode_enabled(), is_inference_mode_enabled()) {}
};

/// NoGrad, and tensors made meanwhile can never be recorded later.
class [[nodiscard]] InferenceMode : detail::ModeGuard {
 public:
  explicit InferenceMode(bool on = true) : ModeGuard(!on, on) {}
};

}  // namespace tenon

#pragma GCC visibility pop
