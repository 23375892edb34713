#pragma once
// What a layer's extra_repr() returns, in PyTorch's form: "16, 32, kernel_size=(3, 3), bias=False".
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <tenon/value.h>

#include "base/internal_api.h"

namespace tenon::nn {

/// A part of it: `{"eps", eps}` is "eps=1e-05", `{784}` is "784", and `{"dilation", dilation, 1}` is left out where
/// dilation is 1.
struct ReprPart {
  ReprPart(Value shown) : value(std::move(shown)) {}
  ReprPart(std::string_view name_, Value shown) : name(name_), value(std::move(shown)) {}
  ReprPart(std::string_view name_, Value shown, const Value& left_out)
      : name(name_), value(std::move(shown)), shows(!value.equals(left_out)) {}

  std::string_view name;
  Value value;
  bool shows = true;
};

/// A number as Python prints it: 2, or 2.5.
Value value_of(const Scalar& number);

/// The parts as Python prints them, a Shape as a tuple.
TENON_INTERNAL_API std::string extra_repr_of(std::initializer_list<ReprPart> parts);

}  // namespace tenon::nn
