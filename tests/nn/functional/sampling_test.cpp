// grid_sample and affine_grid against PyTorch's answers (images.py), their derivatives and their checks.
#include "autograd/gradcheck.h"
#include "nn/functional/images.h"

namespace tenon::functional_sampling_test {
namespace {

namespace F = nn::functional;
using test::error_of;

F::GridSampleOptions options(const std::string& mode, const std::string& padding, bool align_corners) {
  return {mode == "bilinear"  ? F::SamplingMode::bilinear
          : mode == "nearest" ? F::SamplingMode::nearest
                              : F::SamplingMode::bicubic,
          padding == "zeros"    ? F::SamplingPadding::zeros
          : padding == "border" ? F::SamplingPadding::border
                                : F::SamplingPadding::reflection,
          align_corners};
}

TEST(GridSample, IsPyTorchsInEveryMode) {
  int cases = 0;
  for (const auto& c : test::image_cases("sampling"))
    for (const DType type : {float32, float64})
      for (const Tensor& input : test::layouts(test::image_input(test::shape_of(c["shape"])).to(type))) {
        const Tensor x = input.detach().requires_grad_();
        const Tensor grid = tensor(c["grid"].get<std::vector<double>>(), {float64})
                                .reshape(test::shape_of(c["grid_size"]))
                                .to(type)
                                .detach()
                                .requires_grad_();
        const Tensor y = F::grid_sample(x, grid, options(c["f"], c["padding_mode"], c["align_corners"]));
        const double near = type == float64 ? 1e-6 : 2e-5;
        const Shape size = test::shape_of(c["size"]);
        test::expect_values(y, size, c["y"].get<std::vector<double>>(), near, near);
        y.backward(test::image_gradient(size).to(type));
        test::expect_values(x.grad(), x.shape(), c["grad"].get<std::vector<double>>(), near, 4 * near);
        test::expect_values(grid.grad(), grid.shape(), c["grad_grid"].get<std::vector<double>>(), near, 20 * near);
        if (HasFailure()) FAIL() << name(type) << c.dump();
        ++cases;
      }
  EXPECT_GT(cases, 200);
}

TEST(GridSample, HasFirstAndSecondDerivatives) {
  const Tensor x = test::leaf({1, 2, 3, 4}), grid = test::leaf({1, 2, 2, 2}, 5);
  for (const auto mode : {F::SamplingMode::bilinear, F::SamplingMode::bicubic})
    test::gradchecks([mode](const auto& in) { return F::grid_sample(in[0], in[1], {.mode = mode}); }, {x, grid});
  test::gradchecks([](const auto& in) { return F::affine_grid(in[0], {1, 1, 2, 3}); }, {test::leaf({1, 2, 3})});
}

TEST(GridSample, OfPlacesThatAreNoNumbersIsPyTorchs) {
  // torch.nn.functional.grid_sample(torch.arange(12.).view(1, 1, 3, 4), g, mode, padding_mode, align_corners=True)
  const Tensor x = arange(12).to(float32).reshape({1, 1, 3, 4}),
               grid = tensor({{test::nan, 0.0}, {test::infinity, 0.0}, {-1e30, 5.0}}).reshape({1, 1, 3, 2});
  const auto at = [&](const char* mode, const char* padding) {
    return F::grid_sample(x, grid, options(mode, padding, true)).flatten();
  };
  test::expect_values(at("bilinear", "zeros"), {3}, {test::nan, test::nan, 0});
  test::expect_values(at("bilinear", "border"), {3}, {4, 7, 8});
  test::expect_values(at("nearest", "zeros"), {3}, {0, 0, 0});
  test::expect_values(at("nearest", "border"), {3}, {4, 7, 8});
  const Tensor endless = full({1, 1, 2, 2}, test::infinity);
  EXPECT_EQ(F::grid_sample(endless, full({1, 1, 1, 2}, 5.0)).item<double>(), 0);
}

TEST(GridSample, OfHalfTypesAndOfNothing) {
  const Tensor x = test::noise({1, 1, 3, 4}), grid = test::noise({1, 2, 2, 2}, float32, 3);
  for (const DType type : {float16, bfloat16}) {
    const Tensor y = F::grid_sample(x.to(type), grid.to(type));
    EXPECT_EQ(y.dtype(), type);
    EXPECT_TRUE(allclose(y.to(float32), F::grid_sample(x.to(type).to(float32), grid.to(type).to(float32)), 1e-2, 1e-2));
  }
  EXPECT_EQ(F::grid_sample(ones({0, 1, 3, 4}), ones({0, 2, 2, 2})).shape(), Shape({0, 1, 2, 2}));
  EXPECT_EQ(F::grid_sample(ones({1, 0, 3, 4}), ones({1, 2, 2, 2})).shape(), Shape({1, 0, 2, 2}));
  EXPECT_EQ(F::grid_sample(ones({1, 1, 3, 4}), ones({1, 0, 2, 2})).shape(), Shape({1, 1, 0, 2}));
}

TEST(AffineGrid, IsPyTorchs) {
  // torch.nn.functional.affine_grid(torch.tensor([[[1., 0, .5], [.2, 1, 0]]]), (1, 1, 2, 3), align_corners)
  const Tensor theta = tensor({{{1.0, 0.0, 0.5}, {0.2, 1.0, 0.0}}});
  test::expect_values(F::affine_grid(theta, {1, 1, 2, 3}, true), {1, 2, 3, 2},
                      {-0.5, -1.2, 0.5, -1, 1.5, -0.8, -0.5, 0.8, 0.5, 1, 1.5, 1.2}, 1e-6, 1e-6);
  test::expect_values(F::affine_grid(theta, {1, 1, 2, 3}), {1, 2, 3, 2},
                      {-0.16666669, -0.6333333, 0.5, -0.5, 1.1666667, -0.36666667, -0.16666669, 0.36666667, 0.5, 0.5,
                       1.1666667, 0.6333333},
                      1e-6, 1e-6);
  test::expect_values(F::affine_grid(theta, {1, 1, 1, 1}, true), {1, 1, 1, 2}, {0.5, 0});
  const Tensor solid = tensor({{{1.0, 0.0, 0.0, 0.5}, {0.2, 1.0, 0.0, 0.0}, {0.0, 0.0, 1.0, 0.0}}});
  test::expect_values(F::affine_grid(solid, {1, 1, 2, 1, 2}), {1, 2, 1, 2, 3},
                      {0, -0.1, -0.5, 1, 0.1, -0.5, 0, -0.1, 0.5, 1, 0.1, 0.5}, 1e-6, 1e-6);
}

TEST(GridSample, RefusesWhatDoesNotFit) {
  const Tensor x = ones({1, 1, 3, 4}), grid = ones({1, 2, 2, 2});
  const std::string shapes =
      "[grid_sample] expected an input (N, C, H, W) and a grid (N, H, W, 2), or (N, C, D, H, W) and (N, D, H, W, 3), "
      "got ";
  EXPECT_EQ(error_of([&] { F::grid_sample(x, grid[0]); }), shapes + "(1, 1, 3, 4) and (2, 2, 2)");
  EXPECT_EQ(error_of([&] { F::grid_sample(x, ones({2, 2, 2, 2})); }), shapes + "(1, 1, 3, 4) and (2, 2, 2, 2)");
  EXPECT_EQ(error_of([&] { F::grid_sample(x, ones({1, 2, 2, 3})); }), shapes + "(1, 1, 3, 4) and (1, 2, 2, 3)");
  EXPECT_EQ(error_of([&] { F::grid_sample(x.to(float64), grid); }),
            "[grid_sample] expected an input and a grid of one floating-point type, got float64 and float32");
  EXPECT_EQ(error_of([&] {
              F::grid_sample(ones({1, 1, 0, 4}), grid);
            }),
            "[grid_sample] expected an input with elements in each plane, got (1, 1, 0, 4)");
  EXPECT_EQ(error_of([&] {
              F::grid_sample(ones({1, 1, 2, 2, 2}), ones({1, 1, 1, 1, 3}), {.mode = F::SamplingMode::bicubic});
            }),
            "[grid_sample] bicubic takes an input of shape (N, C, H, W), got (1, 1, 2, 2, 2)");
}

TEST(AffineGrid, RefusesWhatDoesNotFit) {
  const Tensor theta = ones({1, 2, 3});
  EXPECT_EQ(error_of([&] {
              F::affine_grid(theta, {1, 1, 2});
            }),
            "[affine_grid] expected a size (N, C, H, W) or (N, C, D, H, W), got (1, 1, 2)");
  EXPECT_EQ(error_of([&] {
              F::affine_grid(theta, {1, 1, 2, 2, 2});
            }),
            "[affine_grid] expected a theta of shape (1, 3, 4) for a size of (1, 1, 2, 2, 2), got (1, 2, 3)");
  EXPECT_EQ(error_of([&] {
              F::affine_grid(theta, {1, 1, 0, 2});
            }),
            "[affine_grid] expected sizes of 1 or more, got (1, 1, 0, 2)");
  EXPECT_EQ(error_of([&] {
              F::affine_grid(theta.to(int64), {1, 1, 1, 2});
            }),
            "[affine_grid] expected a theta of floating-point numbers, got int64");
}

}  // namespace
}  // namespace tenon::functional_sampling_test
