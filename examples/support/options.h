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
