// parity schedulers FILE: the learning rates of two groups, epoch by epoch, and the state dict on the way.
#include <map>
#include <memory>
#include <string>
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

/// Each scheduler is an entry, made of a description's arguments.
const std::map<std::string, MadeScheduler (*)(optim::Optimizer&, const json&)> scheduler_makers{
    {"CosineAnnealingLR",
     [](optim::Optimizer& o, const json& a) -> MadeScheduler {
       return std::make_unique<optim::CosineAnnealingLR>(
           o, member(a, "T_max").get<int64_t>(),
           optim::CosineAnnealingOptions{.eta_min = number(member(a, "eta_min"))});
     }},
    {"LinearLR",
     [](optim::Optimizer& o, const json& a) -> MadeScheduler {
       return std::make_unique<optim::LinearLR>(o,
                                                optim::LinearOptions{.start_factor = number(member(a, "start_factor")),
                                                                     .end_factor = number(member(a, "end_factor")),
                                                                     .total_iters = member(a, "total_iters")});
     }},
};

MadeScheduler make(const std::string& name, const json& args, optim::Optimizer& optimizer) {
  const auto found = scheduler_makers.find(name);
  if (found == scheduler_makers.end()) throw NotYet(fmt::format("{} does not exist yet", name));
  return found->second(optimizer, args);
}

optim::SGD two_groups(const json& initial) {
  return optim::SGD(
      {{{zeros({2})}, {.lr = initial.at(0).get<double>()}}, {{zeros({2})}, {.lr = initial.at(1).get<double>()}}},
      {.lr = 0.1, .momentum = 0.9});
}

void replay(Case& result, const json& one, const json& initial) {
  const auto name = member(one, "scheduler").get<std::string>();
  optim::SGD optimizer = two_groups(initial);
  auto scheduler = make(name, member(one, "args"), optimizer);
  const json& expected = member(one, "lr");
  for (std::size_t epoch = 0; epoch < expected.size(); ++epoch) {
    for (std::size_t g = 0; g < optimizer.group_count(); ++g) {
      const std::string what = fmt::format("epoch {}, group {}", epoch, g);
      result.compare(what, optimizer.group(g).lr(), expected[epoch].at(g).get<double>(), rates);
      if (one.contains("momentum"))
        result.compare(what + ": momentum", optimizer.group(g).options.momentum,
                       one["momentum"].at(epoch).at(g).get<double>(), rates);
      result.check(scheduler->get_last_lr()[g] == optimizer.group(g).lr(),
                   what + ": get_last_lr() differs from the group's");
    }
    if (epoch == saved_at) {
      compare_value(result, "state_dict", scheduler->state_dict(), member(one, "state_dict_at_30"), nullptr, rates);
      const Dict saved = scheduler->state_dict(), saved_optimizer = optimizer.state_dict();
      scheduler = make(name, member(one, "args"), optimizer);  // another scheduler must be able to go on
      optimizer.load_state_dict(saved_optimizer);
      scheduler->load_state_dict(saved);
    }
    optimizer.step();
    scheduler->step();
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
