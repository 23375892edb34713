// A TorchScript archive's weights, against the state dict that PyTorch saved beside it (data/foreign/generate.py).
#include "io/torchscript.h"

#include <gtest/gtest.h>

#include <tenon/io.h>
#include <tenon/ops.h>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon {
namespace {

using test::error_of;
using test::foreign;

TEST(TorchScript, TheWeightsAreTheModulesStateDict) {
  const Dict expected = load(foreign("state.pt")).as<Dict>();
  for (const std::string name : {"script.pt", "trace.pt"})
    for (const bool mmap : {true, false}) {
      const Dict state = load(foreign(name), {.mmap = mmap, .torchscript = true}).as<Dict>();
      EXPECT_EQ(state.size(), expected.size()) << name;
      EXPECT_TRUE(state.is_ordered());
      for (const auto& [key, value] : expected) {
        ASSERT_TRUE(state.contains(key)) << name << ' ' << key.to_string();
        EXPECT_TRUE(test::identical(state[key].as<Tensor>(), value.as<Tensor>())) << name << ' ' << key.to_string();
        EXPECT_FALSE(state[key].as<Tensor>().requires_grad());
      }
      EXPECT_TRUE(state["tied.weight"].as<Tensor>().shares_storage_with(state["part.lin.weight"].as<Tensor>()));
    }
}

TEST(TorchScript, WithoutBeingAskedForItIsRefused) {
  const std::string said = error_of([] { (void)load(foreign("script.pt")); });
  EXPECT_NE(said.find("torchscript = true"), std::string::npos) << said;
  EXPECT_NE(error_of([] { (void)load(foreign("script.pt"), {.opaque = true}); }), "");
}

TEST(TorchScript, AnAttributeThatTheProgramDoesNotListIsNoWeight) {
  Opaque object;
  object.module = "__torch__";
  object.name = "Net";
  object.made = Opaque::Made::by_new;
  object.state.push_back(Dict{{"w", ones({1})}, {"scratch", ones({1})}, {"training", true}});
  io::MemorySource file("test", {});
  const auto keys = [&](const std::string& program) {
    return io::torchscript_state(object, file,
                                 [&](const std::string& name) { return name == "code/__torch__.py" ? program : ""; });
  };
  const std::string program =
      "class Other(Module):\n  __parameters__ = [\"scratch\", ]\n  __buffers__ = []\n"
      "class Net(Module):\n  __parameters__ = [\"w\", ]\n  __buffers__ = []\n  w : Tensor\n";
  EXPECT_EQ(keys(program).size(), 1U);
  EXPECT_TRUE(keys(program).contains("w"));
  EXPECT_EQ(keys("").size(), 2U);  // nothing is said about it
  for (std::size_t n = 0; n < program.size(); ++n) (void)keys(program.substr(0, n));
  EXPECT_NE(error_of([&] { (void)io::torchscript_state(Value(1), file, {}); }), "");
}

}  // namespace
}  // namespace tenon
