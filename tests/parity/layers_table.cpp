// docs/layers.md: every class of torch.nn, where it is here, and how many of PyTorch's answers it is held to.
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include <fmt/format.h>

#include "bundle.h"
#include "subcommands.h"

namespace tenon::parity {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// Each class that a header of nn/ declares, and that header.
std::map<std::string, std::string> classes_of(const fs::path& include) {
  static const std::regex declaration(R"((?:^|\n)(?:class|using) (\w+) (?:final )?(?::|=))"),
      declarations(R"(using (\w+)##N##d =)");  // a macro's, of one to three dimensions
  // No class of its own: what a BatchNorm becomes.
  std::map<std::string, std::string> found = {{"SyncBatchNorm", "tenon/distributed/sync_batchnorm.h"}};
  for (const auto& entry : fs::recursive_directory_iterator(include / "tenon" / "nn")) {
    if (entry.path().extension() != ".h") continue;
    const std::string text = text_of(entry.path());
    for (std::sregex_iterator i(text.begin(), text.end(), declaration), end; i != end; ++i)
      found.try_emplace((*i)[1], fs::relative(entry.path(), include).string());
    for (std::sregex_iterator i(text.begin(), text.end(), declarations), end; i != end; ++i)
      for (const char* n : {"1d", "2d", "3d"})
        found.try_emplace((*i)[1].str() + n, fs::relative(entry.path(), include).string());
  }
  return found;
}

/// How many cases there are of each class.
std::map<std::string, std::size_t> cases_of(const fs::path& folder) {
  std::map<std::string, std::size_t> found;
  for (const auto& file : descriptions(folder)) {
    const auto description = nlohmann::json::parse(std::ifstream(file));
    if (description.contains("module"))
      found[description["module"].get<std::string>()] += member(description, "cases").size();
  }
  return found;
}

}  // namespace

void layers_table(const fs::path& project) {
  const auto declared = classes_of(project / "include");
  const fs::path data = project / "tests" / "parity" / "data";
  const auto cases = cases_of(data / "modules");
  const auto torch = nlohmann::ordered_json::parse(std::ifstream(data / "layers.json"));
  std::size_t all = 0, here = 0;
  std::string tables;
  for (const auto& [family, classes] : torch["families"].items()) {
    tables += fmt::format("\n## {}\n\n| class | declared in | cases |\n|---|---|---|\n", family);
    for (const std::string name : classes) {
      const auto at = declared.find(name);
      const auto count = cases.find(name);
      tables += fmt::format("| `{}` | {} | {} |\n", name,
                            at == declared.end() ? "**not yet**" : fmt::format("`{}`", at->second),
                            count == cases.end() ? "" : std::to_string(count->second));
      ++all;
      here += at != declared.end();
    }
  }
  fmt::print(
      "# Layers\n\n"
      "Made by `build/tests/parity layers .`, from the headers and PyTorch {}'s classes: do not edit.\n\n"
      "{} of the {} classes of `torch.nn` are here. **Cases**: so many of PyTorch's answers (outputs, gradients, "
      "buffers, printed text) stand in\n"
      "`tests/parity/data/modules` and are replayed by every run of the tests.\n{}",
      torch["torch"].get<std::string>(), here, all, tables);
}

}  // namespace tenon::parity
