#include <tenon/data/data_loader.h>
#include <tenon/data/numpy.h>
#include <tenon/io/npy.h>

#include "data/folder.h"
#include "tensor/check.h"

namespace tenon::data::numpy_test {
namespace {

using test::error_of;

class NumpyFiles : public test::FolderTest {
 protected:
  /// Without an item size of 1 the order of bytes is said: < low first, > high first.
  std::filesystem::path array(const std::string& name, const std::string& type, bool fortran, const std::string& shape,
                              const std::string& bytes) const {
    std::string header =
        fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", type, fortran ? "True" : "False", shape);
    header.resize(117, ' ');
    header += '\n';
    return write(name, std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + bytes);
  }
};

TEST_F(NumpyFiles, AreDatasets) {
  const Tensor x = test::numbers({5, 2, 3}), y = arange(5);
  io::save_npy(folder() / "x.npy", x);
  io::save_npy(folder() / "y.npy", y);
  const NpyDataset set(folder() / "x.npy", (folder() / "y.npy").string());
  static_assert(std::is_same_v<decltype(set), const NpyDataset<2>>);
  EXPECT_EQ(set.size(), 5);
  EXPECT_TRUE(test::identical(set.tensors()[0], x));
  const DataLoader loader(set, {.batch_size = 2});
  int64_t next = 0;
  for (auto& [a, b] : loader) {
    EXPECT_TRUE(test::identical(a, x.narrow(0, next, a.size(0))));
    test::expect_values(b.narrow(0, 0, 1), {1}, {static_cast<double>(next)});
    next += a.size(0);
  }
  EXPECT_EQ(next, 5);
}

TEST_F(NumpyFiles, MayHaveOtherOrders) {
  const std::string bytes{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6};
  const auto rows = array("rows.npy", ">i2", false, "(2, 3)", bytes),
             columns = array("columns.npy", ">i2", true, "(2, 3)", bytes);
  test::expect_values(NpyDataset(rows).tensors()[0], {2, 3}, {1, 2, 3, 4, 5, 6});
  test::expect_values(NpyDataset(columns).tensors()[0], {2, 3}, {1, 3, 5, 2, 4, 6});
  test::expect_values(NpyDataset(array("bool.npy", "|b1", false, "(3,)", {0, 1, 7})).tensors()[0], {3}, {0, 1, 1});
}

TEST_F(NumpyFiles, AreMappedWhereTheyAreLarge) {
  const int64_t n = (int64_t{17} << 20) / 8;
  io::save_npy(folder() / "x.npy", arange(n));
  const NpyDataset set(folder() / "x.npy");
  const auto [items] = set.get_batch(tensor(std::vector<int64_t>{n - 1, 5}));
  test::expect_values(items, {2}, {static_cast<double>(n - 1), 5});
  items.fill_(0);
  EXPECT_EQ(set.tensors()[0][5].item<int64_t>(), 5);
}

TEST_F(NumpyFiles, OfSeveralArraysAreDatasetsByTheirNames) {
  const Tensor x = test::numbers({4, 3}), y = arange(4);
  io::save_npz(folder() / "a.npz", {{"labels", y}, {"other", ones({7})}, {"images", x}}, {.compressed = true});
  const NpzDataset set(folder() / "a.npz", "images", std::string("labels"));
  EXPECT_EQ(set.size(), 4);
  EXPECT_TRUE(test::identical(set.tensors()[0], x));
  EXPECT_TRUE(test::identical(set.tensors()[1], y));
  EXPECT_EQ(error_of([&] { NpzDataset(folder() / "a.npz", "pictures"); }),
            "[NpzDataset] " + (folder() / "a.npz").string() + ": there is no array 'pictures' in it");
}

TEST_F(NumpyFiles, ThatAreWrongAreErrorsThatNameThem) {
  const auto error = [](const std::filesystem::path& file) { return error_of([&] { NpyDataset{file}; }); };
  const auto cut = array("cut.npy", "<i4", false, "(2, 3)", std::string(23, 'x'));
  EXPECT_EQ(error(cut), "[NpyDataset] " + cut.string() + ": an array of shape (2, 3) of int32 is not in its 151 bytes");
  EXPECT_TRUE(test::has(error(array("huge.npy", "<i4", false, "(4611686018427387904, 8)", "")), "huge.npy"));
  EXPECT_TRUE(test::has(error(write("text.npy", "text")), "text.npy"));
  EXPECT_TRUE(test::has(error(folder() / "missing.npy"), "missing.npy"));
  EXPECT_TRUE(test::has(error(array("one.npy", "<i4", false, "()", "1234")), "at least one dimension"));
  EXPECT_TRUE(test::has(error_of([&] { NpzDataset(write("x.npz", "text"), "a"); }), "x.npz"));
  io::save_npy(folder() / "2.npy", ones({2}));
  io::save_npy(folder() / "3.npy", ones({3}));
  EXPECT_TRUE(
      test::has(error_of([&] { NpyDataset(folder() / "2.npy", folder() / "3.npy"); }), "the same number of items"));
}

}  // namespace
}  // namespace tenon::data::numpy_test
