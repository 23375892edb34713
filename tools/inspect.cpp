// tenon inspect: what is in a file.
#include "inspect.h"

#include <fnmatch.h>

#include <algorithm>

#include "command.h"

namespace tenon::tool {
namespace {

/// Whether a path is asked for: it fits the pattern, or lies below one that does.
bool fits(const std::string& path, const std::string& pattern) {
  if (::fnmatch(pattern.c_str(), path.c_str(), 0) == 0) return true;
  return for_parents(
      path, [&](std::string_view parent) { return ::fnmatch(pattern.c_str(), std::string(parent).c_str(), 0) == 0; });
}

/// Those that are asked for, by their whole paths, as what holds them is left out.
std::vector<Entry> chosen(const std::vector<Entry>& entries, const std::vector<std::string>& patterns) {
  std::vector<Entry> some;
  for (const Entry& entry : entries) {
    const bool wanted = std::any_of(patterns.begin(), patterns.end(),
                                    [&](const std::string& pattern) { return fits(entry.path, pattern); });
    if (!wanted || entry.children > 0) continue;
    some.push_back(entry);
    some.back().key = entry.path;
    some.back().depth = 0;
  }
  if (some.empty()) fail("inspect", "nothing in it has a name that fits {}", fmt::join(patterns, " or "));
  return some;
}

}  // namespace

Command add_inspect(CLI::App& app, const std::string& color) {
  const auto options = std::make_shared<InspectOptions>();
  app.add_option("FILE", options->file, "a checkpoint: .pt, .pth, .safetensors, its index.json, .npy, .npz")
      ->required();
  app.add_option("PATTERN", options->patterns, "only what has such a name: 'encoder.*', '*.bias'");
  app.add_flag("--json", options->json, "for programs: every entry with its path");
  app.add_flag("--stats", options->stats, "of each tensor mean, deviation, extremes, NaNs and a small histogram");
  app.add_flag("--modules", options->modules, "how much each module holds, in place of its tensors");
  app.add_flag("--all", options->all, "every tensor, also of layers that are all alike");
  app.add_flag("--no-name", options->no_name, "without the first line, for 'git diff'");
  return [options, &color] {
    Output out(color);
    const Value top = load_to_look_at(options->file);
    std::vector<Entry> entries = entries_of(top);
    if (!options->patterns.empty()) entries = chosen(entries, options->patterns);
    if (options->json) show_json(*options, top, entries, out);
    else show_table(*options, top, entries, out);
    out.write();
    return 0;
  };
}

}  // namespace tenon::tool
