#include <tenon/distributed/metrics.h>

#include <vector>

#include <tenon/distributed/objects.h>
#include <tenon/ops.h>

namespace tenon::distributed::detail {
namespace {

Value sum(const Value& a, const Value& b) {
  if (a.is<Tensor>()) return a.as<Tensor>() + b.as<Tensor>();
  if (a.is<int64_t>()) return a.as<int64_t>() + b.as<int64_t>();
  return a.as<double>() + b.as<double>();
}

}  // namespace

Dict sum_of(const Dict& state, const Group& group) {
  Dict all;
  for (const Value& one : all_gather_object(state, group))
    for (const auto& [key, value] : one.as<Dict>()) {
      Value* const before = all.find(key);
      if (before) *before = sum(*before, value);
      else all.set(key, value);
    }
  return all;
}

}  // namespace tenon::distributed::detail
