// A checkpoint in several files, by its index.
#include "io/shard_index.h"

#include <gtest/gtest.h>

#include <tenon/io.h>
#include <tenon/ops.h>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::shard_index_test {
namespace {

using test::error_of;
using test::Folder;
using test::has;
using test::write_file;

constexpr const char* index_name = "model.safetensors.index.json";

/// Two shards, and an index of what is given as its map.
void write_shards(const Folder& folder, const std::string& map) {
  save(Dict{{"a", ones({2})}, {"b", zeros({3})}}, folder("model-00001-of-00002.safetensors"));
  save(Dict{{"c", full({1}, 5)}}, folder("model-00002-of-00002.safetensors"));
  write_file(folder(index_name),
             R"({"metadata": {"total_size": 24, "more": [1, {"x": null}]}, "weight_map": )" + map + "}");
}

TEST(ShardIndex, LoadsAllShardsAsOneStateDict) {
  const Folder folder;
  write_shards(folder, R"({"a": "model-00001-of-00002.safetensors", "c": "model-00002-of-00002.safetensors",
                           "b": "model-00001-of-00002.safetensors"})");
  for (const bool mmap : {true, false}) {
    const Value all = load(folder(index_name), {.mmap = mmap});
    EXPECT_EQ(all.size(), 3U);
    EXPECT_TRUE(test::identical(all["a"].as<Tensor>(), ones({2})));
    EXPECT_TRUE(test::identical(all["b"].as<Tensor>(), zeros({3})));
    EXPECT_TRUE(test::identical(all["c"].as<Tensor>(), full({1}, 5)));
  }
  EXPECT_EQ(load(folder(index_name), {.map_location = kMeta})["a"].as<Tensor>().device(), kMeta);
}

TEST(ShardIndex, ShardsMayBePyTorchsToo) {
  const Folder folder;
  save(Dict{{"a", ones({2})}}, folder("pytorch_model-00001-of-00001.bin"));
  write_file(folder("index.json"), R"({"weight_map": {"a": "pytorch_model-00001-of-00001.bin"}})");
  EXPECT_TRUE(test::identical(load(folder("index.json"))["a"].as<Tensor>(), ones({2})));
}

TEST(ShardIndex, WhatIsMissingIsNamed) {
  const Folder folder;
  write_shards(folder, R"({"a": "model-00003-of-00003.safetensors"})");
  const std::string lost = error_of([&] { (void)load(folder(index_name)); });
  EXPECT_TRUE(has(lost, folder(index_name)) && has(lost, "model-00003") && has(lost, "No such file")) << lost;
  write_shards(folder, R"({"z": "model-00001-of-00002.safetensors"})");
  const std::string none = error_of([&] { (void)load(folder(index_name)); });
  EXPECT_TRUE(has(none, "'z'") && has(none, "model-00001-of-00002")) << none;
}

TEST(ShardIndex, OnlyFilesBesideItAreRead) {
  const Folder folder;
  std::filesystem::create_directory(folder("inner"));
  save(Dict{{"a", ones({2})}}, folder("secret.safetensors"));
  for (const std::string name : {"../secret.safetensors", "/etc/passwd", "..", ".", "", "a/b"}) {
    write_file(folder("inner/i.json"), R"({"weight_map": {"a": ")" + name + R"("}})");
    EXPECT_TRUE(has(error_of([&] { (void)load(folder("inner/i.json")); }), "not the name of one beside it")) << name;
  }
  write_file(folder("i.json"), R"({"weight_map": {"a": "i.json"}})");  // itself
  EXPECT_TRUE(has(error_of([&] { (void)load(folder("i.json")); }), "is the index"));
}

TEST(ShardIndex, DamagedOnesAreRefused) {
  const Folder folder;
  for (const std::string text : {R"({)", R"({"weight_map": 1})", R"({"weight_map": []})", R"({"weight_map": ["a"]})",
                                 R"({"weight_map": {"a": 1}})", R"({"weight_map": {"a": {}}})",
                                 R"({"weight_map": {"a": "x", "a": "x"}})", R"({"weight_map": {}, "weight_map": {}})",
                                 R"({"weight_map": {}} x)", R"({})", R"({"a": {"weight_map": {"a": "x"}}})"}) {
    write_file(folder("i.json"), text);
    EXPECT_TRUE(error_of([&] { (void)load(folder("i.json")); }).starts_with("[load] " + folder("i.json"))) << text;
  }
  std::string deep = R"({"metadata": )";
  for (int i = 0; i < 100'000; ++i) deep += '[';
  write_file(folder("i.json"), deep);
  EXPECT_TRUE(has(error_of([&] { (void)load(folder("i.json")); }), "nested too deeply"));
}

TEST(ShardIndex, FromMemoryItCannotBeFollowed) {
  EXPECT_TRUE(has(error_of([] { (void)load(test::bytes_of(R"({"weight_map": {}})")); }), "load it by its path"));
}

}  // namespace
}  // namespace tenon::shard_index_test
