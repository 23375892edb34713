#pragma once
// Parameters that are functions of others: a weight that is kept symmetric, orthogonal or of a certain norm.
// Source: torch.nn.utils.parametrize, torch.nn.utils.parametrizations.
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn::parametrize {

struct ParametrizationOptions {
  bool unsafe = false;  ///< the parametrization may change the shape and the type: it is not tried out first
};

/// What a parameter is computed by, under its module as `parametrizations.weight`: the tensors that are trained
/// (`original`, or `original0`, `original1`, …), and the parametrizations in the order in which they are applied.
/// Source: torch.nn.utils.parametrize.ParametrizationList.
class ParametrizationList : public Module<ParametrizationList> {
 public:
  /// How a parametrization is called, whose class is known where it is registered only.
  struct Functions {
    Tensor (*forward)(ModuleBase& parametrization, const std::vector<Tensor>& originals);
    std::vector<Tensor> (*right_inverse)(ModuleBase& parametrization, const Tensor& value);  ///< may be null
  };

  /// What the parameter is computed from.
  std::vector<Parameter> originals() const;
  bool folds_equal_children() const override { return true; }
  int64_t size() const { return static_cast<int64_t>(functions_.size()); }
  /// Changes the originals so that the parameter becomes `value`; an error where a parametrization has no
  /// right_inverse.
  void assign(const Tensor& value);

  // ---- for the library itself
  void append(const std::shared_ptr<ModuleBase>& parametrization, const Functions& functions);

 protected:
  Tensor forward();

 private:
  ModuleBase& parametrization(std::size_t i);

  std::vector<Functions> functions_;

  TENON_MODULE(ParametrizationList, functions_)
};

namespace detail {

void register_parametrization(ModuleBase& module, const std::string& name,
                              const std::shared_ptr<ModuleBase>& parametrization,
                              const ParametrizationList::Functions& functions, const ParametrizationOptions& options);
[[noreturn]] void fail_originals(const ModuleBase& parametrization, std::size_t expected, std::size_t got);

template <class M>
Tensor forward_of(ModuleBase& module, const std::vector<Tensor>& originals) {
  auto& m = static_cast<M&>(module);
  using Forward = nn::detail::Forward<M>;
  if constexpr (Forward::template takes<const std::vector<Tensor>&>) {
    return m(originals);
  } else if constexpr (Forward::template takes<const Tensor&>) {
    if (originals.size() != 1) fail_originals(module, 1, originals.size());
    return m(originals[0]);
  } else if constexpr (Forward::template takes<const Tensor&, const Tensor&>) {
    if (originals.size() != 2) fail_originals(module, 2, originals.size());
    return m(originals[0], originals[1]);
  } else {
    static_assert(Forward::template takes<const Tensor&>,
                  "a parametrization's forward() takes the original tensor, two of them, or a std::vector<Tensor>");
  }
}

template <class M>
std::vector<Tensor> right_inverse_of(ModuleBase& module, const Tensor& value) {
  auto originals = static_cast<M&>(module).right_inverse(value);
  if constexpr (std::convertible_to<decltype(originals), Tensor>) return {originals};
  else return originals;
}

}  // namespace detail

/// Replaces the module's parameter `name` by what the parametrization, a module, computes of it: `forward(original)`
/// gives the parameter, and `right_inverse(value)`, where the class has one, what it is to be computed from (one
/// tensor, or a std::vector of several, which forward() takes then). One that is parametrized already gets another
/// step.
///
///   struct Symmetric : nn::Module<Symmetric> {
///     Tensor forward(const Tensor& x) { return x.triu() + x.triu(1).mT(); }
///     TENON_MODULE(Symmetric)
///   };
///   nn::parametrize::register_parametrization(layer, "weight", Symmetric());
///
/// The parameter is computed before each call of the module, and `layer.weight` is what it was at the last one:
/// compute() brings it up to date. What is trained and saved is `layer.parametrizations.weight.original`, the very
/// Parameter that it was unless right_inverse() gives several. An error, and nothing is changed, where there is no such
/// parameter, or the result has another shape or type. Source: torch.nn.utils.parametrize.register_parametrization.
template <class M>
void register_parametrization(ModuleBase& module, const std::string& name, M&& parametrization,
                              const ParametrizationOptions& options = {}) {
  static_assert(!std::is_lvalue_reference_v<M> && std::derived_from<std::remove_cvref_t<M>, ModuleBase>,
                "a parametrization is a module, and is taken over: pass a new one, or std::move(module)");
  ParametrizationList::Functions functions{&detail::forward_of<M>, nullptr};
  if constexpr (requires(const Tensor& value) { parametrization.right_inverse(value); })
    functions.right_inverse = &detail::right_inverse_of<M>;
  detail::register_parametrization(module, name, std::make_shared<M>(std::move(parametrization)), functions, options);
}

/// Whether the module's parameter of that name is parametrized, or any of them.
bool is_parametrized(const ModuleBase& module, std::optional<std::string_view> name = {});

/// Computes the module's parametrized parameters anew, as they are from now on.
void compute(ModuleBase& module);

/// Makes the parametrized parameter `value`, by the parametrizations' right_inverse(). In PyTorch: module.weight =
/// value.
void assign(ModuleBase& module, std::string_view name, const Tensor& value);

/// The parameter is one of its own again: with the value that was computed, or (leave_parametrized = false) with the
/// original's, which must be one tensor. The original stays the Parameter that it is where it is one.
void remove_parametrizations(ModuleBase& module, const std::string& name, bool leave_parametrized = true);

}  // namespace tenon::nn::parametrize

namespace tenon::nn::parametrizations {

/// Makes the weight g·v/‖v‖, with a length g for each index of `dim` (none: one for all) and a direction v: they are
/// `parametrizations.weight.original0` and `original1`. Files of the older `weight_g` and `weight_v` load, too.
/// Source: torch.nn.utils.parametrizations.weight_norm (Salimans and Kingma 2016, "Weight normalization").
void weight_norm(ModuleBase& module, const std::string& name = "weight", std::optional<int64_t> dim = 0);

struct SpectralNormOptions {
  int64_t n_power_iterations = 1;  ///< at each call in training
  double eps = 1e-12;
  std::optional<int64_t> dim = {};  ///< the outputs' dimension; default: 1 for transposed convolutions, else 0
};
/// Divides the weight, as a matrix of its outputs, by its largest singular value, which is followed by power iteration:
/// vectors `parametrizations.weight.0._u` and `_v`, drawn by the default generator.
/// Source: torch.nn.utils.parametrizations.spectral_norm (Miyato et al. 2018, "Spectral normalization for GANs").
void spectral_norm(ModuleBase& module, const std::string& name = "weight", const SpectralNormOptions& options = {});

/// How an orthogonal matrix is made of any: the exponential of a skew-symmetric matrix, its Cayley transform
/// (1 + A/2)·(1 − A/2)⁻¹, or a product of Householder's reflections.
enum class OrthogonalMap : uint8_t { matrix_exp, cayley, householder };

struct OrthogonalOptions {
  std::optional<OrthogonalMap> map = {};  ///< default: matrix_exp for square matrices, else householder
  bool use_trivialization = true;         ///< the map starts from what the weight is, a buffer `base`
};
/// Keeps the columns of the weight's matrices (…, n, k) orthogonal and of length 1 (the rows where n < k). The weight
/// becomes the nearest to what it is that QR gives; without use_trivialization, matrix_exp and cayley start from the
/// map of the weight. Missing columns of a base are drawn by the default generator.
/// Source: torch.nn.utils.parametrizations.orthogonal.
void orthogonal(ModuleBase& module, const std::string& name = "weight", const OrthogonalOptions& options = {});

}  // namespace tenon::nn::parametrizations

namespace tenon::nn::utils {
namespace parametrize = nn::parametrize;
namespace parametrizations = nn::parametrizations;
}  // namespace tenon::nn::utils

#pragma GCC visibility pop
