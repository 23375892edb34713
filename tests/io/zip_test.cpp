// Archives written and read back, and archives that lie.
#include "io/zip.h"

#include <unistd.h>

#include <cstring>

#include "io/file_sink.h"
#include "io/files.h"
#include "tensor/check.h"

namespace tenon::io::zip_test {
namespace {

using test::bytes_of;
using test::error_of;

/// The bytes of an archive with these entries.
std::string archive(const std::vector<std::pair<std::string, std::string>>& entries,
                    const ZipWriter::Options& options = {}) {
  const std::string name = std::filesystem::temp_directory_path() / fmt::format("tenon-zip-{}", ::getpid());
  FileSink sink("test", name);
  ZipWriter zip(sink);
  for (const auto& [entry, text] : entries) {
    const std::array<std::span<const std::byte>, 2> pieces{bytes_of(text).first(text.size() / 2),
                                                           bytes_of(text).subspan(text.size() / 2)};
    zip.add(entry, pieces, options);
  }
  zip.finish();
  std::string bytes = test::read_file(name);
  std::filesystem::remove(name);
  return bytes;
}

std::unique_ptr<ZipReader> reader(const std::string& bytes) {
  return std::make_unique<ZipReader>(std::make_unique<MemorySource>("test", bytes_of(bytes)));
}

std::string content(ZipReader& zip, std::string_view name) {
  const ZipEntry* entry = zip.find(name);
  if (!entry) return "(none)";
  const auto source = zip.open(*entry);
  std::string text(source->left(), '\0');
  for (std::size_t at = 0; at < text.size(); at += 7)
    source->read(text.data() + at, std::min<std::size_t>(7, text.size() - at));
  return text;
}

/// Reads everything.
std::string error_in(const std::string& bytes) {
  return error_of([&] {
    const auto zip = reader(bytes);
    for (const ZipEntry& e : zip->entries()) content(*zip, e.name);
  });
}

void put(std::string& bytes, std::size_t at, uint64_t value, std::size_t size) {
  std::memcpy(bytes.data() + at, &value, size);
}

/// Where the n-th central header begins.
std::size_t central(const std::string& bytes, int n) {
  std::size_t at = bytes.find("PK\x01\x02");
  while (n-- > 0) at = bytes.find("PK\x01\x02", at + 4);
  return at;
}

const std::string words = "the quick brown fox jumps over the lazy dog, and over and over and over";

TEST(Zip, EntriesComeBackInOrder) {
  for (const bool deflate : {false, true}) {
    const std::string bytes =
        archive({{"b", words}, {"a/empty", ""}, {"ü", std::string(100000, 'x')}}, {.deflate = deflate});
    const auto zip = reader(bytes);
    ASSERT_EQ(zip->entries().size(), 3U);
    EXPECT_EQ(zip->entries()[1].name, "a/empty");
    EXPECT_EQ(content(*zip, "b"), words);
    EXPECT_EQ(content(*zip, "a/empty"), "");
    EXPECT_EQ(content(*zip, "ü"), std::string(100000, 'x'));
    EXPECT_EQ(content(*zip, "c"), "(none)");
    EXPECT_EQ(bytes.size() < 2000, deflate);
  }
  EXPECT_TRUE(reader(archive({}))->entries().empty());
}

TEST(Zip, TheSameDataGivesTheSameFile) { EXPECT_EQ(archive({{"a", words}}), archive({{"a", words}})); }

TEST(Zip, StoredBytesBeginWhereTheyAreAsked) {
  for (const uint64_t alignment : {4, 64, 4096}) {
    const std::string bytes = archive({{"a", words}, {"name", "x"}, {"bb", words}}, {.alignment = alignment});
    const auto zip = reader(bytes);
    for (const ZipEntry& e : zip->entries()) {
      const uint64_t begin = zip->data_begin(e);
      EXPECT_EQ(begin % alignment, 0U);
      EXPECT_EQ(bytes.substr(begin, e.size), content(*zip, e.name));
    }
  }
}

TEST(Zip, ANameIsGivenOnce) {
  EXPECT_EQ(error_of([] { archive({{"a", "1"}, {"a", "2"}}); }), "[test] the name a is given twice");
  EXPECT_NE(error_of([] { archive({{"", "1"}}); }), "");
  EXPECT_NE(error_of([] { archive({{std::string("a\0b", 3), "1"}}); }), "");
}

TEST(Zip, ACommentMayFollow) {
  std::string bytes = archive({{"a", words}});
  put(bytes, bytes.size() - 2, 5, 2);
  EXPECT_EQ(content(*reader(bytes + "hello"), "a"), words);
  EXPECT_NE(error_in(bytes + "hell"), "");
}

TEST(Zip, WhatIsNoArchiveIsRefused) {
  for (const std::string& bytes :
       {std::string(), std::string("PK"), std::string(22, '\0'), std::string(100000, 'P'), words})
    EXPECT_EQ(error_in(bytes), "[test] memory: is not a zip archive, or its end is missing");
}

TEST(Zip, SizesThatTheDataCannotHaveAreRefused) {
  const std::size_t sizes = 46 + 1 + 4;  // in the extra field behind the name "a": size, compressed size, place
  for (const bool deflate : {false, true}) {
    std::string bytes = archive({{"a", words}}, {.deflate = deflate});
    put(bytes, central(bytes, 0) + sizes, uint64_t{1} << 40, 8);
    EXPECT_EQ(error_in(bytes), "[test] memory: the entry a claims a size that its data cannot have");
    bytes = archive({{"a", words}}, {.deflate = deflate});
    put(bytes, central(bytes, 0) + sizes, words.size() + 1, 8);
    EXPECT_NE(error_in(bytes), "");
    put(bytes, central(bytes, 0) + sizes, words.size() - 1, 8);
    EXPECT_NE(error_in(bytes), "");
    bytes = archive({{"a", words}}, {.deflate = deflate});
    put(bytes, central(bytes, 0) + sizes + 8, std::numeric_limits<uint64_t>::max(), 8);
    EXPECT_NE(error_in(bytes), "");
    put(bytes, central(bytes, 0) + sizes + 16, std::numeric_limits<uint64_t>::max() - 10, 8);
    EXPECT_NE(error_in(bytes), "");
  }
}

TEST(Zip, EntriesThatShareBytesAreRefused) {
  std::string bytes = archive({{"a", words}, {"b", words}});
  put(bytes, central(bytes, 1) + 46 + 1 + 4 + 16, 0, 8);  // b's bytes are said to be a's
  EXPECT_NE(error_in(bytes).find("shares its bytes with another one"), std::string::npos);
}

TEST(Zip, NamesMustDifferAndAgree) {
  std::string bytes = archive({{"a", words}, {"b", words}});
  bytes[central(bytes, 1) + 46] = 'a';
  EXPECT_EQ(error_in(bytes), "[test] memory: there are two entries of the name a");
  bytes[central(bytes, 1) + 46] = 'c';
  EXPECT_EQ(error_in(bytes), "[test] memory: the entry c is not what the directory says");
  bytes[central(bytes, 1) + 46] = '\0';
  EXPECT_NE(error_in(bytes), "");
}

TEST(Zip, EncryptedAndUnknownEntriesAreRefused) {
  std::string bytes = archive({{"a", words}});
  bytes[central(bytes, 0) + 8] |= 1;
  EXPECT_EQ(error_in(bytes), "[test] memory: the entry a is encrypted");
  bytes = archive({{"a", words}});
  bytes[central(bytes, 0) + 10] = 12;
  EXPECT_EQ(error_in(bytes), "[test] memory: the entry a is compressed in a way (number 12) that is not supported");
}

TEST(Zip, ChecksumsAreCompared) {
  for (const bool deflate : {false, true}) {
    std::string bytes = archive({{"a", words}}, {.deflate = deflate});
    bytes[central(bytes, 0) + 16] ^= 1;
    EXPECT_EQ(error_in(bytes), "[test] memory: a: its checksum is wrong: the data was changed or damaged");
  }
  std::string empty = archive({{"a", ""}});
  empty[central(empty, 0) + 16] ^= 1;
  EXPECT_NE(error_in(empty), "");
}

TEST(Zip, AnUnfinishedFileDoesNotAppear) {
  const std::filesystem::path name =
      std::filesystem::temp_directory_path() / fmt::format("tenon-zip-unfinished-{}", ::getpid());
  {
    FileSink sink("test", name);
    ZipWriter zip(sink);
    const std::array<std::span<const std::byte>, 1> pieces{bytes_of(words)};
    zip.add("a", pieces, {});
  }
  EXPECT_FALSE(std::filesystem::exists(name));
  for (const auto& file : std::filesystem::directory_iterator(name.parent_path()))
    EXPECT_FALSE(file.path().filename().string().starts_with(name.filename().string())) << file.path();
}

}  // namespace
}  // namespace tenon::io::zip_test
