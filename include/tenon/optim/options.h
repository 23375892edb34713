#pragma once
// How an optimizer's options are described once: the same list of members is a struct with defaults, a struct of
// overrides for a group, and what state_dict() writes and reads.
#include <array>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// An option that a group may set; where it does not, the optimizer's own stands.
template <class T>
class Override : public std::optional<T> {
 public:
  Override() = default;
  Override(T value) : std::optional<T>(std::move(value)) {}
  template <class... A>
  requires(sizeof...(A) > 1) Override(A... parts) : std::optional<T>(T{parts...}) {}  // .betas = {0.9, 0.99}
};

namespace detail {

template <class T>
using Plain = T;

/// A field's initial value: the default among options, nothing among overrides.
template <template <class> class F, class T>
F<T> initial([[maybe_unused]] T value) {
  if constexpr (std::is_same_v<F<T>, T>) return value;
  else return {};
}

/// A key that PyTorch writes for choices that Tenon does not have, always with this value.
struct Foreign {
  std::string_view name;
  bool is_none = true;  ///< None, else False
};

/// An option of a group by name, for what treats all optimizers alike.
struct NamedOption {
  std::string_view name;
  std::variant<double*, bool*, std::array<double, 2>*, Foreign> value;
};

/// A visitor of options that calls `f(name, member...)` and leaves out what is PyTorch's only.
template <class F>
struct OwnOptions {
  F f;
  template <class... T>
  void operator()(std::string_view name, T&... members) {
    f(name, members...);
  }
  void operator()(const Foreign&) {}
};
template <class F>
OwnOptions(F) -> OwnOptions<F>;

/// `defaults` with what `overrides` sets.
template <class Options, class Overrides>
Options merge(Options defaults, const Overrides& overrides) {
  Options::visit(OwnOptions{[](std::string_view, auto& value, const auto& maybe) {
                   if (maybe) value = *maybe;
                 }},
                 defaults, overrides);
  return defaults;
}

struct CollectOptions {
  std::vector<NamedOption> all;
  template <class T>
  void operator()(std::string_view name, T& member) {
    all.push_back({name, &member});
  }
  void operator()(const Foreign& foreign) { all.push_back({foreign.name, foreign}); }
};

template <class Options>
std::vector<NamedOption> named_options(Options& options) {
  CollectOptions collect;
  Options::visit(collect, options);
  return std::move(collect.all);
}

}  // namespace detail
}  // namespace tenon::optim

#pragma GCC visibility pop
