// Kinds that nothing replays yet: their cases are named, so that nobody takes them for passed.
#include <fmt/core.h>

#include "subcommands.h"

namespace tenon::parity {
namespace {

// The descriptions call their lists, and what names a case, differently.
constexpr const char* lists[] = {"cases", "programs", "good", "refuse"};
constexpr const char* names[] = {"id", "call", "program", "file", "scheduler"};

void skip_all(const std::filesystem::path& file, Report& report) {
  const auto description = read_json(file);
  bool any = false;
  for (const char* list : lists) {
    if (!description.contains(list)) continue;
    any = true;
    for (std::size_t i = 0; i < description[list].size(); ++i) {
      const auto& one = description[list][i];
      std::string name = fmt::format("{}/{}", file.stem().string(), i);
      for (const char* key : names)
        if (one.contains(key)) name = fmt::format("{} ({})", one[key].get<std::string>(), i);
      report.skip(name, "does not exist yet");
    }
  }
  if (!any) throw BadInput(fmt::format("{}: no list of cases in it", file.string()));
}

}  // namespace

void not_yet(const std::filesystem::path& path, Report& report) {
  if (!std::filesystem::is_directory(path)) return skip_all(path, report);
  for (const auto& file : descriptions(path)) skip_all(file, report);
}

}  // namespace tenon::parity
