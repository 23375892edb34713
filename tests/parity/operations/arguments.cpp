#include "operations/arguments.h"

#include "bundle.h"

namespace tenon::parity {

const Argument* Arguments::find(std::size_t place, const std::string& name) const {
  const Argument* found = place < in_order.size() ? &in_order[place] : nullptr;
  if (const auto at = named.find(name); !found && at != named.end()) found = &at->second;
  return found && !found->tensor && found->list.empty() && found->plain.is_null() ? nullptr : found;
}

const Tensor& Arguments::x(std::size_t place) const {
  if (!is_tensor(place)) throw BadInput("expected a tensor as argument " + std::to_string(place));
  return *in_order[place].tensor;
}

Tensor Arguments::tensor(const std::string& name) const {
  const auto at = named.find(name);
  return at == named.end() ? Tensor() : at->second.tensor.value();
}

std::vector<Tensor> Arguments::tensors(std::size_t place) const {
  const std::vector<Argument>& from =
      place < in_order.size() && !in_order[place].list.empty() ? in_order[place].list : in_order;
  std::vector<Tensor> all;
  for (std::size_t k = &from == &in_order ? place : 0; k < from.size(); ++k)
    if (from[k].tensor) all.push_back(*from[k].tensor);
  return all;
}

std::vector<Index> Arguments::indices(std::size_t place) const {
  std::vector<Index> all;
  for (const Tensor& t : tensors(place)) all.emplace_back(t);
  return all;
}

bool Arguments::flag(std::size_t place, const std::string& name, bool otherwise) const {
  const Argument* a = find(place, name);
  return a ? a->plain.get<bool>() : otherwise;
}

std::string Arguments::text(std::size_t place, const std::string& name, const std::string& otherwise) const {
  const Argument* a = find(place, name);
  return a ? a->plain.get<std::string>() : otherwise;
}

Shape Arguments::dims(std::size_t place, const std::string& name, const Shape& otherwise) const {
  const Argument* a = find(place, name);
  if (!a) return otherwise;
  if (a->plain.is_number()) return {a->plain.get<int64_t>()};
  return {a->plain.get<std::vector<int64_t>>()};
}

std::optional<int64_t> Arguments::maybe_i(std::size_t place, const std::string& name) const {
  const Argument* a = find(place, name);
  return a ? std::optional(a->plain.get<int64_t>()) : std::nullopt;
}

std::optional<double> Arguments::maybe_d(std::size_t place, const std::string& name) const {
  const Argument* a = find(place, name);
  return a ? std::optional(number(a->plain)) : std::nullopt;
}

std::optional<Scalar> Arguments::maybe_scalar(std::size_t place, const std::string& name) const {
  const Argument* a = find(place, name);
  if (!a) return std::nullopt;
  if (a->plain.is_boolean()) return Scalar(a->plain.get<bool>());
  if (a->plain.is_number_integer()) return Scalar(a->plain.get<int64_t>());
  return Scalar(number(a->plain));
}

std::optional<DType> Arguments::dtype() const {
  const auto at = named.find("dtype");
  if (at == named.end()) return std::nullopt;
  const auto wanted = at->second.plain.at("dtype").get<std::string>();
  for (const DType t : {boolean, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64})
    if (name(t) == wanted) return t;
  throw BadInput("there is no data type " + wanted);
}

const Operations& operations_by_name() {
  static const Operations all = [] {
    Operations operations;
    add_elementwise(operations);
    add_elementwise_in_place(operations);
    add_shape(operations);
    add_index(operations);
    add_reduce(operations);
    add_linalg(operations);
    add_special(operations);
    return operations;
  }();
  return all;
}

}  // namespace tenon::parity
