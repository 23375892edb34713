// Normalisation of channels, and by neighbours and norms. Expected numbers are PyTorch 2.15's.
#include <tenon/device.h>
#include <tenon/nn/functional/normalization.h>
#include <tenon/random.h>

#include "autograd/gradcheck.h"

namespace tenon::channel_norm_test {
namespace {

namespace F = nn::functional;

using test::element;
using test::error_of;
using test::expect_values;

/// (torch.arange(24.) * 7 % 11).view(shape) - 4
Tensor numbers(const Shape& shape) { return (arange(24.0) * 7 % 11).reshape(shape) - 4; }

const Tensor& weight() {
  static const Tensor w = tensor({0.5, 2.0, -1.0});
  return w;
}
const Tensor& bias() {
  static const Tensor b = tensor({0.0, 1.0, 0.25});
  return b;
}

// ---- batch_norm

const std::vector<double> in_training{-0.8693179, 0.1889822,  -0.4157607, 0.6425393,  1.778207,   -0.9887522,
                                      3.853427,   1.086468,   1.187042,   -0.9993895, 0.25,       1.49939,
                                      0.1889822,  -0.4157607, 0.6425393,  0.03779644, -0.9887522, 3.853427,
                                      1.086468,   -1.680492,  -0.9993895, 0.25,       1.49939,    -0.6870421};

TEST(BatchNorm, InTrainingNormalisesByTheBatchAndTheRunningStatisticsFollow) {
  // F.batch_norm(x, mean, var, weight, bias, True, 0.2)
  for (const Tensor& x : test::layouts(numbers({2, 3, 4}))) {
    const Tensor mean = tensor({0.5, 0.0, -1.0}), var = tensor({1.0, 2.0, 0.5});
    const Tensor y =
        F::batch_norm(x, mean, var, {.weight = weight(), .bias = bias(), .training = true, .momentum = 0.2});
    expect_values(y, {2, 3, 4}, in_training, 1e-5, 1e-6);
    expect_values(mean, {3}, {0.75, 0.175, -0.8}, 1e-6);
    expect_values(var, {3}, {3.3, 3.510714, 2.742857}, 1e-6);
  }
}

TEST(BatchNorm, OtherwiseNormalisesByTheRunningStatisticsAndLeavesThemAlone) {
  const Tensor mean = tensor({0.5, 0.0, -1.0}), var = tensor({1.0, 2.0, 0.5});
  expect_values(F::batch_norm(numbers({2, 3, 4}), mean, var, {.weight = weight(), .bias = bias()}), {2, 3, 4},
                {-2.249989, 1.249994,  -0.7499962, 2.749986, 3.82842,   -1.82842,   8.07105,  2.41421,
                 3.078399,  -6.820997, -1.164199,  4.492598, 1.249994,  -0.7499962, 2.749986, 0.7499962,
                 -1.82842,  8.07105,   2.41421,    -3.24263, -6.820997, -1.164199,  4.492598, -5.406797},
                1e-5, 1e-6);
  expect_values(mean, {3}, {0.5, 0, -1});
}

TEST(BatchNorm, OfHalfTypesIsComputedInFloatAndRoundedOnce) {
  const Tensor x = numbers({2, 3, 4}).to(bfloat16);
  for (const DType type : {bfloat16, float32}) {
    const Tensor mean = tensor({0.5, 0.0, -1.0}).to(type), var = tensor({1.0, 2.0, 0.5}).to(type);
    const Tensor y = F::batch_norm(
        x, mean, var, {.weight = weight().to(type), .bias = bias().to(type), .training = true, .momentum = 0.2});
    EXPECT_EQ(y.dtype(), bfloat16);
    test::expect_elements(
        y, 1e-2, 0, [&](const Shape& i) { return in_training[static_cast<std::size_t>(i[0] * 12 + i[1] * 4 + i[2])]; });
    EXPECT_EQ(var.dtype(), type);
    expect_values(var, {3}, {3.3, 3.510714, 2.742857}, type == float32 ? 1e-6 : 4e-3);
  }
}

/// By the formula, in double.
Tensor by_formula(const Tensor& x, double eps) {
  Shape dims{0};
  for (int64_t d = 2; d < x.dim(); ++d) dims.push_back(d);
  const Tensor wide = x.to(float64), apart = wide - wide.mean(dims, true);
  return apart * ((apart * apart).mean(dims, true) + eps).rsqrt();
}

TEST(BatchNorm, OfManyPartsInRowsAndSideBySideIsTheFormula) {
  for (const Shape& shape : {Shape{3, 2, 9001}, Shape{700, 3, 7}, Shape{130, 530}, Shape{5, 1, 2}, Shape{2, 3, 8, 33}})
    for (const DType type : {float32, float64}) {
      Tensor x = test::noise(shape, type, 3) + 5;
      const double near = type == float64 ? 1e-11 : 2e-5;
      const Tensor wanted = by_formula(x, 1e-5);
      EXPECT_TRUE(allclose(F::batch_norm(x, {}, {}, {.training = true}).to(float64), wanted, near, near))
          << shape.to_string();
      if (shape.size() == 4) {
        x = x.contiguous(channels_last);
        EXPECT_TRUE(allclose(F::batch_norm(x, {}, {}, {.training = true}).to(float64), wanted, near, near));
      }
    }
}

TEST(BatchNorm, KeepsDigitsFarFromZeroAndOfLargeNumbers) {
  const Tensor far = test::noise({40, 3, 50}) + 1000;
  EXPECT_TRUE(allclose(F::batch_norm(far, {}, {}, {.training = true}).to(float64), by_formula(far, 1e-5), 1e-4, 1e-4));
  const Tensor large = test::noise({40, 3, 5}) * 1e25;  // whose squares float does not hold
  EXPECT_TRUE(allclose(F::batch_norm(large, {}, {}, {.training = true}).to(float64), by_formula(large, 0), 1e-4, 1e-4));
}

TEST(BatchNorm, LiesInMemoryAsItsInput) {
  const Tensor x = test::noise({2, 3, 4, 5}), last = x.contiguous(channels_last);
  const Tensor a = F::batch_norm(x, {}, {}, {.training = true}), b = F::batch_norm(last, {}, {}, {.training = true});
  EXPECT_TRUE(a.is_contiguous());
  EXPECT_TRUE(b.is_contiguous(channels_last));
  EXPECT_TRUE(allclose(a, b, 1e-5, 1e-6));
  const Tensor volumes = test::noise({2, 3, 4, 5, 2}).contiguous(channels_last_3d);
  EXPECT_TRUE(F::batch_norm(volumes, {}, {}, {.training = true}).is_contiguous(channels_last_3d));
  EXPECT_TRUE(F::batch_norm(x.permute({0, 2, 1, 3}), {}, {}, {.training = true}).is_contiguous());
}

std::vector<Tensor> leaves_of_images() {
  const Tensor x = test::noise({3, 2, 2, 3}, float64, 7);
  return {x.detach().requires_grad_(), x.contiguous(channels_last).detach().requires_grad_()};
}

TEST(BatchNorm, Gradients) {
  const Tensor mean = tensor({0.1, -0.2}).to(float64), var = tensor({0.5, 1.5}).to(float64);
  for (const bool training : {true, false})
    for (const Tensor& x : leaves_of_images()) {
      const auto with = [&](const Tensor& w, const Tensor& b) {
        return F::batch_norm(x, training ? Tensor() : mean, training ? Tensor() : var,
                             {.weight = w, .bias = b, .training = training});
      };
      const Tensor w = test::leaf({2}, 5), b = test::leaf({2}, 6);
      test::gradchecks([&](const auto& in) { return with(in[1], in[2]); }, {x, w, b});
      test::gradchecks([&](const auto& in) { return with(in[1], {}); }, {x, w});
      test::gradchecks([&](const auto&) { return with({}, {}); }, {x});
    }
  for (const Tensor& x : test::leaves({4, 2}))
    test::gradchecks([&](const auto& in) { return F::batch_norm(in[0], {}, {}, {.training = true}); }, {x});
}

TEST(BatchNorm, OfAnEmptyBatchChangesNoStatisticAndMakesNoNan) {
  for (const Shape& shape : {Shape{0, 3, 4}, Shape{2, 3, 0}, Shape{0, 3}}) {
    const Tensor mean = tensor({0.5, 0.0, -1.0}), var = tensor({1.0, 2.0, 0.5});
    const Tensor x = zeros(shape, {.requires_grad = true}), w = ones({3}, {.requires_grad = true}),
                 b = zeros({3}, {.requires_grad = true});
    const Tensor y = F::batch_norm(x, mean, var, {.weight = w, .bias = b, .training = true});
    EXPECT_EQ(y.shape(), shape);
    y.sum().backward();
    expect_values(mean, {3}, {0.5, 0, -1});
    expect_values(var, {3}, {1, 2, 0.5});
    expect_values(w.grad(), {3}, {0, 0, 0});
    expect_values(b.grad(), {3}, {0, 0, 0});
    EXPECT_EQ(x.grad().shape(), shape);
  }
}

TEST(BatchNorm, HasShapesOnTheMetaDevice) {
  const Tensor x = empty({2, 3, 4}, {.device = kMeta}).requires_grad_();
  const Tensor mean = empty({3}, {.device = kMeta}), var = empty({3}, {.device = kMeta});
  F::batch_norm(x, mean, var, {.training = true}).sum().backward();
  EXPECT_EQ(x.grad().shape(), Shape({2, 3, 4}));
  EXPECT_EQ(F::batch_norm(x, mean, var).shape(), Shape({2, 3, 4}));
}

TEST(BatchNorm, RefusesWhatDoesNotFit) {
  const Tensor x = ones({2, 3}), three = ones({3});
  EXPECT_EQ(error_of([&] {
              F::batch_norm(ones({1, 3}), {}, {}, {.training = true});
            }),
            "[batch_norm] expected more than 1 value per channel in training, got an input of shape (1, 3)");
  EXPECT_EQ(error_of([&] { F::batch_norm(ones({3}), three, three); }),
            "[batch_norm] expected an input of shape (N, C, *), got (3,)");
  EXPECT_EQ(error_of([&] { F::batch_norm(x, {}, {}); }),
            "[batch_norm] expected running_mean and running_var, as the input's own statistics are not used");
  EXPECT_EQ(error_of([&] { F::batch_norm(x, three, {}); }),
            "[batch_norm] expected both running_mean and running_var, or neither");
  EXPECT_EQ(error_of([&] { F::batch_norm(x, ones({2}), three); }),
            "[batch_norm] expected a running_mean of shape (3,) for an input of shape (2, 3), got (2,)");
  EXPECT_EQ(error_of([&] { F::batch_norm(x, three, three, {.weight = ones({3}, {.dtype = float64})}); }),
            "[batch_norm] expected a weight of type float32, got float64");
  const Tensor half = x.to(float16), half_three = three.to(float16);
  EXPECT_EQ(error_of([&] { F::batch_norm(half, three, three, {.weight = three.to(bfloat16)}); }),
            "[batch_norm] expected a weight of type float16, as the input has, or float32, got bfloat16");
  EXPECT_EQ(error_of([&] { F::batch_norm(half, three, three, {.weight = half_three}); }),
            "[batch_norm] expected weight, bias and running statistics of one type, got float16 and float32");
  EXPECT_EQ(error_of([&] { F::batch_norm(x.to(int64), three, three); }),
            "[batch_norm] expected a floating-point tensor, got int64");
  EXPECT_EQ(error_of([&] { F::batch_norm(x, {}, {}, {.training = true, .eps = 0}); }),
            "[batch_norm] expected an eps above 0 in training, got 0");
  EXPECT_EQ(error_of([&] { F::batch_norm(x, three, three, {.eps = -1}); }),
            "[batch_norm] expected an eps of 0 or more, got -1");
  EXPECT_EQ(error_of([&] { F::batch_norm(x, ones({3}, {.requires_grad = true}), three); }),
            "[batch_norm] expected running statistics that do not require grad: there is no gradient by them");
}

TEST(ChannelNormsParallel, TheSameBitsForAnyNumberOfThreads) {
  const int before = num_threads();
  std::vector<Tensor> all;
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    for (const Tensor& values : {test::noise({9, 6, 70, 60}), test::noise({9, 6, 70, 60}).contiguous(channels_last),
                                 test::noise({900, 600})}) {
      const Tensor x = values.detach().requires_grad_(), w = ones({x.size(1)}, {.requires_grad = true});
      (F::batch_norm(x, {}, {}, {.weight = w, .training = true}) * values + F::group_norm(x, 3, w) * values)
          .sum()
          .backward();
      all.push_back(x.grad());
      all.push_back(w.grad());
    }
  }
  set_num_threads(before);
  for (std::size_t i = 0; i < all.size() / 2; ++i) EXPECT_TRUE(test::identical(all[i], all[i + all.size() / 2]));
}

// ---- instance_norm

TEST(InstanceNorm, NormalisesEachChannelOfEachElement) {
  // F.instance_norm(x, mean, var, weight, bias, True, 0.2)
  const Tensor mean = tensor({0.5, 0.0, -1.0}), var = tensor({1.0, 2.0, 0.5});
  const Tensor y =
      F::instance_norm(numbers({2, 3, 4}), mean, var, {.weight = weight(), .bias = bias(), .momentum = 0.2});
  expect_values(y, {2, 3, 4},
                {-0.656532,  0.2626128, -0.2626128,  0.656532,  1.4,        -1.799998,  3.799998,  0.6000003,
                 0.9728971,  -1.276116, 0.009034321, 1.294185,  0.09999993, -0.6999995, 0.6999995, -0.0999999,
                 -0.4457941, 4.052232,  1.481931,    -1.088369, -0.7941846, 0.4909657,  1.776116,  -0.4728971},
                1e-5, 1e-6);
  expect_values(mean, {3}, {0.75, 0.175, -0.8}, 1e-6);
  expect_values(var, {3}, {3.566667, 3.725, 2.983333}, 1e-6);
}

TEST(InstanceNorm, ByRunningStatisticsIsBatchNormsAndItsResultLiesRowByRow) {
  const Tensor x = test::noise({2, 3, 4, 5}).contiguous(channels_last), mean = tensor({0.5, 0.0, -1.0}),
               var = tensor({1.0, 2.0, 0.5});
  const Tensor y = F::instance_norm(x, mean, var, {.use_input_stats = false});
  EXPECT_TRUE(allclose(y, F::batch_norm(x, mean, var), 1e-6, 1e-6));
  EXPECT_TRUE(y.is_contiguous());
  EXPECT_TRUE(F::instance_norm(x).is_contiguous());
}

TEST(InstanceNorm, Gradients) {
  for (const Tensor& x : leaves_of_images()) {
    test::gradchecks([](const auto& in) { return F::instance_norm(in[0], {}, {}, {.weight = in[1], .bias = in[2]}); },
                     {x, test::leaf({2}, 5), test::leaf({2}, 6)});
    test::gradchecks([](const auto& in) { return F::instance_norm(in[0]); }, {x});
  }
}

TEST(InstanceNorm, RefusesWhatDoesNotFit) {
  EXPECT_EQ(error_of([] {
              F::instance_norm(ones({2, 3, 1}));
            }),
            "[instance_norm] expected more than 1 spatial element in training, got an input of shape (2, 3, 1)");
  EXPECT_EQ(error_of([] {
              F::instance_norm(ones({2, 3, 4}), {}, {}, {.use_input_stats = false});
            }),
            "[instance_norm] expected running_mean and running_var, as the input's own statistics are not used");
  EXPECT_EQ(F::instance_norm(ones({0, 3, 2})).shape(), Shape({0, 3, 2}));
  EXPECT_EQ(F::instance_norm(ones({2, 3, 0})).shape(), Shape({2, 3, 0}));
}

// ---- group_norm

TEST(GroupNorm, NormalisesGroupsOfChannels) {
  // F.group_norm(x, 3, torch.arange(6.) / 2, torch.arange(6.))
  const std::vector<double> wanted{0,        0,        0.7373872, 1.656532, 2.2,      0.6000011, 5.099998, 2.7,
                                   2.554206, 7.052232, 5.602414,  2.389538, 0,        0,         1.699999, 0.9000001,
                                   1.277103, 3.526116, 3.361449,  1.433723, 6.088369, 3.518069,  1.18471,  6.807243};
  for (const Tensor& x : test::layouts(numbers({2, 6, 2})))
    expect_values(F::group_norm(x, 3, arange(6.0) / 2, arange(6.0)), {2, 6, 2}, wanted, 1e-5, 1e-6);
  const Tensor images = numbers({2, 6, 2, 1}).contiguous(channels_last);
  expect_values(F::group_norm(images, 3, arange(6.0) / 2, arange(6.0)), {2, 6, 2, 1}, wanted, 1e-5, 1e-6);
}

TEST(GroupNorm, LiesInMemoryAsItsInput) {
  const Tensor x = test::noise({2, 4, 3, 5}), last = x.contiguous(channels_last), y = F::group_norm(last, 2);
  EXPECT_TRUE(y.is_contiguous(channels_last));
  EXPECT_TRUE(allclose(y, F::group_norm(x, 2), 1e-5, 1e-6));
}

TEST(GroupNorm, OfHalfTypesTakesTheirWeightsOrFloat32) {
  const Tensor x = test::noise({2, 4, 9}, bfloat16), w = test::noise({4}, bfloat16, 2);
  const Tensor wanted = F::group_norm(x.to(float32), 2, w.to(float32)).to(bfloat16);
  EXPECT_TRUE(test::identical(F::group_norm(x, 2, w), wanted));
  EXPECT_TRUE(test::identical(F::group_norm(x, 2, w.to(float32)), wanted));
}

TEST(GroupNorm, Gradients) {
  const Tensor values = test::noise({2, 4, 2, 2}, float64, 7);
  for (const Tensor& x :
       {values.detach().requires_grad_(), values.contiguous(channels_last).detach().requires_grad_()}) {
    test::gradchecks([](const auto& in) { return F::group_norm(in[0], 2, in[1], in[2]); },
                     {x, test::leaf({4}, 5), test::leaf({4}, 6)});
    test::gradchecks([](const auto& in) { return F::group_norm(in[0], 1); }, {x});
  }
  test::gradchecks([](const auto& in) { return F::group_norm(in[0], 2, in[1]); },
                   {test::leaf({3, 6}, 4), test::leaf({6}, 5)});
}

TEST(GroupNorm, RefusesWhatDoesNotFit) {
  EXPECT_EQ(error_of([] {
              F::group_norm(ones({2, 5}), 2);
            }),
            "[group_norm] expected a number of channels that num_groups = 2 divides, got an input of shape (2, 5)");
  EXPECT_EQ(error_of([] { F::group_norm(ones({4}), 2); }),
            "[group_norm] expected an input of shape (N, C, *), got (4,)");
  EXPECT_EQ(error_of([] {
              F::group_norm(ones({2, 4}), 0);
            }),
            "[group_norm] expected a number of channels that num_groups = 0 divides, got an input of shape (2, 4)");
  EXPECT_EQ(error_of([] {
              F::group_norm(ones({1, 2}), 2);
            }),
            "[group_norm] expected more than 1 value per group, got an input of shape (1, 2)");
  EXPECT_EQ(error_of([] {
              F::group_norm(ones({2, 4, 0}), 2);
            }),
            "[group_norm] expected one place or more for each channel, got an input of shape (2, 4, 0)");
  EXPECT_EQ(error_of([] {
              F::group_norm(ones({2, 4, 3}), 2, ones({3}));
            }),
            "[group_norm] expected a weight of shape (4,) for an input of shape (2, 4, 3), got (3,)");
  EXPECT_EQ(F::group_norm(ones({0, 4, 3}), 2).shape(), Shape({0, 4, 3}));
}

// ---- by neighbours, by a norm

TEST(LocalResponseNorm, DividesByTheNeighbours) {
  // F.local_response_norm(x, 5, 0.5, 0.75, 2.), F.local_response_norm(x, 2, 0.5)
  const Tensor x = numbers({2, 6, 2});
  expect_values(F::local_response_norm(x, 5, {0.5, 0.75, 2}), {2, 6, 2},
                {-1.388264,  0.7046678, -0.2428522, 1.394209,   0.4413001, -0.3982503, 1.320782,  0.187775,
                 -0.8026944, 1.084311,  0,          -1.145126,  0.7046678, -0.2990698, 1.394209,  0.5283126,
                 -0.3982503, 1.320782,  0.187775,   -0.7203858, 1.084311,  0,          -1.145126, 1.102259},
                1e-5, 1e-6);
  expect_values(F::local_response_norm(x, 2, {.alpha = 0.5}), {2, 6, 2},
                {-1.196279,  1.239392, -0.2883238, 0.9163243,  1.088662, -0.33112,  1.02714,    0.5443311,
                 -0.5544068, 1.153295, 0,          -0.7698004, 1.239392, -0.845897, 0.9163243,  1.088662,
                 -0.33112,   1.02714,  0.5443311,  -0.5544068, 1.153295, 0,         -0.7698004, 1.239392},
                1e-5, 1e-6);
  EXPECT_EQ(F::local_response_norm(zeros({0, 3, 4}), 2).shape(), Shape({0, 3, 4}));
}

TEST(LocalResponseNorm, Gradients) {
  for (const Tensor& x : test::leaves({2, 3, 2}))
    for (const int64_t size : {1, 2, 3, 9})
      test::gradchecks([size](const auto& in) { return F::local_response_norm(in[0], size, {0.5, 0.75, 1}); }, {x});
}

TEST(LocalResponseNorm, RefusesWhatDoesNotFit) {
  EXPECT_EQ(error_of([] {
              F::local_response_norm(ones({2, 3}), 2);
            }),
            "[local_response_norm] expected an input of 3 dimensions or more, got (2, 3)");
  EXPECT_EQ(error_of([] {
              F::local_response_norm(ones({2, 3, 4}), 0);
            }),
            "[local_response_norm] expected a size above 0, got 0");
}

TEST(Normalize, DividesByANorm) {
  const Tensor x = numbers({2, 3, 4});
  EXPECT_TRUE(allclose(F::normalize(x).norm(2, {1}), ones({2, 4}), 1e-6, 1e-6));
  // F.normalize(x, p=1, dim=(0, 2))
  expect_values(F::normalize(x, {.p = 1, .dim = {0, 2}}).flatten().narrow(0, 0, 5), {5},
                {-0.1538462, 0.1153846, -0.03846154, 0.2307692, 0.0952381}, 1e-6);
  expect_values(F::normalize(zeros({2, 1}), {.dim = {0}}), {2, 1}, {0, 0});
  EXPECT_EQ(error_of([&] { F::normalize(x.to(int64)); }), "[normalize] expected a floating-point tensor, got int64");
  test::gradchecks([](const auto& in) { return F::normalize(in[0]); }, {test::leaf({3, 4})});
}

}  // namespace
}  // namespace tenon::channel_norm_test
