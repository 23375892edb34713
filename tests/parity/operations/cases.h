#pragma once
// A case of the generator as the library is asked it.
#include "bundle.h"
#include "operations/arguments.h"

namespace tenon::parity {

/// How each tensor of real numbers is given: in a type, a layout, as a leaf.
using Convert = std::function<Tensor(const Tensor&)>;

Arguments arguments_of(const nlohmann::json& description, const Bundle& bundle, const Convert& convert);

/// Real numbers in another type, as the generator's `converted` makes them.
Tensor converted(const Tensor& x, DType dtype);

}  // namespace tenon::parity
