#pragma once
// Operations of your own, with a backward that you write. Source: torch.autograd.Function.
//
//   struct Cube : autograd::Function<Cube> {
//     static Tensor forward(autograd::Context& context, const Tensor& x, double scale) {
//       context.save_for_backward({x});
//       context.state<double>() = scale;                        // what is not a tensor
//       return x * x * x * scale;
//     }
//     static Tensor backward(autograd::Context& context, const Tensor& grad) {
//       const Tensor x = context.saved_tensors()[0];
//       return grad * x * x * (3 * context.state<double>());
//     }
//   };
//   Tensor y = Cube::apply(x, 2.0);
//
// forward takes any arguments after the context; the tensors among them (an nn::Parameter is one), and those in a
// container, a tuple, an optional or a plain struct of tensors, are the inputs, in order. It runs unrecorded; the
// tensors that it returns, alone or in such a type, are the outputs.
// backward takes a gradient for each output (or all of them in one const std::vector<Tensor>&), and returns one for
// each input; an undefined tensor says that there is none. It is made of operations, and is recorded under
// create_graph. Where it is not to be differentiated itself, say so:
//
//   static constexpr bool once_differentiable = true;           // it runs unrecorded; a second derivative is an error
#include <any>
#include <functional>
#include <memory>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <tenon/autograd.h>
#include <tenon/tensors_in.h>

#pragma GCC visibility push(default)

namespace tenon {
namespace autograd {

class Context;

namespace detail {
using Backward = std::function<std::vector<Tensor>(Context&, const std::vector<Tensor>&)>;
class FunctionNode;

/// Puts the outputs of a function on the tape, if any input is there. An output that is an input as well becomes
/// another handle.
void record_function(const std::type_info& function, std::unique_ptr<Context> context,
                     const std::vector<Tensor>& inputs, const std::vector<Tensor*>& outputs, Backward backward,
                     bool once_differentiable);

template <class F>
struct EachTensor {
  const F& f;
  void add(Tensor& t) { f(t); }
};
/// Calls f on the tensors that a value holds, whatever its type.
template <class T, class F>
void for_each_tensor(T& value, const F& f) {
  using U = std::remove_const_t<T>;
  EachTensor<F> each{f};
  if constexpr (tenon::detail::has_tensors<U>()) tenon::detail::add_tensors(each, const_cast<U&>(value));
  else if constexpr (std::is_convertible_v<T&, const Tensor&>) f(static_cast<const Tensor&>(value));  // std::ref(x)
  else if constexpr (std::is_convertible_v<T&, TensorList>)  // such as may only be read: std::span<const Tensor>
    for (const Tensor& t : value) f(t);
}
}  // namespace detail

/// What a function's forward leaves for its backward.
class Context {
 public:
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Keeps inputs, outputs, or anything else for backward. Call it once, in forward.
  void save_for_backward(TensorList tensors);
  /// In backward: what was saved, in that order. An error where one of them was changed in place since, or the graph
  /// has been freed.
  std::vector<Tensor> saved_tensors() const;
  /// In forward: these outputs have no gradient (integer ones never have).
  void mark_non_differentiable(TensorList outputs);
  /// In forward: these inputs were changed in place, and are returned as outputs.
  void mark_dirty(TensorList inputs);
  /// In forward: whether an output that received no gradient is given zeros in backward (the default) or an undefined
  /// tensor.
  void set_materialize_grads(bool on) { materialize_ = on; }
  /// Whether input `i` (counted among the tensors) needs a gradient.
  bool needs_input_grad(std::size_t i) const;

  /// One value of any type, made by T() when it is first asked for.
  template <class T>
  T& state() {
    if (!state_.has_value()) state_.emplace<T>();
    if (T* value = std::any_cast<T>(&state_)) return *value;
    fail("Context::state", "asked for a {}, but it holds a {}", typeid(T).name(), state_.type().name());
  }

 private:
  friend class detail::FunctionNode;
  friend void detail::record_function(const std::type_info&, std::unique_ptr<Context>, const std::vector<Tensor>&,
                                      const std::vector<Tensor*>&, detail::Backward, bool);
  template <class>
  friend class Function;

  std::vector<Tensor> to_save_, non_differentiable_, dirty_;
  std::vector<bool> needs_;
  bool materialize_ = true;
  std::size_t saved_ = 0;
  detail::FunctionNode* node_ = nullptr;  ///< the owner, once recorded
  std::any state_;
};

/// Base of an operation of your own: see the head of this file.
template <class F>
class Function {
 public:
  static constexpr bool once_differentiable = false;

  /// Runs forward, and records it where an input is on the tape.
  template <class... A>
  static auto apply(A&&... arguments) {
    auto context = std::make_unique<Context>();
    std::vector<Tensor> inputs;
    (detail::for_each_tensor(arguments, [&](const Tensor& t) { inputs.push_back(t); }), ...);
    for (const Tensor& x : inputs) context->needs_.push_back(x.defined() && x.requires_grad() && is_grad_enabled());
    auto result = [&] {
      const NoGrad guard;
      return F::forward(*context, std::forward<A>(arguments)...);
    }();
    std::vector<Tensor*> outputs;
    detail::for_each_tensor(result, [&](Tensor& t) { outputs.push_back(&t); });
    detail::record_function(typeid(F), std::move(context), inputs, outputs, &call_backward, F::once_differentiable);
    return result;
  }

 private:
  static std::vector<Tensor> call_backward(Context& context, const std::vector<Tensor>& grads) {
    std::vector<Tensor> out;
    auto given = [&] {
      if constexpr (std::is_invocable_v<decltype(F::backward), Context&, const std::vector<Tensor>&>)
        return F::backward(context, grads);
      else return call_with(context, grads, F::backward);
    }();
    detail::for_each_tensor(given, [&](Tensor& t) { out.push_back(std::move(t)); });
    return out;
  }
  template <class R, class... G>
  static R call_with(Context& context, const std::vector<Tensor>& grads, R (*backward)(Context&, G...)) {
    if (grads.size() != sizeof...(G))
      fail("Function", "backward takes {} gradients, but forward has returned {} tensors", sizeof...(G), grads.size());
    return [&]<std::size_t... I>(std::index_sequence<I...>) { return backward(context, grads[I]...); }
    (std::index_sequence_for<G...>());
  }
};

}  // namespace autograd
}  // namespace tenon

#pragma GCC visibility pop
