// parity schedulers FILE: the learning rates of two groups, epoch by epoch, and the state dict on the way.
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <fmt/core.h>

#include <tenon/ops.h>
#include <tenon/optim.h>

#include "subcommands.h"
#include "values.h"

namespace tenon::parity {
namespace {

using nlohmann::json;

// The arithmetic is PyTorch's; only the last digit of a cosine may differ between C libraries.
constexpr Tolerance rates{.relative = 1e-12};
constexpr std::size_t saved_at = 30;

using MadeScheduler = std::unique_ptr<optim::LRScheduler>;
using optim::Optimizer;

template <class T>
void take(const json& args, const char* name, T& option) {
  if (!args.contains(name)) return;
  if constexpr (std::is_same_v<T, optim::PerGroup<double>>) {
    if (args[name].is_array()) option = args[name].get<std::vector<double>>();
    else option = number(args[name]);
  } else if constexpr (std::is_same_v<T, std::optional<int64_t>>) {
    option = args[name].get<int64_t>();
  } else {
    option = args[name].get<T>();
  }
}
optim::PerGroup<double> per_group(const json& args, const char* name) {
  optim::PerGroup<double> all = 0.0;
  take(args, name, all);
  return all;
}

/// Each scheduler is an entry, made of a description's arguments; those with functions in them know these.
const std::map<std::string, MadeScheduler (*)(Optimizer&, const json&)> scheduler_makers{
    {"StepLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       optim::StepOptions options;
       take(a, "gamma", options.gamma);
       return std::make_unique<optim::StepLR>(o, member(a, "step_size").get<int64_t>(), options);
     }},
    {"MultiStepLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       optim::MultiStepOptions options;
       take(a, "gamma", options.gamma);
       return std::make_unique<optim::MultiStepLR>(o, member(a, "milestones").get<std::vector<int64_t>>(), options);
     }},
    {"ConstantLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       optim::ConstantOptions options;
       take(a, "factor", options.factor);
       take(a, "total_iters", options.total_iters);
       return std::make_unique<optim::ConstantLR>(o, options);
     }},
    {"LinearLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       optim::LinearOptions options;
       take(a, "start_factor", options.start_factor);
       take(a, "end_factor", options.end_factor);
       take(a, "total_iters", options.total_iters);
       return std::make_unique<optim::LinearLR>(o, options);
     }},
    {"ExponentialLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       return std::make_unique<optim::ExponentialLR>(o, number(member(a, "gamma")));
     }},
    {"PolynomialLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       optim::PolynomialOptions options;
       take(a, "total_iters", options.total_iters);
       take(a, "power", options.power);
       return std::make_unique<optim::PolynomialLR>(o, options);
     }},
    {"CosineAnnealingLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       optim::CosineAnnealingOptions options;
       take(a, "eta_min", options.eta_min);
       return std::make_unique<optim::CosineAnnealingLR>(o, member(a, "T_max").get<int64_t>(), options);
     }},
    {"CosineAnnealingWarmRestarts",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       optim::WarmRestartsOptions options;
       take(a, "T_mult", options.T_mult);
       take(a, "eta_min", options.eta_min);
       return std::make_unique<optim::CosineAnnealingWarmRestarts>(o, member(a, "T_0").get<int64_t>(), options);
     }},
    {"CyclicLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       optim::CyclicOptions options;
       take(a, "step_size_up", options.step_size_up);
       take(a, "step_size_down", options.step_size_down);
       take(a, "mode", options.mode);
       take(a, "gamma", options.gamma);
       take(a, "cycle_momentum", options.cycle_momentum);
       take(a, "base_momentum", options.base_momentum);
       take(a, "max_momentum", options.max_momentum);
       return std::make_unique<optim::CyclicLR>(o, per_group(a, "base_lr"), per_group(a, "max_lr"), options);
     }},
    {"OneCycleLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       optim::OneCycleOptions options;
       take(a, "total_steps", options.total_steps);
       take(a, "pct_start", options.pct_start);
       take(a, "anneal_strategy", options.anneal_strategy);
       take(a, "three_phase", options.three_phase);
       take(a, "cycle_momentum", options.cycle_momentum);
       take(a, "div_factor", options.div_factor);
       take(a, "final_div_factor", options.final_div_factor);
       return std::make_unique<optim::OneCycleLR>(o, per_group(a, "max_lr"), options);
     }},
    {"ReduceLROnPlateau",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       optim::ReduceLROnPlateauOptions options;
       take(a, "mode", options.mode);
       take(a, "factor", options.factor);
       take(a, "patience", options.patience);
       take(a, "threshold", options.threshold);
       take(a, "threshold_mode", options.threshold_mode);
       take(a, "cooldown", options.cooldown);
       take(a, "min_lr", options.min_lr);
       return std::make_unique<optim::ReduceLROnPlateau>(o, options);
     }},
    {"LambdaLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       if (member(a, "lr_lambda") != json{"0.95**e", "1/(1+e)"}) throw NotYet("other functions");
       return std::make_unique<optim::LambdaLR>(
           o, std::vector<optim::LRLambda>{[](int64_t e) { return std::pow(0.95, e); },
                                           [](int64_t e) { return 1 / (1 + static_cast<double>(e)); }});
     }},
    {"MultiplicativeLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       if (member(a, "lr_lambda") != "0.9 if e odd else 1.05") throw NotYet("another function");
       return std::make_unique<optim::MultiplicativeLR>(o, [](int64_t e) { return e % 2 == 1 ? 0.9 : 1.05; });
     }},
    {"SequentialLR",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       if (member(a, "of") != "LinearLR(0.1,1.0,10), CosineAnnealingLR(50)") throw NotYet("other schedulers");
       auto warmup = std::make_unique<optim::LinearLR>(
           o, optim::LinearOptions{.start_factor = 0.1, .end_factor = 1, .total_iters = 10});
       auto cosine = std::make_unique<optim::CosineAnnealingLR>(o, 50);
       return std::make_unique<optim::SequentialLR>(o,
                                                    std::vector<optim::SteppedLR>{std::move(warmup), std::move(cosine)},
                                                    member(a, "milestones").get<std::vector<int64_t>>());
     }},
    {"ChainedScheduler",
     [](Optimizer& o, const json& a) -> MadeScheduler {
       if (member(a, "of") != "ConstantLR(0.1,5), ExponentialLR(0.9)") throw NotYet("other schedulers");
       auto constant = std::make_unique<optim::ConstantLR>(o, optim::ConstantOptions{.factor = 0.1, .total_iters = 5});
       auto decay = std::make_unique<optim::ExponentialLR>(o, 0.9);
       return std::make_unique<optim::ChainedScheduler>(
           std::vector<optim::SteppedLR>{std::move(constant), std::move(decay)});
     }},
};

MadeScheduler make(const std::string& name, const json& args, Optimizer& optimizer) {
  const auto found = scheduler_makers.find(name);
  if (found == scheduler_makers.end()) throw NotYet(fmt::format("{} does not exist yet", name));
  return found->second(optimizer, args);
}

optim::SGD two_groups(const json& initial) {
  return optim::SGD(
      {{{zeros({2})}, {.lr = initial.at(0).get<double>()}}, {{zeros({2})}, {.lr = initial.at(1).get<double>()}}},
      {.lr = 0.1, .momentum = 0.9});
}

void compare_rates(Case& result, const std::string& what, const optim::SGD& optimizer,
                   const optim::LRScheduler& scheduler, const json& expected) {
  for (std::size_t g = 0; g < optimizer.group_count(); ++g) {
    const std::string which = fmt::format("{}, group {}", what, g);
    result.compare(which, optimizer.group(g).lr(), expected.at(g).get<double>(), rates);
    result.check(scheduler.get_last_lr()[g] == optimizer.group(g).lr(),
                 which + ": get_last_lr() differs from the group's");
  }
}

/// The state dict without what the description leaves out: everything but plain values.
Dict plain(Dict d) {
  d.erase("milestones");
  return d;
}

/// By epochs, or by a metric for each: then rates are those after the step.
void replay(Case& result, const json& one, const json& initial) {
  const auto name = member(one, "scheduler").get<std::string>();
  optim::SGD optimizer = two_groups(initial);
  auto scheduler = make(name, member(one, "args"), optimizer);
  auto* const by_metric = dynamic_cast<optim::ReduceLROnPlateau*>(scheduler.get());
  const json& expected = member(one, "lr");
  for (std::size_t epoch = 0; epoch < expected.size(); ++epoch) {
    const std::string what = fmt::format("epoch {}", epoch);
    if (!by_metric) compare_rates(result, what, optimizer, *scheduler, expected[epoch]);
    for (std::size_t g = 0; g < optimizer.group_count() && one.contains("momentum"); ++g)
      result.compare(fmt::format("{}, group {}: momentum", what, g), optimizer.group(g).options.momentum,
                     one["momentum"].at(epoch).at(g).get<double>(), rates);
    if (epoch == saved_at) {
      if (one.contains("state_dict_at_30"))
        compare_value(result, "state_dict", plain(scheduler->state_dict()), one["state_dict_at_30"], nullptr, rates);
      const Dict saved = scheduler->state_dict(), saved_optimizer = optimizer.state_dict();
      scheduler = make(name, member(one, "args"), optimizer);  // another scheduler must be able to go on
      optimizer.load_state_dict(saved_optimizer);
      scheduler->load_state_dict(saved);
    }
    optimizer.step();
    if (!by_metric) {
      scheduler->step();
      continue;
    }
    static_cast<optim::ReduceLROnPlateau&>(*scheduler).step(member(one, "metrics").at(epoch).get<double>());
    compare_rates(result, what, optimizer, *scheduler, expected[epoch]);
  }
}

}  // namespace

void schedulers(const std::filesystem::path& file, Report& report) {
  const json description = read_json(file);
  const json& initial = member(description, "groups_initial_lr");
  const json& cases = member(description, "cases");
  for (std::size_t i = 0; i < cases.size(); ++i)
    report.run(fmt::format("{} ({})", member(cases[i], "scheduler").get<std::string>(), i),
               [&](Case& result) { replay(result, cases[i], initial); });
}

}  // namespace tenon::parity
