// What Python keeps in checkpoints beside numbers, text and tensors; and how copies of it behave.
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tenon/creation.h>
#include <tenon/io/checkpoint.h>
#include <tenon/value.h>

#include "tensor/check.h"

namespace tenon::objects_test {
namespace {

using test::error_of;

BigInt big(std::initializer_list<int> bytes) {
  std::vector<std::byte> all;
  for (const int b : bytes) all.push_back(static_cast<std::byte>(b));
  return BigInt::from_bytes(all);
}

TEST(Value, HoldsEveryKindThatPythonHasAndNamesIt) {
  const std::vector<std::pair<Value, std::string_view>> kinds{{Tuple{{1, "a"}}, "tuple"},
                                                              {Set{{1}}, "set"},
                                                              {Bytes{"ab"}, "bytes"},
                                                              {Shape{2, 3}, "Size"},
                                                              {bfloat16, "dtype"},
                                                              {Device("cpu"), "device"},
                                                              {std::complex<double>(1, 2), "complex"},
                                                              {big({0, 0, 0, 0, 0, 0, 0, 0, 1}), "int"},
                                                              {nn::Parameter(zeros({2})), "Parameter"},
                                                              {Opaque{}, "object"}};
  for (const auto& [value, name] : kinds) EXPECT_EQ(value.type_name(), name);
  EXPECT_EQ(kinds[3].first.as<Shape>(), (Shape{2, 3}));
  EXPECT_EQ(kinds[4].first.as<DType>(), bfloat16);
  EXPECT_TRUE(kinds[8].first.is<Tensor>());  // a parameter is a tensor
  EXPECT_FALSE(Value(zeros({2})).is<nn::Parameter>());
}

TEST(Value, PrintsAsPythonDoesWhateverItHolds) {
  const auto text = [](const Value& v) { return v.to_string(); };
  EXPECT_EQ(text(Tuple{}), "()");
  EXPECT_EQ(text(Tuple{{1}}), "(1,)");
  EXPECT_EQ(text(Tuple{{1, "a"}}), "(1, 'a')");
  EXPECT_EQ(text(Set{}), "set()");
  EXPECT_EQ(text(Set{{1, 2}}), "{1, 2}");
  EXPECT_EQ(text(Bytes{std::string("\0\xff'a\n", 5)}), R"(b"\x00\xff'a\n")");
  EXPECT_EQ(text("tab\t, bell\a"), R"('tab\t, bell\x07')");
  EXPECT_EQ(text(Shape{2, 3}), "torch.Size([2, 3])");
  EXPECT_EQ(text(float16), "torch.float16");
  EXPECT_EQ(text(Device("cuda:1")), "device(type='cuda', index=1)");
  EXPECT_EQ(text(Device("cpu")), "device(type='cpu')");
  EXPECT_EQ(text(std::complex<double>(1, 2)), "(1+2j)");
  EXPECT_EQ(text(std::complex<double>(0, -1.5)), "-1.5j");
  EXPECT_EQ(text(1e300), "1e+300");
}

TEST(BigInt, IsExactBothWays) {
  EXPECT_EQ(big({0, 0, 0, 0, 0, 0, 0, 0, 1}).to_string(), "18446744073709551616");                 // 2^64
  EXPECT_EQ(big({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF}).to_string(), "-1208925819614629174706176");  // −2^80
  EXPECT_EQ(big({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF}).to_double(), -0x1p80);
  EXPECT_EQ(big({0xFF, 0xFF, 0xFF}).to_int64(), -1);
  EXPECT_EQ(big({0xFF, 0}).to_int64(), 255);
  EXPECT_EQ(big({1, 0, 0, 0}), big({1}));
  EXPECT_EQ(big({}).to_string(), "0");
  EXPECT_TRUE(Value(big({7, 0})).is<int64_t>());  // one that fits is a plain integer
  EXPECT_NE(error_of([] { (void)big({0, 0, 0, 0, 0, 0, 0, 0, 1}).to_int64(); }), "");
}

TEST(Key, FollowsPythonsEquality) {
  Dict d;
  d.set(1, "one");
  EXPECT_EQ(d[Key(Value(1.0))].as<std::string>(), "one");
  EXPECT_EQ(d[Key(Value(true))].as<std::string>(), "one");
  EXPECT_FALSE(d.contains("1"));
  EXPECT_FALSE(d.contains(Key(Value(1.5))));
  d.set(Key(Value(Tuple{{1, "a"}})), "pair");
  d.set(Key(Value()), "none");
  d.set(Key(Value(Bytes{"a"})), "bytes");
  EXPECT_EQ(d[Key(Value(Tuple{{1.0, "a"}}))].as<std::string>(), "pair");
  EXPECT_EQ(d[Key(Value())].as<std::string>(), "none");
  EXPECT_FALSE(d.contains("a"));
  EXPECT_EQ(Value(d).to_string(), "{1: 'one', (1, 'a'): 'pair', None: 'none', b'a': 'bytes'}");
  for (int i = 0; i < 100; ++i) d.set(Key(Value(Tuple{{i}})), i);  // found by hash from here on
  EXPECT_EQ(d[Key(Value(1.0))].as<std::string>(), "one");
  EXPECT_EQ(d[Key(Value(Tuple{{Value(50.0)}}))].as<int>(), 50);
  EXPECT_EQ(d[Key(Value(Shape{50}))].as<int>(), 50);
}

/// Texts that the standard library's hash (MurmurHash64A, which can be run backwards) puts in one place.
std::vector<std::string> texts_of_one_hash(uint64_t count) {
  constexpr uint64_t multiplier = 0xC6A4A7935BD1E995, seed = 0xC70F6907, length = 16;
  uint64_t inverse = multiplier;  // modulo 2^64, by Newton's method
  for (int i = 0; i < 6; ++i) inverse *= 2 - multiplier * inverse;
  const auto mixed = [](uint64_t x) { return x ^ (x >> 47); };
  std::vector<std::string> texts;
  for (uint64_t first = 0; first < count; ++first) {
    const uint64_t after = ((seed ^ (length * multiplier)) ^ (mixed(first * multiplier) * multiplier)) * multiplier;
    const uint64_t halves[] = {first, mixed((after ^ 12345) * inverse) * inverse};
    texts.emplace_back(reinterpret_cast<const char*>(halves), sizeof halves);
  }
  return texts;
}

TEST(Key, TextsOfOneStandardHashHaveHashesOfTheirOwn) {
  std::set<std::size_t> standard, keys, tuples;
  for (const std::string& text : texts_of_one_hash(1000)) {
    standard.insert(std::hash<std::string>()(text));
    keys.insert(Key(text).hash());
    tuples.insert(Key(Value(Tuple{{text, 1}})).hash());
  }
#if defined(__GLIBCXX__)
  EXPECT_EQ(standard.size(), 1U) << "the texts are no example any more";
#endif
  EXPECT_EQ(keys.size(), 1000U);
  EXPECT_EQ(tuples.size(), 1000U);
}

TEST(Value, SetsAreEqualInAnyOrder) {
  Value::List forwards, backwards;
  for (int i = 0; i < 50; ++i) forwards.push_back(Tuple{{i, "x"}});
  backwards.assign(forwards.rbegin(), forwards.rend());
  EXPECT_TRUE(Value(Set{forwards}).equals(Value(Set{backwards})));
  backwards.back() = Tuple{{0, "y"}};
  EXPECT_FALSE(Value(Set{forwards}).equals(Value(Set{backwards})));
  EXPECT_FALSE(Value(Set{forwards}).equals(Value(Set{{1}})));
  EXPECT_TRUE(Value(Set{{1, true, 2.5}}).equals(Value(Set{{2.5, 1.0, true}})));
  EXPECT_TRUE(Value(Set{{Value::List{1}, 2}}).equals(Value(Set{{2, Value::List{1}}}))) << "no key of a dict, but equal";
}

TEST(Key, WhatCanChangeIsNoKey) {
  EXPECT_NE(error_of([] { (void)Key(Value(Value::List{})); }), "");
  EXPECT_NE(error_of([] { (void)Key(Value(Dict())); }), "");
  EXPECT_NE(error_of([] { (void)Key(Value(Tuple{{Value(Value::List{})}})); }), "");
}

TEST(Value, ACopyNeverSeesAChangeOfItsOriginal) {
  Value original = Value::List{Dict{{"a", Value::List{1, 2}}}, Tuple{{1}}};
  const Value before = original;
  original[0]["a"][1] = 3;
  EXPECT_EQ(before.to_string(), "[{'a': [1, 2]}, (1,)]");
  EXPECT_EQ(original.to_string(), "[{'a': [1, 3]}, (1,)]");
}

TEST(Value, AReferenceTakenBeforeTheCopyStaysWithItsOwn) {
  Dict original{{"inner", Dict{{"x", 1}}}};
  Value& x = original["inner"]["x"];
  auto& inner = original["inner"].as_mutable<Dict>();
  const Dict copy = original;
  x = 2;
  inner.set("y", 3);
  EXPECT_EQ(Value(copy).to_string(), "{'inner': {'x': 1}}");
  EXPECT_EQ(Value(original).to_string(), "{'inner': {'x': 2, 'y': 3}}");
}

TEST(Value, SharedObjectsKeepTheirIdentityUntilOneIsChanged) {
  const Value shared = Value::List{1};
  Dict d{{"a", shared}, {"b", shared}, {"c", Value::List{1}}};
  const Dict& seen = d;
  EXPECT_EQ(seen["a"].identity(), seen["b"].identity());
  EXPECT_NE(seen["a"].identity(), seen["c"].identity());
  d["a"].as_mutable<Value::List>().push_back(2);
  EXPECT_EQ(Value(d).to_string(), "{'a': [1, 2], 'b': [1], 'c': [1]}");
}

TEST(Value, CanBecomeAPartOfItself) {
  Value v = Value::List{Dict{{"a", Tuple{{7}}}}};
  v = v[0];
  v = std::as_const(v)["a"];
  v = std::as_const(v)[0];
  EXPECT_EQ(v.as<int>(), 7);
}

TEST(Value, WhatIsMovedFromIsNone) {
  Value a = Value::List{1}, b = std::move(a);
  EXPECT_TRUE(a.is_none());  // NOLINT: what is tested
  EXPECT_EQ(b.size(), 1U);
}

TEST(Value, EndlesslyNestedValuesAreDestroyedAndRefused) {
  const auto made = [] {
    Value deep;
    for (int i = 0; i < 200'000; ++i) deep = Value::List{std::move(deep)};
    return deep;
  };
  const Value deep = made();
  const Value copy = deep;
  EXPECT_NE(error_of([&] { (void)deep.to_string(); }), "");
  EXPECT_NE(error_of([&] { (void)Dict{{"deep", deep}}.clone(); }), "");
  EXPECT_NE(error_of([&] { (void)deep.equals(made()); }), "");
  EXPECT_NE(error_of([&] { (void)save_to_bytes(deep); }), "");
}

TEST(Value, TuplesAndSizesAreSequencesToo) {
  EXPECT_EQ(Value(Tuple{{1, 2}}).as<std::vector<int>>(), (std::vector{1, 2}));
  EXPECT_EQ(Value(Shape{4, 5}).as<std::vector<int64_t>>(), (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(Value(std::array<double, 2>{0.9, 0.5}).type_name(), "tuple");
  EXPECT_EQ(Value(Tuple{{7, "x"}})[1].as<std::string>(), "x");
  EXPECT_NE(error_of([] { (void)Value(Tuple{{1}})[1]; }), "");
  EXPECT_EQ(Value(Set{{1, 2, 3}}).size(), 3U);
}

TEST(Dict, SaysWhetherItIsAnOrderedDictAndASnapshotIsToo) {
  Dict d{{"a", zeros({2})}};
  EXPECT_FALSE(d.is_ordered());
  d.set_ordered();
  EXPECT_TRUE(d.is_ordered() && d.clone().is_ordered() && Dict(d).is_ordered());
  Dict with_metadata;
  with_metadata.set_metadata(Dict{{"", Dict{{"version", 1}}}});
  EXPECT_TRUE(with_metadata.is_ordered());
}

TEST(Dict, ASnapshotCopiesTensorsInTuplesAndKeepsParameters) {
  const nn::Parameter p(ones({2}));
  const Dict d{{"t", Tuple{{p, p}}}};
  const Dict copy = d.clone();
  const Value& tuple = copy["t"];
  EXPECT_TRUE(tuple[0].is<nn::Parameter>());
  EXPECT_FALSE(tuple[0].as<Tensor>().shares_storage_with(p));
  EXPECT_TRUE(tuple[0].as<Tensor>().shares_storage_with(tuple[1].as<Tensor>()));
}

TEST(Value, WhatHoldsTheSameTwiceIsComparedCopiedAndSavedOnce) {
  Value v = Value::List{};
  for (int i = 0; i < 40; ++i) v = i % 2 == 0 ? Value(Value::List{v, v}) : Value(Dict{{"a", v}, {"b", v}});
  EXPECT_TRUE(v.equals(Value(v)));
  const Dict copy = Dict{{"v", v}}.clone();
  EXPECT_EQ(copy["v"]["a"].identity(), copy["v"]["b"].identity());
  EXPECT_LT(save_to_bytes(v).size(), 10'000U);
}

TEST(Key, OfALargeIntegerIsFoundByItsBytes) {
  Dict d;
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::byte> bytes(8192, std::byte{1});
    bytes[0] = static_cast<std::byte>(i);
    bytes[1] = static_cast<std::byte>(i >> 8);
    d.set(Key(Value(BigInt::from_bytes(bytes))), i);
  }
  EXPECT_EQ(d.size(), 2000U);
}

}  // namespace
}  // namespace tenon::objects_test
