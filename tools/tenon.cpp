// tenon: a command to look into, compare, convert and check checkpoints.
#include <algorithm>
#include <csignal>
#include <cstdio>

#include <tenon/version.h>

#include "command.h"
#include "output.h"
#include "suggest.h"

namespace {

const std::vector<std::string> commands{"inspect", "diff", "convert", "verify"};

/// The word that stands where a subcommand should, if it is none.
std::string unknown_command(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--color") ++i;  // and what follows it
    else if (!word.starts_with('-'))
      return std::find(commands.begin(), commands.end(), word) == commands.end() ? word : "";
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tenon::tool;
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is seen when writing
  CLI::App app(
      "Looks into checkpoints (PyTorch's and safetensors'), compares, converts and checks them. Nothing in a file is "
      "ever executed.",
      "tenon");
  std::string color = "auto";
  app.add_option("--color", color, "auto: on a terminal, unless NO_COLOR is set")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app.set_version_flag("--version", fmt::format("tenon {}", tenon::version()));
  app.require_subcommand(1);
  app.fallthrough();

  Command command;
  const auto add = [&](const char* name, const char* what, auto make) {
    CLI::App* const sub = app.add_subcommand(name, what);
    sub->final_callback([&command, run = make(*sub)] { command = run; });
  };
  add("inspect", "What is in a file: keys, types, shapes, sizes, what shares memory",
      [&](CLI::App& sub) { return add_inspect(sub, color); });
  add("diff", "Where two files differ", [&](CLI::App& sub) { return add_diff(sub, color); });
  add("convert", "The same in another form, under other names, of another type",
      [](CLI::App& sub) { return add_convert(sub); });
  add("verify", "Whether files are sound: every size, place and checksum",
      [](CLI::App& sub) { return add_verify(sub); });

  try {
    app.parse(argc, argv);
    return command();
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    if (const std::string word = unknown_command(argc, argv); !word.empty()) {
      const std::string meant = nearest(word, commands);
      report(std::runtime_error(fmt::format("there is no command '{}'{}", word,
                                            meant.empty() ? "" : fmt::format(": did you mean '{}'?", meant))));
    } else {
      report(e);
    }
    std::fputs("Run 'tenon --help' for what there is.\n", stderr);
  } catch (const std::exception& e) {
    report(e);
  }
  return 2;
}
