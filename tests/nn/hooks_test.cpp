// Hooks, beyond what tests/nn/semantics/ states: signatures of every kind, hooks that change hooks, modules that move
// or die.
#include <tenon/nn/hooks.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "nn/hook_modules.h"
#include "tensor/check.h"

namespace tenon::nn::hooks_test {
namespace {

using test::error_of;

// ---------------------------------------------------------------- which types hold tensors
struct Deep {
  std::vector<std::pair<int, std::optional<Tensor>>> list;
  std::map<std::string, State> states;
};
struct Tree {
  Tensor value;
  std::vector<Tree> below;
};
struct WithArray {
  int dims[3] = {};
  Tensor pair[2];
};
struct Base {
  Tensor x;
};
struct Derived : Base {
  Tensor y;
};
struct Plain {
  double a = 0;
  std::string b;
  int dims[4] = {};
};
static_assert(tenon::detail::has_tensors<Tensor>() && tenon::detail::has_tensors<Parameter>());
static_assert(tenon::detail::has_tensors<Deep>() && tenon::detail::has_tensors<Tree>() &&
              tenon::detail::has_tensors<WithArray>());
static_assert(tenon::detail::has_tensors<std::deque<std::tuple<int, Tensor>>>());
static_assert(tenon::detail::has_tensors<Packed>());
static_assert(!tenon::detail::has_tensors<Plain>() && !tenon::detail::has_tensors<std::string>() &&
              !tenon::detail::has_tensors<std::vector<bool>>());
static_assert(!tenon::detail::has_tensors<const Tensor>(), "it could not be replaced");
static_assert(!tenon::detail::has_tensors<Linear>(), "a module's parameters are not arguments");
static_assert(!tenon::detail::has_tensors<Derived>(), "its base's members cannot be named; tenon_tensors() shows them");
static_assert(tenon::detail::member_count<State>() == 3 && tenon::detail::member_count<WithArray>() == 2 &&
              tenon::detail::member_count<Plain>() == 3);

TEST(Hooks, SeeTensorsInNestedContainers) {
  struct M : Module<M> {
    Deep forward(const Deep& d) { return d; }
    TENON_MODULE(M)
  } m;
  std::size_t in = 0, out = 0;
  m.register_forward_hook([&](ModuleBase&, Tensors inputs, Tensors outputs) {
    in = inputs.size();
    out = outputs.size();
    outputs[0] = full({}, 9);
  });
  Deep d;
  d.list.emplace_back(1, ones({}));
  d.list.emplace_back(2, std::nullopt);
  d.states["a"] = {ones({}), 1, ones({})};
  const Deep result = m(d);
  EXPECT_EQ(in, 3u);
  EXPECT_EQ(out, 3u);
  EXPECT_EQ(result.list[0].second->item<int>(), 9);
  EXPECT_EQ(d.list[0].second->item<int>(), 1);
}

// ---------------------------------------------------------------- signatures
struct Overloaded : Module<Overloaded> {
  Tensor forward(const Tensor& x) { return x + 1; }
  Tensor forward(const Tensor& x, const Tensor& y) { return x + y; }
  void forward(std::vector<Tensor>& list) { list.insert(list.end(), 100, ones({})); }
  TENON_MODULE(Overloaded)
};
struct Generic : Module<Generic> {
  template <class... T>
  Tensor forward(const T&... x) {
    return (x + ...);
  }
  TENON_MODULE(Generic)
};

TEST(Hooks, AnOverloadedOrGenericForwardDoesNotChangeTheCallersVariables) {
  Overloaded overloaded;
  Generic generic;
  const auto ten_times = [](ModuleBase&, Tensors inputs) {
    for (Tensor& t : inputs) t = t * 10;
  };
  overloaded.register_forward_pre_hook(ten_times);
  generic.register_forward_pre_hook(ten_times);
  Tensor x = ones({}), y = full({}, 2);
  EXPECT_EQ(overloaded(x).item<int>(), 11);
  EXPECT_EQ(overloaded(x, y).item<int>(), 30);
  EXPECT_EQ(overloaded(x, std::move(y)).item<int>(), 30);
  EXPECT_EQ(generic(x, x, x).item<int>(), 30);
  EXPECT_EQ(x.item<int>(), 1);
}

TEST(Hooks, AListThatForwardChangesIsTheCallersOwn) {
  Overloaded m;
  std::size_t after = 0;
  m.register_forward_pre_hook([](ModuleBase&, Tensors inputs) { EXPECT_EQ(inputs.size(), 1u); });
  m.register_forward_hook([&](ModuleBase&, Tensors inputs, Tensors outputs) {
    after = inputs.size();
    EXPECT_EQ(outputs.size(), 0u);
    EXPECT_EQ(inputs[0].item<int>(), 7);
  });
  std::vector<Tensor> list{full({}, 7)};
  m(list);
  EXPECT_EQ(after, 101u);
  EXPECT_EQ(list.size(), 101u);
}

TEST(Hooks, WhatCannotBeCopiedGoesThrough) {
  struct M : Module<M> {
    std::unique_ptr<int> forward(std::unique_ptr<int> p, Tensor x) {
      *p += x.item<int>();
      return p;
    }
    TENON_MODULE(M)
  } m;
  m.register_forward_hook([](ModuleBase&, Tensors inputs, Tensors outputs) {
    EXPECT_FALSE(inputs[0].defined());
    EXPECT_TRUE(inputs[1].defined()) << "a tensor that forward has taken over is still seen";
    EXPECT_FALSE(outputs[0].defined());
  });
  EXPECT_EQ(*m(std::make_unique<int>(4), ones({})), 5);
}

TEST(Hooks, AReferenceAsTheResultStaysGood) {
  ReturnsItsArgument m;
  m.register_forward_hook([](ModuleBase&, Tensors, Tensors outputs) { outputs[0] = outputs[0] + 1; });
  const auto y = m(ones({2}));
  EXPECT_EQ(y.to_vector<int>(), (std::vector<int>{2, 2}));

  struct Holder : Module<Holder> {
    int value = 1;
    int& forward() { return value; }
    TENON_MODULE(Holder, value)
  } holder;
  holder.register_forward_hook([](ModuleBase&, Tensors, Tensors outputs) { EXPECT_EQ(outputs.size(), 1u); });
  holder() = 5;
  EXPECT_EQ(holder.value, 5);
}

TEST(Hooks, RunWhereTheClassIsNotKnown) {
  Sequential s{AddOne(), AddOne()};
  int calls = 0;
  for (ModuleBase& layer : s) layer.register_forward_hook([&](ModuleBase&, Tensors, Tensors) { ++calls; });
  ModuleBase& base = s;
  EXPECT_EQ(base(ones({})).item<int>(), 3);
  EXPECT_EQ(calls, 2);
}

// ---------------------------------------------------------------- errors
TEST(Hooks, SayWhatIsWrongWithWhatTheyReturn) {
  Pair m;
  HookHandle handle = m.register_forward_hook([](ModuleBase&, Tensors, Tensors outputs) { return outputs[0]; });
  EXPECT_EQ(error_of([&] { m(ones({})); }),
            "[forward hook] returned an invalid number of outputs, got 1, but expected 2");
  handle.remove();
  handle = m.register_forward_hook([](ModuleBase&, Tensors, Tensors) { return Tensor(); });
  EXPECT_EQ(m(ones({})).first.item<int>(), 2) << "an undefined tensor changes nothing";
  handle.remove();
  handle = m.register_forward_hook([](ModuleBase&, Tensors, Tensors outputs) { outputs[2] = ones({}); });
  EXPECT_EQ(error_of([&] { m(ones({})); }),
            "[Tensors] expected an index below 2, the number of tensors that this hook sees, got 2");

  Mixed mixed;
  mixed.register_forward_pre_hook([](ModuleBase&, Tensors inputs) { inputs[1] = ones({}); });
  EXPECT_EQ(error_of([&] { mixed(ones({}), 1, ones({}), ""); }),
            "[Mixed] a hook has put a tensor in the place of an argument or result that is no tensor");
}

TEST(Hooks, AGradientOfAnotherShapeIsAnError) {
  AddOne m;
  m.register_full_backward_hook([](ModuleBase&, Tensors grad_input, Tensors) { grad_input[0] = ones({3}); });
  const Tensor y = m(grad_ones({2})).sum();
  EXPECT_EQ(error_of([&] { y.backward(); }), "[full backward hook] expected a gradient of shape (2,), got (3,)");
}

// ---------------------------------------------------------------- hooks that change hooks
TEST(Hooks, OneRegisteredInsideAHookRunsFromTheNextCallOn) {
  AddOne m;
  Log log;
  HookHandle handle = m.register_forward_hook([&](ModuleBase& self, Tensors, Tensors) {
    log.push_back("first");
    handle.remove();
    self.register_forward_hook([&](ModuleBase&, Tensors, Tensors) { log.push_back("prepended"); }, {.prepend = true});
    self.register_forward_hook([&](ModuleBase&, Tensors, Tensors) { log.push_back("appended"); });
  });
  m(ones({}));
  EXPECT_EQ(log, (Log{"first"}));
  m(ones({}));
  EXPECT_EQ(log, (Log{"first", "prepended", "appended"}));
}

TEST(Hooks, AHookMayCallItsModule) {
  AddOne m;
  int depth = 0;
  m.register_forward_hook([&](ModuleBase& self, Tensors, Tensors outputs) {
    if (++depth < 3) outputs[0] = self(outputs[0]);
  });
  EXPECT_EQ(m(ones({})).item<int>(), 4);
}

TEST(Hooks, WhatAHookHoldsGoesWithIt) {
  AddOne m;
  auto held = std::make_shared<int>(0);
  HookHandle handle = m.register_forward_hook([held](ModuleBase&, Tensors, Tensors) {});
  EXPECT_EQ(held.use_count(), 2);
  handle.remove();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Hooks, GlobalOnesLeaveNothingBehind) {
  int calls = 0;
  HookHandle handle = register_module_forward_pre_hook([&](ModuleBase&, Tensors) { ++calls; });
  Sequential{AddOne(), AddOne()}(ones({}));
  EXPECT_EQ(calls, 3);
  handle.remove();
  EXPECT_FALSE(nn::detail::has_global_hooks);
  AddOne()(ones({}));
  EXPECT_EQ(calls, 3);
}

// ---------------------------------------------------------------- between forward and backward
TEST(Hooks, FireForAModuleThatHasMovedAndNotForOneThatHasDied) {
  std::vector<const ModuleBase*> fired;
  const auto hook = [&](ModuleBase& m, Tensors, Tensors) { fired.push_back(&m); };
  const Tensor x = grad_ones({2});
  auto first = std::make_unique<AddOne>();
  first->register_full_backward_hook(hook);
  const Tensor y = (*first)(x).sum();
  AddOne second = std::move(*first);
  first.reset();
  y.backward();
  EXPECT_EQ(fired, (std::vector<const ModuleBase*>{&second}));

  Tensor z;
  {
    AddOne gone;
    gone.register_full_backward_hook(hook);
    z = gone(x).sum();
  }
  z.backward();
  EXPECT_EQ(fired.size(), 1u);
  EXPECT_EQ(x.grad().to_vector<int>(), (std::vector<int>{2, 2}));
}

TEST(Hooks, FireOnceForEachCallAndEachPass) {
  AddOne m;
  int calls = 0;
  HookHandle handle = m.register_full_backward_hook([&](ModuleBase&, Tensors, Tensors) { ++calls; });
  const Tensor y = m(m(grad_ones({2}))).sum();
  y.backward({}, {.retain_graph = true});
  EXPECT_EQ(calls, 2);
  y.backward({}, {.retain_graph = true});
  EXPECT_EQ(calls, 4);
  handle.remove();
  y.backward();
  EXPECT_EQ(calls, 4) << "one that was removed does not fire any more";
}

TEST(Hooks, GradientsThroughThemCanBeRecorded) {
  struct Square : Module<Square> {
    Tensor forward(const Tensor& x) { return x * x; }
    TENON_MODULE(Square)
  } m;
  m.register_full_backward_hook([](ModuleBase&, Tensors grad_input, Tensors) { return grad_input[0] * 2; });
  const Tensor x = full({}, 3., {.requires_grad = true});
  m(x).backward({}, {.create_graph = true});
  const Tensor g = x.grad();
  EXPECT_EQ(g.item<int>(), 12);  // 2 * 2x
  x.set_grad({});
  g.backward();
  EXPECT_EQ(x.grad().item<int>(), 4);
}

TEST(Hooks, TheResultOfAHookedModuleMayBeChangedInPlaceWhateverItsShape) {
  for (const Shape& shape : {Shape{2}, Shape{3, 2}, Shape{2, 3, 2}}) {
    Linear m(2, 2);
    int calls = 0;
    m.register_full_backward_hook([&](ModuleBase&, Tensors, Tensors grad_output) {
      ++calls;
      EXPECT_EQ(grad_output[0].sum().item<double>(), 3. * static_cast<double>(grad_output[0].numel()));
    });
    const Tensor x = grad_ones(shape);
    Tensor y = m(x);
    y.mul_(3);
    y.sum().backward();
    EXPECT_EQ(calls, 1);
    const Tensor hooked = x.grad();
    x.set_grad({});
    (functional::linear(x, m.weight, m.bias) * 3).sum().backward();
    EXPECT_TRUE(test::identical(hooked, x.grad())) << shape.to_string();
  }
}

TEST(Hooks, AChangeInPlaceThatWouldGoPastTheHookIsRefused) {
  ReturnsItsArgument m;  // as a Dropout in eval mode
  m.register_full_backward_hook([](ModuleBase&, Tensors, Tensors) {});
  const Tensor x = grad_ones({2}) * 1;
  Tensor y = m(x);
  EXPECT_NE(error_of([&] { y.mul_(3); }).find("for the backward hooks of a module"), std::string::npos);

  ReLU in_place({.inplace = true});
  in_place.register_full_backward_hook([](ModuleBase&, Tensors, Tensors) {});
  EXPECT_NE(error_of([&] { in_place(x); }).find("for the backward hooks of a module"), std::string::npos);
}

}  // namespace
}  // namespace tenon::nn::hooks_test
