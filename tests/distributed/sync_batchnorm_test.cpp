#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tenon/distributed.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace sync_batchnorm_test {
namespace {

using namespace tenon;
namespace d = tenon::distributed;
using test::error_of;

/// Which images of a batch that is drawn alike by everybody this process has: rank 0 one, each other one more than the
/// one before; of three and more the last has none.
struct Part {
  int64_t begin, size, all;
};
Part own_part() {
  const int64_t r = d::rank(), n = d::world_size(), share = n > 2 ? n - 1 : n;
  return {r * (r + 1) / 2, r < share ? r + 1 : 0, share * (share + 1) / 2};
}

/// y, the gradient by x and, after all processes' are added up, those by the parameters.
struct Results {
  Tensor y, x_grad;
  std::vector<Tensor> gradients;
};
template <class Norm>
Results results(Norm& norm, Tensor x, const Tensor& weights, bool add_up) {
  x = x.detach().requires_grad_();
  Results r{.y = norm(x), .x_grad = {}, .gradients = {}};
  (r.y * weights).sum().backward();
  r.x_grad = x.grad();
  for (const nn::Parameter& p : norm.parameters()) {
    r.gradients.push_back(p.grad());
    if (add_up) d::all_reduce(p.grad());
  }
  return r;
}

/// A norm whose parameters and statistics say something.
template <class Norm>
Norm norm_of(int64_t channels, const nn::BatchNormOptions& options = {}) {
  manual_seed(3);
  Norm norm(channels, options);
  const NoGrad guard;
  for (const nn::Parameter& p : norm.parameters()) p.copy_(randn(p.shape()));
  norm.to(float64);
  return norm;
}

void expect_same(const Dict& a, const Dict& b, double rtol, double atol) {
  for (const auto& [key, value] : b)
    EXPECT_TRUE(allclose(a[key].as<Tensor>(), value.as<Tensor>(), rtol, atol)) << key.to_string();
}

template <class Norm>
void expect_as_the_whole(const Tensor& x, const nn::BatchNormOptions& options = {}) {
  Norm shared = norm_of<Norm>(x.size(1), options), whole = norm_of<Norm>(x.size(1), options);
  d::convert_sync_batchnorm(shared);
  const Part part = own_part();
  Generator g(9);
  for (int step = 0; step < 2; ++step) {
    const Tensor weights = randn(x.shape(), {.dtype = float64}, &g);
    const Results expected = results(whole, x, weights, false),
                  got = results(shared, x.narrow(0, part.begin, part.size), weights.narrow(0, part.begin, part.size),
                                true);
    EXPECT_TRUE(allclose(got.y, expected.y.narrow(0, part.begin, part.size), 1e-10, 1e-10));
    EXPECT_TRUE(allclose(got.x_grad, expected.x_grad.narrow(0, part.begin, part.size), 1e-10, 1e-10));
    ASSERT_EQ(got.gradients.size(), expected.gradients.size());
    for (std::size_t i = 0; i < got.gradients.size(); ++i)
      EXPECT_TRUE(allclose(got.gradients[i], expected.gradients[i], 1e-10, 1e-10)) << i;
    shared.zero_grad();
    whole.zero_grad();
  }
  expect_same(shared.state_dict(), whole.state_dict(), 1e-10, 1e-10);
}

Tensor drawn(Shape shape) {
  Generator g(4);
  shape[0] = own_part().all;
  return randn(shape, {.dtype = float64}, &g) * 3 + 50;
}

TEST(SyncBatchNorm, PartsOfABatchAreNormalisedAsTheWholeIs) {
  expect_as_the_whole<nn::BatchNorm1d>(drawn({0, 4, 7}));
  expect_as_the_whole<nn::BatchNorm2d>(drawn({0, 5, 3, 2}));
  expect_as_the_whole<nn::BatchNorm2d>(drawn({0, 5, 3, 2}).contiguous(channels_last));
  expect_as_the_whole<nn::BatchNorm3d>(drawn({0, 2, 3, 2, 2}));
}

TEST(SyncBatchNorm, WithoutWeightsOrStatistics) {
  expect_as_the_whole<nn::BatchNorm1d>(drawn({0, 4, 7}), {.affine = false});
  expect_as_the_whole<nn::BatchNorm1d>(drawn({0, 4, 7}), {.track_running_stats = false});
  expect_as_the_whole<nn::BatchNorm1d>(drawn({0, 4, 7}), {.momentum = std::nullopt, .bias = false});
}

TEST(SyncBatchNorm, HalfTypesAreComputedInFloat) {
  nn::BatchNorm1d norm(3);
  d::convert_sync_batchnorm(norm);
  const Tensor x = drawn({0, 3, 8}).to(bfloat16), mine = x.narrow(0, own_part().begin, own_part().size);
  const Tensor y = norm(mine);
  EXPECT_EQ(y.dtype(), bfloat16);
  nn::BatchNorm1d whole(3);
  EXPECT_TRUE(allclose(y.to(float32), whole(x).narrow(0, own_part().begin, own_part().size).to(float32), 1e-2, 1e-2));
}

struct Net : nn::Module<Net> {
  nn::Conv2d conv{1, 4, 3};
  nn::BatchNorm2d norm{4};
  nn::Linear fc{4 * 4 * 4, 3};
  Tensor forward(const Tensor& x) { return fc(norm(conv(x)).relu().flatten(1)); }
  TENON_MODULE(Net, conv, norm, fc)
};

TEST(SyncBatchNorm, AModelTrainsInPartsAsOnTheWholeBatch) {
  manual_seed(6);
  Net net;
  Net alone = net.clone();
  d::convert_sync_batchnorm(net);
  d::DistributedDataParallel model(std::move(net));
  optim::SGD parts(model.parameters(), {.lr = 0.1}), whole(alone.parameters(), {.lr = 0.1});
  Generator g(7);
  for (int step = 0; step < 5; ++step) {
    const int64_t each = 4;
    const Tensor x = randn({each * d::world_size(), 1, 6, 6}, {}, &g);
    parts.zero_grad();
    whole.zero_grad();
    model(x.narrow(0, d::rank() * each, each)).square().mean().backward();
    alone(x).square().mean().backward();
    parts.step();
    whole.step();
  }
  expect_same(model.module.state_dict(), alone.state_dict(), 1e-4, 1e-5);
}

TEST(SyncBatchNorm, InEvalModeNobodyWaitsForOthers) {
  nn::BatchNorm1d norm(2), batch_only(2, {.track_running_stats = false});
  for (nn::BatchNorm1d* n : {&norm, &batch_only}) {
    d::convert_sync_batchnorm(*n);
    n->eval();
    if (d::rank() == 0) {
      EXPECT_EQ((*n)(ones({3, 2})).shape(), Shape({3, 2}));
    }
  }
}

TEST(SyncBatchNorm, OneValueInAllIsAnErrorInAll) {
  nn::BatchNorm1d norm(2);
  d::convert_sync_batchnorm(norm);
  const int64_t mine = d::rank() == 0 ? 1 : 0;
  EXPECT_NE(error_of([&] { norm(ones({mine, 2})); }).find("more than 1 value per channel"), std::string::npos);
  if (d::world_size() > 1) {
    EXPECT_EQ(norm(ones({1, 2})).shape(), Shape({1, 2}));
  }
}

TEST(SyncBatchNorm, NoSecondDerivatives) {
  nn::BatchNorm1d norm(2);
  d::convert_sync_batchnorm(norm);
  const Tensor x = randn({4, 2}).requires_grad_();
  const Tensor y = norm(x).square().sum();
  EXPECT_NE(error_of([&] { autograd::grad({y}, {x}, {.create_graph = true}); }).find("no second derivative"),
            std::string::npos);
}

TEST(SyncBatchNorm, IsPrintedAndCopied) {
  nn::Sequential net{nn::Linear(2, 2), nn::BatchNorm1d(2)};
  EXPECT_EQ(net.to_string().find("sync"), std::string::npos);
  d::convert_sync_batchnorm(net);
  EXPECT_NE(net.clone().to_string().find("track_running_stats=True, sync=True"), std::string::npos);
}

TEST(SyncBatchNorm, LayersThatDoNotKnowTheirChannelsYet) {
  nn::LazyBatchNorm1d norm;
  EXPECT_NE(error_of([&] { d::convert_sync_batchnorm(norm); }).find("call the model once first"), std::string::npos);
  norm(randn({4, 2}));
  d::convert_sync_batchnorm(norm);
  EXPECT_NE(norm.to_string().find("sync=True"), std::string::npos);
}

}  // namespace
}  // namespace sync_batchnorm_test
