#include "nn/extra_repr.h"

namespace tenon::nn {

std::string extra_repr_of(std::initializer_list<ReprPart> parts) {
  std::string text;
  for (const ReprPart& part : parts) {
    if (!part.shows) continue;
    if (!text.empty()) text += ", ";
    if (!part.name.empty()) (text += part.name) += '=';
    text += part.value.is<Shape>() ? part.value.as<Shape>().to_string() : part.value.to_string();
  }
  return text;
}

Value value_of(const Scalar& number) {
  if (number.kind() == DType::boolean) return number.to<bool>();
  if (number.kind() == DType::int64) return number.to<int64_t>();
  return number.to_double();
}

}  // namespace tenon::nn
