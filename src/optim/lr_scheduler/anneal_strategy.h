#pragma once
// How a rate goes from one value to another: along half a cosine, or straight.
#include <string_view>

#include <tenon/error.h>

namespace tenon::optim {

inline void check_anneal_strategy(std::string_view strategy, std::string_view whose) {
  if (strategy != "cos" && strategy != "linear")
    fail(whose, "expected the anneal_strategy 'cos' or 'linear', got '{}'", strategy);
}

}  // namespace tenon::optim
