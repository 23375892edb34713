// Plain pickles: what Python wrote in every protocol (data/pickle/generate.py), and bytes that are to do harm.
#include <gtest/gtest.h>

#include <tenon/io.h>

#include "io/files.h"
#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::pickle_test {
namespace {

using test::bytes_of;
using test::error_of;
using test::has;
using namespace std::string_literals;

Value read(const std::string& pickle) { return load(bytes_of(pickle)); }
std::string refused(const std::string& pickle) {
  return error_of([&] { (void)read(pickle); });
}

std::string repeated(const std::string& s, int n) {
  std::string all;
  for (int i = 0; i < n; ++i) all += s;
  return all;
}

// As pickle's bytes: protocol 2's head, and ints, texts and places of the memo.
const std::string head = "\x80\x02";
std::string text(const std::string& s) { return "X"s + static_cast<char>(s.size()) + "\0\0\0"s + s; }

TEST(Pickle, EveryProtocolSaysTheSame) {
  std::string first;
  for (int protocol = 2; protocol < 6; ++protocol) {  // the older two do not begin with a mark of theirs
    const Value v = load(fmt::format("{}/io/data/pickle/protocol{}.pkl", test::tests_folder(), protocol));
    if (first.empty()) first = v.to_string();
    EXPECT_EQ(v.to_string(), first) << protocol;
  }
  EXPECT_EQ(
      first,
      R"({'integers': [0, 255, 65535, -1, 2147483648, -9223372036854775808, 1180591620717411303424, -1180591620717411303424], )"
      R"('numbers': [1.5, -0.0, None, True, False], 'text': 'é\n\'"\\ 🙂', 'bytes': b'\x00\xffab', )"
      R"('tuples': ((), (1,), (1, 2, 3, 4)), 'empty': [{}, []], 'set': {7}})");
}

TEST(Pickle, TheInstructionsOfTheOldestProtocolsAreReadInALaterOne) {
  for (int protocol = 0; protocol < 2; ++protocol) {
    const std::string pickle =
        test::read_file(fmt::format("{}/io/data/pickle/protocol{}.pkl", test::tests_folder(), protocol));
    const std::string later = load(test::tests_folder() + "/io/data/pickle/protocol2.pkl").to_string();
    EXPECT_EQ(read(head + pickle).to_string(), later) << protocol;
  }
  EXPECT_EQ(read(head + "(I1\nI01\nL-12L\nF0.5\nS'a\\x41\\n'\nV\\u00e9\nt."s).to_string(),
            R"((1, True, -12, 0.5, 'aA\n', 'é'))");
}

TEST(Pickle, NeitherPlaceOfATwoFoldObjectSeesChangesOfTheOther) {
  Value v = read(head +
                 "]q\x00(]q\x01h\x01"
                 "e."s);
  EXPECT_EQ(std::as_const(v)[0].identity(), std::as_const(v)[1].identity());
  v[0].as_mutable<Value::List>().push_back(1);
  EXPECT_EQ(v.to_string(), "[[1], []]");
}

TEST(Pickle, TheLastOfAKeyGivenTwiceCounts) {
  EXPECT_EQ(read(head + "}(K\x01K\x02K\x01K\x03u."s).to_string(), "{1: 3}");
}

TEST(Pickle, AnErrorSaysAtWhichByte) {
  EXPECT_TRUE(has(refused(head + "K\x01h\x05."s), "byte 4"));
  EXPECT_TRUE(has(refused(head + "("s), "ends too early"));
  EXPECT_TRUE(has(refused(head + "tR."), "byte 2"));
  EXPECT_TRUE(has(refused(head + "\xFF."), "0xff"));
  EXPECT_TRUE(has(refused("\x80\x06N."), "protocol 6"));
  EXPECT_NE(refused(head + "NN."), "");
  EXPECT_NE(refused(head + "N(."), "");
  EXPECT_NE(refused(head + "K\x01K\x02R."s), "");         // a call of a number
  EXPECT_NE(refused(head + "N}b."), "");                  // a state for None
  EXPECT_NE(refused(head + "NNa."), "");                  // an item for None
  EXPECT_NE(refused(head + "}(NuN0."), "");               // a key without a value
  EXPECT_NE(refused(head + "}]Ns."), "");                 // a list as a key
  EXPECT_NE(refused(head + "U\x01\xFF."s), "");           // no UTF-8
  EXPECT_NE(refused(head + "N.N"), "");                   // more than one
  EXPECT_NE(refused(head + "Nr\xFF\xFF\xFF\x7F."s), "");  // a memo of gigabytes
}

TEST(Pickle, LengthsBeyondTheEndAreRefusedWithoutMemoryForThem) {
  for (const char* opcode : {"X", "T", "B", "\x8B"})
    EXPECT_TRUE(has(refused(head + opcode +
                            "\xFF\xFF\xFF\x7F"
                            "abc."),
                    "too early"));
  for (const char* opcode : {"\x8D", "\x8E", "\x96"})
    EXPECT_TRUE(has(refused(head + opcode +
                            "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                            "abc."),
                    "too early"));
  EXPECT_TRUE(has(refused(head + "\x8B\x01\x40\0\0"s + std::string(0x4001, 'x') + "."), "integer"));
}

TEST(Pickle, EndlessNestingIsRefused) {
  EXPECT_TRUE(has(refused(head + repeated("]", 200'000) + repeated("a", 199'999) + "."), "levels deep"));
  EXPECT_TRUE(has(refused(head + "N" + repeated("\x85", 200'000) + "."), "levels deep"));
  EXPECT_NE(refused(head + repeated("}N", 100'000) + "N" + repeated("s", 99'999) + "."), "");
  EXPECT_EQ(read(head + repeated("]", 900) + repeated("a", 899) + ".").type_name(), "list");
}

TEST(Pickle, AnObjectThatHoldsItselfIsRefused) {
  EXPECT_TRUE(has(refused(head + "]q\x00h\x00"
                                 "a."s),
                  "holds itself"));
  EXPECT_TRUE(has(refused(head + "}q\x00X\1\0\0\0ah\x00s."s), "['a']"));
  EXPECT_TRUE(has(refused(head + "]q\x00h\x00\x85"
                                 "a."s),
                  "holds itself"));
}

TEST(Pickle, ListsDoubledThroughTheMemoAreRefused) {
  std::string bomb = head + "]q\x00"s;
  for (char i = 0; i < 60; ++i) bomb += "0](h"s + i + "h" + i + "eq" + static_cast<char>(i + 1);
  EXPECT_TRUE(has(refused(bomb + "."), "made to do harm"));
  std::string texts = head + "X\0\0\x10\0"s + std::string(1 << 20, 'x') +
                      "q\x00"
                      "0]("s;
  for (int i = 0; i < 100'000; ++i) texts += "h\x00"s;
  EXPECT_TRUE(has(refused(texts + "e."), "made to do harm"));
}

TEST(Pickle, EveryUnknownNameIsListedWithItsKeyAndNoneIsCalled) {
  const std::string pickle = head + "}(" + text("a") + "cos\nsystem\n" + text("touch x") + "\x85R" + text("b") +
                             "](cmy.module\nConfig\n)\x81}" + text("n") + "cmy\nEnum\nsbe" + text("w") + "K\x01u.";
  const std::string said = refused(pickle);
  EXPECT_TRUE(has(said, "os.system (under ['a'])")) << said;
  EXPECT_TRUE(has(said, "my.module.Config (under ['b'][0])")) << said;
  EXPECT_TRUE(has(said, "my.Enum (under ['b'][0]['n'])")) << said;
}

TEST(Pickle, OpaqueObjectsAreCarriedWithAllThatTheyHave) {
  const std::string pickle = head + "}(" + text("a") + "cos\nsystem\n" + text("x") + "\x85R" + text("b") +
                             "cmy.module\nConfig\n)\x81}" + text("n") + "K\x01sbu.";
  const Value v = load(bytes_of(pickle), {.opaque = true});
  const auto& call = v["a"].as<Opaque>();
  EXPECT_EQ(call.full_name(), "os.system");
  EXPECT_EQ(call.made, Opaque::Made::called);
  EXPECT_EQ(call.arguments.at(0).as<std::string>(), "x");
  const auto& object = v["b"].as<Opaque>();
  EXPECT_EQ(object.made, Opaque::Made::by_new);
  EXPECT_EQ(object.state.at(0)["n"].as<int>(), 1);
}

TEST(Pickle, ANameIsAllowedWithinAScopeAlone) {
  const std::string pickle = head + "cmy.module\nConfig\nK\x05\x85R."s;
  EXPECT_NE(refused(pickle), "");
  {
    const auto scope =
        io::allow("my.module.Config", [](const Opaque& o) { return Value(o.arguments.at(0).as<int>() + 1); });
    EXPECT_EQ(read(pickle).as<int>(), 6);
    {
      const auto inner = io::allow("my.module.Config");
      EXPECT_TRUE(read(pickle).is<Opaque>());
    }
    EXPECT_EQ(read(pickle).as<int>(), 6);
  }
  EXPECT_NE(refused(pickle), "");
  io::allow_always("my.module.Config");
  EXPECT_TRUE(read(pickle).is<Opaque>());
}

TEST(Pickle, KnownNamesAreNotCalledWithWhatTheyDoNotTake) {
  EXPECT_NE(refused(head + "ctorch\nSize\n" + text("ab") + "\x85R."), "");
  EXPECT_NE(refused(head + "c_codecs\nencode\n" + text("ab") + text("rot13") + "\x86R."), "");
  EXPECT_NE(refused(head + "ctorch\nfloat32\n)R."), "");
  EXPECT_NE(refused(head + "ctorch._utils\n_rebuild_tensor_v2\n)R."), "");
  EXPECT_NE(refused(head + "ctorch._utils\n_rebuild_parameter\nN\x88N\x87R."), "");
  EXPECT_NE(refused(head + "c__builtin__\ncomplex\n)R."), "");
}

TEST(Pickle, WhatIsReferredToOftenDoesNotTakeItsSquare) {
  // Unknown names at the end of a long path; objects that have one large state; a large integer; a storage's long name.
  std::string names = head + repeated("]", 100'000) + "(";
  for (int i = 0; i < 20'000; ++i) names += fmt::format("cm\nN{}\n", i);
  EXPECT_TRUE(has(refused(names + "e" + repeated("a", 99'999) + "."), "and 19000 more"));
  std::string state = head + "}(";
  for (int i = 0; i < 20'000; ++i) state += "J"s + std::string(reinterpret_cast<const char*>(&i), 4) + "N";
  state += "uq\x00"s + "0](";
  for (int i = 0; i < 20'000; ++i) state += "cm\nN\n)\x81h\x00"s + "b";
  EXPECT_TRUE(has(refused(state + "e."), "m.N"));
  std::string integers = head + "\x8B\0\x20\0\0"s + std::string(0x2000, 'x') + "q\x00"s + "0](";
  for (int i = 0; i < 20'000; ++i) integers += "h\x00"s;
  EXPECT_TRUE(has(refused(integers + "e."), "made to do harm"));
  const std::string storage = head + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") +
                              "ctorch\nFloatStorage\nX\0\x04\0\0"s + std::string(1024, '0') + text("cpu") +
                              "K\x01tQK\x00K\x01\x85K\x01\x85\x89}tR."s;
  EXPECT_TRUE(has(refused(storage), "a storage's key or place of more than 256 bytes")) << refused(storage);
}

}  // namespace
}  // namespace tenon::pickle_test
