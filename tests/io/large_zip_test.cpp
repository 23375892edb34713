// Archives of more than 4 GiB, whose numbers need 64 bits: PyTorch's, and ours compared with it. What is large is
// zeros, of which only the place and the number are kept.
#include <cstring>

#include "io/files.h"
#include "io/zip.h"
#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::io::large_zip_test {
namespace {

constexpr uint64_t large = (uint64_t{1} << 32) + 28, place_in_pytorchs = 1024;

/// A file whose zeros, in one piece, are not there.
struct Sparse {
  std::string rest;  ///< all else
  uint64_t zeros_at = 0, zeros = 0;
};

const std::vector<std::byte>& some_zeros() {
  static const std::vector<std::byte> z(std::size_t{1} << 20);
  return z;
}

class SparseSource final : public SeekableSource {
 public:
  explicit SparseSource(Sparse file) : SeekableSource("test", "sparse"), file_(std::move(file)) {
    size_ = file_.rest.size() + file_.zeros;
  }

 private:
  void read_some(std::byte* to, std::size_t n) override {
    const uint64_t zeros_end = file_.zeros_at + file_.zeros;
    while (n > 0) {
      const bool in_zeros = at_ >= file_.zeros_at && at_ < zeros_end;
      const uint64_t end = at_ < file_.zeros_at ? file_.zeros_at : in_zeros ? zeros_end : size_;
      const auto part = static_cast<std::size_t>(std::min<uint64_t>(n, end - at_));
      if (in_zeros) std::memset(to, 0, part);
      else std::memcpy(to, file_.rest.data() + (at_ < file_.zeros_at ? at_ : at_ - file_.zeros), part);
      to += part;
      at_ += part;
      n -= part;
    }
  }

  Sparse file_;
};

/// Knows the large entry's bytes by where they come from: some_zeros().
class SparseSink final : public Sink {
 public:
  SparseSink() : Sink("test") {}
  void finish() override {}
  Sparse file;

 private:
  void put(uint64_t at, const std::byte* from, std::size_t n) override {
    if (from != some_zeros().data()) {
      file.rest.append(reinterpret_cast<const char*>(from), n);
      return;
    }
    if (file.zeros == 0) file.zeros_at = at;
    file.zeros += n;
  }
};

std::unique_ptr<ZipReader> reader(const Sparse& file) {
  return std::make_unique<ZipReader>(std::make_unique<SparseSource>(file));
}

Sparse pytorchs() {
  return {test::read_file(test::tests_folder() + "/io/data/large/rest.pt"), place_in_pytorchs, large};
}

/// An entry's bytes; the checksum alone of a large one is looked at.
std::string content(ZipReader& zip, const ZipEntry& entry) {
  const auto source = zip.open(entry);
  std::string text;
  std::vector<std::byte> part(std::size_t{1} << 20);
  while (source->left() > 0) {
    const auto n = static_cast<std::size_t>(std::min<uint64_t>(source->left(), part.size()));
    source->read(part.data(), n);
    if (entry.size < large) text.append(reinterpret_cast<const char*>(part.data()), n);
  }
  return text;
}

/// The same entries in an archive of our own.
Sparse written_again(ZipReader& zip, ZipWriter::Form form) {
  SparseSink sink;
  ZipWriter writer(sink, form);
  for (const ZipEntry& e : zip.entries()) {
    const std::string text = content(zip, e);
    std::vector<std::span<const std::byte>> pieces;
    if (e.size < large) pieces.push_back(test::bytes_of(text));
    else
      for (uint64_t left = e.size; left > 0; left -= pieces.back().size())
        pieces.emplace_back(some_zeros().data(),
                            static_cast<std::size_t>(std::min<uint64_t>(left, some_zeros().size())));
    writer.add(e.name, pieces, {.alignment = 64});
  }
  writer.finish();
  return std::move(sink.file);
}

TEST(LargeZip, PyTorchsIsRead) {
  const auto zip = reader(pytorchs());
  const ZipEntry *tensor = zip->find("archive/data/1"), *after = zip->find("archive/data/2");
  ASSERT_TRUE(tensor && after);
  EXPECT_EQ(tensor->size, large);
  EXPECT_EQ(zip->data_begin(*tensor), place_in_pytorchs);
  EXPECT_GT(after->header, large);
  const std::string bytes = content(*zip, *after);
  std::array<int64_t, 5> numbers{};
  ASSERT_EQ(bytes.size(), sizeof(numbers));
  std::memcpy(numbers.data(), bytes.data(), sizeof(numbers));
  EXPECT_EQ(numbers, (std::array<int64_t, 5>{0, 1, 2, 3, 4}));
}

TEST(LargeZip, AStreamedOneIsPyTorchsToTheByte) {
  const Sparse theirs = pytorchs(), ours = written_again(*reader(theirs), ZipWriter::Form::streamed);
  EXPECT_EQ(ours.zeros, theirs.zeros);
  EXPECT_EQ(ours.zeros_at, theirs.zeros_at);
  EXPECT_EQ(ours.rest, theirs.rest);
}

TEST(LargeZip, APlainOneComesBack) {
  const auto theirs = reader(pytorchs()), ours = reader(written_again(*theirs, ZipWriter::Form::plain));
  ASSERT_EQ(ours->entries().size(), theirs->entries().size());
  for (std::size_t i = 0; i < ours->entries().size(); ++i) {
    const ZipEntry &mine = ours->entries()[i], &given = theirs->entries()[i];
    EXPECT_EQ(mine.name, given.name);
    EXPECT_EQ(mine.size, given.size);
    EXPECT_EQ(ours->data_begin(mine) % 64, 0U);
    EXPECT_EQ(content(*ours, mine), content(*theirs, given));
  }
}

}  // namespace
}  // namespace tenon::io::large_zip_test
