#pragma once
// Momentum, orthogonalized. Source: torch.optim.Muon.
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct MuonFields {
  F<double> lr = initial<F>(1e-3);
  F<double> weight_decay = initial<F>(0.1);  ///< acts on the parameter itself
  F<double> momentum = initial<F>(0.95);     ///< how much of the average of gradients is kept in a step
  F<bool> nesterov = initial<F>(true);       ///< looks ahead
  F<std::array<double, 3>> ns_coefficients = initial<F>(std::array{3.4445, -4.775, 2.0315});
  F<double> eps = initial<F>(1e-7);              ///< the smallest norm that is divided by
  F<int64_t> ns_steps = initial<F>(int64_t{5});  ///< iterations, fewer than 100
  /// How the rate depends on a matrix of A rows and B columns: "original", which is meant where empty, is
  /// √max(1, A / B), "match_rms_adamw" 0.2·√max(A, B), "spectral_unclamped" √(A / B).
  F<std::optional<std::string>> adjust_lr_fn = initial<F>(std::optional<std::string>());

  Fields fields() {
    return {{"lr", lr, at_least(0)},
            {"weight_decay", weight_decay, at_least(0)},
            {"momentum", momentum, at_least(0)},
            {"nesterov", nesterov},
            {"ns_coefficients", ns_coefficients},
            {"eps", eps},
            {"ns_steps", ns_steps},
            {"adjust_lr_fn", adjust_lr_fn}};
  }
};
using MuonOptions = MuonFields<Plain>;
void check(const MuonOptions& options, std::string_view optimizer);

/// `optim::Muon(hidden_weights, {.lr = 1e-3})`: makes of the average of gradients a matrix that turns all directions
/// alike, by iterations in bfloat16. For matrices alone: biases, embeddings and the last layer go to another optimizer.
class Muon final : public OptimizerOf<Muon, MuonFields> {
 public:
  static constexpr std::string_view class_name = "Muon";
  static void check_parameter(const Tensor& p, std::string_view optimizer);
  static constexpr Slot slots[] = {{"momentum_buffer"}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const MuonOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
