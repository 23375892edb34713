#pragma once
// What the programs' command lines have in common.
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <tenon/data/fashion_mnist.h>
#include <tenon/device.h>
#include <tenon/random.h>

namespace support {

/// CLI11's own validators print the largest double, with its 300 digits, where a number is too small.
inline CLI::Validator from(int64_t least) {
  return CLI::Validator(
      [least](const std::string& text) {
        double number = 0;
        return CLI::detail::lexical_cast(text, number) && number >= static_cast<double>(least)
                   ? std::string()
                   : fmt::format("expected a number from {} on, got {}", least, text);
      },
      fmt::format("from {} on", least));
}

/// A checkpoint that cannot be written is found out before an epoch has been spent on it.
inline void check_place(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (!std::filesystem::is_directory(folder))
    throw std::runtime_error(fmt::format("--save {}: there is no folder {}", file.string(), folder.string()));
  if (std::filesystem::is_directory(file))
    throw std::runtime_error(fmt::format("--save {}: is a folder", file.string()));
  if (::access(folder.c_str(), W_OK) != 0 || (std::filesystem::exists(file) && ::access(file.c_str(), W_OK) != 0))
    throw std::runtime_error(fmt::format("--save {}: {}", file.string(), std::strerror(errno)));
}

/// What every program that trains is asked.
struct Settings {
  int64_t epochs = 3, batch = 64;
  double lr = 1e-3;
  uint64_t seed = 0;
  int threads = tenon::num_threads();
  std::string save, chart;
};

inline void add_settings(CLI::App& app, Settings& s) {
  app.option_defaults()->always_capture_default();
  app.add_option("--epochs", s.epochs, "How often all that there is to learn from is gone through")->check(from(1));
  app.add_option("--batch", s.batch, "Items a step")->check(from(1));
  app.add_option("--lr", s.lr, "Learning rate")->check(from(0));
  app.add_option("--seed", s.seed, "The same seed gives the same weights, batches and losses");
  app.add_option("--threads", s.threads, "Threads; the results do not depend on it")->check(from(1));
  app.add_option("--save", s.save, "Write the trained weights here at the end, which torch.load reads, too");
  app.add_option("--chart", s.chart, "Draw the losses here, as SVG");
}

/// What every program is asked that learns from Fashion-MNIST.
struct ImageSettings : Settings {
  std::string data = tenon::data::fashion_mnist_folder;
};

inline void add_data(CLI::App& app, std::string& folder) {
  app.add_option("--data", folder, "Folder with the four .gz files (apt-get install dataset-fashion-mnist)");
}
inline void add_mistakes(CLI::App& app, std::string& file) {
  app.add_option("--mistakes", file,
                 "Draw what it mistakes here, as PNG: rows are what the clothes are, columns what it takes them for");
}
inline void add_settings(CLI::App& app, ImageSettings& s) {
  add_settings(app, static_cast<Settings&>(s));
  add_data(app, s.data);
}

/// Before anything is made: what the settings say of the whole program.
inline void begin(const Settings& s) {
  tenon::set_num_threads(s.threads);
  tenon::manual_seed(s.seed);
  if (!s.save.empty()) check_place(s.save);
}

/// Reads the command line and runs the program; gives its exit code: what the program returns, if it returns one, 0
/// done, 1 failed (why is on stderr), 2 wrong usage.
template <class F>
int run(CLI::App& app, int argc, char** argv, const char* name, F program) {
  constexpr bool gives_code = std::is_same_v<decltype(program()), int>;
  app.footer(fmt::format("Exit codes: 0 trained, 1 failed (why is on stderr), 2 wrong usage{}.",
                         gives_code ? ", 130 or 143 stopped by Ctrl-C or SIGTERM" : ""));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return code != 0 ? 2 : std::fflush(stdout) == 0 ? 0 : 1;
  }
  try {
    if constexpr (gives_code) return program();
    else program();
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}: {}\n", name, e.what());
    return 1;
  }
  return 0;
}

}  // namespace support
