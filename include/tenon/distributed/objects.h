#pragma once
// Whole values between processes: what a checkpoint may hold. Source: torch.distributed.all_gather_object and its kin.
#include <cstdint>
#include <vector>

#include <tenon/distributed/world.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::distributed {

/// Everybody's value, in the order of ranks. Source: torch.distributed.all_gather_object.
std::vector<Value> all_gather_object(const Value& value, const Group& group = {});
/// As all_gather_object, at process `destination` alone: the others get nothing. Source:
/// torch.distributed.gather_object.
std::vector<Value> gather_object(const Value& value, int64_t destination = 0, const Group& group = {});
/// The value that process `source` gives; what the others give is not looked at. Source:
/// torch.distributed.broadcast_object_list.
Value broadcast_object(const Value& value, int64_t source = 0, const Group& group = {});

}  // namespace tenon::distributed

#pragma GCC visibility pop
