// The names that a user allows.
#include <atomic>
#include <map>
#include <mutex>

#include "base/fork.h"
#include "io/pickle_values.h"

namespace tenon::io {
namespace {

struct Entry {
  uint64_t id;
  std::string name;
  Builder builder;
};

thread_local std::vector<Entry> in_scope;  // the last one of a name counts

struct Always {
  std::mutex mutex;
  std::map<std::string, Builder> builders;
};
/// Made by the first who asks, which may be a static object of the program's; never destroyed.
Always& always() {
  static Always& all = *[] {
    auto* const made = new Always;
    hold_across_forks(ProcessLock::allowed, made->mutex);
    return made;
  }();
  return all;
}
[[maybe_unused]] const Always& made_early = always();

}  // namespace

Allowed allow(std::string name, Builder builder) {
  static std::atomic<uint64_t> last_id{0};
  const uint64_t id = ++last_id;
  in_scope.push_back({id, std::move(name), std::move(builder)});
  return Allowed(id);
}

Allowed::~Allowed() {
  std::erase_if(in_scope, [this](const Entry& e) { return e.id == id_; });
}

void allow_always(std::string name, Builder builder) {
  const std::lock_guard lock(always().mutex);
  always().builders.insert_or_assign(std::move(name), std::move(builder));
}

std::optional<Builder> allowed_builder(const std::string& full_name) {
  for (std::size_t i = in_scope.size(); i-- > 0;)
    if (in_scope[i].name == full_name) return in_scope[i].builder;
  const std::lock_guard lock(always().mutex);
  const auto found = always().builders.find(full_name);
  if (found == always().builders.end()) return {};
  return found->second;
}

}  // namespace tenon::io
