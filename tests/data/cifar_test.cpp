// CIFAR's binary files, on small made-up ones.
#include <tenon/data/cifar.h>

#include "data/folder.h"
#include "tensor/check.h"

namespace tenon::data::cifar_test {
namespace {

using test::error_of;

/// Labels, then an image whose bytes count up from `first`.
std::string record(const std::string& labels, int first) {
  std::string bytes = labels;
  for (int i = 0; i < 3072; ++i) bytes += static_cast<char>(first + i);
  return bytes;
}

class CIFARFiles : public test::FolderTest {
 protected:
  void write_training() const {
    for (int i = 1; i <= 5; ++i)
      write(fmt::format("data_batch_{}.bin", i), record({static_cast<char>(i)}, i) + record({'\0'}, 0));
  }
};

TEST_F(CIFARFiles, BecomeImagesAndLabels) {
  write_training();
  write("test_batch.bin", record("\x9", 7));
  const CIFAR10 train(folder()), check(folder(), false);
  EXPECT_EQ(train.size(), 10);
  EXPECT_EQ(train.images().shape(), (Shape{10, 3, 32, 32}));
  EXPECT_EQ(train.images().dtype(), uint8);
  EXPECT_EQ(train.labels().dtype(), int64);
  test::expect_values(train.labels(), {10}, {1, 0, 2, 0, 3, 0, 4, 0, 5, 0});
  EXPECT_EQ(train.images()[4][1][2][3].item<int64_t>(), (3 + 1024 + 64 + 3) % 256) << "the red plane comes first";
  test::expect_values(check.labels(), {1}, {9});
  const auto [x, y] = check.get_batch(tensor(std::vector<int64_t>{0, 0}));
  EXPECT_EQ(x.shape(), (Shape{2, 3, 32, 32}));
  EXPECT_TRUE(check.classes().empty());
}

TEST_F(CIFARFiles, AreFoundInTheArchivesFolder) {
  write("cifar-10-batches-bin/test_batch.bin", record("\1", 0));
  write("cifar-10-batches-bin/batches.meta.txt", "airplane\nautomobile\r\n\n");
  EXPECT_EQ(CIFAR10(folder(), false).classes(), (std::vector<std::string>{"airplane", "automobile"}));
}

TEST_F(CIFARFiles, OfAHundredKindsHaveTwoLabels) {
  write("train.bin", record({19, 99}, 1) + record({0, 5}, 2));
  write("fine_label_names.txt", "apple\n");
  write("coarse_label_names.txt", "fruit\n");
  const CIFAR100 set(folder());
  EXPECT_EQ(set.size(), 2);
  test::expect_values(set.labels(), {2}, {99, 5});
  test::expect_values(set.coarse_labels(), {2}, {19, 0});
  EXPECT_EQ(set.classes(), std::vector<std::string>{"apple"});
  EXPECT_EQ(set.coarse_classes(), std::vector<std::string>{"fruit"});
}

TEST_F(CIFARFiles, ThatAreWrongAreErrorsThatNameThem) {
  const auto error = [&](bool train) { return error_of([&] { CIFAR10(folder(), train); }); };
  EXPECT_TRUE(test::has(error(false), "[CIFAR10] " + (folder() / "test_batch.bin").string())) << error(false);
  const std::string name = "[CIFAR10] " + write("test_batch.bin", record("\1", 0) + "x").string();
  EXPECT_EQ(error(false), name + ": expected records of 3073 bytes, found 3074 bytes");
  write("test_batch.bin", "");
  EXPECT_EQ(error(false), name + ": expected records of 3073 bytes, found 0 bytes");
  write("test_batch.bin", record("\1", 0) + record("\xa", 0));
  EXPECT_EQ(error(false), name + ": expected labels from 0 to 9, found 10");
  write_training();
  std::filesystem::remove(folder() / "data_batch_4.bin");
  EXPECT_TRUE(test::has(error(true), "data_batch_4.bin"));
  const std::string test = "[CIFAR100] " + write("test.bin", record({20, 0}, 0)).string();
  EXPECT_EQ(error_of([&] { CIFAR100(folder(), false); }), test + ": expected labels from 0 to 19, found 20");
}

}  // namespace
}  // namespace tenon::data::cifar_test
