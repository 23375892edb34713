// interpolate against PyTorch's answers (images.py), its derivatives and its checks.
#include "autograd/gradcheck.h"
#include "nn/functional/images.h"

namespace tenon::resizing_test {
namespace {

namespace F = nn::functional;
using nlohmann::json;
using test::error_of;
using Mode = F::InterpolationMode;

const std::vector<std::pair<std::string, Mode>> modes{
    {"nearest", Mode::nearest}, {"nearest-exact", Mode::nearest_exact},
    {"linear", Mode::linear},   {"bilinear", Mode::bilinear},
    {"bicubic", Mode::bicubic}, {"trilinear", Mode::trilinear},
    {"lanczos", Mode::lanczos}, {"area", Mode::area}};

F::InterpolateOptions options(const json& a) {
  F::InterpolateOptions o;
  for (const auto& [name, mode] : modes)
    if (name == a["mode"].get<std::string>()) o.mode = mode;
  if (a.contains("size")) o.size = test::shape_of(a["size"]);
  if (a.contains("scale_factor")) {
    if (a["scale_factor"].is_array())
      for (const double factor : a["scale_factor"]) o.scale_factor.push_back(factor);
    else o.scale_factor = a["scale_factor"].get<double>();
  }
  if (a.contains("align_corners")) o.align_corners = a["align_corners"].get<bool>();
  o.recompute_scale_factor = a.value("recompute_scale_factor", false);
  o.antialias = a.value("antialias", false);
  return o;
}

TEST(Interpolate, IsPyTorchsWithEveryOptionInEveryTypeAndLayout) {
  test::expect_image_cases("resizing", [](const Tensor& x, const json& c) {
    return ValuesAndIndices{F::interpolate(x, options(c["args"])), {}};
  });
}

TEST(Interpolate, HasFirstAndSecondDerivatives) {
  for (const Tensor& x : test::leaves({2, 2, 4, 3}))
    for (const Mode mode : {Mode::nearest, Mode::nearest_exact, Mode::bilinear, Mode::bicubic, Mode::area})
      test::gradchecks([mode](const auto& in) { return F::interpolate(in[0], {.size = {3, 5}, .mode = mode}); }, {x});
  const Tensor x = test::leaf({1, 2, 7, 6});
  for (const Mode mode : {Mode::bilinear, Mode::bicubic, Mode::lanczos})
    test::gradchecks(
        [mode](const auto& in) {
          return F::interpolate(in[0], {.size = {3, 2}, .mode = mode, .antialias = true});
        },
        {x});
  test::gradchecks(
      [](const auto& in) {
        return F::interpolate(in[0], {.scale_factor = 2, .mode = Mode::trilinear, .align_corners = true});
      },
      {test::leaf({1, 1, 2, 3, 2})});
  test::gradchecks([](const auto& in) { return F::interpolate(in[0], {.scale_factor = 1.7, .mode = Mode::linear}); },
                   {test::leaf({1, 2, 5})});
}

TEST(Interpolate, OfBytesIsRounded) {
  // torch.nn.functional.interpolate(torch.arange(12, dtype=torch.uint8).view(1, 1, 3, 4), size=5, mode=…)[0, 0, :2]
  const Tensor x = arange(12).to(uint8).reshape({1, 1, 3, 4});
  const auto top = [&](Mode mode) { return F::interpolate(x, {.size = 5, .mode = mode})[0][0].narrow(0, 0, 1); };
  test::expect_values(top(Mode::nearest), {1, 5}, {0, 0, 1, 2, 3});
  test::expect_values(top(Mode::nearest_exact), {1, 5}, {0, 1, 2, 2, 3});
  test::expect_values(top(Mode::bilinear), {1, 5}, {0, 1, 2, 2, 3});
  test::expect_values(top(Mode::bicubic), {1, 5}, {0, 1, 2, 2, 3});
  EXPECT_EQ(top(Mode::bicubic).dtype(), uint8);
}

TEST(Interpolate, KeepsBytesBetweenTheDirectionsAsPyTorchDoes) {
  // PyTorch 2.15: F.interpolate(x, size=(6, 7), mode="bicubic"), which weighs in 16 bits and may be off by one
  const Tensor x = tensor({0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 0, 0, 255, 0, 255, 255, 255, 0, 255, 0}).to(uint8);
  const Tensor expected =
      tensor({0,  181, 222, 0,   205, 168, 0,   151, 151, 95,  0,   209, 231, 128, 236, 81,  0,   41, 164, 235, 255,
              19, 0,   55,  241, 57,  98,  255, 104, 117, 135, 151, 115, 111, 128, 255, 255, 186, 0,  217, 183, 0});
  for (const MemoryFormat format : {contiguous_format, channels_last}) {
    const Tensor y = F::interpolate(x.reshape({1, 1, 4, 5}).expand({2, 3, 4, 5}).contiguous(format),
                                    {.size = {6, 7}, .mode = Mode::bicubic});
    EXPECT_TRUE(y.is_contiguous(format));
    EXPECT_LE((y.to(int64) - expected.reshape({6, 7})).abs().max().item<int64_t>(), 1) << fmt::format("{}", y);
  }
}

TEST(Interpolate, OfEmptyBatchesAndOnTheMetaDeviceHasAShape) {
  EXPECT_EQ(F::interpolate(ones({0, 2, 3, 4}), {.size = 2}).shape(), Shape({0, 2, 2, 2}));
  const Tensor x = empty({2, 3, 4}, {.device = kMeta}).requires_grad_(),
               y = F::interpolate(x, {.scale_factor = 2, .mode = Mode::linear});
  EXPECT_EQ(y.shape(), Shape({2, 3, 8}));
  y.sum().backward();
  EXPECT_EQ(x.grad().shape(), x.shape());
}

TEST(Interpolate, RefusesWhatDoesNotFit) {
  const Tensor x = ones({1, 1, 3, 4});
  EXPECT_EQ(error_of([&] { F::interpolate(x, {}); }),
            "[interpolate] expected either a size or a scale_factor, got neither");
  EXPECT_EQ(error_of([&] { F::interpolate(x, {.size = 2, .scale_factor = 2}); }),
            "[interpolate] expected either a size or a scale_factor, got both");
  EXPECT_EQ(error_of([&] {
              F::interpolate(x, {.size = {2, 2, 2}});
            }),
            "[interpolate] expected one number or 2 for an input of shape (1, 1, 3, 4), got 3");
  EXPECT_EQ(error_of([&] { F::interpolate(x, {.size = 2, .mode = Mode::linear}); }),
            "[interpolate] expected an input of shape (N, C, W) for linear, got (1, 1, 3, 4)");
  EXPECT_EQ(error_of([&] {
              F::interpolate(ones({3, 4}), {.size = 2});
            }),
            "[interpolate] expected an input of shape (N, C, W), (N, C, H, W) or (N, C, D, H, W) for nearest, got (3, "
            "4)");
  EXPECT_EQ(error_of([&] { F::interpolate(x, {.size = 2, .align_corners = true}); }),
            "[interpolate] nearest has no align_corners");
  EXPECT_EQ(error_of([&] { F::interpolate(x, {.size = 2, .recompute_scale_factor = true}); }),
            "[interpolate] recompute_scale_factor goes with a scale_factor, got a size");
  EXPECT_EQ(error_of([&] { F::interpolate(x, {.size = 2, .mode = Mode::area, .antialias = true}); }),
            "[interpolate] area has no antialias: expected bilinear, bicubic or lanczos");
  EXPECT_EQ(error_of([&] { F::interpolate(x, {.size = 2, .mode = Mode::lanczos}); }),
            "[interpolate] lanczos takes antialias, and no align_corners");
  EXPECT_EQ(error_of([&] {
              F::interpolate(x, {.size = {0, 2}});
            }),
            "[interpolate] expected sizes of 1 or more, got (0, 2) for an input of shape (1, 1, 3, 4)");
  EXPECT_EQ(error_of([&] { F::interpolate(x, {.scale_factor = 0.1}); }),
            "[interpolate] expected sizes of 1 or more, got (0, 0) for an input of shape (1, 1, 3, 4)");
  EXPECT_EQ(error_of([&] {
              F::interpolate(ones({2, 0, 3, 4}), {.size = 2});
            }),
            "[interpolate] expected sizes of 1 or more, got (2, 2) for an input of shape (2, 0, 3, 4)");
  EXPECT_EQ(error_of([&] { F::interpolate(x.to(int64), {.size = 2}); }),
            "[interpolate] expected a tensor of floating-point numbers, got int64");
  EXPECT_EQ(error_of([&] { F::interpolate(x, {.scale_factor = 1e30}); }),
            "[interpolate] a size of 3 times 1e+30 is more than memory has addresses");
}

TEST(ParallelInterpolate, IsTheSameForAnyNumberOfThreads) {
  const int threads = num_threads();
  const Tensor planes = test::noise({2, 17, 63, 65});
  for (const Tensor& input : {planes, planes.contiguous(channels_last)}) {
    const auto all = [&] {
      const Tensor x = input.detach().requires_grad_();
      const Tensor y = F::interpolate(x, {.scale_factor = {2, 0.7}, .mode = Mode::bicubic});
      (y * y).sum().backward();
      return std::vector<Tensor>{y, x.grad()};
    };
    set_num_threads(1);
    const auto one = all();
    set_num_threads(4);
    const auto four = all();
    set_num_threads(threads);
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(test::identical(one[i], four[i])) << i;
  }
}

}  // namespace
}  // namespace tenon::resizing_test
