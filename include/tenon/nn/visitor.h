#pragma once
// How a module shows what it holds: what everything that walks over a model is written on.
#include <memory>
#include <string_view>

#include <tenon/parameter.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

class ModuleBase;

namespace detail {
class Copies;
}

/// A place in a module where a child stands, for what puts another there.
class ModuleSlot {
 public:
  /// Null: an empty slot.
  virtual ModuleBase* get() const = 0;
  /// Takes the module over and gives an empty text; or leaves it alone and gives the name of the class that may stand
  /// here.
  virtual std::string_view put(std::unique_ptr<ModuleBase>& module) = 0;

 protected:
  ~ModuleSlot() = default;
};

/// Sees what one module holds, each under its key, in the order of declaration: in containers too, not in children.
class Visitor {
 public:
  virtual ~Visitor() = default;
  /// Each member that TENON_MODULE lists, by its key, before what it holds: a plain value holds nothing else.
  virtual void member(std::string_view key);
  /// May be undefined: an empty slot.
  virtual void parameter(std::string_view key, Parameter& parameter);
  /// May be undefined: an empty slot.
  virtual void buffer(std::string_view key, Buffer& buffer);
  /// Null: an empty slot (an optional or a pointer that holds nothing).
  virtual void module(std::string_view key, ModuleBase* module);
  /// The same with the place where it stands; calls module() unless overridden.
  virtual void slot(std::string_view key, ModuleSlot& slot);
  /// For clone(), which sees members as they are.
  virtual detail::Copies* tenon_copies() { return nullptr; }
};

}  // namespace tenon::nn

#pragma GCC visibility pop
