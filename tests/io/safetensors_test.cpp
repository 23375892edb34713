// safetensors: files that Python wrote (data/safetensors/generate.py), read and written again to the byte, and files
// that are wrong in one place.
#include "io/safetensors.h"

#include <complex>
#include <cstring>

#include "io/file_sink.h"
#include "io/files.h"
#include "tensor/check.h"

namespace tenon::safetensors_test {
namespace {

using test::bytes_of;
using test::error_of;
using test::Folder;
using test::read_file;
using test::write_file;

std::string data(const std::string& name) { return test::data("safetensors/" + name + ".safetensors"); }

Dict load(const std::string& file) { return io::read_safetensors(io::MappedFile("load", file)); }
Dict load(std::span<const std::byte> bytes) {
  io::MemorySource source("load", bytes);
  return io::read_safetensors(source);
}
void save(const std::string& file, const Dict& dict) {
  io::FileSink sink("save", file);
  io::write_safetensors(sink, dict);
  sink.finish();
}
Dict with_metadata(Dict dict, Dict metadata) {
  dict.set_metadata(std::move(metadata));
  return dict;
}

/// What generate.py puts into a tensor.
Tensor numbers(DType t, const Shape& shape) {
  const int64_t n = shape.numel();
  if (t == complex64) {
    const Tensor z = zeros(shape, {t});
    for (int64_t i = 0; i < n; ++i) z.data<std::complex<float>>()[i] = {static_cast<float>(i), static_cast<float>(-i)};
    return z;
  }
  return (t == float8_e8m0fnu ? pow(full({n}, 2.0), arange(n).to(float32)) : arange(n)).to(t).reshape(shape);
}

const std::vector<DType> types{uint64,          int64,          float64,       complex64,   float32, uint32,
                               int32,           bfloat16,       float16,       uint16,      int16,   float8_e5m2fnuz,
                               float8_e4m3fnuz, float8_e8m0fnu, float8_e4m3fn, float8_e5m2, int8,    uint8,
                               boolean};

Dict every_type() {
  Dict all;
  for (const DType t : types) all.set(std::string(name(t)), numbers(t, {2, t == boolean ? 1 : 3}));
  return all;
}
Dict names() {
  return Dict{{"b", numbers(float32, 3)},
              {"a", numbers(float32, 2)},
              {"c", numbers(float64, 1)},
              {"scalar", numbers(int64, {})},
              {"empty", numbers(float32, {0, 2})},
              {"", numbers(uint8, 5)},
              {"x\"\\\n\x01\x7f ü 🙂\b\f\r\t/", numbers(int8, 1)}};
}

/// The bytes of a file with this header.
std::string file(const std::string& header, const std::string& payload = "", std::optional<uint64_t> length = {}) {
  const uint64_t n = length.value_or(header.size());
  return std::string(reinterpret_cast<const char*>(&n), 8) + header + payload;
}
std::string one(const std::string& tensor, const std::string& payload = "x") {
  return file(R"({"a":)" + tensor + "}", payload);
}

/// What is wrong with a file, both mapped and in memory.
std::string error_in(const std::string& bytes) {
  const std::string in_memory = error_of([&] { load(bytes_of(bytes)); });
  const Folder folder;
  write_file(folder("f"), bytes);
  const std::string start = "[load] memory: ", mapped = error_of([&] { load(folder("f")); });
  if (!in_memory.starts_with(start)) return in_memory;
  EXPECT_EQ(mapped, "[load] " + folder("f") + ": " + in_memory.substr(start.size()));
  return in_memory.substr(start.size());
}

void expect_same(const Dict& actual, const Dict& expected) {
  EXPECT_EQ(actual.size(), expected.size());
  for (const auto& [key, value] : expected)
    EXPECT_TRUE(test::identical(actual[key].as<Tensor>(), value.as<Tensor>())) << key.quoted();
}

TEST(Safetensors, ReadsEveryTypeThatPythonWrites) {
  expect_same(load(data("every_type")), every_type());
  expect_same(load(data("every_type")), every_type());
  expect_same(load(bytes_of(read_file(data("every_type")))), every_type());
}

TEST(Safetensors, ReadsEveryShapeAndName) {
  expect_same(load(data("names")), names());
  EXPECT_EQ(load(data("nothing")).size(), 0U);
}

TEST(Safetensors, TensorsComeInTheOrderOfTheirNames) {
  std::string order;
  for (const auto& [key, value] : load(data("names"))) order += key.quoted().substr(0, 4) + " ";
  EXPECT_EQ(order, "'' 'a' 'b' 'c' 'emp 'sca 'x\"\\ ");
}

TEST(Safetensors, WritesWhatPythonWritesToTheByte) {
  const Folder folder;
  save(folder("a"), every_type());
  EXPECT_EQ(read_file(folder("a")), read_file(data("every_type")));
  save(folder("a"), with_metadata(names(), {{"format", "pt"}}));
  EXPECT_EQ(read_file(folder("a")), read_file(data("names")));
  save(folder("a"), {});
  EXPECT_EQ(read_file(folder("a")), read_file(data("nothing")));
}

TEST(Safetensors, MetadataComesBackInItsOrder) {
  const Folder folder;
  save(folder("a"), with_metadata({{"x", ones(2)}}, {{"z", "1"}, {"a", "ü\n"}}));
  EXPECT_EQ(fmt::format("{}", *load(folder("a")).metadata()), R"({'z': '1', 'a': 'ü\n'})");
  EXPECT_EQ(load(data("every_type")).metadata(), nullptr);
}

TEST(Safetensors, TheVersionsOfModulesAreNoTexts) {
  const Folder folder;
  save(folder("a"), with_metadata({{"x", ones(2)}}, {{"", Dict{{"version", 1}}}}));
  EXPECT_EQ(load(folder("a")).metadata(), nullptr);
}

TEST(Safetensors, MappedTensorsChangeInMemoryAndNotInTheFile) {
  const Folder folder;
  save(folder("a"), {{"x", ones(3)}, {"y", zeros(3)}});
  const std::string before = read_file(folder("a"));
  const Dict loaded = load(folder("a"));
  loaded["x"].as<Tensor>().fill_(5.0);
  EXPECT_TRUE(test::identical(loaded["x"].as<Tensor>(), full({3}, 5.0)));
  EXPECT_TRUE(test::identical(loaded["y"].as<Tensor>(), zeros(3)));
  EXPECT_EQ(read_file(folder("a")), before);
}

TEST(Safetensors, AFileIsWrittenOverWhileItsTensorsAreInUse) {
  const Folder folder;
  save(folder("a"), {{"x", ones({100, 100})}});
  Dict loaded = load(folder("a"));
  loaded.set("more", zeros(3));
  save(folder("a"), loaded);
  expect_same(load(folder("a")), loaded);
}

TEST(Safetensors, StridesTheTapeAndSharingDoNotMatter) {
  const Folder folder;
  const Tensor x = arange(12).to(float32).view({3, 4}), leaf = ones({2}, {.requires_grad = true});
  save(folder("a"), {{"transposed", x.t()},
                     {"expanded", ones({1}).expand({3})},
                     {"tied", x},
                     {"to", x},
                     {"part", x.narrow(1, 1, 2)},
                     {"leaf", leaf * 2.0}});
  expect_same(load(folder("a")), {{"transposed", x.t().contiguous()},
                                  {"expanded", ones(3)},
                                  {"tied", x},
                                  {"to", x},
                                  {"part", x.narrow(1, 1, 2).contiguous()},
                                  {"leaf", full({2}, 2.0)}});
}

TEST(Safetensors, ABoolIsZeroOrOne) {
  const std::string bytes = one(R"({"dtype":"BOOL","shape":[3],"data_offsets":[0,3]})", std::string("\0\1\7", 3));
  const Folder folder;
  write_file(folder("a"), bytes);
  for (const Dict& loaded : {load(bytes_of(bytes)), load(folder("a"))})
    EXPECT_EQ(std::memcmp(loaded["a"].as<Tensor>().raw_data(), "\0\1\1", 3), 0);
}

TEST(Safetensors, ReadsWhatOtherWritersPutDown) {
  // No padding, a tensor at an odd place, white space at the end, fields of later versions, no metadata.
  const std::string header =
      R"({"__metadata__":null,"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"more":{"x":[1,-2,3.5,true,null,"y"]}},)"
      R"("a":{"data_offsets":[1,5],"dtype":"F32","shape":[]}} )";
  const float a = 2.5F;
  const std::string bytes = file(header, "\7" + std::string(reinterpret_cast<const char*>(&a), 4));
  const Folder folder;
  write_file(folder("f"), bytes);
  for (const Dict& loaded : {load(bytes_of(bytes)), load(folder("f"))})
    expect_same(loaded, {{"a", tensor(2.5F)}, {"b", full({1}, 7).to(uint8)}});
}

TEST(Safetensors, WhatIsNotSuchAFileIsRefused) {
  EXPECT_EQ(error_in(""), "it ends too early");
  EXPECT_EQ(error_in("\2\0\0"), "it ends too early");
  EXPECT_EQ(error_in(file("{}", "", uint64_t{1} << 60)),
            "its header claims 1152921504606846976 bytes, 100000000 are allowed");
  EXPECT_EQ(error_in(file("{}", "", 3)), "it ends too early: its header claims 3 bytes, 2 are there");
  EXPECT_EQ(error_in(file("")), "its header does not begin with {");
  EXPECT_EQ(error_in(file("[1]")), "its header does not begin with {");
  EXPECT_EQ(error_in(file(" {}")), "its header does not begin with {");
  EXPECT_EQ(error_in(file("{nope")), "its header is not JSON (at byte 3 of it)");
  EXPECT_EQ(error_in(file("{}{}")), "its header is not JSON (at byte 3 of it)");
  EXPECT_EQ(error_in(file("{\"\xff\":1}")), "its header is not JSON (at byte 3 of it)");
  EXPECT_EQ(error_in(file(std::string("{}\0", 3))), "its header is not JSON (at byte 3 of it)");
  std::string deep = R"({"a":{"later":)";
  for (int i = 0; i < 100'000; ++i) deep += "[";
  EXPECT_EQ(error_in(file(deep)), "its header is nested too deeply");
}

TEST(Safetensors, TheHeaderHasEveryThingInItsPlaceOnce) {
  const std::string a = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  EXPECT_EQ(error_in(file("{" + a + "," + a + "}", "x")), "the name 'a' is given twice");
  EXPECT_EQ(error_in(one(R"({"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]})")),
            "the tensor 'a' has its dtype twice");
  EXPECT_EQ(error_in(file(R"({"__metadata__":{},"__metadata__":{}})")), "the name '__metadata__' is given twice");
  EXPECT_EQ(error_in(file(R"({"__metadata__":{"a":"b","a":"c"}})")), "the name 'a' is given twice in its metadata");
  EXPECT_EQ(error_in(file(R"({"__metadata__":{"a":1}})")), "its header has a number where none belongs, in 'a'");
  EXPECT_EQ(error_in(file(R"({"__metadata__":{"a":{}}})")), "its header has an object where none belongs, in 'a'");
  EXPECT_EQ(error_in(file(R"({"__metadata__":{"a":["b"]}})")), "its header has an array where none belongs, in 'a'");
  EXPECT_EQ(error_in(one("1")), "its header has a number where none belongs, in 'a'");
  EXPECT_EQ(error_in(one("null")), "its header has null where none belongs, in 'a'");
  EXPECT_EQ(error_in(one("[]")), "its header has an array where none belongs, in 'a'");
  EXPECT_EQ(error_in(one(R"({"dtype":3,"shape":[1],"data_offsets":[0,1]})")),
            "its header has a number where none belongs, in 'a'");
  EXPECT_EQ(error_in(one(R"({"dtype":"U8","shape":[[1]],"data_offsets":[0,1]})")),
            "its header has an array where none belongs, in 'a'");
  EXPECT_EQ(error_in(one(R"({"shape":[1],"data_offsets":[0,1]})")), "the tensor 'a' has no dtype");
  EXPECT_EQ(error_in(one(R"({"dtype":"U8","data_offsets":[0,1]})")), "the tensor 'a' has no shape");
  EXPECT_EQ(error_in(one(R"({"dtype":"U8","shape":[1]})")), "the tensor 'a' has no data_offsets");
  EXPECT_EQ(error_in(one(R"({"dtype":"F7","shape":[1],"data_offsets":[0,1]})")),
            "the tensor 'a' is of the type 'F7', which is not known");
}

TEST(Safetensors, SizesAndPlacesMustAgreeToTheByte) {
  EXPECT_EQ(error_in(one(R"({"dtype":"U8","shape":[3],"data_offsets":[0,3]})", "x")),
            "it ends too early: its tensors need 3 bytes, 1 are there");
  EXPECT_EQ(error_in(one(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})", "xy")),
            "there is more in it than its tensors");
  EXPECT_EQ(error_in(one(R"({"dtype":"U8","shape":[1],"data_offsets":[1,2]})", "xy")),
            "the tensor 'a' comes after a gap");
  EXPECT_EQ(
      error_in(file(
          R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
          "xyz")),
      "the tensor 'b' shares its bytes with another one");
  EXPECT_EQ(
      error_in(file(
          R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}})",
          "xy")),
      "the tensor 'b' shares its bytes with another one");
  EXPECT_EQ(error_in(one(R"({"dtype":"U8","shape":[1],"data_offsets":[1,0]})")),
            "the tensor 'a' does not say where it begins and ends");
  EXPECT_EQ(error_in(one(R"({"dtype":"U8","shape":[1],"data_offsets":[1]})")),
            "the tensor 'a' does not say where it begins and ends");
  EXPECT_EQ(error_in(one(R"({"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551616]})")),
            "its header has a number that is not whole or too large where none belongs, in 'a'");
  EXPECT_EQ(error_in(one(R"({"dtype":"F32","shape":[5],"data_offsets":[0,1]})")),
            "the tensor 'a' of shape (5,) and type float32 has 20 bytes, but 1 are given to it");
  EXPECT_EQ(error_in(one(R"({"dtype":"F32","shape":[5],"data_offsets":[0,1000000000000000]})")),
            "the tensor 'a' of shape (5,) and type float32 has 20 bytes, but 1000000000000000 are given to it");
  EXPECT_EQ(error_in(one(R"({"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,0]})")),
            "the tensor 'a' has more elements than memory has addresses");
  EXPECT_EQ(error_in(one(R"({"dtype":"F32","shape":[0,4611686018427387904,8],"data_offsets":[0,0]})")),
            "the tensor 'a' has more elements than memory has addresses");
  EXPECT_EQ(error_in(one(R"({"dtype":"F32","shape":[-1],"data_offsets":[0,0]})")),
            "its header has a negative number where none belongs, in 'a'");
  EXPECT_EQ(error_in(one(R"({"dtype":"F32","shape":[1.0],"data_offsets":[0,4]})")),
            "its header has a number that is not whole or too large where none belongs, in 'a'");
}

TEST(Safetensors, EveryCutOfAFileIsRefused) {
  const std::string whole = read_file(data("names"));
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_NE(error_of([&] { load(bytes_of(whole.substr(0, n))); }), "") << n;
}

TEST(Safetensors, OnlyNamedTensorsAreSavedAndAnErrorLeavesNoFile) {
  const Folder folder;
  const auto refused = [&](const Dict& dict) {
    std::string text = error_of([&] { save(folder("a"), dict); });
    EXPECT_EQ(folder.files(), 0U);
    return text;
  };
  EXPECT_EQ(refused({{"model", Dict{{"w", ones(2)}}}}),
            "[save] expected a tensor for the key 'model', found dict: the format holds tensors by name "
            "and nothing else; a .pt file holds everything");
  EXPECT_EQ(refused({{3, ones(2)}}), "[save] the format takes names for keys, and not the key 3");
  EXPECT_EQ(refused({{"__metadata__", ones(2)}}),
            "[save] the format takes names for keys, and not the key '__metadata__'");
  EXPECT_EQ(refused({{"x", Tensor()}}), "[save] the tensor for the key 'x' is undefined");
  EXPECT_EQ(refused({{"x", empty({2}, {.device = kMeta})}}),
            "[save] the tensor for the key 'x' is on the meta device and has no elements to save");
  EXPECT_EQ(refused({{"x", zeros(2).to(complex128)}}),
            "[save] the format has no type complex128, which the tensor for the key 'x' has: convert it");
  EXPECT_EQ(refused({{"\xff", ones(2)}}), "[save] names and texts must be UTF-8, which '\xff' is not");
}

}  // namespace
}  // namespace tenon::safetensors_test
