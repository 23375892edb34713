#pragma once
// State dicts against what PyTorch's held.
#include <string>

#include <tenon/value.h>

#include "report.h"

namespace tenon::parity {

/// Compares a value, as deep as it goes, with a JSON description of PyTorch's: the same keys; numbers and tensors
/// within `tolerance`. Python's integers may be floats here, and tuples lists.
void compare_value(Case& one, const std::string& what, const Value& actual, const nlohmann::json& expected,
                   const Bundle* bundle, const Tolerance& tolerance);

}  // namespace tenon::parity
