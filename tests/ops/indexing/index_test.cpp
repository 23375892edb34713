// What Python's brackets take: against PyTorch's answers (index.py), and the errors.
#include "autograd/gradcheck.h"
#include "tensor/recorded.h"

namespace tenon::index_test {
namespace {

using nlohmann::json;
using test::error_of;
using test::expect_values;

std::optional<int64_t> number_or_none(const json& j) {
  return j.is_null() ? std::optional<int64_t>() : j.get<int64_t>();
}

Shape shape_of(const json& j) { return Shape(j.get<std::vector<int64_t>>()); }

Index index_of(const json& j) {
  if (j.is_null()) return None;
  if (j.is_string()) return Ellipsis;
  if (j.is_boolean()) return j.get<bool>();
  if (j.is_number()) return j.get<int64_t>();
  if (j.contains("slice")) {
    const json& s = j["slice"];
    return Slice(number_or_none(s[0]), number_or_none(s[1]), s[2].is_null() ? 1 : s[2].get<int64_t>());
  }
  std::vector<int64_t> values;
  for (const json& v : j["values"]) values.push_back(v.is_boolean() ? v.get<bool>() : v.get<int64_t>());
  const DType type = j["type"] == "bool" ? boolean : j["type"] == "int32" ? int32 : int64;
  return tensor(values).to(type).reshape(shape_of(j["shape"]));
}

std::vector<Index> indices_of(const json& j) {
  std::vector<Index> all;
  for (const json& i : j) all.push_back(index_of(i));
  return all;
}

Tensor counted(const Shape& shape, double from = 0) {
  return arange(from, from + static_cast<double>(shape.numel()), 1, {float64}).reshape(shape);
}

std::vector<double> doubles(const json& j) { return j.get<std::vector<double>>(); }

TEST(Indexing, ReadsAndAssignsAsPyTorchDoesInEveryLayout) {
  int read = 0, refused = 0;
  for (const json& c : test::recorded("ops/indexing/index.json")) {
    SCOPED_TRACE(c.dump().substr(0, 300));
    const std::vector<Index> indices = indices_of(c["indices"]);
    for (std::size_t k = 0; k < test::layouts(counted(shape_of(c["shape"]))).size(); ++k) {
      const Tensor layout = test::layouts(counted(shape_of(c["shape"])))[k];  // made anew: it is written to
      const Tensor x = layout.detach().requires_grad_();
      if (c.contains("error")) {
        EXPECT_NE(error_of([&] { x.index(indices); }), "");
        EXPECT_NE(error_of([&] { layout.index_put_(indices, 1); }), "");
        ++refused;
        continue;
      }
      const Tensor y = x.index(indices);
      expect_values(y, shape_of(c["result"]["shape"]), doubles(c["result"]["values"]));
      y.backward(counted(y.shape(), 1));
      expect_values(x.grad(), x.shape(), doubles(c["result"]["grad"]));
      ++read;

      const json& put = c["put"];
      const Tensor value = counted(shape_of(put["value"]), 100),
                   wanted = tensor(doubles(put["values"]), {float64}).reshape(x.shape());
      const Tensor by_value = value.detach().requires_grad_();
      x.set_grad({});
      const Tensor functional = x.index_put(indices, by_value);
      expect_values(functional, x.shape(), doubles(put["values"]));
      functional.backward(counted(x.shape(), 1));
      expect_values(x.grad(), x.shape(), doubles(put["grad"]));
      expect_values(by_value.grad(), value.shape(), doubles(put["value_grad"]));
      x.set_grad({});
      const Tensor recorded = x.clone();
      recorded.index_put_(indices, value);
      expect_values(recorded, x.shape(), doubles(put["values"]));
      recorded.backward(counted(x.shape(), 1));
      expect_values(x.grad(), x.shape(), doubles(put["grad"]));
      layout.index_put_(indices, value.to(float32));
      expect_values(layout, x.shape(), doubles(put["values"]));
      if (testing::Test::HasFailure()) return;
    }
  }
  EXPECT_GT(read, 1000);
  EXPECT_GT(refused, 30);
}

TEST(Indexing, NumbersSlicesNoneAndEllipsisGiveViews) {
  const Tensor x = zeros({3, 4});
  EXPECT_TRUE(x.index({1}).shares_storage_with(x));
  EXPECT_TRUE(x.index({Slice(1, {}), None, Ellipsis}).shares_storage_with(x));
  EXPECT_TRUE(x.index({tensor(int64_t{2})}).shares_storage_with(x));  // a 0-dim tensor of an integer is a number
  EXPECT_FALSE(x.index({tensor({0, 1})}).shares_storage_with(x));
  EXPECT_FALSE(x.index({}).is_same(x));
  x.index({Ellipsis, Slice(0, {}, 2)}) = 5;
  expect_values(x[0], {4}, {5, 0, 5, 0});
}

TEST(Indexing, EveryTypeIsMoved) {
  const Tensor rows = tensor({2, 0}), columns = tensor({1, 3});
  for (const DType type : test::all_types) {
    const Tensor x = test::numbers({3, 4}, type);
    const Tensor y = x.index({rows, columns});
    EXPECT_EQ(y.dtype(), type);
    expect_values(y, {2}, {test::element(x, {2, 1}), test::element(x, {0, 3})});
    const Tensor z = zeros({3, 4}, {type});
    z.index_put_({rows, columns}, y);
    EXPECT_TRUE(test::identical(z.index({rows, columns}), y)) << name(type);
    EXPECT_EQ(z.to(float64).sum().item<double>(), y.to(float64).sum().item<double>());
  }
  const Tensor wide = zeros({3, 2}, {complex128});
  EXPECT_EQ(wide.index({tensor({2, 2, 0})}).shape(), (Shape{3, 2}));
}

TEST(Indexing, AccumulatesWhatMeetsInOnePlace) {
  const Tensor x = zeros({3, 2});
  x.index_put_({tensor({1, 1, -2, 0})}, tensor({{1.0, 2.0}, {10.0, 20.0}, {100.0, 200.0}, {5.0, 6.0}}), true);
  expect_values(x, {3, 2}, {5, 6, 111, 222, 0, 0});
  x.index_put_({Slice(0, 2)}, 1, true);
  expect_values(x, {3, 2}, {6, 7, 112, 223, 0, 0});
  const Tensor half = zeros({1}, {float16});  // 2048 + 1 is 2048 in float16: the sum is rounded once
  half.index_put_({zeros({4096}, {int64})}, ones({4096}, {float16}), true);
  expect_values(half, {1}, {4096});
  const Tensor bools = zeros({2}, {boolean});
  bools.index_put_({tensor({1, 1})}, ones({2}, {boolean}), true);
  expect_values(bools, {2}, {0, 1});
}

TEST(Indexing, ValuesAndIndicesInTheSameMemoryAreReadBeforeItChanges) {
  const Tensor x = tensor({0, 1, 2, 3});
  x.index_put_({tensor({3, 2, 1, 0})}, x);
  expect_values(x, {4}, {3, 2, 1, 0});
  const Tensor places = tensor({1, 2, 0});
  places.index_put_({places}, tensor({7, 8, 9}));
  expect_values(places, {3}, {9, 7, 8});
}

TEST(Indexing, AMaskMayBeUint8AndSpanDimensions) {
  const Tensor x = arange(12).reshape({3, 4});
  expect_values(x.index({tensor({1, 0, 1}).to(uint8)}), {2, 4}, {0, 1, 2, 3, 8, 9, 10, 11});
  expect_values(x.index({x > 8}), {3}, {9, 10, 11});
  x.index_put_({x > 8}, -1);
  expect_values(x[2], {4}, {8, -1, -1, -1});
}

TEST(Indexing, ErrorsNameWhatDoesNotFit) {
  const Tensor x = zeros({3, 4});
  EXPECT_EQ(error_of([&] { x.index({0, 4}); }), "[index] index 4 is out of range for dimension 1 of size 4");
  EXPECT_EQ(error_of([&] {
              x.index({Slice(), tensor({0, -5})});
            }),
            "[index] index -5 is out of range for dimension 1 of size 4");
  EXPECT_EQ(error_of([&] { x.index({0, tensor({4})}); }), "[index] index 4 is out of range for dimension 1 of size 4");
  EXPECT_EQ(error_of([&] { x.index({0, 0, 0}); }), "[index] 3 indices are too many for a tensor of shape (3, 4)");
  EXPECT_EQ(error_of([&] { x.index({Ellipsis, Ellipsis}); }), "[index] expected at most one Ellipsis, got 2");
  EXPECT_EQ(error_of([&] { x.index({Slice(0, 2, -1)}); }),
            "[slice] expected a step of 1 or more, got -1: flip() turns a dimension round");
  EXPECT_EQ(error_of([&] { x.index({tensor({1.0})}); }),
            "[index] expected indices of int64 or int32, or a mask of bool, got float32: convert it with to(int64)");
  EXPECT_EQ(error_of([&] { x.index({ones({2}, {boolean})}); }),
            "[index] a mask of shape (2,) does not fit dimensions 0 … 0 of a tensor of shape (3, 4)");
  EXPECT_NE(error_of([&] { x.index({tensor({0, 1}), tensor({0, 1, 2})}); }), "");
  EXPECT_EQ(error_of([&] {
              x.index_put_({tensor({0, 1})}, zeros({3, 4}));
            }),
            "[index_put_] shapes (2, 4) and (3, 4) do not broadcast: sizes 2 and 3 meet in dimension 0");
  EXPECT_EQ(error_of([&] {
              x.index_put_({0}, zeros({2, 4}));
            }),
            "[index_put_] a value of shape (2, 4) does not fit what is indexed, of shape (4,)");
  EXPECT_EQ(error_of([&] { zeros({2}, {int8}).index_put_({0}, 200); }),
            "[index_put_] the number 200 does not fit into int8");
  EXPECT_EQ(x.version(), 0U);
}

TEST(Indexing, DerivativesOfAllItGives) {
  const std::vector<std::vector<Index>> all{{tensor({2, 0, 2})},
                                            {Slice(), tensor({1, 1})},
                                            {tensor({0, 2}), 1},
                                            {tensor({{0, 1}, {2, 2}}), tensor({1, 0})},
                                            {tensor({1, 1}), Slice(), tensor({0, 1})},
                                            {Slice(0, {}, 2), None},
                                            {arange(6).reshape({3, 2}) > 2}};
  for (const std::vector<Index>& at : all)
    for (const Tensor& x : test::leaves(at.size() == 3 ? Shape{3, 2, 2} : Shape{3, 2})) {
      test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].index(at); }, {x});
      const Tensor y = x.detach().index(at);
      const auto add = [&](const std::vector<Tensor>& v) { return v[0].index_put(at, v[1], true); };
      test::gradchecks(add, {x, test::leaf(y.shape(), 3)});
      test::gradchecks(add, {x, test::leaf({}, 3)});
      if (testing::Test::HasFailure()) return;
    }
  test::gradchecks(
      [&](const std::vector<Tensor>& v) {
        return v[0].index_put({tensor({2, 0})}, v[1]);
      },
      {test::leaf({3, 2}), test::leaf({2}, 2)});
}

TEST(Indexing, AnIndexChangedAfterTheForwardDoesNotChangeTheGradient) {
  const Tensor x = zeros({3}).requires_grad_(), at = tensor({0, 1});
  const Tensor y = x.index_put({at}, tensor({1.0, 2.0}));
  at.fill_(7);
  y.sum().backward();
  expect_values(x.grad(), {3}, {0, 0, 1});
  const Tensor again = tensor({int64_t{0}, int64_t{1}}), z = x.index({again});
  again.fill_(7);
  EXPECT_NE(error_of([&] { z.sum().backward(); }), "");
}

TEST(Indexing, OnTheMetaDeviceShapesAreKnownWhereTheyDoNotDependOnData) {
  const Tensor x = zeros({3, 4}, {.device = kMeta}), at = zeros({5}, {int64, kMeta});
  EXPECT_EQ(x.index({at, None}).shape(), (Shape{5, 1, 4}));
  EXPECT_EQ(x.index({Ellipsis, at, at}).shape(), (Shape{5}));
  x.index_put_({at}, 1);
  EXPECT_EQ(error_of([&] {
              x.index({zeros({3}, {boolean, kMeta})});
            }),
            "[index] how many elements are chosen depends on data, which a tensor on the meta device has not");
}

}  // namespace
}  // namespace tenon::index_test
