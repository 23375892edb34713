#include "optim/lr_scheduler/momentum.h"

#include <algorithm>
#include <array>

namespace tenon::optim {
namespace {

bool has(ParamGroup& group, std::string_view option) {
  const Fields all = group.fields();
  return std::ranges::any_of(all, [&](const Field& field) { return field.name() == option; });
}

}  // namespace

bool uses_beta1(Optimizer& optimizer, std::string_view whose) {
  if (has(optimizer.group(0), "betas")) return true;
  if (!has(optimizer.group(0), "momentum"))
    fail(whose, "cycle_momentum needs an optimizer with momentum or betas, and {} has neither: .cycle_momentum = false",
         optimizer.name());
  return false;
}

void set_momentum(ParamGroup& group, double momentum) {
  if (has(group, "betas")) group.set_option("betas", std::array{momentum, group.option("betas")[1].as<double>()});
  else group.set_option("momentum", momentum);
}

void begin_momentum(Optimizer& optimizer, const std::vector<double>& base, const std::vector<double>& max) {
  for (std::size_t i = 0; i < optimizer.group_count(); ++i) {
    ParamGroup& group = optimizer.group(i);
    set_momentum(group, max[i]);
    group.extra().set("max_momentum", max[i]);
    group.extra().set("base_momentum", base[i]);
  }
}

}  // namespace tenon::optim
