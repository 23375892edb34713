#pragma once
// nn::Module<> and TENON_MODULE: what makes a class a module.
//
//   struct MLP : nn::Module<MLP> {
//     nn::Linear fc1;
//     nn::ReLU relu;
//     nn::Linear fc2;
//
//     MLP(int64_t input, int64_t hidden, int64_t output) : fc1(input, hidden), fc2(hidden, output) {}
//
//     Tensor forward(const Tensor& x) { return fc2(relu(fc1(x))); }
//
//     TENON_MODULE(MLP, fc1, relu, fc2)
//   };
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <tenon/nn/call.h>
#include <tenon/nn/members.h>
#include <tenon/nn/module_base.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// The base of a module class D. D ends with TENON_MODULE(D, every data member…) and usually has a forward().
///
/// `module(arguments…)` calls forward, whatever it takes and gives; forward itself may be protected or private.
/// Source: torch.nn.Module.
template <class D>
class Module : public ModuleBase, public detail::Call<D> {
 public:
  using detail::Call<D>::operator();

  /// A deep copy. What is tied or shared in the module is tied or shared in the copy; gradients are dropped; hooks and
  /// what was registered are kept; Untracked members are copied as C++ does, but for tensors and modules. While it
  /// runs, nobody else may use the module.
  D clone() {
    detail::Cloner cloner;
    return tenon_copy(cloner);
  }
  D tenon_copy(detail::Cloner& cloner) {
    detail::Copies copies(cloner, *this);
    D copy(std::move(static_cast<D&>(*this)));
    copies.settle(copy);
    return copy;
  }

  std::unique_ptr<ModuleBase> tenon_clone(detail::Cloner& cloner) override {
    if constexpr (requires { requires std::same_as<typename D::tenon_listed_in, D>; })
      return std::make_unique<D>(tenon_copy(cloner));
    else return nullptr;  // never called: such a class does not compile where it is used
  }

  // ---- what TENON_MODULE overrides; here so that a class without it meets the words below and no others
  std::string_view type_name() const override { return {}; }
  void tenon_visit(Visitor&) override {}
  ModuleState& tenon_state() override { fail("Module", "no TENON_MODULE"); }

 protected:
  ~Module() override = default;

 private:
  friend D;  // private: only D itself can be made from a Module<D>
  Module() {
    static_assert(
        requires { typename D::tenon_listed_in; }, "this class has no TENON_MODULE(Class, members...)");
  }
  Module(const Module&) = delete;             // a module is moved, not copied: two would share their parameters
  Module& operator=(const Module&) = delete;  // a module is moved, not copied: two would share their parameters
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;

  Tensor tenon_call(Tensor x) override {
    if constexpr (requires {
                    { (*this)(std::move(x)) } -> std::convertible_to<Tensor>;
                  })
      return (*this)(std::move(x));
    else
      fail(type_name(),
           "expected a module whose forward takes one tensor and gives one; call this one through its own class");
  }
};

namespace detail {
template <class T>
inline constexpr bool is_module_of_itself = std::is_convertible_v<T*, Module<T>*>;

/// What a class of a family says of itself, `static constexpr std::string_view class_name`; `written` where it does
/// not.
template <class T>
constexpr std::string_view class_name_of(std::string_view written) {
  if constexpr (requires { std::bool_constant<!std::string_view(T::class_name).empty()>(); }) return T::class_name;
  else return written;
}
}  // namespace detail

}  // namespace tenon::nn

/// In the list of TENON_MODULE: the member's key in names and checkpoints is not its name.
/// TENON_MODULE(Net, TENON_AS(classifier, "head"))
#define TENON_AS(member, key) member

/// The last thing in a module class: the class's name, then all its data members in the order of their declaration,
/// modules, parameters, buffers and plain values alike. One that is left out, listed twice or misspelt is an error at
/// compile time, with these very words: TENON_MODULE_must_list_every_data_member.
#define TENON_MODULE(Class, ...)                                                                                     \
 public:                                                                                                             \
  using tenon_listed_in [[maybe_unused]] = Class;                                                                    \
  static constexpr std::string_view tenon_class_name() { return ::tenon::nn::detail::class_name_of<Class>(#Class); } \
  std::string_view type_name() const override { return tenon_class_name(); }                                         \
  ::tenon::nn::ModuleState& tenon_state() override { return tenon_state_; }                                          \
  void tenon_visit(::tenon::nn::Visitor& tenon_visitor) override {                                                   \
    static_assert(std::is_same_v<decltype(this), Class*>,                                                            \
                  "TENON_MODULE: the first argument is the class it stands in");                                     \
    static constexpr auto tenon_keys =                                                                               \
        ::tenon::nn::detail::member_keys<::tenon::nn::detail::count_members(#__VA_ARGS__)>(#__VA_ARGS__);            \
    ::tenon::nn::detail::MemberList tenon_list(tenon_visitor, this, sizeof(*this), tenon_class_name(),               \
                                               tenon_keys.data(), this->tenon_class() == typeid(Class));             \
    ::tenon::nn::detail::show_members(tenon_list __VA_OPT__(, ) __VA_ARGS__);                                        \
    tenon_check_members(*this);                                                                                      \
  }                                                                                                                  \
                                                                                                                     \
 private:                                                                                                            \
  friend ::tenon::nn::Module<Class>;                                                                                 \
  friend ::tenon::nn::detail::Forward<Class>;                                                                        \
  /* static: there the names below shadow no members */                                                              \
  static void tenon_check_members(Class& tenon_self) {                                                               \
    static_assert(::tenon::nn::detail::is_module_of_itself<Class>,                                                   \
                  "TENON_MODULE: write struct " #Class " : nn::Module<" #Class ">, with that very name and public"); \
    static_assert(std::is_move_constructible_v<Class>,                                                               \
                  "TENON_MODULE: " #Class                                                                            \
                  " cannot be moved: a member cannot, or a destructor is declared without " #Class "(" #Class        \
                  "&&) = default");                                                                                  \
    using tenon_as_listed = decltype(::tenon::nn::detail::types_of(__VA_ARGS__));                                    \
    /* a structured binding names every data member of the class, or it does not compile */                          \
    [[maybe_unused]] auto& [__VA_ARGS__ __VA_OPT__(, ) TENON_MODULE_must_list_every_data_member] = tenon_self;       \
    static_assert(std::is_same_v<tenon_as_listed, decltype(::tenon::nn::detail::types_of(__VA_ARGS__))>,             \
                  "TENON_MODULE: list the members in the order of their declaration, and let it follow them");       \
  }                                                                                                                  \
  ::tenon::nn::ModuleState tenon_state_;

#pragma GCC visibility pop
