#pragma once
// Whether the system lets threads be started.
#include "base/internal_api.h"

namespace tenon::backend::cpu {

/// How many threads, up to `wanted`, can be started now beside those that there are: tried out, as neither a user's nor
/// a container's limit can be asked for what is left of it. They are gone again when this returns.
TENON_INTERNAL_API int threads_that_start(int wanted);

}  // namespace tenon::backend::cpu
