#include "operations/cases.h"

namespace tenon::parity {
namespace {

Argument read(const nlohmann::json& value, const Bundle& bundle, const Convert& convert) {
  Argument a{value};
  if (Bundle::is_reference(value)) {
    const Tensor stored = bundle.tensor(value);
    a.tensor = stored.dtype() == float64 ? convert(stored) : stored;
  } else if (value.is_array()) {
    for (const auto& part : value) a.list.push_back(read(part, bundle, convert));
  }
  return a;
}

}  // namespace

Arguments arguments_of(const nlohmann::json& description, const Bundle& bundle, const Convert& convert) {
  Arguments all;
  for (const auto& value : member(description, "arguments")) all.in_order.push_back(read(value, bundle, convert));
  for (const auto& [key, value] : member(description, "named").items())
    all.named.emplace(key, read(value, bundle, convert));
  return all;
}

Tensor converted(const Tensor& x, DType dtype) {
  if (dtype == boolean) return x > 0;
  if (dtype == uint8) return (x * 4).abs().to(uint8);
  return is_floating_point(dtype) ? x.to(dtype) : (x * 4).to(dtype);
}

}  // namespace tenon::parity
