#pragma once
// How an operation draws: its checks, a generator to itself, and a kernel.
#include <mutex>

#include <tenon/random.h>

#include "backend/random.h"
#include "base/fork.h"
#include "ops/in_place.h"

namespace tenon::random {

/// One operation's draws: nobody else draws from the generator while it lives. Made after the checks, where the first
/// number is wanted; operations on tensors inside would wait for themselves if they drew, too.
class Drawing {
 public:
  explicit Drawing(Generator& generator) : generator_(generator), lock_(free_mutex(generator)) {}
  /// Null: from the default generator.
  explicit Drawing(Generator* generator) : Drawing(generator ? *generator : default_generator()) {}
  Stream& operator*() const { return generator_.stream_; }
  Stream* operator->() const { return &generator_.stream_; }

 private:
  static std::mutex& free_mutex(Generator& generator) {
    let_forks_pass();
    return generator.mutex_;
  }

  Generator& generator_;
  std::lock_guard<std::mutex> lock_;
};

/// An error where several of x's elements lie in one place.
void check_apart(const char* operation, const Tensor& x);
void check_real_type(const char* operation, const Tensor& x);

/// Draws x by one of its device's kernels. `operation` names what the user called. On the meta device nothing is drawn.
template <class K, class... Arguments>
void draw(const char* operation, const Tensor& x, Generator* generator, K RandomKernels::*kernel,
          const Arguments&... arguments) {
  check_apart(operation, x);
  const Drawing stream(generator);
  (on<RandomKernels>(x.device()).*kernel)(x, arguments..., *stream);
}

/// The same for x in place, which then no longer depends on anything.
template <class K, class... Arguments>
void redraw(const char* operation, const Tensor& x, Generator* generator, K RandomKernels::*kernel,
            const Arguments&... arguments) {
  overwrite(
      operation, x, {}, [&](const Tensor& to) { draw(operation, to, generator, kernel, arguments...); }, [](Grads&) {});
}

}  // namespace tenon::random
