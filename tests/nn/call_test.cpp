// Calling a module: forward may have any signature.
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/nn/module.h>
#include <tenon/ops.h>

namespace tenon::nn::call_test {
namespace {

struct ScaleOptions {
  double scale = 2;
  Tensor offset = {};
};

struct Scale : Module<Scale> {
  Tensor forward(const Tensor& x, const ScaleOptions& options = {}) {
    const Tensor y = x * options.scale;
    return options.offset.defined() ? y + options.offset : y;
  }
  TENON_MODULE(Scale)
};

TEST(Call, BracesMayBeAnArgument) {
  Scale scale;
  const Tensor x = ones({});
  EXPECT_EQ(scale(x, {.scale = 5}).item<int>(), 5);
  EXPECT_EQ(scale(x, {.offset = x}).item<int>(), 3);
  EXPECT_EQ(scale(x, {}).item<int>(), 2);
}

TEST(Call, ArgumentsLeftOutAreForwardsDefaults) { EXPECT_EQ(Scale()(ones({})).item<int>(), 2); }

TEST(Call, ForwardMayBeProtectedOrPrivate) {
  class Hidden : public Module<Hidden> {
    Tensor forward(const Tensor& x) { return x * 3; }
    TENON_MODULE(Hidden)
  } hidden;
  EXPECT_EQ(hidden(ones({})).item<int>(), 3);
}

TEST(Call, AnOverloadedForwardIsChosenByItsArguments) {
  struct Two : Module<Two> {
    int forward(const Tensor&) { return 1; }
    int forward(const Tensor&, int) { return 2; }
    int forward(const std::string&) { return 3; }
    TENON_MODULE(Two)
  } two;
  EXPECT_EQ(two(ones({})), 1);
  EXPECT_EQ(two(ones({}), 0), 2);
  EXPECT_EQ(two("text"), 3);
}

struct Generic : Module<Generic> {
  template <class... T>
  std::size_t forward(const T&...) {
    return sizeof...(T);
  }
  TENON_MODULE(Generic)
};

TEST(Call, AGenericForwardTakesAnything) { EXPECT_EQ(Generic()(1, "a", ones({})), 3u); }

TEST(Call, ArgumentsAndResultsMayBeOfAnyType) {
  struct Any : Module<Any> {
    std::tuple<Tensor, int> forward(std::unique_ptr<int> p, std::vector<Tensor>& list, const char* text) {
      list.push_back(ones({*p}));
      return {list.back(), text[0]};
    }
    TENON_MODULE(Any)
  } any;
  std::vector<Tensor> list;
  const auto [tensor, letter] = any(std::make_unique<int>(4), list, "a");
  EXPECT_EQ(tensor.numel(), 4);
  EXPECT_EQ(letter, 'a');
  EXPECT_EQ(list.size(), 1u);
}

TEST(Call, AReferenceComesBackAsAReference) {
  struct Holder : Module<Holder> {
    int value = 1;
    int& forward() { return value; }
    TENON_MODULE(Holder, value)
  } holder;
  holder() = 5;
  EXPECT_EQ(holder.value, 5);
}

TEST(Call, NoCopyIsMadeOfATemporaryArgument) {
  struct Counter {
    int* copies;
    explicit Counter(int* c) : copies(c) {}
    Counter(const Counter& o) : copies(o.copies) { ++*copies; }
    Counter(Counter&& o) noexcept : copies(o.copies) {}
  };
  struct Taker : Module<Taker> {
    void forward(Counter) {}
    TENON_MODULE(Taker)
  } taker;
  int copies = 0;
  taker(Counter(&copies));
  EXPECT_EQ(copies, 0);
}

TEST(Call, AModuleOfUnknownClassIsCalledWithOneTensor) {
  Scale scale;
  ModuleBase& base = scale;
  EXPECT_EQ(base(ones({})).item<int>(), 2);
}

TEST(Call, AModuleOfUnknownClassThatTakesSomethingElseSaysSo) {
  struct Pair : Module<Pair> {
    Tensor forward(const Tensor& a, const Tensor& b) { return a + b; }
    TENON_MODULE(Pair)
  } pair;
  ModuleBase& base = pair;
  try {
    base(ones({}));
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(
        e.what(),
        "[Pair] expected a module whose forward takes one tensor and gives one; call this one through its own class");
  }
}

TEST(Call, AConstModuleIsCalledWhereItsForwardIsConst) {
  struct Twice : Module<Twice> {
    Scale scale;
    Tensor forward(const Tensor& x, double by = 2) const { return x * by; }
    TENON_MODULE(Twice, scale)
  };
  Twice twice;
  const Twice& read = twice;
  EXPECT_EQ(read(ones({})).item<int>(), 2);
  EXPECT_EQ(read(ones({}), 3).item<int>(), 3);
  int calls = 0;
  twice.register_forward_hook([&](ModuleBase&, Tensors, Tensors outputs) {
    ++calls;
    outputs[0] = outputs[0] + 1;
  });
  EXPECT_EQ(read(ones({})).item<int>(), 3);
  EXPECT_EQ(calls, 1);
  struct Both : Module<Both> {
    int forward(const Tensor&) { return 1; }
    int forward(const Tensor&) const { return 2; }
    TENON_MODULE(Both)
  };
  Both both;
  EXPECT_EQ(both(ones({})), 1);
  EXPECT_EQ(std::as_const(both)(ones({})), 2);
}

}  // namespace
}  // namespace tenon::nn::call_test
