#pragma once
// Gradients of half types that are too small for them. Source: torch.amp.GradScaler.
#include <cstdint>
#include <unordered_map>

#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct GradScalerOptions {
  double init_scale = 65536;
  double growth_factor = 2;        ///< above 1
  double backoff_factor = 0.5;     ///< below 1: where a gradient is infinite or a NaN
  int64_t growth_interval = 2000;  ///< steps without one, after which the scale grows
  bool enabled = true;             ///< false: nothing is scaled, and step() is the optimizer's
};

/// Scales the loss so that gradients in float16 do not vanish, scales them back before the step, and leaves out a step
/// whose gradients are not finite.
///
///   scaler.scale(loss).backward();
///   scaler.unscale_(optimizer);    // only where the gradients are looked at or clipped before the step
///   scaler.step(optimizer);
///   scaler.update();
///
/// Source: torch.amp.GradScaler.
class GradScaler {
 public:
  explicit GradScaler(const GradScalerOptions& options = {});

  /// loss · scale.
  Tensor scale(const Tensor& loss) const;
  /// Divides the gradients of the optimizer's parameters by the scale, once between two update(). An error for
  /// gradients in float16: the parameters must be of a wider type.
  void unscale_(Optimizer& optimizer);
  /// The optimizer's step, after unscale_() if it was not called; left out where a gradient is infinite or a NaN.
  /// Whether it was done.
  bool step(Optimizer& optimizer);
  /// Once after all steps: the scale shrinks where one was left out, and grows after growth_interval without.
  void update();
  /// Sets the scale instead.
  void update(double new_scale);

  double get_scale() const { return options_.enabled ? scale_ : 1; }
  bool is_enabled() const { return options_.enabled; }
  double growth_factor() const { return options_.growth_factor; }
  double backoff_factor() const { return options_.backoff_factor; }
  int64_t growth_interval() const { return options_.growth_interval; }

  /// As PyTorch's: scale, growth_factor, backoff_factor, growth_interval, _growth_tracker; empty where it is not
  /// enabled.
  Dict state_dict() const;
  void load_state_dict(const Dict& state_dict);

 private:
  enum class Stage : uint8_t { ready, unscaled, stepped };
  struct Known {
    Stage stage = Stage::ready;
    bool found_inf = false;
  };

  GradScalerOptions options_;
  double scale_;
  int64_t growth_tracker_ = 0;
  std::unordered_map<const Optimizer*, Known> known_;  ///< since the last update()
};

}  // namespace tenon::optim

#pragma GCC visibility pop
