// A generator's state as bytes: those of torch.get_rng_state(), so that a checkpoint goes on in either program.
#include <cmath>
#include <cstddef>
#include <cstring>

#include <tenon/random.h>
#include <tenon/value.h>

namespace tenon {
namespace {

constexpr int twister_words = 624;

// PyTorch's CPUGeneratorImplState, native byte order:
//
//   offset  type          what
//        0  uint64        the seed, all 64 bits of it
//        8  int32         outputs left before the next refill, plus one: 1 … 624
//       12  int32         1: the twister has been seeded
//       16  uint64        the next word: 0 … 624
//       24  uint64[624]   the twister's words, one 32-bit word in each
//     5016  float64       0, unused
//     5024  float64       the kept normal, if there is one, else 0
//     5032  float64       0, unused
//     5040  int32         1: there is a kept normal
//     5044                4 bytes of padding
//     5048  float32       the kept normal of single precision, if there is one, else 0
//     5052  uint8         1: there is one
//     5053                3 bytes of padding
//     5056
struct State {
  uint64_t seed;
  int32_t left, seeded;
  uint64_t next;
  uint64_t words[twister_words];
  double unused_x, kept_normal, unused_rho;
  int32_t has_kept_normal, padding;
  float kept_float_normal;
  uint8_t has_kept_float_normal, end_padding[3];
};
static_assert(offsetof(State, words) == 24 && offsetof(State, kept_normal) == 5024);
static_assert(offsetof(State, has_kept_normal) == 5040 && offsetof(State, kept_float_normal) == 5048);
static_assert(sizeof(State) == 5056);

constexpr const char* operation = "Generator::set_state";

State read(const Tensor& x) {
  if (!x.defined()) fail(operation, "expected a state of {} bytes, got an undefined tensor", sizeof(State));
  if (x.dtype() != uint8 || x.dim() != 1 || x.size(0) != static_cast<int64_t>(sizeof(State)))
    fail(operation, "expected a uint8 tensor of shape {} as get_state() gives it, got {} of shape {}",
         Shape{sizeof(State)}.to_string(), x.dtype(), x.shape().to_string());
  if (x.device() != kCPU) fail(operation, "expected a state on the cpu, got one on {}", x.device());
  State state;
  std::memcpy(&state, x.contiguous().raw_data(), sizeof state);
  return state;
}

// Damage that would make the generator read outside its words, or give numbers that no seed leads to.
void check(const State& s) {
  constexpr int words = twister_words;
  if (s.seeded != 1) fail(operation, "the state is damaged: it says that it was never seeded");
  if (s.left < 1 || s.left > words || s.next > static_cast<uint64_t>(words) ||
      (s.left != 1 && static_cast<uint64_t>(s.left) + s.next != words + 1))
    fail(operation, "the state is damaged: it stands at word {} of {} with {} left", s.next, words, s.left - 1);
  for (const uint64_t word : s.words)
    if (word > UINT32_MAX) fail(operation, "the state is damaged: a word of {} is no 32-bit number", word);
  if (s.has_kept_normal != 0 && !std::isfinite(s.kept_normal))
    fail(operation, "the state is damaged: its kept normal number is {}", s.kept_normal);
  if (s.has_kept_float_normal != 0 && !std::isfinite(s.kept_float_normal))
    fail(operation, "the state is damaged: its kept normal number of single precision is {}", s.kept_float_normal);
}

}  // namespace

Tensor random::Stream::get_state() const {
  State state{};
  state.seed = seed_;
  state.left = left_;
  state.seeded = 1;
  state.next = static_cast<uint64_t>(next_);
  for (std::size_t i = 0; i < words_.size(); ++i) state.words[i] = words_[i];
  state.has_kept_normal = kept_normal_.has_value();
  state.kept_normal = kept_normal_.value_or(0);
  state.has_kept_float_normal = kept_float_normal_.has_value();
  state.kept_float_normal = kept_float_normal_.value_or(0);
  Tensor bytes = empty({sizeof state}, {.dtype = uint8, .device = kCPU});
  std::memcpy(bytes.raw_data(), &state, sizeof state);
  return bytes;
}

void random::Stream::set_state(const Tensor& bytes) {
  const State state = read(bytes);
  check(state);
  seed_ = state.seed;
  left_ = state.left;
  next_ = static_cast<int>(state.next);
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] = static_cast<uint32_t>(state.words[i]);
  kept_normal_ = state.has_kept_normal != 0 ? std::optional(state.kept_normal) : std::nullopt;
  kept_float_normal_ = state.has_kept_float_normal != 0 ? std::optional(state.kept_float_normal) : std::nullopt;
}

void random::set_state(const Value& state) { set_state(state.as<Tensor>()); }

}  // namespace tenon
