#pragma once
// How the layers of the cases are built: each family's file registers its own.
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tenon/nn/functional.h>
#include <tenon/tenon.h>

#include "bundle.h"

namespace tenon::parity {

/// A case's arguments by name.
class Given {
 public:
  Given(const nlohmann::json& values, const Bundle& bundle) : values_(values), bundle_(bundle) {}

  bool has(const std::string& name) const { return values_.contains(name) && !values_[name].is_null(); }
  bool is_none(const std::string& name) const { return values_.contains(name) && values_[name].is_null(); }
  /// As it stands in the file, for what may be a number or a list.
  const nlohmann::json& any(const std::string& name) const { return member(values_, name); }
  bool is_list(const std::string& name) const { return has(name) && values_[name].is_array(); }
  bool is_text(const std::string& name) const { return has(name) && values_[name].is_string(); }
  int64_t i(const std::string& name) const { return member(values_, name).get<int64_t>(); }
  double d(const std::string& name, double otherwise) const { return has(name) ? number(values_[name]) : otherwise; }
  Scalar scalar(const std::string& name, const Scalar& otherwise) const {
    if (!has(name)) return otherwise;
    return values_[name].is_number_integer() ? Scalar(i(name)) : Scalar(d(name, 0));
  }
  bool flag(const std::string& name, bool otherwise) const { return has(name) ? values_[name].get<bool>() : otherwise; }
  std::string text(const std::string& name, const std::string& otherwise) const {
    return has(name) ? values_[name].get<std::string>() : otherwise;
  }
  Shape shape(const std::string& name) const { return {member(values_, name).get<std::vector<int64_t>>()}; }
  Tensor tensor(const std::string& name) const { return has(name) ? bundle_.tensor(values_[name]) : Tensor(); }
  std::optional<double> maybe_d(const std::string& name) const {
    return has(name) ? std::optional(d(name, 0)) : std::nullopt;
  }
  std::optional<int64_t> maybe_i(const std::string& name) const {
    return has(name) ? std::optional(i(name)) : std::nullopt;
  }
  /// Those of a module that is an argument.
  Given arguments_of(const std::string& name) const { return {member(member(values_, name), "args"), bundle_}; }

 private:
  const nlohmann::json& values_;
  const Bundle& bundle_;
};

using Inputs = std::vector<Tensor>;

struct Built {
  std::shared_ptr<nn::ModuleBase> module;  ///< null: a function
  std::function<std::vector<Tensor>(const Inputs& inputs, const Given& named)> call;
};

/// A layer that takes one tensor and gives one.
template <class M, class... A>
Built plain(A&&... arguments) {
  auto module = std::make_shared<M>(std::forward<A>(arguments)...);
  return {module, [module](const Inputs& x, const Given& named) {
            return std::vector<Tensor>{(*module)(x.empty() ? named.tensor("input") : x.at(0))};
          }};
}

/// One that takes an input and a target.
template <class M, class Options>
Built loss(const Options& options) {
  auto module = std::make_shared<M>(options);
  return {module, [module](const Inputs& x, const Given&) { return std::vector<Tensor>{(*module)(x.at(0), x.at(1))}; }};
}

using Builder = Built (*)(const Given& arguments);

/// `const Layers activation_layers{{"ReLU", [](const Given& a) { … }}, …};` in a family's file.
struct Layers {
  Layers(std::initializer_list<std::pair<const std::string, Builder>> builders);
};

/// NotYet where nobody has registered it.
Built build(const std::string& layer, const Given& arguments);

}  // namespace tenon::parity
