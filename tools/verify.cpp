// tenon verify: whether files are sound.
#include <algorithm>
#include <set>

#include <tenon/error.h>
#include <tenon/io/checkpoint.h>

#include "command.h"
#include "entries.h"
#include "output.h"

namespace tenon::tool {
namespace {

struct Options {
  std::vector<std::string> files;
  bool known = false;
};

/// "FILE: sound, 4 tensors", or an error.
void verify(const std::string& file, const Options& options, Output& out) {
  const Value top = load_to_look_at(file, true);
  const std::vector<Entry> entries = entries_of(top);
  const auto tensors =
      std::count_if(entries.begin(), entries.end(), [](const Entry& e) { return e.value->is<Tensor>(); });
  std::string list;
  std::set<std::string> names;
  for (const Entry& e : entries)
    if (e.value->is<Opaque>() && names.insert(type_text(*e.value)).second)
      list += fmt::format("\n  {}{}", type_text(*e.value), e.path.empty() ? "" : " (" + e.path + ")");
  if (options.known && !names.empty()) fail("verify", "{}: names what is not known:{}", file, list);
  out.line("{}: sound, {}{}{}", printable(file), counted(static_cast<uint64_t>(tensors), "tensor", "tensors"),
           names.empty() ? "" : "; it names what is not known, which was not run:", list);
}

}  // namespace

Command add_verify(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("FILE", options->files, "checkpoints: .pt, .pth, .safetensors, index.json, .npy, .npz")->required();
  app.add_flag("--known", options->known, "a file that names classes or functions that are not known is a failure");
  app.footer("Exit code: 0 where all are sound, 1 where one is not, 2 where something else goes wrong.");
  return [options] {
    Output out("never");
    int code = 0;
    for (const std::string& file : options->files) {
      try {
        verify(file, *options, out);
      } catch (const Error& e) {
        report(e);
        code = 1;
      }
    }
    out.write();
    return code;
  };
}

}  // namespace tenon::tool
