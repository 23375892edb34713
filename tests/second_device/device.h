#pragma once
// A processor that is not there: two devices, cuda:0 and cuda:1, whose kernels compute on the CPU what lies far away.
#include <cstdint>

namespace tenon::test {

/// What the devices have done since the program began.
struct DeviceCounts {
  int64_t blocks, bytes;  ///< of memory that was taken and has not been given back
  int64_t allocations, to_host, from_host;
};
const DeviceCounts& device_counts();

}  // namespace tenon::test
