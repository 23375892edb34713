// What lies on one floor of the house includes nothing from a floor above.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests_folder.h"

namespace floors_test {
namespace {

namespace fs = std::filesystem;
const fs::path project = fs::path(tenon::test::tests_folder()).parent_path();

// From the ground up. `tape` records operations, which use it; `autograd` runs backward, by operations.
constexpr std::string_view floors[] = {"base",  "tensor", "backend",  "tape",     "ops",
                                       "value", "random", "autograd", "nn",       "optim",
                                       "io",    "data",   "metrics",  "training", "distributed"};

/// Where a file lies: "src/ops/cat.cpp" or "include/tenon/ops.h" on "ops"; tenon.h, which includes all, on none.
std::string floor_of(std::string file) {
  static const std::vector<std::pair<std::string_view, std::vector<std::string_view>>> others{
      {"base", {"version.h", "error.h", "small_vector.h", "format.h", "ref.h", "hook.h"}},
      {"tensor",
       {"tensor", "accessor.h", "creation.h", "default_device.h", "device.h", "dlpack.h", "dtype", "grad_mode.h",
        "index.h", "int_list.h", "print.h", "row_iterator.h", "scalar.h", "shape.h", "slice.h", "methods/"}},
      {"backend", {"random/stream."}},
      {"tape", {"parameter.h"}},
      {"ops", {"autocast."}},
      {"autograd", {"autograd.h", "derivatives.h", "function.h", "gradcheck.h", "graph.h"}},
      {"random", {"cuda.h"}}};
  file = std::regex_replace(file, std::regex("^(src|include/tenon)/"), "");
  if (file == "tenon.h") return "";
  for (const auto& [floor, beginnings] : others)
    for (const std::string_view b : beginnings)
      if (file.starts_with(b)) return std::string(floor);
  return file.substr(0, file.find_first_of("/."));
}

/// The file of the project that an #include names; empty: it is none of the project's.
std::string included(const std::string& name, bool quoted) {
  const std::string file = (quoted ? "src/" : "include/") + name;
  return fs::exists(project / file) ? file : "";
}

std::set<std::string> upward() {
  std::set<std::string> found;
  const std::regex include("^#include ([<\"])([^>\"]+)[>\"]");
  for (const char* root : {"src", "include"})
    for (const auto& entry : fs::recursive_directory_iterator(project / root)) {
      if (!entry.is_regular_file()) continue;
      const std::string file = fs::relative(entry.path(), project).generic_string(), from = floor_of(file);
      const auto height = [](const std::string& floor) {
        return std::ranges::find(floors, floor) - std::begin(floors);
      };
      if (from.empty()) continue;
      EXPECT_NE(height(from), std::ssize(floors)) << file << " lies on no floor";
      std::ifstream lines(entry.path());
      std::smatch m;
      for (std::string line; std::getline(lines, line);)
        if (std::regex_search(line, m, include))
          if (const std::string to = included(m[2], m[1] == "\""); !to.empty() && height(floor_of(to)) > height(from))
            found.insert(file + " -> " + to);
    }
  return found;
}

TEST(Floors, NothingIncludesWhatLiesAbove) {
  for (const std::string& one : upward()) ADD_FAILURE() << one;
}

}  // namespace
}  // namespace floors_test
