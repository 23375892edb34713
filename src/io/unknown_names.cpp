#include "io/unknown_names.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <tenon/value.h>

#include "io/pickle_names.h"
#include "io/pickle_values.h"

namespace tenon::io {
namespace {

using Index = PickleGraph::Index;
using Kind = PickleGraph::Kind;

std::string full_name(std::string_view global) {
  std::string name(global);
  std::replace(name.begin(), name.end(), '\n', '.');
  return name;
}
bool is_unknown(std::string_view global) { return !known(global) && !allowed_builder(full_name(global)); }

/// Visits each object that the root leads to once, and remembers how it was first reached.
class Walk {
 public:
  explicit Walk(const PickleGraph& graph) : graph_(graph), steps_(graph.size()) {}

  std::vector<UnknownName> run() {
    std::vector<UnknownName> found;
    std::set<std::pair<std::string, std::string>> seen;
    visit(graph_.root(), {PickleGraph::nothing, PickleGraph::nothing, -1, true});
    while (!waiting_.empty()) {
      const Index i = waiting_.back();
      waiting_.pop_back();
      if (graph_.kind(i) == Kind::global && is_unknown(graph_.text(i))) {
        UnknownName name{full_name(graph_.text(i)), found.size() < with_path ? path(i) : std::string()};
        if (seen.emplace(name.name, name.path).second) found.push_back(std::move(name));
      }
      expand(i);
    }
    return found;
  }

 private:
  struct Step {
    Index from = PickleGraph::nothing, key = PickleGraph::nothing;
    int64_t number = -1;
    bool reached = false;
    int depth = 0;
  };
  // More are not shown, and a deeper one is refused later on: whoever wrote it is not to have all of its path made.
  static constexpr std::size_t with_path = 1000;
  static constexpr int deepest = 2 * detail::Level::most;

  void visit(Index i, Step step) {
    if (i == PickleGraph::nothing || steps_[i].reached) return;
    steps_[i] = step;
    if (step.from != PickleGraph::nothing) steps_[i].depth = steps_[step.from].depth + 1;
    waiting_.push_back(i);
  }
  void expand(Index i) {
    const Kind kind = graph_.kind(i);
    if (kind < Kind::list) return;
    const auto& parts = graph_.parts(i);
    // Last first: what is on top of the stack is visited next.
    visit(parts.state, {i, PickleGraph::nothing, -1, true});
    for (std::size_t k = parts.entries.size(); k >= 2; k -= 2) {
      visit(parts.entries[k - 1], {i, parts.entries[k - 2], -1, true});
      visit(parts.entries[k - 2], {i, PickleGraph::nothing, -1, true});
    }
    const bool numbered = kind == Kind::list || kind == Kind::tuple;
    for (std::size_t k = parts.items.size(); k-- > 0;)
      visit(parts.items[k], {i, PickleGraph::nothing, numbered ? static_cast<int64_t>(k) : -1, true});
    if (parts.arguments != PickleGraph::nothing) {
      // The places of arguments are no keys.
      visit(parts.arguments, {i, PickleGraph::nothing, -1, true});
      arguments_.insert(parts.arguments);
    }
    visit(parts.function, {i, PickleGraph::nothing, -1, true});
  }
  std::string path(Index i) const {
    constexpr std::size_t most = 12;
    if (steps_[i].depth > deepest) return "…";
    std::vector<std::string> parts;
    for (; i != PickleGraph::nothing; i = steps_[i].from) {
      const Step& s = steps_[i];
      if (s.key != PickleGraph::nothing) parts.push_back(key_text(graph_, s.key));
      else if (s.number >= 0 && !arguments_.contains(s.from)) parts.push_back(fmt::format("[{}]", s.number));
    }
    std::string text;
    for (std::size_t k = 0; k < std::min(parts.size(), most); ++k) text += parts[parts.size() - 1 - k];
    return parts.size() > most ? text + "…" : text;
  }

  const PickleGraph& graph_;
  std::vector<Step> steps_;
  std::vector<Index> waiting_;
  std::set<Index> arguments_;
};

}  // namespace

std::string key_text(const PickleGraph& graph, Index key) {
  constexpr std::size_t longest = 100;
  switch (graph.kind(key)) {
    case Kind::text: return fmt::format("[{}]", Value(graph.text(key).substr(0, longest)).to_string());
    case Kind::integer: return fmt::format("[{}]", graph.integer(key));
    default: return "[…]";
  }
}

std::vector<UnknownName> unknown_names(const PickleGraph& graph) {
  bool any = false;
  for (Index i = 0; i < graph.size() && !any; ++i) any = graph.kind(i) == Kind::global && is_unknown(graph.text(i));
  if (!any) return {};
  return Walk(graph).run();
}

std::set<std::string> modules(const PickleGraph& graph) {
  std::set<std::string> names;
  std::map<Index, bool> states;  // several objects may have one
  for (Index i = 0; i < graph.size(); ++i) {
    if (graph.kind(i) != Kind::call && graph.kind(i) != Kind::creation) continue;
    const auto& parts = graph.parts(i);
    if (parts.state == PickleGraph::nothing || graph.kind(parts.state) != Kind::dict) continue;
    const auto& entries = graph.parts(parts.state).entries;
    const auto has = [&](std::string_view key) {
      for (std::size_t k = 0; k < entries.size(); k += 2)
        if (graph.kind(entries[k]) == Kind::text && graph.text(entries[k]) == key) return true;
      return false;
    };
    const auto [state, is_new] = states.try_emplace(parts.state);
    if (is_new) state->second = has("_parameters") && has("_modules");
    if (state->second) names.insert(full_name(graph.text(parts.function)));
  }
  return names;
}

}  // namespace tenon::io
