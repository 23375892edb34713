#pragma once
// Random numbers, bit for bit those of PyTorch's CPU generator (Mersenne Twister 19937).
#include <cstdint>
#include <mutex>
#include <span>

#include <tenon/creation.h>
#include <tenon/random/stream.h>

#pragma GCC visibility push(default)

namespace tenon {

class Generator;
class Value;

namespace random {
class Drawing;
}

/// A stream of random numbers with a state of its own. Threads may share one: an operation that draws from it has it to
/// itself until it is done, so that no number is dealt twice; which thread comes first is theirs to arrange.
/// Source: torch.Generator (CPU).
class Generator {
 public:
  static constexpr uint64_t default_seed = 67280421310721;
  explicit Generator(uint64_t seed = default_seed) { stream_.seed(seed); }
  /// A copy goes on by itself from the same state.
  Generator(const Generator& o) : stream_(o.snapshot()) {}
  Generator& operator=(const Generator& o);

  /// Starts the stream anew; the twister takes the seed's low 32 bits.
  Generator& manual_seed(uint64_t seed);
  uint64_t initial_seed() const;

  uint32_t next32();  ///< one output of the twister
  uint64_t next64();  ///< two outputs, the first the high word
  /// As many outputs as `out` has room for, at a fraction of the cost of single ones.
  void next32(std::span<uint32_t> out);
  /// Uniform in [0, 1): the low 53 bits of next64().
  double next_uniform();
  /// A standard normal number of double precision (Box–Muller; the second of a pair is kept for the next call).
  double next_normal();

  /// The whole state as PyTorch lays it out: a uint8 tensor of 5,056 bytes.
  Tensor get_state() const;
  /// Takes such a tensor; anything else is an error and changes nothing.
  void set_state(const Tensor& state);

 private:
  friend random::Drawing;
  friend Generator& default_generator();
  random::Stream snapshot() const;

  random::Stream stream_;
  mutable std::mutex mutex_;
};

/// The generator that every function uses that is not given one. One a process, as in PyTorch.
Generator& default_generator();

/// Seeds the default generator. Source: torch.manual_seed.
inline Generator& manual_seed(uint64_t seed) { return default_generator().manual_seed(seed); }

namespace random {
/// The default generator's state (torch.random.get_rng_state).
inline Tensor get_state() { return default_generator().get_state(); }
inline void set_state(const Tensor& state) { default_generator().set_state(state); }
void set_state(const Value& state);  ///< of a checkpoint
}  // namespace random

/// Uniform in [0, 1).
Tensor rand(const Shape& shape, const TensorOptions& options = {}, Generator* generator = nullptr);
/// Normal, mean 0, standard deviation 1.
Tensor randn(const Shape& shape, const TensorOptions& options = {}, Generator* generator = nullptr);
/// Integers in [low, high), int64 unless told otherwise. A floating-point type must hold each of them exactly.
Tensor randint(int64_t low, int64_t high, const Shape& shape, const TensorOptions& options = {},
               Generator* generator = nullptr);
// Of x's shape and memory order, in which the elements are drawn; dtype and device default to x's.
Tensor rand_like(const Tensor& x, const TensorOptions& options = {}, Generator* generator = nullptr);
Tensor randn_like(const Tensor& x, const TensorOptions& options = {}, Generator* generator = nullptr);
Tensor randint_like(const Tensor& x, int64_t low, int64_t high, const TensorOptions& options = {},
                    Generator* generator = nullptr);
/// Normal numbers with a mean and a standard deviation for each, which broadcast.
Tensor normal(const Tensor& mean, const Tensor& std, Generator* generator = nullptr);
Tensor normal(const Tensor& mean, double std = 1, Generator* generator = nullptr);
Tensor normal(double mean, const Tensor& std, Generator* generator = nullptr);
/// 1 with each element's probability, else 0; of p's shape and type.
Tensor bernoulli(const Tensor& p, Generator* generator = nullptr);
/// Numbers of events where each element tells how many are expected; of its shape and type.
Tensor poisson(const Tensor& rate, Generator* generator = nullptr);
/// `samples` places (int64) from each row of weights, (n) or (rows, n), which need not sum to 1; without replacement no
/// place twice, and one of weight 0 never while others are left.
Tensor multinomial(const Tensor& weights, int64_t samples, bool replacement = false, Generator* generator = nullptr);
/// The integers 0 … n−1 in random order, int64.
Tensor randperm(int64_t n, Generator* generator = nullptr);

// In place, from the generator given (nullptr: the default one). The methods of Tensor with the same names call these.
// Elements are drawn in the order in which they lie in memory; a tensor on the meta device draws nothing.

/// Uniform in [from, to), floating-point types.
void uniform_(const Tensor& x, double from, double to, Generator* generator);
/// Normal, floating-point types.
void normal_(const Tensor& x, double mean, double std, Generator* generator);
/// Integers from 0 to the greatest of an integer type; to 2^digits of a floating-point one.
void random_(const Tensor& x, Generator* generator);
/// Integers in [low, high).
void random_(const Tensor& x, int64_t low, int64_t high, Generator* generator);
/// 1 with probability p, else 0.
void bernoulli_(const Tensor& x, double p, Generator* generator);
void bernoulli_(const Tensor& x, const Tensor& p, Generator* generator);  ///< p broadcasts to x
// The others take floating-point types; geometric_ integers too.
/// Of the density rate · exp(−rate·x).
void exponential_(const Tensor& x, double rate, Generator* generator);
/// How many tries of probability p until the first success, 1 or more.
void geometric_(const Tensor& x, double p, Generator* generator);
/// exp of a normal number.
void log_normal_(const Tensor& x, double mean, double std, Generator* generator);
void cauchy_(const Tensor& x, double median, double sigma, Generator* generator);

}  // namespace tenon

#pragma GCC visibility pop
