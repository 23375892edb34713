// What a processor needs to be of use, and what is said where it lacks something.
#include <gtest/gtest.h>

#include <tenon/cuda.h>
#include <tenon/dlpack.h>
#include <tenon/tenon.h>

#include "second_device/device.h"
#include "tensor/check.h"

namespace tenon {
namespace {

using test::device_counts;
using test::error_of;

const TensorOptions there{.device = kCUDA};

std::vector<double> values(const Tensor& x) { return x.to_vector<double>(); }

std::string lacks(const char* kernel) {
  return std::string("[") + kernel +
         "] there is no kernel for cuda:0 yet; compute on the CPU, where x.to(\"cpu\") brings a tensor";
}

TEST(SecondDevice, IsThere) {
  EXPECT_EQ(cuda::device_count(), 2);
  EXPECT_EQ(error_of([] { zeros({1}, {.device = "cuda:2"}); }), "[Device] cuda:2 is not there");
}

TEST(SecondDevice, MemoryIsTakenFromItAndGivenBack) {
  const auto before = device_counts();
  {
    const Tensor x = zeros({3, 5}, there), view = x.t();
    EXPECT_EQ(device_counts().blocks, before.blocks + 1);
    EXPECT_EQ(device_counts().bytes, before.bytes + 60);
    const Tensor nothing = zeros({0, 4}, there);  // takes none
    EXPECT_EQ(device_counts().blocks, before.blocks + 1);
    EXPECT_EQ(nothing.cpu().shape(), (Shape{0, 4}));
  }
  EXPECT_EQ(device_counts().blocks, before.blocks);
  EXPECT_EQ(device_counts().bytes, before.bytes);
}

TEST(SecondDevice, ATensorGoesThereAndComesBackAsItLies) {
  const Tensor x = arange(24.0).view({2, 3, 4});
  for (const Tensor& y : {x, x.transpose(0, 2), x.narrow(1, 1, 2), x.select(2, 1), x.narrow(2, 0, 1).expand({2, 3, 5})})
    for (const DType t : test::all_types) {
      const Tensor from = y.to(t), moved = from.to(kCUDA), back = moved.cpu();
      EXPECT_EQ(moved.device(), kCUDA);
      EXPECT_EQ(values(back), values(from));
      EXPECT_EQ(values(moved), values(from));
      EXPECT_EQ(moved.strides(), empty_like(from).strides());
      EXPECT_EQ(back.strides(), moved.strides());
    }
  EXPECT_EQ(error_of([&] { x.to(kCUDA).to("cuda:1"); }).substr(0, 43), "[copy_across] there is no kernel for cuda:1");
}

TEST(SecondDevice, ComputesWithoutTheHostsReadingItsMemory) {
  const Tensor a = tensor({1.0, 2.0, 3.0}), b = tensor({{10.0}, {20.0}});
  const auto f = [](const Tensor& x, const Tensor& y) {
    Tensor z = (x + y) * 2 - x;
    z.add_(y).mul_(0.5);
    z[0] = x;
    return where(z > 12, z, -1.0).lerp(x, 0.25).clone();
  };
  EXPECT_EQ(values(f(a.to(kCUDA), b.to(kCUDA))), values(f(a, b)));
  EXPECT_EQ(values(f(a.to(kCUDA), b.to(kCUDA)).to(float64).t().contiguous()), values(f(a, b).t()));
}

TEST(SecondDevice, ElementsAreReadByWayOfTheHost) {
  const Tensor x = tensor({1.5, -2.0, 4.0}).to(kCUDA);
  EXPECT_EQ(x[1].item<double>(), -2.0);
  EXPECT_EQ(x.to(int64).to_vector<int64_t>(), (std::vector<int64_t>{1, -2, 4}));
  EXPECT_EQ(to_string(x), "tensor([ 1.5000, -2.0000,  4.0000], device='cuda:0')");
  EXPECT_EQ(x.sum().item<float>(), 3.5f);
}

TEST(SecondDevice, ItsMemoryIsNotGivenToTheProgram) {
  const Tensor x = zeros({2}, there);
  const std::string text =
      "[data] the data lie on cuda:0, where the program cannot read them: cpu() makes a copy that it can";
  EXPECT_EQ(error_of([&] { x.data<float>(); }), text);
  EXPECT_EQ(error_of([&] { x.raw_data(); }), text);
  EXPECT_EQ(error_of([&] { x.span<float>(); }), text);
  EXPECT_EQ(error_of([&] { x.accessor<float, 1>(); }), text);
  EXPECT_EQ(error_of([&] { to_dlpack(x); }), "[to_dlpack] expected a tensor on the CPU, got one on cuda:0");
}

TEST(SecondDevice, ANumberBesideItsTensorsCostsNoMemoryAndNoCopy) {
  const Tensor x = tensor({1.0, 2.0}).to(kCUDA), half = x.to(float16), whole = x.to(int64), on_cpu = tensor(3.0);
  const auto costs = [](auto f) {
    const auto before = device_counts();
    const Tensor y = f();
    EXPECT_EQ(device_counts().from_host, before.from_host);
    EXPECT_EQ(device_counts().to_host, before.to_host);
    EXPECT_EQ(device_counts().allocations, before.allocations + 1);  // the result
    return values(y);
  };
  EXPECT_EQ(costs([&] { return x * 2; }), (std::vector<double>{2, 4}));
  EXPECT_EQ(costs([&] { return 1 - half; }), (std::vector<double>{0, -1}));
  EXPECT_EQ(costs([&] { return whole % 2; }), (std::vector<double>{1, 0}));
  EXPECT_EQ(costs([&] { return x > 1; }), (std::vector<double>{0, 1}));
  EXPECT_EQ(costs([&, is_first = x < 2] { return where(is_first, 5.0, x); }), (std::vector<double>{5, 2}));
  EXPECT_EQ(costs([&] { return x.lerp(x, 0.5); }), (std::vector<double>{1, 2}));
  EXPECT_EQ(costs([&] { return x + on_cpu; }), (std::vector<double>{4, 5}));
  EXPECT_EQ(costs([&] { return on_cpu.addcmul(x, on_cpu); }), (std::vector<double>{6, 9}));
  const int64_t before = device_counts().allocations;
  x.add_(1).mul_(on_cpu);
  EXPECT_EQ(device_counts().allocations, before);
  EXPECT_EQ(values(x), (std::vector<double>{6, 9}));
  EXPECT_EQ(error_of([&] { x + ones({2}); }), "[add] expected tensors on one device, got cuda:0 and cpu");
}

TEST(SecondDevice, ANumbersGradientComesToTheCpu) {
  const Tensor x = tensor({1.0, 2.0}).to(kCUDA), scale = tensor(3.0).requires_grad_();
  (x * scale).backward(tensor({1.0, 10.0}).to(kCUDA));
  EXPECT_EQ(scale.grad().device(), kCPU);
  EXPECT_EQ(scale.grad().item<double>(), 21);
  const Tensor moved = tensor({1.0, 2.0}).requires_grad_();
  (moved.to(kCUDA) * 4).sum().backward();
  EXPECT_EQ(moved.grad().device(), kCPU);
  EXPECT_EQ(values(moved.grad()), (std::vector<double>{4, 4}));
}

TEST(SecondDevice, AKernelThatItLacksIsAnErrorThatNamesBoth) {
  const Tensor x = tensor({{1.0, 2.0}}).to(kCUDA);
  EXPECT_EQ(error_of([&] { x.exp(); }), lacks("unary"));
  EXPECT_EQ(error_of([&] { x.clamp(0, 1); }), lacks("clamp"));
  EXPECT_EQ(error_of([&] { x.matmul(x.t()); }), lacks("matmul"));
  EXPECT_EQ(error_of([&] { x.cumsum(1); }), lacks("scan"));
  EXPECT_EQ(error_of([&] { x.sort(); }), lacks("sort"));
  EXPECT_EQ(error_of([&] { x.softmax(1); }), lacks("softmax"));
  EXPECT_EQ(error_of([&] { x.argmax(); }), lacks("extremum"));
  EXPECT_EQ(error_of([&] { cat({x, x}); }), lacks("join"));
  EXPECT_EQ(error_of([] { arange(3.0, there); }), lacks("arange"));
  EXPECT_EQ(error_of([] { linspace(0, 1, 3, there); }), lacks("linspace"));
}

TEST(SecondDevice, WithoutRandomKernelsNothingIsDrawn) {
  const Tensor x = zeros({2, 3, 4}, there);
  const auto state = random::get_state().to_vector<uint8_t>();
  const auto held = device_counts().blocks;
  EXPECT_EQ(error_of([] { rand({3}, there); }), lacks("uniform"));
  EXPECT_EQ(error_of([] { randn({3}, there); }), lacks("normal"));
  EXPECT_EQ(error_of([] { randint(0, 9, {3}, there); }), lacks("integers"));
  EXPECT_EQ(error_of([&] { rand_like(x); }), lacks("uniform"));
  EXPECT_EQ(error_of([&] { x.uniform_(); }), lacks("uniform"));
  EXPECT_EQ(error_of([&] { x.normal_(); }), lacks("normal"));
  EXPECT_EQ(error_of([&] { x.log_normal_(); }), lacks("log_normal"));
  EXPECT_EQ(error_of([&] { x.exponential_(); }), lacks("exponential"));
  EXPECT_EQ(error_of([&] { x.cauchy_(); }), lacks("cauchy"));
  EXPECT_EQ(error_of([&] { x.geometric_(0.5); }), lacks("geometric"));
  EXPECT_EQ(error_of([&] { x.bernoulli_(0.5); }), lacks("bernoulli"));
  EXPECT_EQ(error_of([&] { x.random_(); }), lacks("any_integers"));
  EXPECT_EQ(error_of([&] { nn::functional::dropout(x, 0.5, true); }), lacks("keep_mask"));
  EXPECT_EQ(error_of([&] { nn::functional::dropout2d(x.unsqueeze(3), 0.5, true); }), lacks("keep_mask"));
  {
    const DefaultDevice all(kCUDA);
    EXPECT_EQ(error_of([] { randperm(5); }), lacks("permutation"));
  }
  EXPECT_EQ(random::get_state().to_vector<uint8_t>(), state);
  EXPECT_EQ(values(x), std::vector<double>(24, 0));
  EXPECT_EQ(device_counts().blocks, held) << "what was begun is given back";
}

TEST(SecondDevice, AModuleAndItsCheckpointGoThere) {
  nn::Linear layer(3, 2);
  const std::vector<double> weight = values(layer.weight);
  layer.to(kCUDA);
  EXPECT_EQ(layer.weight.device(), kCUDA);
  const Dict state{{"weight", Value(layer.weight.detach())}, {"mask", Value(tensor({true, false}).to(kCUDA))}};
  const auto bytes = save_to_bytes(state);
  const Value on_host = load(bytes, {.map_location = kCPU}), back = load(bytes);
  EXPECT_EQ(on_host["weight"].as<Tensor>().device(), kCPU);
  EXPECT_EQ(values(on_host["weight"].as<Tensor>()), weight);
  EXPECT_EQ(back["weight"].as<Tensor>().device(), kCUDA);
  EXPECT_EQ(values(back["weight"].as<Tensor>()), weight);
  EXPECT_EQ(values(back["mask"].as<Tensor>()), (std::vector<double>{1, 0}));
  layer.to(kCPU);
  EXPECT_EQ(values(layer.weight), weight);
}

TEST(SecondDevice, TheHostsOwnStaysOnTheCpuWhateverTheDefaultIs) {
  const DefaultDevice all(kCUDA);
  EXPECT_EQ(Generator(1).get_state().device(), kCPU);
  EXPECT_EQ(values(tensor({1.0, 2.0})), (std::vector<double>{1, 2}));
  EXPECT_EQ(tensor({1.0, 2.0}).device(), kCUDA);
  EXPECT_EQ(empty_strided({2}, {1}).device(), kCUDA);
  EXPECT_EQ(values(tensor({1.0, 2.0}) * 2), (std::vector<double>{2, 4}));
}

}  // namespace
}  // namespace tenon
