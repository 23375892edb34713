#pragma once
// The arguments of one call as PyTorch was given them, and the operations that take them, by PyTorch's names.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <tenon/ops.h>

namespace tenon::parity {

/// A tensor, a list, or what JSON holds by itself: a number, a bool, a text, null.
struct Argument {
  nlohmann::json plain;
  std::optional<Tensor> tensor = {};
  std::vector<Argument> list = {};
};

/// Each getter takes an argument's place and its name; PyTorch's default where the call gave neither.
class Arguments {
 public:
  std::vector<Argument> in_order;
  std::map<std::string, Argument> named;

  const Tensor& x(std::size_t place = 0) const;
  /// A copy of the first tensor, to be changed in place.
  Tensor copy() const { return x().clone(); }
  Tensor tensor(const std::string& name) const;  ///< of a name; undefined where not given
  bool is_tensor(std::size_t place) const { return place < in_order.size() && in_order[place].tensor; }
  std::vector<Tensor> tensors(std::size_t place) const;  ///< a list, or all tensors from there on
  std::vector<Index> indices(std::size_t place) const;

  int64_t i(std::size_t place, const std::string& name, int64_t otherwise) const {
    return maybe_i(place, name).value_or(otherwise);
  }
  double d(std::size_t place, const std::string& name, double otherwise) const {
    return maybe_d(place, name).value_or(otherwise);
  }
  bool flag(std::size_t place, const std::string& name, bool otherwise = false) const;
  std::string text(std::size_t place, const std::string& name, const std::string& otherwise = "") const;
  Shape dims(std::size_t place, const std::string& name, const Shape& otherwise = {}) const;
  Scalar scalar(std::size_t place, const std::string& name, const Scalar& otherwise = 0) const {
    return maybe_scalar(place, name).value_or(otherwise);
  }
  std::optional<int64_t> maybe_i(std::size_t place, const std::string& name) const;
  std::optional<double> maybe_d(std::size_t place, const std::string& name) const;
  std::optional<Scalar> maybe_scalar(std::size_t place, const std::string& name) const;
  std::optional<DType> dtype() const;

  bool has(std::size_t place, const std::string& name) const { return find(place, name) != nullptr; }
  const Argument* find(std::size_t place, const std::string& name) const;  ///< null where not given, or None
};

using Operation = std::function<std::vector<Tensor>(const Arguments&)>;
using Operations = std::map<std::string, Operation, std::less<>>;

/// How an operation is named: one that gives a tensor, one that gives several, one that changes its first.
template <class F>
void one(Operations& to, const std::string& name, F f) {
  to[name] = [f](const Arguments& a) { return std::vector<Tensor>{f(a)}; };
}
template <class F>
void several(Operations& to, const std::string& name, F f) {
  to[name] = [f](const Arguments& a) -> std::vector<Tensor> { return f(a); };
}
template <class F>
void changed(Operations& to, const std::string& name, F f) {
  to[name] = [f](const Arguments& a) {
    const Tensor x = a.copy();
    f(x, a);
    return std::vector{x};
  };
}

/// All that the library has, by the names of the generator's cases.
const Operations& operations_by_name();

// One family each.
void add_elementwise(Operations& to);
void add_elementwise_in_place(Operations& to);
void add_shape(Operations& to);
void add_index(Operations& to);
void add_reduce(Operations& to);
void add_linalg(Operations& to);
void add_special(Operations& to);

}  // namespace tenon::parity
