// scatter_reduce against PyTorch's answers (scatter_reduce.py), its derivatives, and its checks.
#include "autograd/gradcheck.h"
#include "tensor/recorded.h"

namespace tenon::scatter_reduce_test {
namespace {

using test::error_of;
using test::expect_values;

Reduce reduce_of(const std::string& name) {
  return name == "sum"    ? Reduce::sum
         : name == "prod" ? Reduce::prod
         : name == "mean" ? Reduce::mean
         : name == "amax" ? Reduce::amax
                          : Reduce::amin;
}

TEST(ScatterReduce, ValuesAndGradientsArePyTorchs) {
  const nlohmann::json data = test::recorded("ops/indexing/scatter_reduce.json");
  const auto matrix = [](const nlohmann::json& j) {
    return tensor(j.get<std::vector<double>>(), {float64}).reshape({3, 4});
  };
  const Tensor x = matrix(data["x"]), source = matrix(data["source"]), all = matrix(data["index"]).to(int64);
  for (const auto& c : data["cases"]) {
    SCOPED_TRACE(c.dump());
    const Reduce reduce = reduce_of(c["reduce"]);
    const bool include_self = c["include_self"];
    const int64_t dim = c["dim"];
    const Tensor index = all.narrow(1, 0, c["width"]);
    const std::vector<double> wanted = c["values"];
    for (std::size_t k = 0; k < 4; ++k) {
      const Tensor a = test::layouts(x)[k].detach().requires_grad_(),
                   b = test::layouts(source)[k].detach().requires_grad_();
      const Tensor y = a.scatter_reduce(dim, index, b, reduce, include_self);
      expect_values(y, {3, 4}, wanted, 1e-15);
      y.backward(arange(1.0, 13.0, 1, {float64}).reshape({3, 4}));
      expect_values(a.grad(), {3, 4}, c["grad"], 1e-14);
      expect_values(b.grad(), {3, 4}, c["source_grad"], 1e-14);
    }
    const Tensor in_place = x.t().contiguous().t();
    in_place.scatter_reduce_(dim, index, source, reduce, include_self);
    expect_values(in_place, {3, 4}, wanted, 1e-15);
    for (const DType type : {int8, int32, int64})
      expect_values(x.to(type).scatter_reduce(dim, index, source.to(type), reduce, include_self), {3, 4},
                    c["integers"]);
    for (const DType type : {float16, bfloat16, float32})
      expect_values(x.to(type).scatter_reduce(dim, index, source.to(type), reduce, include_self).to(float64), {3, 4},
                    wanted, test::tolerance(type));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(ScatterReduce, BoolsNanAndZeroDim) {
  const Tensor x = tensor({false, true}), index = tensor({0, 1}), source = tensor({true, false});
  expect_values(x.scatter_reduce(0, index, source, Reduce::sum), {2}, {1, 1});
  expect_values(x.scatter_reduce(0, index, source, Reduce::prod), {2}, {0, 0});
  expect_values(x.scatter_reduce(0, index, source, Reduce::amax, false), {2}, {1, 0});
  expect_values(x.scatter_reduce(0, index, source, Reduce::amin), {2}, {0, 0});
  EXPECT_EQ(error_of([&] { x.scatter_reduce(0, index, source, Reduce::mean); }),
            "[scatter_reduce] bool tensors have no mean: convert them first");
  const Tensor bad = tensor({test::nan, 1.0});
  expect_values(zeros({1}).scatter_reduce(0, tensor({0, 0}), bad, Reduce::amax), {1}, {test::nan});
  expect_values(zeros({1}).scatter_reduce(0, tensor({0, 0}), bad, Reduce::amin), {1}, {test::nan});
  expect_values(tensor(2.0).scatter_reduce(0, tensor({0, 0}), tensor({3.0, 4.0}), Reduce::prod), {}, {24});
  expect_values(ones({2}).scatter_reduce(0, zeros({0}, {int64}), ones({0}), Reduce::sum, false), {2}, {1, 1});
}

TEST(ScatterReduce, SecondDerivatives) {
  const Tensor index = tensor({{1, 0, 1, 2}, {1, 2, 0, 0}});
  for (const Reduce reduce : {Reduce::sum, Reduce::prod, Reduce::mean, Reduce::amax, Reduce::amin})
    for (const bool include_self : {true, false})
      test::gradchecks(
          [&](const std::vector<Tensor>& v) { return v[0].scatter_reduce(1, index, v[1], reduce, include_self); },
          {test::leaf({2, 3}), test::leaf({2, 4}, 2)});
  test::gradchecks(
      [&](const std::vector<Tensor>& v) {
        const Tensor y = v[0] * 1;
        y.scatter_reduce_(1, index, v[1], Reduce::prod);
        return y;
      },
      {test::leaf({2, 3}), test::leaf({2, 4}, 2)});
}

}  // namespace
}  // namespace tenon::scatter_reduce_test
