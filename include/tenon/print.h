#pragma once
// How tensors are printed.
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#pragma GCC visibility push(default)

namespace tenon {

/// Source: torch.set_printoptions, whose defaults these are.
struct PrintOptions {
  static constexpr int64_t unlimited = std::numeric_limits<int64_t>::max();

  int64_t precision = 4;     ///< digits after the point
  int64_t threshold = 1000;  ///< tensors of more elements are summarised
  int64_t edgeitems = 3;     ///< how many are shown at either end of a summarised dimension
  int64_t linewidth = 80;
  std::optional<bool> sci_mode = {};  ///< scientific notation: always, never, or where the numbers ask for it
};

/// What set_printoptions() is told: what is not given stays, but for sci_mode, which goes back to being chosen (as in
/// PyTorch).
struct PrintChanges {
  std::optional<int64_t> precision = {}, threshold = {}, edgeitems = {}, linewidth = {};
  std::optional<bool> sci_mode = {};
  /// "default", "short" (two digits, two items) or "full" (nothing summarised), before all else.
  std::string_view profile = {};
};

/// For the whole process, from now on. An error for a negative number or a profile that does not exist.
void set_printoptions(const PrintChanges& changes);
PrintOptions get_printoptions();

/// Other options until the end of the scope. Source: torch.printoptions.
class PrintOptionsGuard {
 public:
  explicit PrintOptionsGuard(const PrintChanges& changes) : before_(get_printoptions()) { set_printoptions(changes); }
  ~PrintOptionsGuard();
  PrintOptionsGuard(const PrintOptionsGuard&) = delete;
  PrintOptionsGuard& operator=(const PrintOptionsGuard&) = delete;

 private:
  PrintOptions before_;
};

}  // namespace tenon

#pragma GCC visibility pop
