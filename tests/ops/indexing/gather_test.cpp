// gather, scatter, scatter_add, take_along_dim: against loops; derivatives; errors.
#include "autograd/gradcheck.h"

namespace tenon::gather_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;

/// Places along dimension d of a tensor with `size` there, some of them twice.
Tensor places(const Shape& shape, int64_t size) {
  const Tensor x = arange(shape.numel()).reshape(shape) * 5 + 2;
  std::vector<int64_t> v = x.to_vector<int64_t>();
  for (int64_t& i : v) i = i % 7 % size;
  return tensor(v).reshape(shape);
}

Shape at(Shape i, int64_t d, const Tensor& index) {
  i[static_cast<std::size_t>(d)] = static_cast<int64_t>(element(index, i));
  return i;
}

TEST(Gather, EveryTypeLayoutDimensionAndASmallerIndex) {
  for (const DType type : test::all_types)
    for (const Tensor& x : test::layouts(test::numbers({3, 4, 5}, type)))
      for (int64_t d = 0; d < 3; ++d)
        for (const Shape& shape : {Shape{2, 3, 4}, Shape{3, 4, 5}, Shape{1, 1, 1}})
          for (const Tensor& index : test::layouts(places(shape, x.size(d)))) {
            const Tensor y = x.gather(d - 3, index);
            ASSERT_EQ(y.shape(), shape);
            ASSERT_EQ(y.dtype(), type);
            test::expect_elements(y, 0, 0, [&](const Shape& i) { return element(x, at(i, d, index)); });
          }
}

TEST(Gather, ReadsOneNumberForAWholeRowOnce) {
  const Tensor x = test::noise({6, 33}), index = tensor({4, 0, 4}).to(int64).unsqueeze(1).expand({3, 33});
  EXPECT_TRUE(test::identical(x.gather(0, index), x.index_select(0, tensor({4, 0, 4}))));
  const Tensor sums = zeros({6, 33});
  sums.scatter_add_(0, index, ones({3, 33}));
  expect_values(sums.select(1, 32), {6}, {1, 0, 0, 0, 2, 0});
}

TEST(Gather, ZeroDimAndEmptyTensors) {
  const Tensor one = tensor(3.0);
  expect_values(one.gather(0, tensor(int64_t{0})), {}, {3});
  expect_values(one.gather(-1, tensor({0, 0})), {2}, {3, 3});
  expect_values(arange(3.0).gather(0, tensor(int64_t{1})), {}, {1});
  EXPECT_EQ(zeros({2, 3}).gather(1, zeros({2, 0}, {int64})).shape(), (Shape{2, 0}));
  EXPECT_EQ(zeros({2, 0}).gather(1, zeros({2, 0}, {int64})).shape(), (Shape{2, 0}));
  expect_values(one.scatter(0, tensor(int64_t{0}), tensor(5.0)), {}, {5});
  expect_values(one.scatter_add(0, tensor({0, 0}), tensor({5.0, 6.0})), {}, {14});
  expect_values(arange(3.0).scatter(0, zeros({0}, {int64}), ones({2})), {3}, {0, 1, 2});
}

TEST(Gather, ErrorsNameWhatDoesNotFit) {
  const Tensor x = zeros({3, 4});
  EXPECT_EQ(error_of([&] { x.gather(1, tensor({{4}})); }),
            "[gather] index 4 is out of range for dimension 1 of size 4");
  EXPECT_EQ(error_of([&] { x.gather(1, tensor({{-1}})); }),
            "[gather] index -1 is out of range for dimension 1 of size 4");
  EXPECT_EQ(error_of([&] { x.gather(1, tensor({0})); }),
            "[gather] expected an index no larger than (3, 4) except in dimension 1, got (1,)");
  EXPECT_EQ(error_of([&] {
              x.gather(0, zeros({1, 5}, {int64}));
            }),
            "[gather] expected an index no larger than (3, 4) except in dimension 0, got (1, 5)");
  EXPECT_EQ(error_of([&] { x.gather(0, zeros({1, 4})); }), "[gather] expected indices of int64, got float32");
  EXPECT_EQ(error_of([&] { x.scatter(1, tensor({{0}}), tensor({{1}})); }),
            "[scatter] expected a source of float32, got int64");
  EXPECT_EQ(error_of([&] {
              x.scatter_(1, tensor({{0, 1}}), tensor({{1.0}}));
            }),
            "[scatter_] a source of shape (1, 1) has too little for an index of shape (1, 2)");
  EXPECT_EQ(error_of([&] {
              x.scatter_(1, tensor({{0, -1}}), 5);
            }),
            "[scatter_] index -1 is out of range for dimension 1 of size 4");
  EXPECT_EQ(x.version(), 0U);
}

TEST(Scatter, EveryTypeLayoutDimensionAndALargerSource) {
  for (const DType type : test::all_types)
    for (int64_t d = 0; d < 3; ++d)
      for (const Shape& shape : {Shape{2, 3, 4}, Shape{3, 4, 5}})
        for (std::size_t k = 0; k < test::layouts(test::numbers({3, 4, 5}, type)).size(); ++k) {
          const Tensor x = test::layouts(test::numbers({3, 4, 5}, type))[k];  // made anew: it is written to
          const Tensor index = places(shape, x.size(d)), source = test::numbers({3, 4, 5}, type, 3);
          const Tensor wanted = x.clone().to(float64);
          test::for_each_index(shape, [&](const Shape& i) {  // row-major: the last one stays
            Tensor one = wanted;
            for (const int64_t j : at(i, d, index)) one = one[j];
            one.fill_(element(source, i));
          });
          EXPECT_EQ(test::elements(x.scatter(d, index, source)), test::elements(wanted));
          x.scatter_(d, index, source);
          EXPECT_EQ(test::elements(x), test::elements(wanted));
          EXPECT_EQ(x.scatter(d, index, 1).gather(d, index).to(float64).sum().item<double>(),
                    static_cast<double>(shape.numel()));
        }
}

TEST(Scatter, AddSumsWhatMeetsAndRoundsHalfTypesOnce) {
  for (const DType type : test::number_types)
    for (int64_t d = 0; d < 2; ++d) {
      const Tensor x = test::numbers({4, 5}, type).t().contiguous().t(), index = places({3, 4}, x.size(d)),
                   source = test::numbers({4, 4}, type, 1);
      const Tensor wanted = x.to(float64).contiguous();
      test::for_each_index(index.shape(), [&](const Shape& i) {
        const Shape to = at(i, d, index);
        wanted[to[0]][to[1]].add_(element(source, i));
      });
      EXPECT_EQ(test::elements(x.scatter_add(d, index, source)), test::elements(wanted.to(type)));
      x.scatter_add_(d, index, source);
      EXPECT_EQ(test::elements(x), test::elements(wanted.to(type)));
    }
  const Tensor many = zeros({1}, {bfloat16}).scatter_add(0, zeros({1000}, {int64}), ones({1000}, {bfloat16}));
  expect_values(many, {1}, {1000});
  expect_values(zeros({2}, {boolean}).scatter_add(0, tensor({1, 1}), ones({2}, {boolean})), {2}, {0, 1});
}

TEST(Scatter, SourceOrIndexInTheSameMemory) {
  const Tensor x = tensor({1.0, 2.0, 3.0});
  x.scatter_(0, tensor({2, 0, 1}), x);
  expect_values(x, {3}, {2, 3, 1});
  const Tensor index = tensor({int64_t{1}, int64_t{2}, int64_t{0}});
  index.scatter_(0, index, tensor({int64_t{7}, int64_t{8}, int64_t{9}}));
  expect_values(index, {3}, {9, 7, 8});
}

TEST(Scatter, GatherAndScatterParallelGiveTheSameForAnyNumberOfThreads) {
  const Tensor x = test::noise({300, 400}), index = places({300, 400}, 300);
  const int before = num_threads();
  std::vector<std::vector<Tensor>> results;
  for (const int n : {1, 2, 3}) {
    set_num_threads(n);
    results.push_back(
        {x.gather(0, index), x.gather(1, index), x.scatter_add(0, index, x), x.scatter_add(1, index, x),
         x.scatter(0, index, x),
         zeros({300, 100}).index_put({index.flatten().narrow(0, 0, 2000)}, test::noise({2000, 100}), true)});
  }
  set_num_threads(before);
  for (std::size_t i = 0; i < results[0].size(); ++i)
    for (std::size_t n = 1; n < 3; ++n) EXPECT_TRUE(test::identical(results[0][i], results[n][i])) << i;
}

TEST(Gather, Derivatives) {
  for (int64_t d = 0; d < 2; ++d)
    for (const Tensor& x : test::leaves({3, 4})) {
      const Tensor index = places({2, 3}, x.size(d));
      test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].gather(d, index); }, {x});
      test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].scatter_add(d, index, v[1]); },
                       {x, test::leaf({3, 3}, 2)});
      const Tensor apart = d == 0 ? tensor({{0, 1, 2}, {2, 0, 1}}) : tensor({{0, 3, 1}, {1, 2, 0}});  // no place twice
      test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].scatter(d, apart, v[1]); },
                       {x, test::leaf({2, 3}, 2)});
      test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].scatter(d, index, 2.5); }, {x});
      test::gradchecks(
          [&](const std::vector<Tensor>& v) {
            const Tensor y = v[0] * 1;
            y.scatter_add_(d, index, v[1]);
            y.scatter_(d, apart, v[1]);
            return y;
          },
          {x, test::leaf({2, 3}, 2)});
      if (testing::Test::HasFailure()) return;
    }
  test::gradchecks([](const std::vector<Tensor>& v) { return v[0].gather(0, tensor({0, 0})); }, {test::leaf({})});
}

TEST(TakeAlongDim, BroadcastsAndCountsFromTheEnd) {
  const Tensor x = arange(12).reshape({3, 4});
  const auto numbers = [](std::initializer_list<std::initializer_list<int64_t>> rows) { return tensor(rows); };
  expect_values(x.take_along_dim(numbers({{0}, {1}, {-1}}), 1), {3, 1}, {0, 5, 11});
  expect_values(x.take_along_dim(numbers({{0, 1}}), 1), {3, 2}, {0, 1, 4, 5, 8, 9});
  expect_values(x.take_along_dim(tensor({int64_t{5}, int64_t{0}})), {2}, {5, 0});
  EXPECT_EQ(error_of([&] { x.take_along_dim(tensor({int64_t{0}}), 1); }),
            "[take_along_dim] expected an index of 2 dimensions, as the tensor has, got shape (1,)");
  test::gradchecks(
      [&](const std::vector<Tensor>& v) {
        return v[0].take_along_dim(numbers({{0, 1, 1}}), 1);
      },
      {test::leaf({3, 2})});
}

}  // namespace
}  // namespace tenon::gather_test
