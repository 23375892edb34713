#pragma once
// PyTorch's answers for functions of images (images.py), and how a test goes through them.
#include <fstream>

#include <nlohmann/json.hpp>

#include <tenon/nn/functional.h>

#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::test {

inline nlohmann::json image_cases(const std::string& family) {
  return nlohmann::json::parse(std::ifstream(test::tests_folder() + "/nn/functional/" + family + ".json"));
}

/// The numbers of images.py.
inline Tensor image_numbers(const Shape& shape, int64_t step, int64_t first, int64_t modulus, double scale,
                            double off) {
  std::vector<double> v(static_cast<std::size_t>(shape.numel()));
  for (std::size_t i = 0; i < v.size(); ++i)
    v[i] = static_cast<double>((static_cast<int64_t>(i) * step + first) % modulus) / scale - off;
  return tensor(v, {float64}).reshape(shape);
}
inline Tensor image_input(const Shape& shape) { return image_numbers(shape, 7919, 13, 97, 8, 6); }
inline Tensor image_gradient(const Shape& shape) { return image_numbers(shape, 31, 5, 17, 4, 2); }

inline Shape shape_of(const nlohmann::json& list) { return {list.get<std::vector<int64_t>>()}; }

/// f(x, case) → the result, or values and indices, of each case, in every real type and layout: PyTorch's, with its
/// gradient, and its strides where the channels of the input lie last.
inline void expect_image_cases(
    const std::string& family, const std::function<ValuesAndIndices(const Tensor& x, const nlohmann::json&)>& f,
    const std::function<Tensor(const Tensor& x, const nlohmann::json&)>& prepare = [](const Tensor& x, const auto&) {
      return x;
    }) {
  int cases = 0;
  for (const auto& c : image_cases(family))
    for (const DType type : real_types) {
      const Tensor x = prepare(image_input(shape_of(c["shape"])), c).to(type);
      const double near = tolerance(type) + 1e-7;
      std::vector<Tensor> inputs = layouts(x);
      const bool last = c.contains("strides");
      if (last) inputs.push_back(x.contiguous(x.dim() == 4 ? channels_last : channels_last_3d));
      for (const Tensor& input : inputs) {
        const Tensor leaf = input.detach().requires_grad_();
        const ValuesAndIndices y = f(leaf, c);
        ASSERT_EQ(y.values.dtype(), type);
        const Shape size = shape_of(c["size"]);
        expect_values(y.values, size, c["y"].get<std::vector<double>>(), near, 4 * near);
        if (c.contains("indices")) expect_values(y.indices, size, c["indices"].get<std::vector<double>>());
        y.values.backward(image_gradient(size).to(type));
        expect_values(leaf.grad(), x.shape(), c["grad"].get<std::vector<double>>(), 2 * near, 8 * near);
        if (last && input.is_same(inputs.back())) {
          EXPECT_EQ(y.values.strides(), shape_of(c["strides"])) << y.values.strides().to_string();
          if (y.indices.defined()) {
            EXPECT_EQ(y.indices.strides(), shape_of(c["strides"]));
          }
        }
        if (testing::Test::HasFailure()) FAIL() << name(type) << " " << input.strides().to_string() << c.dump();
      }
      ++cases;
    }
  EXPECT_GT(cases, 40);
}

}  // namespace tenon::test
