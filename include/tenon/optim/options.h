#pragma once
// How an optimizer's options are described once: the same list of members is a struct with defaults, a struct of
// overrides for a group, and by its fields() what state_dict() writes and reads.
#include <optional>
#include <type_traits>
#include <utility>

#include <tenon/optim/fields.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// An option as it is.
template <class T>
using Plain = T;

/// An option that a group may set; where it does not, the optimizer's own stands.
template <class T>
class Override : public std::optional<T> {
 public:
  Override() = default;
  Override(T value) : std::optional<T>(std::move(value)) {}
  template <class... A>
  requires(sizeof...(A) > 1) Override(A... parts) : std::optional<T>(T{parts...}) {}  // .betas = {0.9, 0.99}
};

/// A member's initial value: the default among options, nothing among overrides.
template <template <class> class F, class T>
F<T> initial([[maybe_unused]] T value) {
  if constexpr (std::is_same_v<F<T>, T>) return value;
  else return {};
}

namespace detail {

/// `defaults` with what `overrides`, of the same fields, sets.
template <class Options, class Overrides>
Options merge(Options defaults, Overrides overrides) {
  const Fields to = defaults.fields(), from = overrides.fields();
  for (std::size_t i = 0; i < to.size(); ++i)
    if (const Value value = from[i].get(); !value.is_none()) to[i].set(value, {});
  return defaults;
}

}  // namespace detail
}  // namespace tenon::optim

#pragma GCC visibility pop
