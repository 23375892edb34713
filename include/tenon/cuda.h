#pragma once
// What concerns all CUDA devices of the machine. In a build without CUDA there are none.
#include <vector>

#include <tenon/tensor.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::cuda {

/// How many there are.
int device_count();
inline bool is_available() { return device_count() > 0; }

/// The states of the devices' generators: an empty list without devices. Source: torch.cuda.get_rng_state_all.
std::vector<Tensor> get_rng_state_all();
/// Takes such a list, one state a device; an error where there are not as many.
void set_rng_state_all(const std::vector<Tensor>& states);
inline void set_rng_state_all(const Value& states) { set_rng_state_all(states.as<std::vector<Tensor>>()); }

}  // namespace tenon::cuda

#pragma GCC visibility pop
