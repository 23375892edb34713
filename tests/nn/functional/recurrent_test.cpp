// Recurrent cells over packed rows: derivatives, and the same bits with any number of threads.
#include "nn/functional/recurrent.h"

#include <tenon/nn/layers/recurrent.h>

#include "autograd/gradcheck.h"

namespace tenon::nn::recurrent_test {
namespace {

using test::leaf;
using test::noise;

constexpr std::array modes{RecurrentMode::rnn_tanh, RecurrentMode::rnn_relu, RecurrentMode::lstm, RecurrentMode::gru};

BatchSizes sizes(const std::vector<int64_t>& n) { return std::make_shared<std::vector<int64_t>>(n); }

Tensor all_of(const RecurrentOutput& out) {
  const Tensor y = cat({out.y.flatten(), out.h.flatten()});
  return out.c.defined() ? cat({y, out.c.flatten()}) : y;
}

TEST(Recurrence, HasBothDerivativesInEachModeAndDirection) {
  for (const RecurrentMode mode : modes)
    for (const bool reverse : {false, true}) {
      const int64_t gates = gates_of(mode) * 3;
      std::vector<Tensor> inputs{leaf({6, 2}, 1),  leaf({gates, 2}, 2), leaf({gates, 3}, 3),
                                 leaf({gates}, 4), leaf({gates}, 5),    leaf({3, 3}, 6)};
      if (mode == RecurrentMode::lstm) inputs.push_back(leaf({3, 3}, 7));
      test::gradchecks(
          [&](const std::vector<Tensor>& x) {
            return all_of(recurrent(mode, x[0], sizes({3, 2, 1}), {x[1], x[2], x[3], x[4], {}}, x[5],
                                    x.size() > 6 ? x[6] : Tensor(), reverse));
          },
          inputs);
    }
}

TEST(Recurrence, HasBothDerivativesWithAProjectionAndWithoutBiases) {
  for (const bool reverse : {false, true})
    test::gradchecks(
        [&](const std::vector<Tensor>& x) {
          return all_of(
              recurrent(RecurrentMode::lstm, x[0], sizes({2, 2, 1}), {x[1], x[2], {}, {}, x[3]}, x[4], x[5], reverse));
        },
        {leaf({5, 2}, 1), leaf({12, 2}, 2), leaf({12, 2}, 3), leaf({2, 3}, 4), leaf({2, 2}, 5), leaf({2, 3}, 6)});
}

TEST(Recurrence, TheStateAloneLeadsBackToTheWeights) {
  const Tensor w_hh = leaf({3, 3}, 3), h = leaf({2, 3}, 6);
  const RecurrentOutput out = recurrent(RecurrentMode::rnn_tanh, noise({4, 2}, float64), sizes({2, 2}),
                                        {noise({3, 2}, float64, 2), w_hh, {}, {}, {}}, h, {});
  out.h.sum().backward();
  EXPECT_GT(w_hh.grad().abs().sum().item<double>(), 0);
  EXPECT_GT(h.grad().abs().sum().item<double>(), 0);
}

TEST(Recurrence, KeepsNaN) {
  const Tensor x = tensor({test::nan}).reshape({1, 1}), w = ones({1, 1}).to(x.dtype()), h = zeros({1, 1}).to(x.dtype());
  for (const RecurrentMode mode : {RecurrentMode::rnn_tanh, RecurrentMode::rnn_relu})
    EXPECT_TRUE(std::isnan(recurrent(mode, x, sizes({1}), {w, w, {}, {}, {}}, h, {}).y.item<double>()));
}

TEST(RecurrenceThreads, DoNotShowInAnyBit) {
  const int before = num_threads();
  for (const RecurrentMode mode : modes)
    for (const int64_t batch : {3, 70, 150}) {
      const int64_t hidden = 96, gates = gates_of(mode) * hidden;
      const std::vector<int64_t> steps{batch, batch, batch - 1, batch / 2};
      const int64_t total = 3 * batch - 1 + batch / 2;
      std::vector<Tensor> wanted;
      for (const int threads : {1, 2, 3}) {
        set_num_threads(threads);
        std::vector<Tensor> inputs{noise({total, 40}, float32, 1),
                                   noise({gates, 40}, float32, 2) / 8,
                                   noise({gates, hidden}, float32, 3) / 8,
                                   noise({gates}, float32, 4),
                                   noise({gates}, float32, 5),
                                   noise({batch, hidden}, float32, 6),
                                   noise({batch, hidden}, float32, 7)};
        for (Tensor& x : inputs) x = x.detach().requires_grad_();
        const auto& x = inputs;
        const Tensor out = all_of(recurrent(mode, x[0], sizes(steps), {x[1], x[2], x[3], x[4], {}}, x[5],
                                            mode == RecurrentMode::lstm ? x[6] : Tensor()));
        (out * noise(out.shape(), float32, 9)).sum().backward();
        std::vector<Tensor> got{out.detach()};
        for (const Tensor& input : inputs)
          if (input.grad().defined()) got.push_back(input.grad());
        if (wanted.empty()) wanted = got;
        ASSERT_EQ(got.size(), wanted.size());
        for (std::size_t i = 0; i < got.size(); ++i)
          EXPECT_TRUE(test::identical(got[i], wanted[i])) << static_cast<int>(mode) << ' ' << batch << ' ' << i;
      }
    }
  set_num_threads(before);
}

}  // namespace
}  // namespace tenon::nn::recurrent_test
