#include <tenon/value/shared.h>

#include <tenon/error.h>

namespace tenon::detail {
namespace {

thread_local int levels = 0;

// Nodes that nobody uses any more. While one is destroyed, what it held waits here instead of being destroyed inside of
// it.
thread_local SharedNode* waiting = nullptr;
thread_local bool destroying = false;

}  // namespace

Level::Level() {
  if (levels >= most) fail("Value", "the values are nested in one another more than {} levels deep", most);
  ++levels;
}
Level::~Level() { --levels; }

void drop(SharedNode* node) noexcept {
  if (node->users.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  node->next = std::exchange(waiting, node);
  if (std::exchange(destroying, true)) return;
  while (waiting) {
    SharedNode* const first = waiting;
    waiting = first->next;
    delete first;
  }
  destroying = false;
}

SharedNode* share(SharedNode* node) {
  if (node->lent) return node->copy();
  node->users.fetch_add(1, std::memory_order_relaxed);
  return node;
}

}  // namespace tenon::detail
