#pragma once
// The subcommands. Each adds its options to the command line; what it returns runs it and gives the program's exit
// code: 0, or 1 where a file is not what it should be. Anything that goes wrong is an exception, and the exit code 2.
#include <functional>
#include <string>

#include <CLI/CLI.hpp>

namespace tenon::tool {

using Command = std::function<int()>;

/// `color`, for all of them: auto, always or never; set when the command runs.
Command add_inspect(CLI::App& app, const std::string& color);
Command add_diff(CLI::App& app, const std::string& color);
Command add_convert(CLI::App& app);
Command add_verify(CLI::App& app);

}  // namespace tenon::tool
