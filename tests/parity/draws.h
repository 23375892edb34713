#pragma once
// What the library draws for a call of rng.json.
#include <vector>

#include "call.h"
#include "report.h"

namespace tenon::parity {

struct Drawn {
  Tensor value;
  Tolerance tolerance;
};

/// Makes one call with the default generator. NotYet for what this program does not know.
Drawn draw(const Call& call);

/// The order in which a DataLoader visits its items, as `text` describes the passes.
Tensor data_loader_order(std::string_view text);

}  // namespace tenon::parity
