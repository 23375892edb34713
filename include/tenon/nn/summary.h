#pragma once
// A model as a table: what each module gives, holds and computes.
//
//   nn::Summary s = nn::summary(model, {32, 784});
//   fmt::print("{}\n", s);
//   s.at("fc1").multiply_adds
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include <tenon/nn/module.h>
#include <tenon/tensors_in.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// One module. Its numbers are those of the module and of all below it; what is shared counts where it comes first.
struct SummaryRow {
  std::string name;  ///< a path; "" for the model itself
  std::string type;
  int64_t depth = 0;                ///< of the model itself: 0
  int64_t calls = 0;                ///< in the pass
  std::vector<Shape> outputs = {};  ///< what its last call gave: a shape for each tensor
  int64_t parameters = 0;
  int64_t trainable = 0;
  int64_t multiply_adds = 0;  ///< of all its calls
  int64_t bytes = 0;          ///< of parameters and buffers
  /// A shared module's first name, where this is another one: then there are no numbers.
  std::string same_module_as = {};
  /// Own tensors that came before: {"weight", "encoder.weight"}.
  std::vector<std::pair<std::string, std::string>> tied = {};
};

/// What summary() gives. fmt::print("{}", summary) prints the table.
struct Summary {
  std::vector<SummaryRow> rows;  ///< the model, then all below it, parents before children
  int64_t parameters = 0, trainable = 0, multiply_adds = 0;
  int64_t bytes = 0;         ///< of parameters and buffers
  int64_t input_bytes = 0;   ///< of the tensors that were passed in
  int64_t output_bytes = 0;  ///< of what modules without children gave, in all their calls

  /// The row of that name; an error where there is none.
  const SummaryRow& at(std::string_view name) const;
  /// The table down to a depth (1: the model and its children).
  std::string to_string(int64_t depth = std::numeric_limits<int64_t>::max()) const;
};

namespace detail {

/// One summary(), apart from the model's class.
class SummaryPass {
 public:
  explicit SummaryPass(ModuleBase& model);
  ~SummaryPass();
  SummaryPass(const SummaryPass&) = delete;
  SummaryPass& operator=(const SummaryPass&) = delete;

  ModuleBase& copy();  ///< without data, to be called once

  /// An argument as forward is to see it: without data. A shape stands for a tensor.
  template <class A>
  auto input(const A& argument) {
    if constexpr (std::is_same_v<A, Shape>) {
      return input_of(argument);
    } else {
      std::decay_t<const A> shown(argument);
      tenon::detail::add_tensors(*this, shown);
      return shown;
    }
  }
  void add(Tensor& input);
  void add_absent() {}

  template <class Call>
  Summary run(Call call) {
    try {
      call();
    } catch (const Error& error) {
      rethrow(error);
    }
    return result();
  }

 private:
  struct Observer;
  Tensor input_of(const Shape& shape);
  [[noreturn]] void rethrow(const Error& error);
  Summary result();

  std::unique_ptr<Observer> observer_;
};

}  // namespace detail

/// Calls a copy of the model that has shapes and no data, on the meta device in eval mode, and says what each module
/// gave, holds and computes. The model stays as it is, its hooks are not called, and no random number is drawn.
///
/// `inputs` are what forward takes. A shape stands for a tensor of the type of the model's first floating-point
/// parameter: summary(model, {32, 784}), or with several inputs summary(model, Shape{8, 16}, Shape{8, 4}). Other types
/// are given as tensors, which may be on any device: summary(model, empty({8, 16}, {.dtype = int64})).
///
/// Multiply-adds are counted where matrices are multiplied, in the library's layers and in any forward: a product (m,
/// k)·(k, n) has m·k·n. What is done to single elements (activations, normalisation, a bias) does not count. Half of
/// what torch.utils.flop_counter says.
///
/// An error where forward cannot be called so: it looks at the data, or the model cannot be cloned.
template <std::derived_from<ModuleBase> M, class... A>
Summary summary(M& model, const A&... inputs) {
  detail::SummaryPass pass(model);
  if constexpr (requires { typename M::tenon_listed_in; })
    return pass.run([&] { static_cast<typename M::tenon_listed_in&>(pass.copy())(pass.input(inputs)...); });
  else return pass.run([&] { pass.copy()(pass.input(inputs)...); });
}
template <std::derived_from<ModuleBase> M>
Summary summary(M& model, const Shape& input) {
  return summary<M, Shape>(model, input);
}

}  // namespace tenon::nn

template <>
struct fmt::formatter<tenon::nn::Summary> : tenon::detail::TextFormatter {
  auto format(const tenon::nn::Summary& summary, fmt::format_context& c) const { return write(summary.to_string(), c); }
};

#pragma GCC visibility pop
