#pragma once
// Another generator in the default one's place.
#include <cstdint>
#include <optional>

#include <tenon/random.h>

#pragma GCC visibility push(default)

namespace tenon::random {

/// While it lives, this thread draws from another generator where no other is given; the default one rests.
class [[nodiscard]] DefaultGenerator {
 public:
  /// From this one, which must outlive it.
  explicit DefaultGenerator(Generator& generator);
  /// From a new one, which is made when it is first drawn from.
  explicit DefaultGenerator(uint64_t seed);
  ~DefaultGenerator();
  DefaultGenerator(const DefaultGenerator&) = delete;
  DefaultGenerator& operator=(const DefaultGenerator&) = delete;

  Generator& get();

 private:
  Generator* generator_;  ///< null: not made yet
  uint64_t seed_ = 0;
  std::optional<Generator> own_;
  DefaultGenerator* before_;
};

}  // namespace tenon::random

#pragma GCC visibility pop
