#include <tenon/distributed/sync_batchnorm.h>

#include <tenon/distributed/collectives.h>
#include <tenon/error.h>
#include <tenon/nn/layers/batch_norm.h>
#include <tenon/nn/layers/lazy.h>
#include <tenon/ops.h>

namespace tenon::distributed {
namespace {

using nn::functional::GatherStatistics;

template <int N>
void convert(nn::ModuleBase& module, const GatherStatistics& gather) {
  using Norm = nn::BatchNormNd<N>;
  if (auto* const norm = dynamic_cast<Norm*>(&module)) norm->shared.gather_statistics = gather;
  auto* const lazy = dynamic_cast<nn::Lazy<Norm, nn::BatchNormOptions>*>(&module);
  if (!lazy) return;
  if (lazy->has_uninitialized_params())
    fail("convert_sync_batchnorm", "expected a {} that knows its number of channels; call the model once first",
         module.type_name());
  lazy->layer().shared.gather_statistics = gather;
}

}  // namespace

void convert_sync_batchnorm(nn::ModuleBase& module, const Group& group) {
  const auto gather = [group](const Tensor& own) {
    if (!is_initialized() || group.size() == 1) return own.unsqueeze(0);
    return stack(all_gather(own, {.group = group}).result());
  };
  for (nn::ModuleBase& m : module.modules()) {
    convert<1>(m, gather);
    convert<2>(m, gather);
    convert<3>(m, gather);
  }
}

}  // namespace tenon::distributed
