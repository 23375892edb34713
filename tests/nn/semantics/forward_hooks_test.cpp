// What nn.Module does when it is called, statement by statement: calls and forward hooks.
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "nn/hook_modules.h"

namespace tenon::nn::forward_hooks_test {
namespace {

struct Looks : Module<Looks> {
  Untracked<const Tensor*> seen;
  void forward(const Tensor& argument) { seen = &argument; }
  TENON_MODULE(Looks, seen)
};

TEST(semantics, 01_without_hooks_a_call_goes_straight_to_forward) {
  AddOne m;
  EXPECT_FALSE(m.tenon_state().hooks);
  const Tensor x = ones({2});
  EXPECT_TRUE(ReturnsItsArgument()(x).is_same(x));
  Looks looks;
  looks(x);
  EXPECT_EQ(static_cast<const Tensor*>(looks.seen), &x) << "nothing stands between the caller and forward";
  // A hook that has been taken away leaves nothing behind.
  HookHandle handle = m.register_forward_hook([](ModuleBase&, Tensors, Tensors) {});
  EXPECT_TRUE(m.tenon_state().hooks);
  handle.remove();
  EXPECT_FALSE(m.tenon_state().hooks);
  EXPECT_EQ(m(x).to_vector<int>(), (std::vector<int>{2, 2}));
}

TEST(semantics, 02_hooks_run_in_pytorchs_order_and_prepend_reorders_a_modules_own) {
  Log log;
  AddOne m(&log);
  const auto say = [&](const char* what) { return [&log, what](ModuleBase&, auto...) { log.push_back(what); }; };
  std::vector<HookHandle> global;
  m.register_forward_pre_hook(say("pre b"));
  m.register_forward_pre_hook(say("pre a"), {.prepend = true});
  m.register_forward_hook(say("post b"));
  m.register_forward_hook(say("post a"), {.prepend = true});
  m.register_full_backward_pre_hook(say("backward pre b"));
  m.register_full_backward_pre_hook(say("backward pre a"), {.prepend = true});
  m.register_full_backward_hook(say("backward b"));
  m.register_full_backward_hook(say("backward a"), {.prepend = true});
  global.push_back(register_module_forward_pre_hook(say("global pre")));
  global.push_back(register_module_forward_hook(say("global post")));
  global.push_back(register_module_full_backward_pre_hook(say("global backward pre")));
  global.push_back(register_module_full_backward_hook(say("global backward")));

  m(grad_ones({2})).sum().backward();
  for (HookHandle& handle : global) handle.remove();
  EXPECT_EQ(log,
            (Log{"global pre", "pre a", "pre b", "forward", "global post", "post a", "post b", "global backward pre",
                 "backward pre a", "backward pre b", "global backward", "backward a", "backward b"}));
  log.clear();
  m(ones({2}));
  EXPECT_EQ(log, (Log{"pre a", "pre b", "forward", "post a", "post b"}));
}

TEST(semantics, 03_a_pre_hook_may_replace_tensors_among_the_arguments) {
  AddOne m;
  std::vector<int> seen;
  m.register_forward_pre_hook([](ModuleBase&, Tensors inputs) { inputs[0] = inputs[0] * 10; });
  m.register_forward_pre_hook([](ModuleBase&, Tensors inputs) { return inputs[0] + 5; });
  m.register_forward_pre_hook([&](ModuleBase&, Tensors inputs) { seen.push_back(inputs[0].item<int>()); });
  const Tensor x = ones({});
  EXPECT_EQ(m(x).item<int>(), 16);
  EXPECT_EQ(seen, (std::vector<int>{15}));
  EXPECT_EQ(x.item<int>(), 1) << "the caller's own variable stays as it is";
}

TEST(semantics, 04_a_forward_hook_sees_the_arguments_as_replaced_and_may_replace_the_result) {
  AddOne m;
  std::vector<int> seen;
  m.register_forward_pre_hook([](ModuleBase&, Tensors inputs) { inputs[0] = inputs[0] * 10; });
  m.register_forward_hook([&](ModuleBase& module, Tensors inputs, Tensors outputs) {
    EXPECT_EQ(&module, &m);
    seen = {inputs[0].item<int>(), outputs[0].item<int>()};
    outputs[0] = outputs[0] * 2;
  });
  m.register_forward_hook([](ModuleBase&, Tensors, Tensors outputs) { return outputs[0] + 3; });
  EXPECT_EQ(m(ones({})).item<int>(), 25);
  EXPECT_EQ(seen, (std::vector<int>{10, 11}));
}

TEST(semantics, 05_hooks_that_are_always_called_run_when_something_throws_and_none_runs_twice) {
  Log log;
  const auto say = [&](const char* what) {
    return [&log, what](ModuleBase&, Tensors, Tensors outputs) {
      log.push_back(fmt::format("{} {}", what, outputs.size()));
    };
  };
  const auto throwing = [&](const char* what) {
    return [&log, what](ModuleBase&, auto...) {
      log.push_back(what);
      throw std::runtime_error(what);
    };
  };
  const auto run = [&](ModuleBase& m) -> std::string {
    log.clear();
    try {
      m(ones({}));
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "nothing";
  };
  {  // forward throws: there are no outputs
    Throws m;
    m.register_forward_hook(say("plain"));
    m.register_forward_hook(say("always"), {.always_call = true});
    EXPECT_EQ(run(m), "[Throws] as it should");
    EXPECT_EQ(log, (Log{"always 0"}));
  }
  {  // a pre-hook throws
    AddOne m;
    m.register_forward_pre_hook(throwing("pre"));
    m.register_forward_hook(say("always"), {.always_call = true});
    EXPECT_EQ(run(m), "pre");
    EXPECT_EQ(log, (Log{"pre", "always 0"}));
  }
  {  // a hook throws; what a hook that is always called throws after that becomes a warning
    AddOne m;
    m.register_forward_hook(say("first"), {.always_call = true});
    m.register_forward_hook(throwing("second"), {.always_call = true});
    m.register_forward_hook(say("third"));
    m.register_forward_hook(throwing("fourth"), {.always_call = true});
    m.register_forward_hook(say("fifth"), {.always_call = true});
    HookHandle global = register_module_forward_hook(say("global"), {.always_call = true});
    testing::internal::CaptureStderr();
    EXPECT_EQ(run(m), "second");
    EXPECT_NE(testing::internal::GetCapturedStderr().find("fourth"), std::string::npos);
    global.remove();
    EXPECT_EQ(log, (Log{"global 1", "first 1", "second", "fourth", "fifth 1"}));
  }
}

TEST(semantics, 06_a_handle_may_be_removed_twice_or_late_or_inside_a_hook_and_a_moved_module_keeps_its_hooks) {
  Log log;
  HookHandle outlives;
  {
    AddOne m;
    outlives = m.register_forward_hook([&](ModuleBase&, Tensors, Tensors) { log.push_back("post"); });
    m(ones({}));
  }
  outlives.remove();
  outlives.remove();

  AddOne m;
  HookHandle itself, next;
  itself = m.register_forward_hook([&](ModuleBase&, Tensors, Tensors) {
    log.push_back("once");
    itself.remove();
    next.remove();
  });
  next = m.register_forward_hook([&](ModuleBase&, Tensors, Tensors) { log.push_back("removed before its turn"); });
  m.register_forward_hook(
      [&](ModuleBase& module, Tensors, Tensors) { log.push_back(std::string(module.type_name())); });
  m(ones({}));
  AddOne moved = std::move(m);
  moved(ones({}));
  EXPECT_EQ(log, (Log{"post", "once", "AddOne", "AddOne"}));

  // A call that was recorded finds the module where it is now, and no module where it has died.
  log.clear();
  Tensor y;
  {
    AddOne first;
    const ModuleBase* expected = nullptr;
    first.register_full_backward_hook(
        [&](ModuleBase& module, Tensors, Tensors) { log.push_back(&module == expected ? "here" : "elsewhere"); });
    y = first(grad_ones({2})).sum();
    AddOne second = std::move(first);
    expected = &second;
    y.backward({}, {.retain_graph = true});
  }
  y.backward();
  EXPECT_EQ(log, (Log{"here"}));
}

TEST(semantics, 07_any_signature_may_be_hooked) {
  {  // several arguments, some of them no tensors; a tuple as the result
    Mixed m;
    m.register_forward_pre_hook([](ModuleBase&, Tensors in) {
      ASSERT_EQ(in.size(), 4u);
      EXPECT_FALSE(in[1].defined()) << "a place for what is no tensor";
      in[0] = in[0] + 1;
      in[2] = in[2] * 2;
    });
    m.register_forward_hook([](ModuleBase&, Tensors in, Tensors out) {
      EXPECT_EQ(in[2].item<int>(), 10);
      ASSERT_EQ(out.size(), 3u);
      EXPECT_FALSE(out[1].defined());
      out[2] = out[2] - 1;
    });
    const auto [sum, n, last] = m(ones({}), 7, full({}, 5), "text");
    EXPECT_EQ(sum.item<int>(), 12);
    EXPECT_EQ(n, 7);
    EXPECT_EQ(last.item<int>(), 9);
  }
  {  // a pair of tensors
    Pair m;
    m.register_forward_hook([](ModuleBase&, Tensors, Tensors out) { return std::vector<Tensor>{out[1], out[0]}; });
    const auto [a, b] = m(ones({}));
    EXPECT_EQ(a.item<int>(), 3);
    EXPECT_EQ(b.item<int>(), 2);
  }
  {  // a struct as an argument and as the result
    StructInStructOut m;
    m.register_forward_pre_hook([](ModuleBase&, Tensors in) {
      ASSERT_EQ(in.size(), 2u);
      in[1] = full({}, 4);
    });
    m.register_forward_hook([](ModuleBase&, Tensors, Tensors out) {
      ASSERT_EQ(out.size(), 3u);
      out[0] = out[0] * 2;
      EXPECT_FALSE(out[1].defined());
      EXPECT_FALSE(out[2].defined());
    });
    const State s = m(ones({}), {.scale = 3});
    EXPECT_EQ(s.hidden.item<int>(), 14);
    EXPECT_EQ(s.steps, 1);
  }
  {  // a vector of tensors
    Lists m;
    m.register_forward_pre_hook([](ModuleBase&, Tensors in) { in[1] = in[1] * 5; });
    m.register_forward_hook([](ModuleBase&, Tensors, Tensors out) {
      ASSERT_EQ(out.size(), 2u);
      out[0] = out[0] + 100;
    });
    const std::vector<Tensor> x{ones({}), ones({})};
    const std::vector<Tensor> y = m(x);
    EXPECT_EQ(y[0].item<int>(), 102);
    EXPECT_EQ(y[1].item<int>(), 10);
    EXPECT_EQ(x[1].item<int>(), 1);
  }
  {  // a class that shows its tensors itself
    Packing m;
    m.register_forward_hook([](ModuleBase&, Tensors in, Tensors out) {
      EXPECT_EQ(in.size(), 1u);
      ASSERT_EQ(out.size(), 2u);
      out[1] = full({}, 8);
    });
    EXPECT_EQ(m(ones({})).second().item<int>(), 8);
  }
}

TEST(semantics, 08_forward_of_the_librarys_layers_cannot_be_called_from_outside) {
  // tests/must_not_compile/use.cpp, forward_of_a_layer, shows it for one; here for all of them.
  EXPECT_FALSE(forward_is_public<Linear>);
  EXPECT_FALSE(forward_is_public<ReLU>);
  EXPECT_FALSE(forward_is_public<Dropout>);
  EXPECT_FALSE(forward_is_public<Sequential>);
  EXPECT_FALSE(forward_is_public<CrossEntropyLoss>);
  EXPECT_FALSE(forward_is_public<LayerNorm>);
  EXPECT_FALSE(forward_is_public<GELU>);
  EXPECT_FALSE(forward_is_public<MultiheadAttention>);
  EXPECT_TRUE(forward_is_public<Pair>) << "a user's may be";
}

}  // namespace
}  // namespace tenon::nn::forward_hooks_test
