#pragma once
// Threads that compute by themselves.

namespace tenon {

/// While one lives, this thread's loops start no other threads; what they compute is the same.
class Serial {
 public:
  Serial() : before_(active_) { active_ = true; }
  ~Serial() { active_ = before_; }
  Serial(const Serial&) = delete;
  Serial& operator=(const Serial&) = delete;
  static bool active() { return active_; }

 private:
  bool before_;
  inline static constinit thread_local bool active_ = false;
};

}  // namespace tenon
