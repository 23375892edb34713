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

}  // namespace tenon::nn
