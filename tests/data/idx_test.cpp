// MNIST's file format, and the four files of MNIST and Fashion-MNIST, on small made-up ones.
#include <tenon/data/fashion_mnist.h>
#include <tenon/data/idx.h>
#include <tenon/data/mnist.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <unistd.h>

#include "tensor/check.h"

namespace tenon::data::idx_test {
namespace {

using test::error_of;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A folder that goes with the test.
class IdxFiles : public testing::Test {
 protected:
  IdxFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "tenon-idx-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no folder to write to");
    folder_ = name;
  }
  ~IdxFiles() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

std::string header(std::initializer_list<uint32_t> sizes, char type = 8) {
  std::string bytes{0, 0, type, static_cast<char>(sizes.size())};
  for (const uint32_t n : sizes)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(n >> shift);
  return bytes;
}

// gzip of header({2, 3}) and the bytes 1 to 6.
const std::string gzipped{
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\xe0\x60\x62\x60\x60\x00\x61\x66\x46\x26\x66\x16\x56\x36\x00\x48"
    "\x94\x3e\xe5\x12\x00\x00\x00",
    35};

TEST_F(IdxFiles, AreReadPlain) {
  const Tensor x = read_idx(write("plain", header({2, 3}) + std::string("\1\2\3\4\5\xff", 6)));
  EXPECT_EQ(x.dtype(), uint8);
  test::expect_values(x, {2, 3}, {1, 2, 3, 4, 5, 255});
}

TEST_F(IdxFiles, AreReadCompressed) {
  test::expect_values(read_idx(write("packed.gz", gzipped)), {2, 3}, {1, 2, 3, 4, 5, 6});
}

TEST_F(IdxFiles, MayBeEmpty) { EXPECT_EQ(read_idx(write("empty", header({0, 28, 28}))).shape(), (Shape{0, 28, 28})); }

TEST_F(IdxFiles, ThatAreDamagedAreErrorsThatNameThem) {
  const auto error = [&](const std::string& bytes) {
    const auto file = write("damaged", bytes);
    std::string text = error_of([&] { read_idx(file); });
    EXPECT_TRUE(has(text, file.string())) << text;
    return text;
  };
  EXPECT_TRUE(has(error(""), "not an idx file"));
  EXPECT_TRUE(has(error("some text"), "not an idx file"));
  EXPECT_TRUE(has(error(header({2}, 0x0D) + "12345678"), "type 0x0d"));
  EXPECT_TRUE(has(error(header({})), "dimensions"));
  EXPECT_TRUE(has(error(header({2, 3}).substr(0, 9)), "header"));
  EXPECT_TRUE(has(error(header({2, 3}) + "12345"), "5 of 6"));
  EXPECT_TRUE(has(error(header({2, 3}) + "1234567"), "goes on"));
  EXPECT_TRUE(has(error(header({0xffffffff, 0xffffffff, 0xffffffff})), "impossible"));
  EXPECT_TRUE(has(error(header({0xffffffff, 0xffff})), "ends after 0")) << "without asking for 281 TB";
  EXPECT_TRUE(has(error(gzipped.substr(0, 20)), "damaged"));
  std::string flipped = gzipped;
  flipped[22] = static_cast<char>(flipped[22] ^ 0x10);
  EXPECT_NE(error(flipped), "");
  EXPECT_NE(error_of([&] { read_idx(folder() / "missing"); }), "");
  EXPECT_TRUE(has(error_of([&] { read_idx(folder()); }), "folder"));
}

class FashionMNISTFiles : public IdxFiles {
 protected:
  void write_images(const std::string& part, uint32_t n) const {
    write(part + "-images-idx3-ubyte.gz", header({n, 28, 28}) + std::string(std::size_t{n} * 784, '\x33'));
  }
  void write_labels(const std::string& part, const std::string& labels) const {
    write(part + "-labels-idx1-ubyte.gz", header({static_cast<uint32_t>(labels.size())}) + labels);
  }
  std::string error(bool train = true) const {
    return error_of([&] { FashionMNIST(folder(), train); });
  }
};

TEST_F(FashionMNISTFiles, BecomeImagesAndLabels) {
  write_images("t10k", 3);
  write_labels("t10k", {'\0', '\x9', '\x4'});
  const FashionMNIST set(folder(), false);
  EXPECT_EQ(set.size(), 3);
  EXPECT_EQ(set.images().shape(), (Shape{3, 784}));
  EXPECT_EQ(set.images().dtype(), float32);
  EXPECT_EQ(set.images()[2][783].item<float>(), 51.0f / 255.0f);
  EXPECT_EQ(set.labels().dtype(), int64);
  test::expect_values(set.labels(), {3}, {0, 9, 4});
}

TEST_F(FashionMNISTFiles, ThatAreWrongAreErrorsThatSayWhatToInstall) {
  EXPECT_TRUE(has(error(), "train-images-idx3-ubyte.gz")) << error();
  EXPECT_TRUE(has(error(), "apt-get install dataset-fashion-mnist")) << error();
  EXPECT_TRUE(has(error(false), "t10k-images-idx3-ubyte.gz"));
  write_images("train", 2);
  EXPECT_TRUE(has(error(), "train-labels-idx1-ubyte.gz"));
  write_labels("train", "\1\2\3");
  EXPECT_TRUE(has(error(), "2 labels")) << error();
  write_labels("train", "\1\xa");
  EXPECT_TRUE(has(error(), "found 10")) << error();
  write("train-images-idx3-ubyte.gz", header({2, 28, 27}) + std::string(2 * 28 * 27, 'x'));
  EXPECT_TRUE(has(error(), "28")) << error();
  EXPECT_TRUE(has(error(), "apt-get install dataset-fashion-mnist"));
}

TEST_F(FashionMNISTFiles, AreMNISTsToo) {
  write("train-images-idx3-ubyte", header({2, 28, 28}) + std::string(2 * 784, '\xff'));
  write("train-images-idx3-ubyte.gz", "the file that is not compressed comes first");
  write_labels("train", "\3\7");
  const MNIST set(folder());
  EXPECT_EQ(set.images().shape(), (Shape{2, 784}));
  EXPECT_EQ(set.images().min().item<float>(), 1.0f);
  test::expect_values(set.labels(), {2}, {3, 7});
  EXPECT_EQ(error_of([&] { MNIST(folder(), false); }), "[MNIST] " + (folder() / "t10k-images-idx3-ubyte.gz").string() +
                                                           ": No such file or directory. Give the folder that has "
                                                           "MNIST's four files");
}

}  // namespace
}  // namespace tenon::data::idx_test
