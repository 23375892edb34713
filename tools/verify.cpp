// tenon verify: whether files are sound.
#include <algorithm>

#include <tenon/error.h>
#include <tenon/io/checkpoint.h>

#include "command.h"
#include "entries.h"
#include "output.h"

namespace tenon::tool {
namespace {

/// "FILE: sound, 4 tensors", or an error: also for one that names what is not known, which load() refuses.
void verify(const std::string& file, Output& out) {
  const Value top = load(file, {.map_location = "cpu", .verify = true});
  const std::vector<Entry> entries = entries_of(top);
  const auto tensors =
      std::count_if(entries.begin(), entries.end(), [](const Entry& e) { return e.value->is<Tensor>(); });
  out.line("{}: sound, {}", printable(file), counted(static_cast<uint64_t>(tensors), "tensor", "tensors"));
}

}  // namespace

Command add_verify(CLI::App& app) {
  const auto files = std::make_shared<std::vector<std::string>>();
  app.add_option("FILE", *files, "checkpoints: .pt, .pth, .safetensors")->required();
  return [files] {
    Output out("never");
    int code = 0;
    for (const std::string& file : *files) {
      try {
        verify(file, out);
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
