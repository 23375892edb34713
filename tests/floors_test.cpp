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

namespace {

namespace fs = std::filesystem;
const fs::path project = fs::path(TENON_TESTS_DIR).parent_path();

// From the ground up. `tape` is the part of autograd that records, which operations stand on.
constexpr std::string_view floors[] = {"base",   "tensor", "backend", "tape",  "ops", "autograd",
                                       "random", "value",  "nn",      "optim", "io",  "data"};

/// Where a file lies: "src/ops/cat.cpp" or "include/tenon/ops.h" on "ops"; tenon.h, which includes all, on none.
std::string floor_of(std::string file) {
  static const std::vector<std::pair<std::string_view, std::vector<std::string_view>>> others{
      {"base",
       {"version.h", "version.cpp", "error.h", "small_vector.h", "format.h", "ref.h", "tensor/error.cpp",
        "tensor/fork."}},
      {"tensor",
       {"tensor", "accessor.h", "creation.h", "default_device.h", "device.h", "dlpack.h", "dtype", "index.h", "print.h",
        "row_iterator.h", "scalar.h", "shape.h", "slice.h", "methods/"}},
      {"tape",
       {"hook.h", "autograd.h", "autograd/node.", "autograd/view.", "autograd/leaf.", "autograd/hook",
        "autograd/mode."}},
      {"autograd", {"derivatives.h", "function.h", "gradcheck.h", "graph.h"}},
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

// What is still to be taken apart. Nothing is added here; what is mended is taken out.
const std::set<std::string> known{
    "include/tenon/cuda.h -> include/tenon/value.h",
    "include/tenon/function.h -> include/tenon/nn/tensors_in.h",
    "include/tenon/nn/utils.h -> include/tenon/optim/optimizer.h",
    "include/tenon/tensor.h -> include/tenon/hook.h",
    "include/tenon/value.h -> include/tenon/nn/parameter.h",
    "src/autograd/gradcheck.cpp -> include/tenon/random.h",
    "src/autograd/hooks.cpp -> include/tenon/ops.h",
    "src/autograd/node.cpp -> include/tenon/ops.h",
    "src/autograd/node.cpp -> src/autograd/owned.h",
    "src/autograd/view.cpp -> include/tenon/ops.h",
    "src/autograd/view.cpp -> src/ops/window.h",
    "src/backend/cpu/normalization.cpp -> include/tenon/autograd.h",
    "src/backend/cpu/softmax.cpp -> include/tenon/autograd.h",
    "src/backend/no_cuda/backend.cpp -> include/tenon/cuda.h",
    "src/ops/window.cpp -> src/autograd/owned.h",
    "src/random/state.cpp -> include/tenon/value.h",
    "src/tensor/creation.cpp -> include/tenon/ops.h",
    "src/tensor/creation.cpp -> src/backend/memory.h",
    "src/tensor/device.cpp -> src/backend/kernels.h",
    "src/tensor/new_tensor.cpp -> include/tenon/autograd.h",
    "src/tensor/new_tensor.cpp -> src/autograd/leaf.h",
    "src/tensor/new_tensor.cpp -> src/backend/memory.h",
    "src/tensor/print.cpp -> include/tenon/autograd.h",
    "src/tensor/print.cpp -> include/tenon/graph.h",
    "src/tensor/print.cpp -> include/tenon/ops.h",
    "src/tensor/print.cpp -> src/autograd/node.h",
    "src/tensor/tensor.cpp -> include/tenon/autograd.h",
    "src/tensor/tensor.cpp -> include/tenon/ops.h",
    "src/tensor/tensor.cpp -> src/autograd/leaf.h",
};

TEST(Floors, NothingIncludesWhatLiesAbove) {
  const std::set<std::string> found = upward();
  for (const std::string& one : found) EXPECT_TRUE(known.contains(one)) << one;
  for (const std::string& one : known) EXPECT_TRUE(found.contains(one)) << one << " is mended: take it out of the list";
}

}  // namespace
