#pragma once
// Adafactor. Source: torch.optim.Adafactor.
#include <tenon/creation.h>
#include <tenon/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

template <template <class> class F>
struct AdafactorFields {
  F<double> lr = initial<F>(1e-2);
  F<double> beta2_decay = initial<F>(-0.8);  ///< step t takes t^beta2_decay of its own squares into the average
  /// The smallest average of squares (where empty, the type's precision), and the smallest size of a parameter that
  /// steps are measured by.
  F<std::array<std::optional<double>, 2>> eps = initial<F>(std::array<std::optional<double>, 2>{std::nullopt, 1e-3});
  F<double> d = initial<F>(1.0);             ///< a step's root mean square is no larger
  F<double> weight_decay = initial<F>(0.0);  ///< acts on the parameter itself
  F<bool> maximize = initial<F>(false);

  Fields fields() {
    return {{"lr", lr, at_least(0)},
            {"beta2_decay", beta2_decay, Range{-std::numeric_limits<double>::infinity(), 0, "(]"}},
            {"eps", eps, at_least(0)},
            {"d", d, at_least(1)},
            {"weight_decay", weight_decay, at_least(0)},
            {"foreach", Carried::none},
            {"maximize", maximize}};
  }
};
using AdafactorOptions = AdafactorFields<Plain>;
void check(const AdafactorOptions& options, std::string_view optimizer);

/// `optim::Adafactor(model.parameters())`: keeps averages of squares for rows and columns of a matrix only, not for its
/// elements, and steps by a part of a parameter's own size.
class Adafactor final : public OptimizerOf<Adafactor, AdafactorFields> {
 public:
  static constexpr std::string_view class_name = "Adafactor";
  static bool is_matrix(const AdafactorOptions&, const Tensor& p) { return p.dim() > 1; }
  static bool is_vector(const AdafactorOptions&, const Tensor& p) { return p.dim() <= 1; }
  static Tensor of_rows(const AdafactorOptions&, const Tensor& p) { return zeros_like(p.narrow(-1, 0, 1)); }
  static Tensor of_columns(const AdafactorOptions&, const Tensor& p) { return zeros_like(p.narrow(-2, 0, 1)); }
  static constexpr Slot slots[] = {{.name = "step", .kind = SlotKind::step_count},
                                   {"row_var", is_matrix, of_rows},
                                   {"col_var", is_matrix, of_columns},
                                   {"variance", is_vector}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const AdafactorOptions& options, std::span<const Step> steps) override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
