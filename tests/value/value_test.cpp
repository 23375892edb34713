#include <tenon/value.h>

#include <gtest/gtest.h>

#include <tenon/creation.h>

#include "io/files.h"
#include "tensor/check.h"

namespace value_test {
using tenon::Dict;
using tenon::Key;
using tenon::Tensor;
using tenon::Value;
using tenon::test::error_of;
using tenon::test::has;

namespace {

template <class D>
concept finds_in_what_goes = requires(D d) {
  std::move(d).find("text");
};

TEST(Value, GivesACopyOfWhatItHoldsWhenItIsAboutToGo) {
  static_assert(std::is_same_v<decltype(std::declval<Value>().as<Dict>()), Dict>);
  static_assert(std::is_same_v<decltype(std::declval<Value&>().as<Dict>()), const Dict&>);
  const auto made = [] { return Value(Dict{{"name", "a text that is too long to stand inside a string"}}); };
  for (auto& [key, value] : made().as<Dict>()) EXPECT_EQ(value.as<std::string>().size(), 48u);
}

TEST(Value, WhatIsTakenOutOfOneThatIsAboutToGoStays) {
  const std::string text = "a text that is too long to stand inside a string";
  const auto made = [&] { return Value(Dict{{"d", Dict{{"text", text}}}, {"list", Value::List{text}}}); };
  const auto& from_value = made()["d"]["text"];
  const auto& from_list = made()["list"][0];
  const auto& from_dict = Dict{{"text", text}}["text"];
  const auto& from_moved = std::move(made()["d"])["text"];
  for (const Value* v : {&from_value, &from_list, &from_dict, &from_moved}) EXPECT_EQ(v->as<std::string>(), text);
  EXPECT_EQ(Key(text).string(), text);
  // Its key is still known.
  const std::string wrong = error_of([&] { (void)from_value.as<int>(); });
  EXPECT_TRUE(has(wrong, "'text'")) << wrong;
  EXPECT_TRUE(has(error_of([&] { (void)made()["list"].as<int>(); }), "'list'"));
  const Value copy = from_value;
  EXPECT_FALSE(has(error_of([&] { (void)copy.as<int>(); }), "'text'"));
  static_assert(!finds_in_what_goes<Dict>);
}

TEST(Value, HoldsWhatItIsGivenAndNothingBecomesABool) {
  EXPECT_TRUE(Value().is_none());
  EXPECT_TRUE(Value(true).as<bool>());
  EXPECT_EQ(Value(3).as<int64_t>(), 3);
  EXPECT_EQ(Value(uint8_t{200}).as<int64_t>(), 200);
  EXPECT_EQ(Value(0.5f).as<double>(), 0.5);
  EXPECT_EQ(Value("text").type_name(), "str");
  EXPECT_EQ(Value("text").as<std::string>(), "text");
  EXPECT_EQ(Value(std::string_view("view")).as<std::string>(), "view");
  EXPECT_EQ(Value(std::vector<double>{1, 2}).as<std::vector<double>>(), (std::vector<double>{1, 2}));
  EXPECT_EQ(Value(std::vector<std::string>{"a"})[0].as<std::string>(), "a");
  EXPECT_EQ(Value(std::array<int, 2>{4, 5})[1].as<int>(), 5);
  EXPECT_TRUE(Value(std::optional<double>()).is_none());
}

TEST(Value, AnIntegerIsADoubleAndOtherwiseTypesAreKeptApart) {
  EXPECT_EQ(Value(7).as<double>(), 7.0);
  EXPECT_EQ(error_of([&] { Value(7.0).as<int64_t>(); }), "[Value] expected int, found float");
  EXPECT_EQ(error_of([&] { Value(1).as<bool>(); }), "[Value] expected bool, found int");
  EXPECT_EQ(error_of([&] { Value(true).as<int64_t>(); }), "[Value] expected int, found bool");
  EXPECT_EQ(error_of([&] { Value("1").as<double>(); }), "[Value] expected float, found str");
  EXPECT_EQ(error_of([&] { Value(300).as<uint8_t>(); }),
            "[Value] the integer 300 does not fit into the type asked for");
  EXPECT_EQ(error_of([&] { Value(uint64_t{1} << 63); }),
            "[Value] expected an integer of 64 bits with sign, got 9223372036854775808");
}

TEST(Value, AnErrorNamesTheKeyAndTheTypeFound) {
  const Dict d{{"epoch", "three"}, {"n", Dict{{"loss", Value()}}}};
  const std::string wrong = error_of([&] { (void)d["epoch"].as<int64_t>(); });
  EXPECT_TRUE(has(wrong, "'epoch'")) << wrong;
  EXPECT_TRUE(has(wrong, "expected int")) << wrong;
  EXPECT_TRUE(has(wrong, "found str")) << wrong;
  const std::string none = error_of([&] { (void)d["n"]["loss"].as<double>(); });
  EXPECT_TRUE(has(none, "'loss'") && has(none, "found None")) << none;
  const std::string missing = error_of([&] { (void)d["epohc"]; });
  EXPECT_TRUE(has(missing, "'epohc'") && has(missing, "'epoch', 'n'")) << missing;
  const std::string not_a_dict = error_of([&] { (void)d["epoch"]["x"]; });
  EXPECT_TRUE(has(not_a_dict, "expected dict") && has(not_a_dict, "'epoch'")) << not_a_dict;
}

TEST(Value, ACopyDoesNotClaimTheKeyOfItsOriginal) {
  Value copy;
  {
    const Dict d{{"gone", "text"}};
    copy = d["gone"];
  }
  EXPECT_FALSE(has(error_of([&] { (void)copy.as<bool>(); }), "gone"));
}

TEST(Dict, KeepsTheOrderOfInsertion) {
  Dict d{{"z", 1}, {"a", 2}};
  d.set("m", 3);
  d.set("z", 4);
  std::string keys;
  for (auto& [key, value] : d) keys += key.string();
  EXPECT_EQ(keys, "zam");
  EXPECT_EQ(d["z"].as<int>(), 4);
  EXPECT_TRUE(d.erase("a"));
  EXPECT_FALSE(d.erase("a"));
  EXPECT_EQ(d.size(), 2U);
}

TEST(Dict, TakesBracesOfAnyDepth) {
  const Dict one{{"a", "b"}};
  EXPECT_EQ(one.size(), 1U);
  EXPECT_EQ(one["a"].as<std::string>(), "b");
  const Dict nested{{"x", Dict{{"k", 1}}}};
  EXPECT_EQ(nested["x"]["k"].as<int>(), 1);
  const Dict three{{"a", true}, {"b", Value::List{1, "two", 3.0}}, {"c", nested}};
  EXPECT_EQ(three["b"][1].as<std::string>(), "two");
  EXPECT_EQ(three["c"]["x"]["k"].as<int>(), 1);
  EXPECT_EQ(error_of([&] { Dict{{"a", 1}, {"a", 2}}; }), "[Dict] the key 'a' is given twice");
}

TEST(Dict, IntegersAndStringsAreDifferentKeys) {
  Dict d;
  d.set(0, "number");
  d.set("0", "text");
  EXPECT_EQ(d[0].as<std::string>(), "number");
  EXPECT_EQ(d["0"].as<std::string>(), "text");
  EXPECT_EQ(error_of([&] { Key(0).string(); }), "[Key] expected a string, found the integer 0");
  EXPECT_EQ(error_of([&] { Key("0").integer(); }), "[Key] expected an integer, found the string '0'");
}

TEST(Dict, ManyKeysAreFoundRemovedAndCopied) {
  Dict d;
  for (int i = 0; i < 500; ++i) d.set("key" + std::to_string(i), i);
  Value& kept = d["key7"];
  for (int i = 500; i < 1000; ++i) d.set(i, i);
  EXPECT_EQ(kept.as<int>(), 7);
  EXPECT_TRUE(d.erase("key3"));
  EXPECT_FALSE(d.contains("key3"));
  const Dict copy = d;
  d.clear();
  EXPECT_TRUE(d.empty());
  EXPECT_FALSE(d.contains("key7"));
  EXPECT_EQ(copy.size(), 999U);
  EXPECT_EQ(copy["key499"].as<int>(), 499);
  EXPECT_EQ(copy[999].as<int>(), 999);
  const Dict moved = Dict(copy);
  EXPECT_EQ(moved["key7"].as<int>(), 7);
}

TEST(Dict, CopiesAreDeepButForTensors) {
  Dict d{{"inner", Dict{{"x", 1}}}, {"t", tenon::zeros({2})}};
  Dict copy = d;
  copy["inner"]["x"] = 2;
  copy["inner"].as_mutable<Dict>().set("y", 3);
  EXPECT_EQ(d["inner"]["x"].as<int>(), 1);
  EXPECT_FALSE(d["inner"].contains("y"));
  EXPECT_TRUE(copy["t"].as<Tensor>().is_same(d["t"].as<Tensor>()));
}

TEST(Dict, PrintsAsPythonDoes) {
  const Dict d{{"epoch", 3},         {"loss", 0.25},    {"one", 1.0},
               {"name", "it's"},     {"none", Value()}, {"list", Value::List{true, 2}},
               {"d", Dict{{0, "a"}}}};
  EXPECT_EQ(fmt::format("{}", d),
            "{'epoch': 3, 'loss': 0.25, 'one': 1.0, 'name': \"it's\", 'none': None, 'list': [True, 2], 'd': {0: 'a'}}");
}

}  // namespace
}  // namespace value_test
