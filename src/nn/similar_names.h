#pragma once
// Did you mean …?
#include <string>
#include <vector>

namespace tenon::nn {

/// For each name that is not expected the nearest of those that are missing, as lines for a message: `fc1.weigth: did
/// you mean fc1.weight?`. Nothing for names that resemble none.
std::vector<std::string> suggest_names(const std::vector<std::string>& unexpected,
                                       const std::vector<std::string>& missing);

}  // namespace tenon::nn
