// The printed tree, letter for letter PyTorch's.
#include <tenon/nn/module_base.h>

#include <tenon/nn/parametrize.h>

#include "nn/entries.h"

namespace tenon::nn {

std::ostream& operator<<(std::ostream& out, const ModuleBase& module) {
  return tenon::detail::put(out, module.to_string());
}
namespace {

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', start)) {
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  lines.push_back(text.substr(start));
  return lines;
}

// All lines but the first go two to the right; those without text become empty, as in PyTorch.
std::string indent(const std::string& text) {
  const std::vector<std::string> lines = split_lines(text);
  std::string out = lines[0];
  for (std::size_t i = 1; i < lines.size(); ++i) {
    out += '\n';
    if (lines[i].find_first_not_of(" \t") != std::string::npos) out += "  " + lines[i];
  }
  return out;
}

}  // namespace

std::string ModuleBase::to_string() const {
  const std::string extra = extra_repr();
  std::vector<std::string> lines;
  if (!extra.empty()) lines = split_lines(extra);
  const bool one_line = lines.size() == 1;
  const Entries entries(const_cast<ModuleBase&>(*this));
  const auto& children = entries.children;
  for (std::size_t i = 0, n = 1; i < children.size(); i += n, n = 1) {
    const auto text_of = [&](std::size_t k) { return children[k].value ? children[k].value->to_string() : "None"; };
    const std::string text = text_of(i);
    if (folds_equal_children())
      while (i + n < children.size() && text_of(i + n) == text) ++n;
    lines.push_back(n == 1
                        ? fmt::format("({}): {}", children[i].key, indent(text))
                        : fmt::format("({}-{}): {} x {}", children[i].key, children[i + n - 1].key, n, indent(text)));
  }

  std::string out(parametrize::is_parametrized(*this) ? "Parametrized" : "");  // as PyTorch names such a class
  out += type_name();
  out += '(';
  if (one_line && children.empty()) {
    out += lines[0];
  } else if (!lines.empty()) {
    for (const std::string& line : lines) out += "\n  " + line;
    out += '\n';
  }
  return out + ')';
}

}  // namespace tenon::nn
