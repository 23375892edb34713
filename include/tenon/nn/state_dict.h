#pragma once
// What state_dict() and load_state_dict() take and give.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct StateDictOptions {
  std::string prefix = {};  ///< stands before every key, as it is: "encoder."
  bool keep_vars = false;   ///< the parameters themselves instead of detached tensors on their memory
};

struct LoadOptions {
  bool strict = true;  ///< keys that are missing or not expected are an error
  /// Take the checkpoint's tensors over instead of copying their values: its types and devices, no second copy in
  /// memory. Parameters stay the same objects, require grad as before, and lose their gradients.
  bool assign = false;
  bool skip_mismatched = false;  ///< a tensor of another shape is left out instead of being an error
  /// Taken off keys that start with it: "module." (DataParallel), "_orig_mod." (compile).
  std::string strip_prefix = {};
  /// Other names for keys, or for their beginnings up to a dot: {{"backbone", "encoder"}, {"fc.weight",
  /// "head.weight"}}.
  std::vector<std::pair<std::string, std::string>> key_map = {};
};

/// Which keys did not fit.
struct LoadReport {
  std::vector<std::string> missing;     ///< the model has them, the state dict has not
  std::vector<std::string> unexpected;  ///< the state dict has them, the model has not
  std::vector<std::string> mismatched;  ///< left out for their shape
};

/// What a module is shown before its own entries are looked up: it may change the keys and values that start with
/// `prefix`.
struct LoadingState {
  Dict& state_dict;                ///< a copy, made for this loading; all of it
  const std::string& prefix;       ///< of this module's keys: "encoder.norm."
  std::optional<int64_t> version;  ///< of the module's class when it was saved; none in files from before versions
  LoadReport& report;
  std::vector<std::string>& errors;  ///< lines for the error; one is enough for it
};

class ModuleBase;

/// (module, prefix, keep_vars), before the module's entries are saved.
using StateDictPreHook = std::function<void(ModuleBase&, const std::string& prefix, bool keep_vars)>;
/// (module, state_dict, prefix), after those of its children too; it may change the dict.
using StateDictPostHook = std::function<void(ModuleBase&, Dict& state_dict, const std::string& prefix)>;
/// (module, loading), before the module's entries are looked up.
using LoadStateDictPreHook = std::function<void(ModuleBase&, LoadingState& loading)>;
/// (module, report), after everything is loaded; a key that it takes out of the report is no error.
using LoadStateDictPostHook = std::function<void(ModuleBase&, LoadReport& report)>;

}  // namespace tenon::nn

#pragma GCC visibility pop
