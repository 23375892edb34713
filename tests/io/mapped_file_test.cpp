// Tensors on a file's bytes: what is shared, what is copied, what lives how long.
#include "io/mapped_file.h"

#include <array>
#include <numeric>

#include <tenon/io.h>
#include <tenon/ops.h>

#include "io/file_sink.h"
#include "io/files.h"
#include "tensor/check.h"

namespace tenon::io::mapped_file_test {
namespace {

using test::error_of;
using test::Folder;
using test::read_file;
using test::write_file;

/// 0, 1, 2 … as floats, behind `before` other bytes.
std::string floats(int n, std::size_t before = 0) {
  std::vector<float> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 0.0F);
  return std::string(before, 'x') +
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

TEST(MappedFile, TensorsShowTheFilesBytesWithoutACopy) {
  const Folder folder;
  write_file(folder("a"), floats(6, 8));
  const MappedFile file("test", folder("a"));
  const Tensor x = file.tensor(8, {2, 3}, float32);
  EXPECT_TRUE(test::identical(x, arange(6).to(float32).view({2, 3})));
  EXPECT_EQ(x.raw_data(), file.bytes().data() + 8);
}

TEST(MappedFile, WritingToATensorLeavesTheFileAsItWas) {
  const Folder folder;
  const std::string bytes = floats(4);
  write_file(folder("a"), bytes);
  {
    const MappedFile file("test", folder("a"));
    const Tensor x = file.tensor(0, {4}, float32), same = file.tensor(4, {3}, float32);
    x.fill_(7.0);
    EXPECT_TRUE(test::identical(same, full({3}, 7.0)));  // one mapping, one memory
  }
  EXPECT_EQ(read_file(folder("a")), bytes);
}

TEST(MappedFile, TensorsOutliveTheObjectAndTheFile) {
  const Folder folder;
  write_file(folder("a"), floats(4));
  const Tensor x = MappedFile("test", folder("a")).tensor(0, {4}, float32);
  std::filesystem::remove(folder("a"));
  EXPECT_TRUE(test::identical(x, arange(4).to(float32)));
}

TEST(MappedFile, AFileReplacedBySavingLeavesLoadedTensorsAsTheyWere) {
  const Folder folder;
  write_file(folder("a"), floats(4));
  const Tensor x = MappedFile("test", folder("a")).tensor(0, {4}, float32);
  FileSink sink("test", folder("a"));
  sink.write(std::string(16, 'y').data(), 16);
  sink.finish();
  EXPECT_TRUE(test::identical(x, arange(4).to(float32)));
}

TEST(MappedFile, WhatOthersDoToASmallFileAfterwardsDoesNotReachItsTensors) {
  const Folder folder;
  write_file(folder("a"), floats(4));
  const Tensor x = MappedFile("test", folder("a")).tensor(0, {4}, float32);
  write_file(folder("a"), std::string(16, 'y'));  // in place
  EXPECT_TRUE(test::identical(x, arange(4).to(float32)));
  std::filesystem::resize_file(folder("a"), 0);
  EXPECT_TRUE(test::identical(x, arange(4).to(float32)));
}

TEST(MappedFile, LoadingWithoutMappingIsSafeForLargeFilesToo) {
  const Folder folder;
  for (const std::string name : {"a.pt", "a.safetensors"}) {
    save(Dict{{"w", full({5 << 20}, 1.0)}}, folder(name));  // 20 MiB
    const Value loaded = load(folder(name), {.mmap = false});
    std::filesystem::resize_file(folder(name), 0);
    EXPECT_EQ(loaded["w"].as<Tensor>().sum().item<double>(), 5 << 20);
  }
}

TEST(MappedFile, AnOddPlaceIsCopiedToAnAlignedOne) {
  const Folder folder;
  write_file(folder("a"), floats(4, 3));
  const MappedFile file("test", folder("a"));
  const Tensor x = file.tensor(3, {4}, float32);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(x.raw_data()) % alignof(float), 0U);
  EXPECT_TRUE(test::identical(x, arange(4).to(float32)));
  EXPECT_EQ(file.tensor(3, {16}, uint8).raw_data(), file.bytes().data() + 3);  // bytes lie well anywhere
}

TEST(MappedFile, AnEmptyFileHasEmptyTensors) {
  const Folder folder;
  write_file(folder("a"), "");
  const MappedFile file("test", folder("a"));
  EXPECT_TRUE(file.bytes().empty());
  EXPECT_EQ(file.tensor(0, {0, 3}, float32).shape(), (Shape{0, 3}));
  EXPECT_EQ(file.source().left(), 0U);
}

TEST(MappedFile, IsASourceThatNamesItsFile) {
  const Folder folder;
  write_file(folder("a"), "abcdef");
  const MappedFile file("test", folder("a"));
  MemorySource source = file.source();
  source.seek(4);
  std::array<char, 2> end{};
  source.read(end.data(), 2);
  EXPECT_EQ((std::string_view{end.data(), 2}), "ef");
  EXPECT_EQ(error_of([&] { source.read(end.data(), 1); }), "[test] " + folder("a") + ": it ends too early");
}

TEST(MappedFile, RefusesWhatIsNoFile) {
  const Folder folder;
  EXPECT_EQ(error_of([&] { MappedFile("test", folder("missing")); }),
            "[test] " + folder("missing") + ": No such file or directory");
  EXPECT_EQ(error_of([&] { MappedFile("test", folder("")); }), "[test] " + folder("") + ": is not a file");
  EXPECT_EQ(error_of([&] { MappedFile("test", "/dev/zero"); }), "[test] /dev/zero: is not a file");
}

}  // namespace
}  // namespace tenon::io::mapped_file_test
