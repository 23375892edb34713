#include "ops/autocast.h"

#include <unordered_map>

#include <tenon/grad_mode.h>

namespace tenon {
namespace {

thread_local int depth = 0;

/// A weight in Autocast's type.
struct Converted {
  Tensor weight;  ///< held: its address is the key
  Tensor converted;
  uint32_t version;
  bool recorded;
};
thread_local std::unordered_map<const TensorImpl*, Converted> cache;

bool is_eligible(const Tensor& x) { return x.defined() && is_floating_point(x.dtype()) && x.dtype() != float64; }

}  // namespace

Autocast::Autocast(const AutocastOptions& options) : before_(detail::autocast) {
  if (options.dtype != bfloat16 && options.dtype != float16)
    fail("Autocast", "expected bfloat16 or float16, got {}", options.dtype);
  detail::autocast = options;
  ++depth;
}

Autocast::~Autocast() {
  detail::autocast = before_;
  if (--depth == 0) cache.clear();
}

bool is_autocast_enabled() { return autocasts(); }
DType autocast_dtype() { return detail::autocast.dtype; }

Tensor in_float(const Tensor& x) { return is_eligible(x) && x.dtype() != float32 ? x.to(float32) : x; }

Tensor in_autocast_type(const Tensor& x) {
  const DType type = detail::autocast.dtype;
  if (!is_eligible(x) || x.dtype() == type) return x;
  const bool is_weight = x.dtype() == float32 && x.requires_grad() && x.is_leaf();
  if (!is_weight || !detail::autocast.cache_enabled) return x.to(type);
  // One that was converted without recording has no way back to the weight.
  Converted& known = cache[x.impl()];
  if (!known.converted.defined() || known.converted.dtype() != type || known.version != x.version() ||
      known.recorded != is_grad_enabled())
    known = {x, x.to(type), x.version(), is_grad_enabled()};
  return known.converted;
}

}  // namespace tenon
