// A TorchScript archive's weights, against the state dict that PyTorch saved beside it (data/foreign/generate.py).
#include "io/torchscript.h"

#include <gtest/gtest.h>

#include <tenon/io.h>
#include <tenon/ops.h>

#include "io/file_sink.h"
#include "io/files.h"
#include "io/zip.h"
#include "tensor/check.h"

namespace tenon::torchscript_test {
namespace {

using test::error_of;
using test::foreign;
using namespace std::string_literals;

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
    return io::torchscript_state(object, 100, file,
                                 [&](const std::string& name) { return name == "code/__torch__.py" ? program : ""; });
  };
  const std::string program =
      "class Other(Module):\n  __parameters__ = [\"scratch\", ]\n  __buffers__ = []\n"
      "class Net(Module):\n  __parameters__ = [\"w\", ]\n  __buffers__ = []\n  w : Tensor\n";
  EXPECT_EQ(keys(program).size(), 1U);
  EXPECT_TRUE(keys(program).contains("w"));
  EXPECT_EQ(keys("").size(), 2U);  // nothing is said about it
  for (std::size_t n = 0; n < program.size(); ++n) (void)keys(program.substr(0, n));
  EXPECT_NE(error_of([&] { (void)io::torchscript_state(Value(1), 100, file, {}); }), "");
}

/// Modules one within the other, each of the lower one under all of these names; a tensor in the last.
Value nested(int levels, const std::vector<std::string>& names) {
  Value module;
  for (int i = 0; i < levels; ++i) {
    Opaque object;
    object.module = "__torch__";
    object.name = "Net";
    object.made = Opaque::Made::by_new;
    Dict attributes;
    if (i == 0) attributes.set("w", ones({1}));
    else
      for (const std::string& name : names) attributes.set(name, module);
    object.state.push_back(std::move(attributes));
    module = std::move(object);
  }
  return module;
}

TEST(TorchScript, AModuleInSeveralPlacesHasAllOfItsNames) {
  io::MemorySource file("test", {});
  const Dict state = io::torchscript_state(nested(3, {"a", "b"}), 100, file, [](const std::string&) { return ""; });
  std::string keys;
  for (const auto& [key, value] : state) keys += key.string() + " ";
  EXPECT_EQ(keys, "a.a.w a.b.w b.a.w b.b.w ");
}

TEST(TorchScript, ModulesWithoutEndAreRefused) {
  io::MemorySource file("test", {}, "x.pt");
  const auto said = [&](const Value& module) {
    return error_of([&] { (void)io::torchscript_state(module, 100, file, [](const std::string&) { return ""; }); });
  };
  EXPECT_EQ(said(nested(40, {"a", "b"})),
            "[test] x.pt: its modules hold one another so often that there is no end to their names: this file was "
            "made to do harm");
  EXPECT_NE(said(nested(40, {std::string(1 << 18, 'a')})), "");  // few modules, but long names
  EXPECT_NE(said(nested(200'000, {"a"})), "");
}

// What a few hundred bytes say. The first is refused for its names, the second for its objects already.
TEST(TorchScript, AnArchiveOfModulesWithoutEndIsRefusedByItsName) {
  const test::Folder folder;
  const auto text = [](const std::string& s) { return "X"s + static_cast<char>(s.size()) + "\0\0\0"s + s; };
  // A module: its class, made by __new__, with a state.
  const auto module = [&](const std::string& entries) { return "c__torch__\nNet\n)\x81}(" + entries + "ub"; };
  for (const char levels : {19, 40}) {
    std::string pickle = "\x80\x02" + module("") + "q\x00"s;
    for (char i = 0; i < levels; ++i)  // the last one twice
      pickle += "0" + module(text("a") + "h" + i + text("b") + "h" + i) + "q" + static_cast<char>(i + 1);
    {
      io::FileSink sink("test", folder("x.pt"), io::FileSink::Durable::no);
      io::ZipWriter zip(sink);
      const auto add = [&](const std::string& name, const std::string& bytes) {
        const std::array<std::span<const std::byte>, 1> pieces{test::bytes_of(bytes)};
        zip.add("x/" + name, pieces, {});
      };
      add("data.pkl", pickle + ".");
      add("constants.pkl", "\x80\x02).");
      add("version", "3\n");
      zip.finish();
    }
    const std::string said = error_of([&] { (void)load(folder("x.pt"), {.torchscript = true}); });
    EXPECT_TRUE(test::has(said, folder("x.pt") + ": ") && test::has(said, "made to do harm")) << said;
  }
}

}  // namespace
}  // namespace tenon::torchscript_test
