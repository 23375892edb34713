#pragma once
// PyTorch's seeds.
#include <cstdint>
#include <limits>

namespace tenon::data {

/// What PyTorch's `torch.empty((), dtype=torch.int64).random_()` draws.
int64_t random_int64(auto& from) { return static_cast<int64_t>(from.next64() & std::numeric_limits<int64_t>::max()); }

}  // namespace tenon::data
