// Convolutions. Expected numbers are PyTorch 2.15's, or sums over each window by its indices.
#include <tenon/nn/functional/convolution.h>

#include <array>

#include <tenon/device.h>

#include "autograd/gradcheck.h"

namespace tenon::functional_convolution_test {
namespace {

namespace F = nn::functional;
using test::error_of;
using test::expect_values;
using test::noise;
using test::numbers;

struct Case {
  std::string name;
  Shape x, weight;
  Shape stride, padding, dilation;
  int64_t groups = 1;
};

/// Small, of a size that no vector divides, with a part of an image left over, taller than a tile.
const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"1d", {2, 3, 9}, {4, 3, 3}, {1}, {0}, {1}},
      {"1d, strided and dilated", {2, 3, 23}, {5, 3, 4}, {3}, {2}, {2}},
      {"2d", {2, 3, 7, 6}, {5, 3, 3, 2}, {1, 1}, {1, 2}, {1, 1}},
      {"2d, strided", {3, 4, 9, 8}, {6, 4, 3, 3}, {2, 3}, {1, 1}, {1, 1}},
      {"2d, stride longer than the kernel", {1, 2, 11, 10}, {3, 2, 2, 1}, {3, 4}, {0, 1}, {1, 1}},
      {"2d, dilated", {2, 2, 9, 9}, {3, 2, 3, 2}, {1, 2}, {2, 0}, {2, 3}},
      {"2d, in groups", {2, 6, 5, 5}, {9, 2, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 3},
      {"2d, each channel by itself", {2, 37, 6, 5}, {37, 1, 3, 3}, {2, 1}, {1, 1}, {1, 1}, 37},
      {"2d, each channel by itself, twice", {2, 5, 6, 5}, {10, 1, 3, 2}, {1, 2}, {1, 0}, {2, 1}, 5},
      {"2d, of points", {2, 35, 4, 5}, {70, 35, 1, 1}, {1, 1}, {0, 0}, {1, 1}},
      {"2d, of points, strided", {2, 5, 5, 4}, {3, 5, 1, 1}, {2, 2}, {0, 0}, {1, 1}},
      {"2d, one large window", {3, 2, 5, 4}, {7, 2, 5, 4}, {1, 1}, {0, 0}, {1, 1}},
      {"2d, more padding than window", {1, 1, 2, 2}, {1, 1, 2, 2}, {1, 1}, {4, 3}, {1, 1}},
      {"2d, wide channels", {1, 130, 3, 3}, {67, 130, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
      {"3d", {2, 2, 4, 5, 3}, {3, 2, 2, 3, 2}, {1, 2, 1}, {1, 1, 0}, {1, 1, 2}},
  };
  return all;
}

template <std::size_t N>
F::ConvOptions<N> options_of(const Case& c) {
  return {IntList<N>(c.stride), IntList<N>(c.padding), IntList<N>(c.dilation), c.groups};
}

Tensor conv(const Case& c, const Tensor& x, const Tensor& weight, const Tensor& bias = {}) {
  switch (c.stride.size()) {
    case 1: return F::conv1d(x, weight, bias, options_of<1>(c));
    case 2: return F::conv2d(x, weight, bias, options_of<2>(c));
    default: return F::conv3d(x, weight, bias, options_of<3>(c));
  }
}

/// With weight (C, O/groups, *kernel) and the image of `size`.
Tensor conv_transpose(const Case& c, const Tensor& x, const Tensor& weight, const Shape& behind,
                      const Tensor& bias = {}) {
  const auto options = [&]<int N>(std::integral_constant<int, N>) {
    return F::ConvTransposeOptions<N>{IntList<N>(c.stride), IntList<N>(c.padding), IntList<N>(behind), c.groups,
                                      IntList<N>(c.dilation)};
  };
  switch (c.stride.size()) {
    case 1: return F::conv_transpose1d(x, weight, bias, options(std::integral_constant<int, 1>()));
    case 2: return F::conv_transpose2d(x, weight, bias, options(std::integral_constant<int, 2>()));
    default: return F::conv_transpose3d(x, weight, bias, options(std::integral_constant<int, 3>()));
  }
}

/// f(x's index, weight's index, y's index) for every product that a convolution adds up.
template <class Add>
void for_products(const Case& c, const Shape& out, Add add) {
  test::for_each_index(out, [&](const Shape& y) {
    test::for_each_index(Shape(c.weight.begin() + 1, c.weight.end()), [&](const Shape& w) {
      Shape x{y[0], y[1] / (out[1] / c.groups) * c.weight[1] + w[0]}, weight{y[1], w[0]};
      for (std::size_t d = 0; d < c.stride.size(); ++d) {
        x.push_back(y[d + 2] * c.stride[d] - c.padding[d] + w[d + 1] * c.dilation[d]);
        if (x.back() < 0 || x.back() >= c.x[d + 2]) return;
        weight.push_back(w[d + 1]);
      }
      add(x, weight, y);
    });
  });
}

/// Sums in double by their indices.
class Sums {
 public:
  explicit Sums(const Shape& shape) : shape_(shape), sums_(static_cast<std::size_t>(shape.numel())) {}
  double& at(const Shape& index) {
    int64_t place = 0;
    for (std::size_t d = 0; d < shape_.size(); ++d) place = place * shape_[d] + index[d];
    return sums_[static_cast<std::size_t>(place)];
  }
  void expect(const Tensor& x, double near, const std::string& what) {
    SCOPED_TRACE(what);
    expect_values(x, shape_, sums_, near, near);
  }

 private:
  Shape shape_;
  std::vector<double> sums_;
};

/// As it is, and with its channels last.
std::vector<Tensor> formats(const Tensor& x) {
  std::vector<Tensor> all{x};
  if (x.dim() > 3) all.push_back(x.contiguous(x.dim() == 4 ? channels_last : channels_last_3d));
  return all;
}

class Convolution : public testing::TestWithParam<DType> {};

TEST_P(Convolution, AndItsGradientsAreSumsOverWindows) {
  const DType type = GetParam();
  for (const Case& c : cases()) {
    const Tensor x = numbers(c.x, type), weight = numbers(c.weight, type, 1), bias = numbers({c.weight[0]}, type, 2);
    const Shape out = conv(c, x, weight).shape();
    const Tensor grad = numbers(out, type, 3);
    Sums y(out), dx(c.x), dweight(c.weight), dbias(Shape{c.weight[0]});
    test::for_each_index(out, [&](const Shape& i) {
      y.at(i) += test::element(bias, {i[1]});
      dbias.at({i[1]}) += test::element(grad, i);
    });
    for_products(c, out, [&](const Shape& at_x, const Shape& at_w, const Shape& at_y) {
      y.at(at_y) += test::element(x, at_x) * test::element(weight, at_w);
      dx.at(at_x) += test::element(grad, at_y) * test::element(weight, at_w);
      dweight.at(at_w) += test::element(grad, at_y) * test::element(x, at_x);
    });
    const double near = type == float64 ? 1e-12 : type == float32 ? 1e-5 : type == float16 ? 2e-3 : 1.6e-2;
    for (const Tensor& image : formats(x))
      for (const Tensor& kernel : formats(weight)) {
        const std::string what = c.name + (image.is_contiguous() ? "" : ", image") +
                                 (kernel.is_contiguous() ? "" : ", kernel with channels last");
        const std::vector<Tensor> leaves{image.detach().requires_grad_(), kernel.detach().requires_grad_(),
                                         bias.detach().requires_grad_()};
        const Tensor got = conv(c, leaves[0], leaves[1], leaves[2]);
        y.expect(got, near, what);
        const auto gradients = autograd::grad({got}, leaves, {.grad_outputs = {grad}});
        dx.expect(gradients[0], near, what + ", by the image");
        dweight.expect(gradients[1], near, what + ", by the kernel");
        dbias.expect(gradients[2], near, what + ", by the bias");
      }
  }
}

TEST_P(Convolution, TransposedIsTheGradientByTheImage) {
  const DType type = GetParam();
  for (const Case& c : cases()) {
    const Tensor weight = noise(c.weight, type, 1), image = noise(c.x, type, 2).requires_grad_();
    const Tensor y = conv(c, image, weight), grad = noise(y.shape(), type, 3);
    const Tensor wanted = autograd::grad({y}, {image}, {.grad_outputs = {grad}})[0];
    Shape behind;
    for (std::size_t d = 0; d < c.stride.size(); ++d)
      behind.push_back(c.x[d + 2] - ((y.shape()[d + 2] - 1) * c.stride[d] - 2 * c.padding[d] +
                                     c.dilation[d] * (c.weight[d + 2] - 1) + 1));
    for (const Tensor& x : formats(grad)) {
      const Tensor got = conv_transpose(c, x, weight, behind);
      EXPECT_TRUE(allclose(got, wanted, 0, 0)) << c.name;
      const Tensor bias = noise({got.size(1)}, type, 4);
      Shape as_channel(got.shape().size(), int64_t{1});
      as_channel[1] = got.size(1);
      const double near = is_half(type) ? 1e-2 : 1e-5;
      EXPECT_TRUE(allclose(conv_transpose(c, x, weight, behind, bias), wanted + bias.reshape(as_channel), near, near))
          << c.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Convolution, testing::ValuesIn(test::real_types));

TEST(Conv, ValuesArePyTorchs) {
  const Tensor x = arange(20).to(float32).reshape({1, 1, 4, 5});
  const Tensor weight = tensor({1.0, -2.0, 3.0, 0.5, 1.0, -1.0}).reshape({1, 1, 2, 3});
  // F.conv2d(x, weight, torch.tensor([0.25]), stride=(1, 2), padding=(1, 0), dilation=(2, 1))
  expect_values(F::conv2d(x, weight, tensor({0.25}), {.stride = {1, 2}, .padding = {1, 0}, .dilation = {2, 1}}),
                {1, 1, 4, 2}, {1.75, 2.75, 8.25, 13.25, 20.75, 25.75, 24.25, 28.25}, 1e-6);
  // F.conv1d(torch.arange(1., 9).view(1, 4, 2), torch.arange(1., 9).view(4, 2, 1), groups=2)
  const Tensor eight = arange(1, 9).to(float32);
  expect_values(F::conv1d(eight.reshape({1, 4, 2}), eight.reshape({4, 2, 1}), {}, {.groups = 2}), {1, 4, 2},
                {7, 10, 15, 22, 67, 78, 91, 106}, 1e-6);
  // F.conv_transpose2d(torch.tensor([[[[1., 2.], [3., 4.]]]]), weight, torch.tensor([0.5]), stride=(2, 1),
  //                    padding=(0, 1), output_padding=(1, 0))
  expect_values(F::conv_transpose2d(tensor({1.0, 2.0, 3.0, 4.0}).reshape({1, 1, 2, 2}), weight, tensor({0.5}),
                                    {.stride = {2, 1}, .padding = {0, 1}, .output_padding = {1, 0}}),
                {1, 1, 5, 2}, {0.5, -0.5, 2.5, 1.5, -1.5, 1.5, 5.5, 1.5, 0.5, 0.5}, 1e-6);
}

TEST(Conv, SamePaddingKeepsTheSizeWithTheLargerHalfBehind) {
  // F.conv1d(torch.arange(1., 6).view(1, 1, 5), torch.tensor([[[1., 10.]]]), padding='same')
  expect_values(F::conv1d(arange(1, 6).to(float32).reshape({1, 1, 5}), tensor({1.0, 10.0}).reshape({1, 1, 2}), {},
                          {.padding = "same"}),
                {1, 1, 5}, {21, 32, 43, 54, 5}, 1e-6);
  // F.conv2d(torch.arange(20.).view(1, 1, 4, 5), torch.ones(1, 1, 2, 4), padding='same', dilation=(3, 1))
  expect_values(F::conv2d(arange(20).to(float32).reshape({1, 1, 4, 5}), ones({1, 1, 2, 4}), {},
                          {.padding = "same", .dilation = {3, 1}}),
                {1, 1, 4, 5}, {33, 46, 50, 39, 27, 51, 72, 80, 63, 44, 18, 26, 30, 24, 17, 33, 46, 50, 39, 27}, 1e-6);
  EXPECT_EQ(F::conv2d(ones({1, 1, 4, 5}), ones({1, 1, 2, 4}), {}, {.padding = "valid"}).shape(), Shape({1, 1, 3, 2}));
}

TEST(Conv, TakesAnImageWithoutABatch) {
  const Tensor x = noise({2, 5, 6}), weight = noise({3, 2, 3, 3}), bias = noise({3});
  EXPECT_TRUE(allclose(F::conv2d(x, weight, bias), F::conv2d(x.unsqueeze(0), weight, bias)[0], 0, 0));
  EXPECT_EQ(F::conv1d(noise({2, 5}), noise({3, 2, 3})).shape(), Shape({3, 3}));
  EXPECT_EQ(F::conv_transpose3d(noise({2, 2, 2, 2}), noise({2, 3, 2, 2, 2})).shape(), Shape({3, 3, 3, 3}));
}

TEST(Conv, GradientsAndTheirGradients) {
  const auto leaf = [](const Shape& shape, uint64_t seed) { return test::leaf(shape, seed); };
  for (const bool last : {false, true})
    test::gradchecks(
        [last](const auto& in) {
          return F::conv2d(last ? in[0].contiguous(channels_last) : in[0], in[1], in[2],
                           {.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}, .groups = 2});
        },
        {leaf({2, 4, 4, 3}, 1), leaf({2, 2, 3, 2}, 2), leaf({2}, 3)});
  test::gradchecks([](const auto& in) { return F::conv1d(in[0], in[1], {}, {.padding = "same"}); },
                   {leaf({1, 2, 5}, 1), leaf({2, 2, 2}, 2)});
  test::gradchecks([](const auto& in) { return F::conv3d(in[0], in[1], in[2], {.stride = 2, .padding = 1}); },
                   {leaf({1, 2, 3, 2, 3}, 1), leaf({2, 2, 2, 1, 3}, 2), leaf({2}, 3)});
  test::gradchecks(
      [](const auto& in) {
        return F::conv_transpose2d(in[0], in[1], in[2],
                                   {.stride = {2, 1}, .padding = 1, .output_padding = {1, 0}, .groups = 2});
      },
      {leaf({2, 4, 2, 3}, 1), leaf({4, 1, 3, 3}, 2), leaf({2}, 3)});
  test::gradchecks([](const auto& in) { return F::conv_transpose1d(in[0], in[1], {}, {.dilation = 2}); },
                   {leaf({1, 2, 3}, 1), leaf({2, 2, 2}, 2)});
  // one tensor as both
  test::gradchecks([](const auto& in) { return F::conv1d(in[0], in[0]); }, {leaf({2, 2, 3}, 1)});
}

TEST(Conv, LiesWithItsChannelsLastWhereTheImageOrTheKernelDoes) {
  const Tensor x = noise({2, 4, 5, 5}), weight = noise({6, 4, 3, 3});
  const Tensor last = x.contiguous(channels_last);
  EXPECT_EQ(F::conv2d(x, weight).strides(), Shape({54, 9, 3, 1}));
  EXPECT_EQ(F::conv2d(last, weight).strides(), Shape({54, 1, 18, 6}));
  EXPECT_EQ(F::conv2d(x, weight.contiguous(channels_last)).strides(), Shape({54, 1, 18, 6}));
  EXPECT_EQ(F::conv_transpose2d(last, noise({4, 6, 3, 3})).strides(), Shape({294, 1, 42, 6}));
  EXPECT_EQ(F::conv3d(noise({2, 4, 5, 5, 5}).contiguous(channels_last_3d), noise({6, 4, 3, 3, 3})).strides(),
            Shape({162, 1, 54, 18, 6}));
  const Tensor image = last.detach().requires_grad_(), kernel = weight.detach().requires_grad_();
  const auto gradients = autograd::grad({F::conv2d(image, kernel).sum()}, {image, kernel});
  EXPECT_EQ(gradients[0].strides(), Shape({100, 1, 20, 4}));
  EXPECT_EQ(gradients[1].strides(), Shape({36, 1, 12, 4}));
}

TEST(Conv, TakesTensorsOfAnyLayout) {
  const Tensor x = noise({2, 3, 5, 4}), weight = noise({4, 3, 2, 2});
  const Tensor wanted = F::conv2d(x, weight);
  for (const Tensor& image : test::layouts(x))
    for (const Tensor& kernel : test::layouts(weight))
      EXPECT_TRUE(allclose(F::conv2d(image, kernel), wanted, 1e-6, 1e-6));
  const Tensor same = x.narrow(0, 0, 1).expand({2, 3, 5, 4}).detach().requires_grad_();
  F::conv2d(same, weight).sum().backward();  // whose gradient is one number for all places
  EXPECT_TRUE(allclose(same.grad()[0], same.grad()[1], 0, 0));
}

TEST(ConvParallel, GivesTheSameBitsOnAnyNumberOfThreads) {
  const int before = num_threads();
  const std::vector<Case> large{
      {"many images", {8, 32, 14, 14}, {48, 32, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
      {"one image", {1, 16, 40, 40}, {96, 16, 3, 3}, {2, 2}, {1, 1}, {1, 1}},
      {"few places", {1, 256, 4, 4}, {256, 256, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
      {"few channels", {4, 3, 70, 70}, {20, 3, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
      {"each channel by itself", {4, 64, 30, 30}, {64, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 64},
  };
  for (const Case& c : large)
    for (const Tensor& x : formats(noise(c.x))) {
      const auto results = [&](int threads) {
        set_num_threads(threads);
        const std::vector<Tensor> leaves{x.detach().requires_grad_(), noise(c.weight, float32, 2).requires_grad_()};
        const Tensor y = conv(c, leaves[0], leaves[1]);
        auto all = autograd::grad({y}, leaves, {.grad_outputs = {noise(y.shape(), float32, 3)}});
        all.push_back(y);
        return all;
      };
      const auto one = results(1);
      for (const int threads : {2, 3, 7}) {
        const auto several = results(threads);
        for (std::size_t i = 0; i < one.size(); ++i)
          EXPECT_TRUE(test::identical(several[i], one[i])) << c.name << ' ' << i << " on " << threads;
      }
    }
  set_num_threads(before);
}

TEST(Conv, OfNothingIsEmptyAndHasGradients) {
  const Tensor x = zeros({0, 2, 4, 4}).requires_grad_(), weight = ones({3, 2, 3, 3}).requires_grad_(),
               bias = ones({3}).requires_grad_();
  const Tensor y = F::conv2d(x, weight, bias);
  EXPECT_EQ(y.shape(), Shape({0, 3, 2, 2}));
  y.sum().backward();
  EXPECT_EQ(x.grad().shape(), x.shape());
  expect_values(weight.grad(), weight.shape(), std::vector<double>(54));
  expect_values(bias.grad(), {3}, {0, 0, 0});
  EXPECT_EQ(F::conv_transpose2d(zeros({0, 2, 4, 4}), ones({2, 3, 3, 3})).shape(), Shape({0, 3, 6, 6}));
  // as PyTorch has it
  const Tensor none = zeros({2, 0, 4, 4}).requires_grad_(), of_none = zeros({3, 0, 3, 3}).requires_grad_();
  const Tensor z = F::conv2d(none, of_none, bias);
  EXPECT_EQ(z.shape(), Shape({2, 0, 2, 2}));
  z.sum().backward();
  EXPECT_EQ(none.grad().shape(), none.shape());
  EXPECT_EQ(of_none.grad().shape(), of_none.shape());
}

TEST(ConvOnTheMetaDevice, HasTheShapeOfTheResultAndOfGradients) {
  const Tensor x = empty({2, 3, 9, 9}, {.device = kMeta}).requires_grad_();
  const Tensor weight = empty({4, 3, 3, 3}, {.device = kMeta}).requires_grad_();
  const Tensor y = F::conv2d(x, weight, {}, {.stride = 2});
  EXPECT_EQ(y.shape(), Shape({2, 4, 4, 4}));
  y.sum().backward();
  EXPECT_EQ(x.grad().shape(), x.shape());
  EXPECT_EQ(weight.grad().shape(), weight.shape());
  EXPECT_EQ(F::conv_transpose2d(y, weight, {}, {.stride = 2}).shape(), Shape({2, 3, 9, 9}));
  EXPECT_EQ(F::unfold(x, 3).shape(), Shape({2, 27, 49}));
  EXPECT_EQ(F::fold(F::unfold(x, 3), 9, 3).shape(), x.shape());
}

TEST(Conv, RefusesWhatDoesNotFit) {
  const auto error = [](const Shape& x, const Shape& weight, const F::ConvOptions<2>& options = {},
                        const Tensor& bias = {}) {
    return error_of([&] { F::conv2d(zeros(x), zeros(weight), bias, options); });
  };
  EXPECT_EQ(error({4, 4}, {3, 2, 3, 3}), "[conv2d] expected an input of shape (N, C, H, W) or (C, H, W), got (4, 4)");
  EXPECT_EQ(error({1, 2, 4, 4}, {3, 2, 3}), "[conv2d] expected a weight of 4 dimensions, got shape (3, 2, 3)");
  EXPECT_EQ(
      error({1, 4, 4, 4}, {3, 2, 3, 3}),
      "[conv2d] expected an input of 2 channels for groups=1 and a weight of shape (3, 2, 3, 3), got shape (1, 4, "
      "4, 4)");
  EXPECT_EQ(error({1, 4, 4, 4}, {3, 2, 3, 3}, {.groups = 2}),
            "[conv2d] expected a weight whose first size, 3, 2 groups divide, got shape (3, 2, 3, 3)");
  EXPECT_EQ(error({1, 2, 4, 4}, {0, 2, 3, 3}),
            "[conv2d] expected a weight whose first size, 0, 1 groups divide, got shape (0, 2, 3, 3)");
  EXPECT_EQ(error({1, 2, 4, 4}, {3, 2, 3, 3}, {.groups = 0}), "[conv2d] expected groups of 1 or more, got 0");
  EXPECT_EQ(
      error({1, 2, 4, 4}, {3, 2, 5, 5}),
      "[conv2d] expected a window no larger than the padded image, got a window of (5, 5) and an image of (4, 4)");
  EXPECT_EQ(
      error({1, 2, 4, 4}, {3, 2, 3, 3}, {.dilation = {1, 2}}),
      "[conv2d] expected a window no larger than the padded image, got a window of (3, 5) and an image of (4, 4)");
  EXPECT_EQ(error({1, 2, 4, 4}, {3, 2, 0, 3}), "[conv2d] expected a kernel size of 1 or more, got (0, 3)");
  EXPECT_EQ(error({1, 2, 0, 4}, {3, 2, 3, 3}, {.padding = 2}),
            "[conv2d] expected an image of one point or more, got shape (1, 2, 0, 4)");
  EXPECT_EQ(error({1, 2, 4, 4}, {3, 2, 3, 3}, {.stride = {0, 1}}),
            "[conv2d] expected a stride of 1 or more, got (0, 1)");
  EXPECT_EQ(error({1, 2, 4, 4}, {3, 2, 3, 3}, {.padding = -1}),
            "[conv2d] expected a padding of 0 or more, got (-1, -1)");
  EXPECT_EQ(error({1, 2, 4, 4}, {3, 2, 3, 3}, {.dilation = 0}),
            "[conv2d] expected a dilation of 1 or more, got (0, 0)");
  EXPECT_EQ(error({1, 2, 4, 4}, {3, 2, 3, 3}, {.stride = 2, .padding = "same"}),
            "[conv2d] padding \"same\" is for a stride of 1, got (2, 2)");
  EXPECT_EQ(error({1, 2, 4, 4}, {3, 2, 3, 3}, {}, zeros({2})), "[conv2d] expected a bias of shape (3,), got (2,)");
  EXPECT_EQ(error({1, 2, 4, 4}, {3, 2, 3, 3}, {}, zeros({3, 1})), "[conv2d] expected a bias of shape (3,), got (3, 1)");
  EXPECT_EQ(error({1, 2, 4, 4}, {3, 2, 3, 3}, {}, zeros({3}, {float64})),
            "[conv2d] expected a bias of type float32, as the input has, got float64");
  EXPECT_EQ(error_of([] {
              F::conv2d(zeros({1, 2, 4, 4}), zeros({3, 2, 3, 3}, {float64}));
            }),
            "[conv2d] expected a weight of type float32, as the input has, got float64");
  EXPECT_EQ(error_of([] {
              F::conv1d(zeros({1, 2, 4}, {int64}), zeros({3, 2, 3}, {int64}));
            }),
            "[conv1d] expected a floating-point tensor, got int64");
  EXPECT_EQ(error_of([] { nn::ConvPadding<2>("full"); }),
            "[ConvPadding] expected numbers, \"same\" or \"valid\", got \"full\"");
}

TEST(Conv, RefusesSizesThatAreNoNumbersAnyMore) {
  const Tensor x = zeros({1, 1, 4}), weight = zeros({1, 1, 2});
  const int64_t huge = int64_t{1} << 62;
  EXPECT_EQ(error_of([&] { F::conv1d(x, weight, {}, {.padding = huge}); }).substr(0, 34),
            "[conv1d] the sizes are too large: ");
  EXPECT_EQ(error_of([&] { F::conv1d(x, weight, {}, {.dilation = huge}); }).substr(0, 34),
            "[conv1d] the sizes are too large: ");
  EXPECT_EQ(error_of([&] { F::conv_transpose1d(x, weight, {}, {.stride = huge}); }).substr(0, 44),
            "[conv_transpose1d] the sizes are too large: ");
  const Tensor no_data = zeros({1, 1, 4, 4}, {.device = kMeta}), kernel = zeros({1, 1, 2, 2}, {.device = kMeta});
  EXPECT_NE(error_of([&] { F::conv2d(no_data, kernel, {}, {.padding = int64_t{1} << 40}); }), "");
}

TEST(ConvTranspose, RefusesWhatDoesNotFit) {
  const auto error = [](const Shape& x, const Shape& weight, const F::ConvTransposeOptions<2>& options = {},
                        const Tensor& bias = {}) {
    return error_of([&] { F::conv_transpose2d(zeros(x), zeros(weight), bias, options); });
  };
  EXPECT_EQ(error({1, 5, 3, 3}, {4, 3, 3, 3}),
            "[conv_transpose2d] expected an input of 4 channels for groups=1 and a weight of shape (4, 3, 3, 3), got "
            "shape (1, 5, 3, 3)");
  EXPECT_EQ(error({1, 4, 3, 3}, {4, 3, 3, 3}, {.output_padding = 1}),
            "[conv_transpose2d] expected an output_padding below the stride (1, 1) or the dilation (1, 1), got (1, 1)");
  EXPECT_EQ(error({1, 4, 3, 3}, {4, 3, 3, 3}, {.output_padding = -1}),
            "[conv_transpose2d] expected an output_padding of 0 or more, got (-1, -1)");
  EXPECT_EQ(
      error({1, 4, 3, 3}, {4, 3, 3, 3}, {.padding = 4}),
      "[conv_transpose2d] expected a padding that leaves something, got (4, 4), which makes an image of (-3, -3)");
  EXPECT_EQ(error({1, 4, 3, 3}, {4, 3, 3, 3}, {.groups = 3}),
            "[conv_transpose2d] expected a weight whose first size, 4, 3 groups divide, got shape (4, 3, 3, 3)");
  EXPECT_EQ(error({1, 4, 3, 3}, {4, 3, 3, 3}, {}, zeros({4})),
            "[conv_transpose2d] expected a bias of shape (3,), got (4,)");
  EXPECT_EQ(error({1, 4, 0, 3}, {4, 3, 3, 3}),
            "[conv_transpose2d] expected an image of one point or more, got shape (1, 4, 0, 3)");
  // an output_padding below the dilation alone reaches beyond what the kernel does
  EXPECT_EQ(
      F::conv_transpose2d(ones({1, 1, 3, 3}), ones({1, 1, 3, 3}), {}, {.output_padding = 1, .dilation = 2}).shape(),
      Shape({1, 1, 8, 8}));
}

}  // namespace
}  // namespace tenon::functional_convolution_test
