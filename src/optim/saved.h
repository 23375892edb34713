#pragma once
// What files of optimizers and schedulers hold.
#include <string_view>

#include <tenon/value.h>

namespace tenon::optim {

/// The value with numbers in place of tensors of one element, also those in lists and tuples: PyTorch's options can be
/// either (lr = torch.tensor(0.25)).
Value with_numbers(const Value& value);

/// What a dict is that should have been another state, for the error: "it is the state dict of a module". Empty where
/// it looks like the right thing. `key`: one that the right thing has.
std::string_view what_else(const Dict& state_dict, std::string_view key);

}  // namespace tenon::optim
