#pragma once
// What one module holds, as three tables: its members, then what was registered.
#include <string>
#include <string_view>
#include <vector>

#include <tenon/nn/module_base.h>

namespace tenon::nn {

/// Shows a module's members and what was registered.
void visit_entries(ModuleBase& module, Visitor& visitor);

template <class T>
struct Entry {
  std::string key;
  T* value;
};

/// Empty slots too: undefined tensors, null modules.
class Entries : public Visitor {
 public:
  explicit Entries(ModuleBase& module) { visit_entries(module, *this); }
  void parameter(std::string_view key, Parameter& parameter) override {
    parameters.push_back({std::string(key), &parameter});
  }
  void buffer(std::string_view key, Buffer& buffer) override { buffers.push_back({std::string(key), &buffer}); }
  void module(std::string_view key, ModuleBase* module) override { children.push_back({std::string(key), module}); }

  std::vector<Entry<Parameter>> parameters;
  std::vector<Entry<Buffer>> buffers;
  std::vector<Entry<ModuleBase>> children;

 protected:
  Entries() = default;  ///< for what sees more of a module and shows it itself
};

/// Follows a module's prefix in a state dict.
inline constexpr const char* extra_state_key = "_extra_state";

inline std::string join(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

}  // namespace tenon::nn
