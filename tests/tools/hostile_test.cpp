// Small files that would have a command walk without end.
#include <nlohmann/json.hpp>

#include <tenon/io/checkpoint.h>

#include "tensor/check.h"
#include "tools/run.h"

namespace tenon {
namespace {

using test::Folder;
using test::has;
using test::quoted;
using test::Result;
using test::run;
using test::write_file;
using namespace std::string_literals;

/// Lists in one another, each holding the next one twice.
Value doubled(int levels) {
  Value v = Value::List{};
  for (int i = 0; i < levels; ++i) v = Value::List{v, v};
  return v;
}

TEST(Tool, ListsHeldTwiceWithoutEndAreRefusedByEveryCommand) {
  const Folder folder;
  save(doubled(40), folder("forty.pt"));
  save(Dict{{"a", doubled(20)}, {"w", ones({1})}}, folder("twenty.pt"));
  const std::string forty = quoted(folder("forty.pt")), twenty = quoted(folder("twenty.pt"));
  for (const std::string command : {"inspect", "verify", "convert", "diff"}) {
    const std::string second = command == "convert" ? " " + quoted(folder("b.pt"))
                               : command == "diff"  ? " " + forty
                                                    : "";
    const Result r = run(command + " " + forty + second);
    EXPECT_NE(r.code, 0) << command;
    EXPECT_TRUE(has(r.error, "forty.pt: ") && has(r.error, "made to do harm")) << r.error;
  }
  EXPECT_TRUE(has(run("inspect " + twenty).error, "more than 1,000,000 entries"));
  EXPECT_TRUE(has(run("diff " + twenty + " " + twenty).error, "more than 1,000,000 entries"));
  // What changes its tensors goes to each list once, and a list that stands twice is still one.
  EXPECT_EQ(run("convert --dtype float16 " + twenty + " " + quoted(folder("b.pt"))).code, 0);
  const Value b = load(folder("b.pt"));
  EXPECT_EQ(std::as_const(b)["a"][0].identity(), std::as_const(b)["a"][1].identity());
  EXPECT_EQ(b["w"].as<Tensor>().dtype(), float16);
  EXPECT_LT(std::filesystem::file_size(folder("b.pt")), 10'000U);
}

TEST(Tool, AListNestedAMillionDeepIsRefused) {
  const Folder folder;
  const std::string deep(1'000'000, ']');
  write_file(folder("a.pkl"), "\x80\x02" + deep + std::string(999'999, 'a') + ".");
  for (const std::string command : {"inspect", "verify"})
    EXPECT_TRUE(has(run(command + " " + quoted(folder("a.pkl"))).error, "more than 1000 levels deep")) << command;
}

TEST(Tool, LongNamesBelowOneAnotherAreRefused) {
  const Folder folder;
  Value v = Value::List(1000);
  for (int i = 0; i < 100; ++i) v = Dict{{std::string(10'000, 'k'), v}};
  save(v, folder("a.pt"));
  EXPECT_TRUE(has(run("inspect " + quoted(folder("a.pt"))).error, "the names in it are more than 256 MB together"));
}

TEST(Tool, ANameOfDotsAndALayerOfManyTensorsTakeNoTime) {
  const Folder folder;
  save(Dict{{std::string(200'000, '.'), ones({1})}}, folder("dots.pt"));
  EXPECT_EQ(run("inspect --modules " + quoted(folder("dots.pt"))).code, 0);
  EXPECT_EQ(run("inspect " + quoted(folder("dots.pt")) + " '*.none'").code, 2);
  Dict layer;
  const Tensor x = ones({1});
  for (int i = 0; i < 50'000; ++i) layer.set(fmt::format("0.{}x", i), x);
  save(layer, folder("layer.pt"));
  EXPECT_EQ(run("inspect " + quoted(folder("layer.pt"))).code, 0);
}

TEST(Tool, OneKeyManyTimesInWhatIsOnlyCarriedIsToldApart) {
  const Folder folder;
  Opaque object{"my", "Map", Opaque::Made::called, {}, {}, {}, {}};
  for (int i = 0; i < 50'000; ++i) object.entries.emplace_back("k", i);
  save(Dict{{"a", object}}, folder("a.pt"));
  EXPECT_EQ(run("diff " + quoted(folder("a.pt")) + " " + quoted(folder("a.pt"))).code, 0);
}

TEST(Tool, AFileOutOfAPipeIsShown) {
  const Folder folder;
  save(Dict{{"w", ones({3})}}, folder("a.pt"));
  const std::string from = "cat " + quoted(folder("a.pt")) + " |";
  EXPECT_TRUE(has(run("inspect --no-name /dev/stdin", from).out, "w  float32 [3]"));
  const Result r = run("inspect --json /dev/stdin", from);
  EXPECT_TRUE(nlohmann::json::parse(r.out)["file_bytes"].is_null()) << r.error;
  EXPECT_EQ(run("verify /dev/stdin", from).code, 0);
  EXPECT_EQ(run("convert /dev/stdin " + quoted(folder("b.pt")), from).code, 0);
  EXPECT_EQ(run("diff " + quoted(folder("b.pt")) + " /dev/stdin", from).code, 0);
}

}  // namespace
}  // namespace tenon
