// parity rng DIR: what the generator draws for a seed, what is built on it, and the state that it is left in.
#include <fmt/core.h>

#include <tenon/random.h>

#include "draws.h"
#include "subcommands.h"

namespace tenon::parity {
namespace {

// The results of several calls, each against its part of the expected one.
void compare_parts(Case& one, const std::vector<Drawn>& parts, const Tensor& expected) {
  int64_t begin = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int64_t n = parts[i].value.numel();
    if (begin + n > expected.numel()) break;
    one.compare(fmt::format("result {}", i), parts[i].value.flatten().to(expected.dtype()),
                expected.narrow(0, begin, n), parts[i].tolerance);
    begin += n;
  }
  one.check(begin == expected.numel(), fmt::format("{} elements instead of {}", begin, expected.numel()));
}

void replay(Case& one, const std::string& call, const Tensor& expected) {
  if (call.starts_with("DataLoader")) return one.compare("order", data_loader_order(call), expected, exactly);
  std::vector<Drawn> parts;
  for (const Call& each : parse_calls(call)) parts.push_back(draw(each));
  if (parts.size() == 1) one.compare("result", parts[0].value, expected, parts[0].tolerance);
  else compare_parts(one, parts, expected);
}

}  // namespace

void rng(const std::filesystem::path& folder, Report& report) {
  for (const auto& file : descriptions(folder)) {
    const Bundle bundle(file);
    for (const auto& one : member(bundle.description(), "cases")) {
      const auto seed = member(one, "seed").get<uint64_t>();
      const auto call = member(one, "call").get<std::string>();
      report.run(fmt::format("{}/{}", seed, call), [&](Case& result) {
        manual_seed(seed);
        replay(result, call, bundle.tensor(member(one, "result")));
        result.compare("state after", random::get_state(), bundle.tensor(member(one, "state_after")), exactly);
      });
    }
  }
}

}  // namespace tenon::parity
