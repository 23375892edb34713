// Pooling against PyTorch's answers (images.py), its derivatives and its checks.
#include <tenon/random.h>

#include "autograd/gradcheck.h"
#include "nn/functional/images.h"

namespace tenon::pooling_test {
namespace {

namespace F = nn::functional;
using nlohmann::json;
using test::error_of;

template <int N>
F::Window<N> window(const json& args, const char* name, const F::Window<N>& otherwise) {
  if (!args.contains(name)) return otherwise;
  if (args[name].is_array()) return test::shape_of(args[name]);
  return args[name].get<int64_t>();
}

template <int N>
F::OutputSize<N> output_size(const json& size) {
  if (size.is_number()) return size.get<int64_t>();
  std::array<std::optional<int64_t>, N> all;
  for (std::size_t d = 0; d < N; ++d)
    if (!size[d].is_null()) all[d] = size[d].get<int64_t>();
  if constexpr (N == 1) return {all[0]};
  else if constexpr (N == 2) return {all[0], all[1]};
  else return {all[0], all[1], all[2]};
}

/// The functions of one number of dimensions.
template <int N>
struct Functions;
#define TENON_FUNCTIONS(N)                                                                                           \
  template <>                                                                                                        \
  struct Functions<N> {                                                                                              \
    [[maybe_unused]] static constexpr auto max_pool = F::max_pool##N##d;                                             \
    [[maybe_unused]] static constexpr auto max_pool_with_indices = F::max_pool##N##d_with_indices;                   \
    [[maybe_unused]] static constexpr auto avg_pool = F::avg_pool##N##d;                                             \
    [[maybe_unused]] static constexpr auto lp_pool = F::lp_pool##N##d;                                               \
    [[maybe_unused]] static constexpr auto adaptive_avg_pool = F::adaptive_avg_pool##N##d;                           \
    [[maybe_unused]] static constexpr auto adaptive_max_pool = F::adaptive_max_pool##N##d;                           \
    [[maybe_unused]] static constexpr auto adaptive_max_pool_with_indices = F::adaptive_max_pool##N##d_with_indices; \
    [[maybe_unused]] static constexpr auto max_unpool = F::max_unpool##N##d;                                         \
  }
TENON_FUNCTIONS(1);
TENON_FUNCTIONS(2);
TENON_FUNCTIONS(3);
#undef TENON_FUNCTIONS

template <int N>
ValuesAndIndices run(const Tensor& x, const json& c) {
  using Of = Functions<N>;
  const std::string f = c["f"];
  const json& a = c["args"];
  const auto kernel = window<N>(a, "kernel_size", {}), stride = window<N>(a, "stride", {}),
             padding = window<N>(a, "padding", 0);
  const bool ceil_mode = a.value("ceil_mode", false);
  if (f.starts_with("max_pool"))
    return Of::max_pool_with_indices(x, kernel, {stride, padding, window<N>(a, "dilation", 1), ceil_mode});
  if (f.starts_with("avg_pool")) {
    F::AvgPoolOptions<N> o{stride, padding, ceil_mode, a["count_include_pad"].template get<bool>(), {}};
    if (a.contains("divisor_override")) o.divisor_override = a["divisor_override"].template get<int64_t>();
    return {Of::avg_pool(x, kernel, o), {}};
  }
  if (f.starts_with("lp_pool"))
    return {Of::lp_pool(x, std::stod(a["norm_type"].template get<std::string>()), kernel, {stride, ceil_mode}), {}};
  if (f.starts_with("adaptive_avg")) return {Of::adaptive_avg_pool(x, output_size<N>(a["output_size"])), {}};
  if (f.starts_with("adaptive_max")) return Of::adaptive_max_pool_with_indices(x, output_size<N>(a["output_size"]));
  if constexpr (N > 1) {
    std::vector<double> samples;
    for (const auto& plane : a["samples"])
      for (const auto& channel : plane) samples.insert(samples.end(), channel.begin(), channel.end());
    const F::FractionalMaxPoolOptions<N> o{
        .output_size = window<N>(a, "output_size", {}),
        .random_samples =
            tensor(samples, {float64}).reshape({x.dim() == N + 1 ? 1 : x.size(0), x.size(-N - 1), N}).to(x.dtype())};
    if constexpr (N == 2) return F::fractional_max_pool2d_with_indices(x, kernel, o);
    else return F::fractional_max_pool3d_with_indices(x, kernel, o);
  } else {
    throw std::runtime_error(f);
  }
}

TEST(Pooling, IsPyTorchsWithEveryOptionInEveryTypeAndLayout) {
  test::expect_image_cases(
      "pooling",
      [](const Tensor& x, const json& c) {
        const std::string f = c["f"];
        return f.ends_with("1d") ? run<1>(x, c) : f.ends_with("2d") ? run<2>(x, c) : run<3>(x, c);
      },
      [](const Tensor& x, const json& c) { return c["f"].get<std::string>().starts_with("lp") ? x.abs() + 0.5 : x; });
}

TEST(Pooling, HasFirstAndSecondDerivatives) {
  for (const Tensor& x : test::leaves({2, 3, 5, 4})) {
    test::gradchecks([](const auto& in) { return F::max_pool2d(in[0], 3, {.stride = 2, .padding = 1}); }, {x});
    test::gradchecks([](const auto& in) { return F::avg_pool2d(in[0], {3, 2}, {.stride = 1, .padding = 1}); }, {x});
    test::gradchecks([](const auto& in) { return F::adaptive_avg_pool2d(in[0], {3, None}); }, {x});
    test::gradchecks([](const auto& in) { return F::adaptive_max_pool2d(in[0], {2, 3}); }, {x});
    test::gradchecks([](const auto& in) { return F::avg_pool1d(in[0].flatten(0, 1), 2); }, {x});
    test::gradchecks([](const auto& in) { return F::max_pool3d(in[0], {1, 2, 2}); }, {x});
    test::gradchecks([](const auto& in) { return F::avg_pool3d(in[0], {2, 3, 2}, {.divisor_override = 5}); }, {x});
    const Tensor samples = full({2, 3, 2}, 0.3, {float64});
    test::gradchecks(
        [&](const auto& in) {
          return F::fractional_max_pool2d(in[0], 2, {.output_size = {2, 3}, .random_samples = samples});
        },
        {x});
  }
  const Tensor last = test::leaf({2, 3, 5, 4}).detach().contiguous(channels_last).requires_grad_();
  test::gradchecks([](const auto& in) { return F::max_pool2d(in[0], 3, {.stride = 2, .padding = 1}); }, {last});
  test::gradchecks([](const auto& in) { return F::avg_pool2d(in[0], 3, {.stride = 2, .padding = 1}); }, {last});
  const Tensor positive = test::leaf({2, 3, 5, 4}, 1, 1.5);
  for (const double norm : {1.0, 2.0, 2.5})
    test::gradchecks([norm](const auto& in) { return F::lp_pool2d(in[0], norm, 2, {.stride = 1}); }, {positive});
  const auto indices = F::max_pool2d_with_indices(test::noise({2, 3, 6, 4}), 2).indices;
  test::gradchecks([&](const auto& in) { return F::max_unpool2d(in[0], indices, 2); }, {test::leaf({2, 3, 3, 2})});
}

TEST(Pooling, OfTheLargestTakesTheFirstOfEqualsAndTheLastNaN) {
  // torch.nn.functional.max_pool2d(x, 2, return_indices=True), and of what lies with its channels last.
  Tensor x = arange(16).to(float32).reshape({1, 1, 4, 4}).clone();
  x.index_put_({0, 0, 0, 0}, test::nan);
  x.index_put_({0, 0, 1, 1}, test::nan);
  const Tensor two = cat({x, x}, 1);
  for (const Tensor& y : {two, two.contiguous(channels_last)}) {
    const auto found = F::max_pool2d_with_indices(y, 2);
    test::expect_values(found.values, {1, 2, 2, 2}, {test::nan, 7, 13, 15, test::nan, 7, 13, 15});
    test::expect_values(found.indices, {1, 2, 2, 2}, {5, 7, 13, 15, 5, 7, 13, 15});
    const auto equal = F::max_pool2d_with_indices(zeros_like(y), 3, {.stride = 1, .padding = 1});
    test::expect_values(equal.indices.select(1, 1), {1, 4, 4}, {0, 0, 1, 2, 0, 0, 1, 2, 4, 4, 5, 6, 8, 8, 9, 10});
    const auto least = F::max_pool2d_with_indices(full_like(y, -test::infinity), 3, {.stride = 2, .padding = 1});
    test::expect_values(least.indices.select(1, 0), {1, 2, 2}, {0, 1, 4, 5});
    test::expect_values(least.values.select(1, 0), {1, 2, 2}, std::vector<double>(4, -test::infinity));
  }
  // The lower of two NaNs in different columns is the last.
  const Tensor crossed = tensor({{0.0, test::nan}, {test::nan, 0.0}}).reshape({1, 2, 2});
  EXPECT_EQ(F::max_pool2d_with_indices(crossed, 2).indices.item<int64_t>(), 2);
  EXPECT_EQ(F::max_pool2d_with_indices(tensor({{0.0, 3.0}, {3.0, 0.0}}).reshape({1, 2, 2}), 2).indices.item<int64_t>(),
            1);
}

TEST(Pooling, OfIntegersStaysInTheirType) {
  const Tensor x = arange(16).reshape({1, 1, 4, 4}) - 5;
  for (const DType type : {int8, int16, int32, int64}) {
    const auto found = F::max_pool2d_with_indices(x.to(type), 2);
    EXPECT_EQ(found.values.dtype(), type);
    test::expect_values(found.values, {1, 1, 2, 2}, {0, 2, 8, 10});
    test::expect_values(found.indices, {1, 1, 2, 2}, {5, 7, 13, 15});
    test::expect_values(F::max_pool2d(cat({x, x}, 1).to(type).contiguous(channels_last), 2).select(1, 1), {1, 2, 2},
                        {0, 2, 8, 10});
  }
  const int64_t large = (int64_t{1} << 62) + 1;
  EXPECT_EQ(F::max_pool1d(tensor({{large, large - 1}}), 2).item<int64_t>(), large);
  // torch.nn.functional.avg_pool2d(torch.arange(16).view(1, 1, 4, 4) - 5, 2)
  test::expect_values(F::avg_pool2d(x, 2), {1, 1, 2, 2}, {-2, 0, 5, 7});
  test::expect_values(F::avg_pool2d(cat({x, x}, 1).contiguous(channels_last), 2).select(1, 1), {1, 2, 2},
                      {-2, 0, 5, 7});
}

TEST(Pooling, OfEmptyBatchesIsEmpty) {
  const Tensor x = zeros({0, 3, 4, 6}, {.requires_grad = true});
  for (const auto& f :
       std::vector<std::function<Tensor()>>{[&] { return F::max_pool2d(x, 2); }, [&] { return F::avg_pool2d(x, 2); },
                                            [&] {
                                              return F::adaptive_avg_pool2d(x, {2, 3});
                                            },
                                            [&] {
                                              return F::adaptive_max_pool2d(x, {2, 3});
                                            },
                                            [&] { return F::lp_pool2d(x, 2, 2); },
                                            [&] {
                                              return F::fractional_max_pool2d(x, 2, {.output_size = {2, 3}});
                                            }}) {
    const Tensor y = f();
    EXPECT_EQ(y.shape(), Shape({0, 3, 2, 3}));
    y.sum().backward();
  }
  EXPECT_EQ(x.grad().shape(), x.shape());
  EXPECT_EQ(F::adaptive_avg_pool2d(ones({2, 0, 4, 4}), 2).shape(), Shape({2, 0, 2, 2}));
  EXPECT_EQ(F::adaptive_avg_pool2d(ones({2, 1, 4, 4}), 0).shape(), Shape({2, 1, 0, 0}));
  EXPECT_EQ(F::max_unpool2d(ones({0, 2, 2, 2}), zeros({0, 2, 2, 2}, {int64}), 2).shape(), Shape({0, 2, 4, 4}));
}

TEST(Pooling, OnTheMetaDeviceHasAShape) {
  const Tensor x = empty({2, 3, 4, 6}, {.device = kMeta}).requires_grad_();
  EXPECT_EQ(F::max_pool2d(x, 2).shape(), Shape({2, 3, 2, 3}));
  EXPECT_EQ(F::fractional_max_pool2d(x, 2, {.output_size = 2}).shape(), Shape({2, 3, 2, 2}));
  const Tensor y = F::avg_pool2d(x, 2);
  EXPECT_TRUE(y.is_meta());
  y.sum().backward();
  EXPECT_EQ(x.grad().shape(), x.shape());
}

TEST(Pooling, OfAWindowThatOnlyCoversPaddingIsTheLeastNumber) {
  const auto found = F::max_pool1d_with_indices(ones({1, 1}), 2, {.padding = 1, .dilation = 2});
  test::expect_values(found.values, {1, 1}, {-test::infinity});
  EXPECT_EQ(found.indices.item<int64_t>(), 0);
}

TEST(Pooling, ByFractionsDrawsAsPyTorch) {
  // torch.manual_seed(0); F.fractional_max_pool2d(x, 2, (4, 3), return_indices=True)[1], of three types
  const Tensor x = arange(84).to(float32).reshape({1, 2, 7, 6});
  const F::FractionalMaxPoolOptions<2> o{.output_size = {4, 3}};
  manual_seed(0);
  test::expect_values(F::fractional_max_pool2d_with_indices(x, 2, o).indices, {1, 2, 4, 3},
                      {7, 9, 11, 13, 15, 17, 25, 27, 29, 37, 39, 41, 7, 9, 11, 13, 15, 17, 25, 27, 29, 37, 39, 41});
  EXPECT_NEAR(rand({1}).item<double>(), 0.3074, 1e-4);
  manual_seed(0);
  test::expect_values(F::fractional_max_pool2d_with_indices(x.to(bfloat16), 2, o).indices, {1, 2, 4, 3},
                      {7, 10, 11, 13, 16, 17, 25, 28, 29, 37, 40, 41, 7, 9, 11, 13, 15, 17, 25, 27, 29, 37, 39, 41});
  manual_seed(0);
  test::expect_values(F::fractional_max_pool2d_with_indices(x.to(float64), 2, o).indices, {1, 2, 4, 3},
                      {7, 9, 11, 13, 15, 17, 25, 27, 29, 37, 39, 41, 7, 9, 11, 19, 21, 23, 25, 27, 29, 37, 39, 41});
  manual_seed(0);
  EXPECT_EQ(F::fractional_max_pool2d(x[0], 2, {.output_ratio = {0.5, 0.7}}).shape(), Shape({2, 3, 4}));
}

TEST(MaxUnpool, PutsBackWhatWasTheLargest) {
  const Tensor x = test::noise({2, 3, 7, 6});
  const auto pooled = F::max_pool2d_with_indices(x, 2);
  const Tensor y = F::max_unpool2d(pooled.values, pooled.indices, 2, {.output_size = x.shape()});
  EXPECT_EQ(y.shape(), x.shape());
  EXPECT_TRUE(allclose((y != 0).to(float32) * x, y));
  EXPECT_EQ((y != 0).sum().item<int64_t>(), pooled.values.numel());
  EXPECT_EQ(F::max_unpool2d(pooled.values, pooled.indices, 2, {.output_size = {7, 7}}).shape(), Shape({2, 3, 7, 7}));
  EXPECT_EQ(F::max_unpool2d(pooled.values, pooled.indices, 2).shape(), Shape({2, 3, 6, 6}));
  const auto one = F::max_pool1d_with_indices(x[0][0], 3);
  EXPECT_EQ(F::max_unpool1d(one.values, one.indices, 3).shape(), Shape({7, 6}));
  const auto three = F::max_pool3d_with_indices(x, 2, {.stride = {1, 2, 2}});
  EXPECT_EQ(F::max_unpool3d(three.values, three.indices, 2, {.stride = {1, 2, 2}, .output_size = {3, 7, 6}}).shape(),
            Shape({2, 3, 7, 6}));
  const auto last = F::max_pool2d_with_indices(x.contiguous(channels_last), 2);
  EXPECT_TRUE(F::max_unpool2d(last.values, last.indices, 2).is_contiguous(channels_last));
}

TEST(Pooling, RefusesWhatDoesNotFit) {
  const Tensor x = ones({1, 1, 4, 4});
  EXPECT_EQ(error_of([&] { F::max_pool2d(x, 0); }), "[max_pool2d] expected a kernel_size of 1 or more, got 0");
  EXPECT_EQ(error_of([&] { F::max_pool2d(x, 2, {.stride = 0}); }),
            "[max_pool2d] expected a stride of 1 or more, got 0");
  EXPECT_EQ(error_of([&] { F::max_pool2d(x, 2, {.dilation = 0}); }),
            "[max_pool2d] expected a dilation of 1 or more, got 0");
  EXPECT_EQ(error_of([&] { F::avg_pool2d(x, 2, {.padding = -1}); }),
            "[avg_pool2d] expected a padding of 0 or more, got -1");
  EXPECT_EQ(error_of([&] { F::max_pool2d(x, 2, {.padding = 2, .dilation = 3}); }),
            "[max_pool2d] expected a padding of at most half the kernel_size of 2, got 2");
  EXPECT_EQ(error_of([&] { F::max_pool2d(x, 5); }),
            "[max_pool2d] a window of 5 is larger than the padded input: size 4 with 0 on either side");
  EXPECT_EQ(error_of([&] { F::max_pool2d(x, 3, {.dilation = 2}); }),
            "[max_pool2d] a window of 5 is larger than the padded input: size 4 with 0 on either side");
  EXPECT_EQ(error_of([&] {
              F::max_pool2d(ones({4, 4}), 2);
            }),
            "[max_pool2d] expected an input of shape (N, C, H, W) or (C, H, W), of which N alone may be 0, got (4, 4)");
  EXPECT_EQ(error_of([&] {
              F::avg_pool1d(ones({2, 0, 4}), 2);
            }),
            "[avg_pool1d] expected an input of shape (N, C, W) or (C, W), of which N alone may be 0, got (2, 0, 4)");
  EXPECT_EQ(error_of([&] {
              F::adaptive_avg_pool3d(ones({2, 1, 4, 0, 4}), 2);
            }),
            "[adaptive_avg_pool3d] expected an input of shape (N, C, D, H, W) or (C, D, H, W), of which N alone may be "
            "0, got (2, 1, 4, 0, 4)");
  EXPECT_EQ(error_of([&] { F::max_pool2d(x.to(boolean), 2); }),
            "[max_pool2d] expected a tensor of floating-point numbers or integers, got bool");
  EXPECT_EQ(error_of([&] { F::adaptive_max_pool2d(x.to(int64), 2); }),
            "[adaptive_max_pool2d] expected a tensor of floating-point numbers, got int64");
  EXPECT_EQ(error_of([&] { F::avg_pool2d(x.to(int32), 2); }),
            "[avg_pool2d] expected a tensor of floating-point numbers or of int64, got int32");
  EXPECT_EQ(error_of([&] { F::avg_pool2d(x, 2, {.divisor_override = 0}); }),
            "[avg_pool2d] expected a divisor_override other than 0");
  EXPECT_EQ(error_of([&] {
              F::adaptive_avg_pool2d(x, {-1, 2});
            }),
            "[adaptive_avg_pool2d] expected an output_size of 0 or more, got -1");
  EXPECT_EQ(error_of([&] { F::lp_pool2d(x, 0, 2); }), "[lp_pool2d] expected a norm_type other than 0");
  EXPECT_EQ(error_of([&] { F::max_pool2d(x, {1, 2, 3}); }), "[OneOrEach] expected one number or 2, got 3 of them");
  EXPECT_EQ(error_of([&] { F::max_pool1d(x[0], int64_t{1} << 62, {.dilation = 8}); }),
            "[max_pool1d] a kernel_size of 4611686018427387904 with a dilation of 8 is more than memory has addresses");
  EXPECT_EQ(error_of([&] { F::max_pool1d(x[0], std::numeric_limits<int64_t>::max(), {.padding = int64_t{1} << 62}); }),
            "[max_pool1d] expected a padding of at most half the kernel_size of 9223372036854775807, got "
            "4611686018427387904");
}

TEST(FractionalMaxPool, RefusesWhatDoesNotFit) {
  const Tensor x = ones({1, 2, 7, 6});
  EXPECT_EQ(error_of([&] { F::fractional_max_pool2d(x, 2, {}); }),
            "[fractional_max_pool2d] expected either an output_size or an output_ratio, got neither");
  EXPECT_EQ(error_of([&] { F::fractional_max_pool2d(x, 5, {.output_size = 4}); }),
            "[fractional_max_pool2d] 4 windows of 5 do not fit side by side into a size of 7");
  EXPECT_EQ(error_of([&] { F::fractional_max_pool2d(x, 0, {.output_size = 4}); }),
            "[fractional_max_pool2d] expected a kernel_size of 1 or more, got 0");
  EXPECT_EQ(error_of([&] {
              F::fractional_max_pool2d(x, 2, {.output_size = 3, .random_samples = rand({2, 2})});
            }),
            "[fractional_max_pool2d] expected random_samples of float32 and shape (1, 2, 2), got float32 and (2, 2)");
}

TEST(MaxUnpool, RefusesWhatDoesNotFit) {
  const Tensor x = ones({1, 2, 3, 3}), at = zeros({1, 2, 3, 3}, {int64});
  EXPECT_EQ(error_of([&] { F::max_unpool2d(x, at + 36, 2); }),
            "[max_unpool2d] index 36 is out of range for dimension -1 of size 36");
  EXPECT_EQ(error_of([&] { F::max_unpool2d(x, at - 1, 2); }),
            "[max_unpool2d] index -1 is out of range for dimension -1 of size 36");
  EXPECT_EQ(error_of([&] { F::max_unpool2d(x, at.to(int32), 2); }),
            "[max_unpool2d] expected indices of int64, got int32");
  EXPECT_EQ(error_of([&] { F::max_unpool2d(x, at[0], 2); }),
            "[max_unpool2d] expected indices of the input's shape (1, 2, 3, 3), got (2, 3, 3)");
  EXPECT_EQ(error_of([&] {
              F::max_unpool2d(x, at, 2, {.output_size = {8, 7}});
            }),
            "[max_unpool2d] expected output sizes above 4 and below 8 in dimension -2, got 8");
  EXPECT_EQ(error_of([&] {
              F::max_unpool2d(x, at, 2, {.output_size = {1, 2, 3, 8, 7}});
            }),
            "[max_unpool2d] expected an output_size of 2 or 4 numbers, got (1, 2, 3, 8, 7)");
  EXPECT_EQ(error_of([&] { F::max_unpool2d(x.to(int32), at, 2); }),
            "[max_unpool2d] expected a tensor of floating-point numbers, got int32");
}

TEST(ParallelPooling, IsTheSameForAnyNumberOfThreads) {
  const int threads = num_threads();
  const Tensor planes = test::noise({2, 37, 63, 65});
  for (const Tensor& input : {planes, planes.contiguous(channels_last)}) {
    const auto all = [&] {
      const Tensor x = input.detach().requires_grad_();
      const auto found = F::max_pool2d_with_indices(x, 3, {.stride = 2, .padding = 1});
      const Tensor mean = F::avg_pool2d(x, 3, {.stride = 2, .padding = 1}), covered = F::adaptive_avg_pool2d(x, 7);
      (found.values * found.values).sum().backward();
      (mean * mean).sum().backward();
      (covered * covered).sum().backward();
      return std::vector<Tensor>{found.values, found.indices, mean, covered, x.grad()};
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
}  // namespace tenon::pooling_test
