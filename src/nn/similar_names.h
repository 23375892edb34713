#pragma once
// Did you mean …?
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/internal_api.h"

namespace tenon::nn {

/// How many letters must be added, dropped, changed, or exchanged with their neighbour to make b of a.
TENON_INTERNAL_API std::size_t edit_distance(std::string_view a, std::string_view b);

/// For each name that is not expected the nearest of those that are missing, as lines for a message: `fc1.weigth: did
/// you mean fc1.weight?`. Nothing for names that resemble none.
TENON_INTERNAL_API std::vector<std::string> suggest_names(const std::vector<std::string>& unexpected,
                                                          const std::vector<std::string>& missing);

}  // namespace tenon::nn
