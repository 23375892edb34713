#pragma once
// The hooks that a module has, and those of all modules.
#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include <tenon/nn/hooks.h>

namespace tenon::nn::detail {

struct HookEntry {
  Ref<Hook> hook;
  uint64_t id = 0;
  bool always_call = false;
};
using HookList = std::vector<HookEntry>;

/// The hooks of each kind. Never changed once others see it: a call goes through the table that it began with, so that
/// hooks may come and go meanwhile.
struct HookTable : RefCounted {
  HookList lists[4];
  unsigned kinds = 0;  ///< a bit for each list that is not empty
  HookList& of(HookKind kind) { return lists[static_cast<std::size_t>(kind)]; }
  const HookList& of(HookKind kind) const { return lists[static_cast<std::size_t>(kind)]; }
  bool empty() const { return kinds == 0; }
  void count_kinds();  ///< after the lists have been changed
  /// Whether a hook of this table has been removed since.
  bool has_lost(const HookEntry& entry) const { return outdated && is_lost(entry); }
  static void destroy(const HookTable* table) { delete table; }

  std::atomic<bool> outdated{false};
  Ref<HookTable> next;  ///< what took its place; guarded

 private:
  bool is_lost(const HookEntry& entry) const;
};

/// Hooks in their current table: those of a module, or of all modules.
class Hooks : public ::tenon::detail::HookOwner, public std::enable_shared_from_this<Hooks> {
 public:
  HookHandle add(HookKind kind, const Ref<Hook>& hook, bool prepend, bool always_call);
  void remove_hook(uint64_t id) override;
  const Ref<HookTable>& table() const { return table_; }  ///< null where there are none

 protected:
  ~Hooks() = default;
  virtual void changed() = 0;  ///< there is another table

  Ref<HookTable> table_;

 private:
  void set(Ref<HookTable> fresh);
};

/// A module's hooks. Handles and recorded calls may outlive the module, which may also move in the meantime.
class ModuleHooks final : public Hooks {
 public:
  std::shared_ptr<ModuleHooks> shared() { return std::static_pointer_cast<ModuleHooks>(shared_from_this()); }
  /// Null once the module has died.
  ModuleBase* module() const;
  void move_to(HookSlot* slot) { slot_ = slot; }
  void belong_to(ModuleBase& module, HookSlot& slot);
  void share(Ref<HookTable> table) { table_ = std::move(table); }

 private:
  void changed() override;

  HookSlot* slot_ = nullptr;
  std::ptrdiff_t module_offset_ = 0;  ///< from the slot, which is a part of the module
};

/// The hooks of all modules; null where there are none, or while there is a WithoutGlobalHooks on this thread.
Ref<HookTable> global_hook_table();

class WithoutGlobalHooks {
 public:
  WithoutGlobalHooks();
  ~WithoutGlobalHooks();
  WithoutGlobalHooks(const WithoutGlobalHooks&) = delete;
  WithoutGlobalHooks& operator=(const WithoutGlobalHooks&) = delete;

 private:
  bool before_;
};

}  // namespace tenon::nn::detail
