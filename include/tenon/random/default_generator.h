#pragma once
// Another generator in the default one's place.
#include <tenon/random.h>

#pragma GCC visibility push(default)

namespace tenon::random {

/// While it lives, this thread draws from `generator` where no other is given; the default one rests. `generator` must
/// outlive it.
class [[nodiscard]] DefaultGenerator {
 public:
  explicit DefaultGenerator(Generator& generator);
  ~DefaultGenerator();
  DefaultGenerator(const DefaultGenerator&) = delete;
  DefaultGenerator& operator=(const DefaultGenerator&) = delete;

 private:
  Generator* before_;
};

}  // namespace tenon::random

#pragma GCC visibility pop
