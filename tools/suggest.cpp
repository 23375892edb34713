#include "suggest.h"

#include "nn/similar_names.h"

namespace tenon::tool {

std::string nearest(std::string_view given, const std::vector<std::string>& names) {
  constexpr std::size_t longest = 64;  // of what is compared at all
  if (given.size() > longest) return "";
  std::string best;
  std::size_t least = given.size() / 3 + 1;  // letters: more is another word
  for (const std::string& name : names)
    if (const std::size_t d = nn::edit_distance(given, name); d <= least && (best.empty() || d < least)) {
      best = name;
      least = d;
    }
  return best;
}

}  // namespace tenon::tool
