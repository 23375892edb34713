// parity KIND PATH: replays PyTorch's own answers and says where Tenon's differ.
#include <cstdio>
#include <exception>
#include <string_view>

#include <fmt/core.h>

#include "subcommands.h"

namespace {

using namespace tenon::parity;

struct Subcommand {
  std::string_view name, takes;
  void (*run)(const std::filesystem::path&, Report&);
};

constexpr Subcommand subcommands[] = {
    {"modules", "DIR", modules},          //
    {"operations", "DIR", operations},    //
    {"optimizers", "DIR", optimizers},    //
    {"schedulers", "FILE", schedulers},   //
    {"rng", "DIR", rng},                  //
    {"checkpoints", "DIR", checkpoints},  //
    {"resume", "DIR", resume},            //
    {"training", "FILE", training},       //
    {"real", "DIR", real},                //
};

void require_path(const Subcommand& subcommand, const std::filesystem::path& path) {
  const bool folder = subcommand.takes == "DIR";
  if (!std::filesystem::exists(path)) throw BadInput(fmt::format("{}: there is no such file or folder", path.string()));
  if (std::filesystem::is_directory(path) != folder)
    throw BadInput(fmt::format("{}: {} takes a {}", path.string(), subcommand.name, folder ? "folder" : "file"));
}

int usage() {
  fmt::print(stderr, "usage: parity KIND PATH, where KIND PATH is one of\n");
  for (const auto& s : subcommands) fmt::print(stderr, "  {} {}\n", s.name, s.takes);
  fmt::print(stderr, "  table DIR     prints docs/operations.md\n");
  fmt::print(stderr, "  layers DIR    prints docs/layers.md for the project in that folder\n");
  fmt::print(stderr, "  written DIR, again FILE FILE   for with_pytorch.py\n");
  fmt::print(stderr, "training and resume also take --data DIR, the folder of Fashion-MNIST's files;\n");
  fmt::print(stderr, "real takes it as a folder of more weights\n");
  fmt::print(stderr, "--may-skip TEXT, as often as wanted: cases with TEXT in their names may be skipped\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view kind = argc > 1 ? argv[1] : "";
  const bool is_again = argc == 4 && kind == "again";
  std::vector<std::string> may_skip;
  if (argc < 3) return usage();
  for (int i = 3; i < argc && !is_again; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc) return usage();
    if (option == "--data") training_data = argv[i + 1];
    else if (option == "--may-skip") may_skip.emplace_back(argv[i + 1]);
    else return usage();
  }
  try {
    if (is_again) return again(argv[2], argv[3]), 0;
    if (kind == "written") return written(argv[2]), 0;
    if (kind == "table") return operations_table(argv[2]), 0;
    if (kind == "layers") return layers_table(argv[2]), 0;
    for (const auto& subcommand : subcommands) {
      if (subcommand.name != kind) continue;
      Report report(may_skip);
      require_path(subcommand, argv[2]);
      subcommand.run(argv[2], report);
      return report.finish();
    }
  } catch (const std::exception& e) {
    fmt::print(stderr, "parity: {}\n", e.what());
    return 2;
  }
  return usage();
}
