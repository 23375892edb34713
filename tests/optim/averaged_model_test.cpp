// Averages of weights. Expected keys and numbers are those of PyTorch 2.15's torch.optim.swa_utils.
#include <tenon/optim/averaged_model.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::optim_averaged_model_test {
namespace {

using optim::AveragedModel;
using test::error_of;
using test::expect_values;

struct Net : nn::Module<Net> {
  nn::Linear fc{1, 1};
  nn::BatchNorm1d norm{1};

  Tensor forward(const Tensor& x) { return norm(fc(x)); }
  void set(double weight) {
    const NoGrad guard;
    fc.weight.fill_(weight);
    norm.running_mean.fill_(weight * 10);
  }

  TENON_MODULE(Net, fc, norm)
};

TEST(AveragedModel, HasPyTorchsKeysAndTheModelsValuesAtFirst) {
  Net net;
  net.set(3);
  AveragedModel average(net);
  std::vector<std::string> keys;
  for (const auto& [key, value] : average.state_dict()) keys.push_back(key.string());
  EXPECT_EQ(keys, (std::vector<std::string>{"n_averaged", "module.fc.weight", "module.fc.bias", "module.norm.weight",
                                            "module.norm.bias", "module.norm.running_mean", "module.norm.running_var",
                                            "module.norm.num_batches_tracked"}));
  net.set(5);
  EXPECT_EQ(average.module.fc.weight.item<float>(), 3.f);
  average.update_parameters(net);  // the first is copied
  EXPECT_EQ(average.module.fc.weight.item<float>(), 5.f);
  EXPECT_EQ(average.n_averaged.item<int64_t>(), 1);
}

TEST(AveragedModel, IsTheMeanOfTheModelsAndHasTheBuffersOfTheLast) {
  Net net;
  AveragedModel average(net);
  for (const double weight : {1, 2, 6}) {
    net.set(weight);
    average.update_parameters(net);
  }
  EXPECT_FLOAT_EQ(average.module.fc.weight.item<float>(), 3.f);
  EXPECT_EQ(average.module.norm.running_mean.item<float>(), 60.f);
  EXPECT_EQ(average.n_averaged.item<int64_t>(), 3);
  EXPECT_TRUE(average.module.fc.weight.requires_grad());
  EXPECT_EQ(average(ones({2, 1})).shape(), (Shape{2, 1}));
}

TEST(AveragedModel, AveragesExponentiallyAndBuffersWhenTold) {
  Net net;
  AveragedModel average(net, {.average = optim::exponential_average(0.9), .use_buffers = true});
  for (const double weight : {1, 2, 6}) {
    net.set(weight);
    net.norm.num_batches_tracked.fill_(10 * weight);
    average.update_parameters(net);
  }
  EXPECT_FLOAT_EQ(average.module.fc.weight.item<float>(), 1.59f);
  EXPECT_FLOAT_EQ(average.module.norm.running_mean.item<float>(), 15.9f);
  EXPECT_EQ(average.module.norm.num_batches_tracked.item<int64_t>(), 15);  // 11 in between, each cut to an integer
  EXPECT_EQ(error_of([] { optim::exponential_average(1.5); }),
            "[exponential_average] expected a decay between 0 and 1, got 1.5");
}

TEST(AveragedModel, GoesOnFromAStateDict) {
  Net net;
  AveragedModel average(net), again(net);
  const auto update = [&](auto& model, double weight) {
    net.set(weight);
    model.update_parameters(net);
  };
  update(average, 1);
  update(average, 2);
  again.load_state_dict(average.state_dict());
  update(again, 6);
  EXPECT_FLOAT_EQ(again.module.fc.weight.item<float>(), 3.f);
}

TEST(AveragedModel, RefusesAnotherModelAndStaysAsItIs) {
  nn::Sequential small{nn::Linear(1, 1)}, large{nn::Linear(1, 2)}, deep{nn::Linear(1, 1), nn::Linear(1, 1)};
  AveragedModel average(small);
  EXPECT_EQ(error_of([&] { average.update_parameters(large); }),
            "[AveragedModel] 0.weight is (1, 1) in the copy and (2, 1) in the model");
  EXPECT_EQ(error_of([&] { average.update_parameters(deep); }),
            "[AveragedModel] the copy has 2 parameters, the model 4");
  EXPECT_EQ(average.n_averaged.item<int64_t>(), 0);
}

TEST(UpdateBn, GathersTheMeanOfAllBatchesAndLeavesModesAndMomenta) {
  Net net;
  net.set(1);
  {
    const NoGrad guard;
    net.fc.bias.fill_(0);
  }
  net.eval();
  net.norm.train();
  const Tensor x = tensor({{0.0}, {2.0}, {4.0}, {10.0}});
  const data::DataLoader loader(data::TensorDataset(x, arange(4)), {.batch_size = 2});
  optim::update_bn(loader, net);
  expect_values(net.norm.running_mean, {1}, {4});  // of 1 and 7
  expect_values(net.norm.running_var, {1}, {10});  // of 2 and 18
  EXPECT_EQ(net.norm.num_batches_tracked.item<int64_t>(), 2);
  EXPECT_EQ(net.norm.momentum, 0.1);
  EXPECT_FALSE(net.training());
  EXPECT_TRUE(net.norm.training());
}

TEST(UpdateBn, PutsMomentaBackWhereTheModelThrows) {
  Net net;
  const data::DataLoader loader(data::TensorDataset(ones({4, 3})), {.batch_size = 2});
  EXPECT_NE(error_of([&] { optim::update_bn(loader, net); }), "");
  EXPECT_EQ(net.norm.momentum, 0.1);
}

TEST(UpdateBn, DoesNothingWithoutBatchNorms) {
  nn::Sequential model{nn::Linear(1, 1)};
  const data::DataLoader loader(data::TensorDataset(ones({4, 3})));  // of a shape that the model would refuse
  optim::update_bn(loader, model);
}

}  // namespace
}  // namespace tenon::optim_averaged_model_test
