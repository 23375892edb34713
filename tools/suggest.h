#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tenon::tool {

/// The name that was probably meant; empty where none is near.
std::string nearest(std::string_view given, const std::vector<std::string>& names);

}  // namespace tenon::tool
