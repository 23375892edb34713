// Mixed precision. The types of results are those of PyTorch 2.15 under torch.autocast("cpu").
#include <tenon/tenon.h>

#include <thread>

#include "tensor/check.h"

namespace tenon::autocast_test {
namespace {

namespace F = nn::functional;
using test::error_of;
using test::identical;

struct Given {
  Tensor x = rand({4, 4}), v = rand({4}), image = rand({2, 3, 8, 8}), kernel = rand({4, 3, 3, 3});
  Tensor classes = tensor({0, 1, 2, 3}), half = x.to(bfloat16), half_image = image.to(bfloat16);
};
using Operation = Tensor (*)(const Given&);

struct Case {
  const char* name;
  Operation f;
};

Tensor state(const Given& g) { return zeros({4, 3}, {g.half.dtype()}); }  // of a cell

const Case in_lower[] = {
    {"mm", [](const Given& g) { return g.x.mm(g.x); }},
    {"matmul", [](const Given& g) { return matmul(g.x, g.v); }},
    {"matmul of two halves of one type", [](const Given& g) { return matmul(g.x, g.half); }},
    {"bmm", [](const Given& g) { return g.x.unsqueeze(0).bmm(g.x.unsqueeze(0)); }},
    {"addmm", [](const Given& g) { return addmm(g.v, g.x, g.x); }},
    {"addbmm", [](const Given& g) { return addbmm(g.x, g.x.unsqueeze(0), g.x.unsqueeze(0)); }},
    {"baddbmm", [](const Given& g) { return baddbmm(g.x, g.x.unsqueeze(0), g.x.unsqueeze(0)); }},
    {"linear", [](const Given& g) { return F::linear(g.x, g.x, g.v); }},
    {"einsum",
     [](const Given& g) {
       return einsum("ij,jk->ik", {g.x, g.x});
     }},
    {"tensordot", [](const Given& g) { return tensordot(g.x, g.x, 1); }},
    {"inner", [](const Given& g) { return inner(g.x, g.x); }},
    {"matrix_power", [](const Given& g) { return linalg::matrix_power(g.x, 2); }},
    {"conv1d", [](const Given& g) { return F::conv1d(g.image.select(2, 0), g.kernel.select(2, 0)); }},
    {"conv2d", [](const Given& g) { return F::conv2d(g.image, g.kernel); }},
    {"conv_transpose2d", [](const Given& g) { return F::conv_transpose2d(g.image, g.kernel.transpose(0, 1)); }},
    {"prelu", [](const Given& g) { return F::prelu(g.image, rand({3})); }},
    {"attention", [](const Given& g) { return F::scaled_dot_product_attention(g.image, g.image, g.image); }},
    {"attention with a mask",
     [](const Given& g) {
       return F::scaled_dot_product_attention(g.image, g.image, g.image, {.attn_mask = rand({8, 8})});
     }},
    {"softmax of a half", [](const Given& g) { return softmax(g.half, 0); }},
    {"layer_norm of a half", [](const Given& g) { return F::layer_norm(g.half, {4}, g.v, g.v); }},
    {"batch_norm of a half",
     [](const Given& g) {
       nn::BatchNorm2d norm(3);
       return norm(g.half_image);
     }},
    {"group_norm of a half", [](const Given& g) { return F::group_norm(g.half_image, 3, ones({3}), zeros({3})); }},
    {"gelu of a half", [](const Given& g) { return F::gelu(g.half); }},
    {"sum of a half", [](const Given& g) { return g.half.sum(); }},
    {"max_pool2d of a half", [](const Given& g) { return F::max_pool2d(g.half_image, 2); }},
    {"circular padding of a half",
     [](const Given& g) {
       return F::pad(g.half_image, {1, 1, 1, 1}, F::PaddingMode::circular);
     }},
    {"LSTM", [](const Given& g) { return nn::LSTM(4, 3)(g.x).output; }},
    {"RNN", [](const Given& g) { return nn::RNN(4, 3)(g.x).output; }},
    {"RNNCell", [](const Given& g) { return nn::RNNCell(4, 3)(g.x); }},
    {"GRUCell of a half state", [](const Given& g) { return nn::GRUCell(4, 3)(g.x, state(g)); }},
    {"LSTMCell of a half state",
     [](const Given& g) {
       return nn::LSTMCell(4, 3)(g.x, {state(g), state(g)}).c;
     }},
    {"MultiheadAttention", [](const Given& g) { return nn::MultiheadAttention(4, 2)(g.x, g.x, g.x).output; }},
};

const Case in_float32[] = {
    {"dot", [](const Given& g) { return g.v.dot(g.v); }},
    {"mv", [](const Given& g) { return g.x.mv(g.v); }},
    {"outer", [](const Given& g) { return g.v.outer(g.v); }},
    {"softmax", [](const Given& g) { return softmax(g.x, 0); }},
    {"layer_norm", [](const Given& g) { return F::layer_norm(g.x, {4}, g.v, g.v); }},
    {"embedding", [](const Given& g) { return F::embedding(g.classes, g.x); }},
    {"a sum of two types", [](const Given& g) { return g.x + g.half; }},
    {"cat of two types",
     [](const Given& g) {
       return cat({g.x, g.half});
     }},
    {"prod of a half", [](const Given& g) { return g.half.prod(); }},
    {"quantile of a half", [](const Given& g) { return g.half.quantile(0.5); }},
    {"cdist of a half", [](const Given& g) { return cdist(g.half, g.half); }},
    {"trace of a half", [](const Given& g) { return g.half.trace(); }},
    {"cross_entropy of a half", [](const Given& g) { return F::cross_entropy(g.half, g.classes, {.weight = g.v}); }},
    {"nll_loss of a half", [](const Given& g) { return F::nll_loss(g.half, g.classes); }},
    {"mse_loss of a half", [](const Given& g) { return F::mse_loss(g.half, g.half); }},
    {"l1_loss of a half", [](const Given& g) { return F::l1_loss(g.half, g.half); }},
    {"smooth_l1_loss of a half", [](const Given& g) { return F::smooth_l1_loss(g.half, g.half); }},
    {"huber_loss of a half", [](const Given& g) { return F::huber_loss(g.half, g.half); }},
    {"poisson_nll_loss of a half", [](const Given& g) { return F::poisson_nll_loss(g.half, g.half); }},
    {"kl_div of a half", [](const Given& g) { return F::kl_div(g.half, g.half); }},
    {"binary_cross_entropy of a half", [](const Given& g) { return F::binary_cross_entropy(g.half, g.half); }},
    {"binary_cross_entropy_with_logits of a half",
     [](const Given& g) { return F::binary_cross_entropy_with_logits(g.half, g.half); }},
    {"soft_margin_loss of a half", [](const Given& g) { return F::soft_margin_loss(g.half, g.half); }},
    {"multi_margin_loss of a half", [](const Given& g) { return F::multi_margin_loss(g.half, g.classes); }},
    {"multilabel_margin_loss of a half",
     [](const Given& g) {
       return F::multilabel_margin_loss(g.half, zeros({4, 4}, {int64}));
     }},
    {"margin_ranking_loss of a half",
     [](const Given& g) {
       return F::margin_ranking_loss(g.half, g.half, ones({4, 4}));
     }},
    {"hinge_embedding_loss of a half",
     [](const Given& g) {
       return F::hinge_embedding_loss(g.half, ones({4, 4}));
     }},
    {"cosine_embedding_loss of a half",
     [](const Given& g) { return F::cosine_embedding_loss(g.half, g.half, ones({4})); }},
    {"triplet_margin_loss of a half", [](const Given& g) { return F::triplet_margin_loss(g.half, g.half, g.half); }},
    {"ctc_loss of a half",
     [](const Given& g) {
       return F::ctc_loss(g.half.unsqueeze(1), ones({1, 2}, {int64}), {4}, {2});
     }},
    {"avg_pool3d of a half", [](const Given& g) { return F::avg_pool3d(g.half_image, 2); }},
    {"max_pool3d of a half", [](const Given& g) { return F::max_pool3d(g.half_image, 2); }},
    {"adaptive_avg_pool3d of a half", [](const Given& g) { return F::adaptive_avg_pool3d(g.half_image, 2); }},
    {"adaptive_max_pool3d of a half", [](const Given& g) { return F::adaptive_max_pool3d(g.half_image, 2); }},
    {"fractional_max_pool2d of a half",
     [](const Given& g) { return F::fractional_max_pool2d(g.half_image, 2, {.output_size = 2}); }},
    {"reflection of a half",
     [](const Given& g) {
       return F::pad(g.half_image, {1, 1, 1, 1}, F::PaddingMode::reflect);
     }},
    {"replication of a half",
     [](const Given& g) {
       return F::pad(g.half_image, {1, 1, 1, 1}, F::PaddingMode::replicate);
     }},
    {"grid_sample of a half",
     [](const Given& g) {
       return F::grid_sample(g.half_image, zeros({2, 3, 3, 2}, {bfloat16}));
     }},
    {"GRU", [](const Given& g) { return nn::GRU(4, 3)(g.half).output; }},
    {"LSTMCell", [](const Given& g) { return nn::LSTMCell(4, 3)(g.x).c; }},
    {"GRUCell", [](const Given& g) { return nn::GRUCell(4, 3)(g.x); }},
    {"inv of a half", [](const Given& g) { return linalg::inv(g.half); }},
    {"cholesky of a half", [](const Given&) { return linalg::cholesky(eye(3).to(bfloat16)); }},
    {"svdvals of a half", [](const Given& g) { return linalg::svdvals(g.half); }},
    {"qr of a half", [](const Given& g) { return linalg::qr(g.half).q; }},
    {"solve of halves", [](const Given& g) { return linalg::solve(g.half, g.half); }},
};

TEST(Autocast, ComputesInPyTorchsTypes) {
  manual_seed(0);
  const Given given;
  for (const DType type : {bfloat16, float16}) {
    const Autocast autocast({.dtype = type});
    Given g = given;
    g.half = g.x.to(type);
    g.half_image = g.image.to(type);
    for (const Case& c : in_lower) EXPECT_EQ(c.f(g).dtype(), type) << c.name;
    for (const Case& c : in_float32) EXPECT_EQ(c.f(g).dtype(), float32) << c.name;
  }
  EXPECT_EQ(given.x.mm(given.x).dtype(), float32);
}

TEST(Autocast, CellsAddUpInTheTypesOfTheirOperations) {  // torch.nn.RNNCell, GRUCell, LSTMCell
  const Tensor x = tensor({0.5, -1.25, 2.0, 0.75}).view({1, 4}), h = tensor({0.25, -0.5, 1.5}).view({1, 3}),
               c = tensor({1.0, -2.0, 0.125}).view({1, 3});
  const auto filled = [](auto cell) {
    const NoGrad guard;
    for (const nn::Parameter& p : cell.parameters()) p.copy_(((arange(p.numel()) * 7 % 11 - 5) / 8.0).view(p.shape()));
    return cell;
  };
  const Autocast autocast;
  test::expect_values(filled(nn::RNNCell(4, 3))(x, h), {1, 3}, {-0.98828125, 0.9140625, -0.98828125}, 1e-6, 1e-6);
  test::expect_values(filled(nn::GRUCell(4, 3))(x, h), {1, 3},
                      {0.19561767578125, -0.23980712890625, 0.8440971374511719}, 1e-6, 1e-6);
  const auto [last, cells] = filled(nn::LSTMCell(4, 3))(x, {h, c});
  test::expect_values(last, {1, 3}, {0.4062408208847046, -0.46250998973846436, 0.002579263411462307}, 1e-6, 1e-6);
  test::expect_values(cells, {1, 3}, {0.956787109375, -0.9404296875, 0.03594970703125}, 1e-6, 1e-6);
}

TEST(Autocast, LeavesFloat64AndIntegersAsTheyAre) {
  const Autocast autocast;
  const Tensor x = rand({3, 3}, {float64});
  EXPECT_EQ(matmul(x, x).dtype(), float64);
  EXPECT_EQ(F::mse_loss(x, x).dtype(), float64);
  EXPECT_EQ(matmul(ones({2, 2}, {int64}), ones({2, 2}, {int64})).dtype(), int64);
}

TEST(Autocast, IsOfItsThreadAndNests) {
  EXPECT_FALSE(is_autocast_enabled());
  const Autocast outer({.dtype = float16});
  EXPECT_TRUE(is_autocast_enabled());
  EXPECT_EQ(autocast_dtype(), float16);
  const Tensor x = ones({2, 2});
  {
    const Autocast none({.enabled = false});
    EXPECT_EQ(matmul(x, x).dtype(), float32);
    const Autocast inner;
    EXPECT_EQ(matmul(x, x).dtype(), bfloat16);
  }
  EXPECT_EQ(matmul(x, x).dtype(), float16);
  EXPECT_EQ(error_of([] { Autocast({.dtype = float32}); }), "[Autocast] expected bfloat16 or float16, got float32");
}

TEST(Autocast, GivesTheProductOfTheConvertedTensorsAndGradientsInFloat32) {
  manual_seed(1);
  const Tensor x = rand({5, 4}), w = rand({3, 4}).requires_grad_(), b = rand({3}).requires_grad_();
  const Tensor wl = w.detach().to(bfloat16).requires_grad_(), bl = b.detach().to(bfloat16).requires_grad_();
  const Tensor expected = F::linear(x.to(bfloat16), wl, bl);
  expected.to(float32).square().sum().backward();
  Tensor loss;
  {
    const Autocast autocast;
    const Tensor y = F::linear(x, w, b);
    EXPECT_TRUE(identical(y, expected));
    loss = y.to(float32).square().sum();
  }
  loss.backward();
  EXPECT_TRUE(identical(w.grad(), wl.grad().to(float32)));
  EXPECT_TRUE(identical(b.grad(), bl.grad().to(float32)));
}

TEST(Autocast, TheBackwardPassIsTheSameInsideAndOutside) {
  manual_seed(1);
  nn::Sequential model{nn::Linear(4, 8), nn::GELU(), nn::LayerNorm(8), nn::Linear(8, 3)};
  const Tensor x = rand({5, 4}), y = tensor({0, 1, 2, 0, 1});
  std::vector<Tensor> outside, inside;
  for (auto* grads : {&outside, &inside}) {
    for (const auto& p : model.parameters()) p.set_grad({});
    Tensor loss;
    {
      const Autocast autocast;
      loss = F::cross_entropy(model(x), y);
      if (grads == &inside) loss.backward();
    }
    if (grads == &outside) loss.backward();
    EXPECT_EQ(loss.dtype(), float32);
    for (const auto& p : model.parameters()) grads->push_back(p.grad());
  }
  for (std::size_t i = 0; i < outside.size(); ++i) {
    EXPECT_EQ(outside[i].dtype(), float32);
    EXPECT_TRUE(identical(outside[i], inside[i])) << i;
  }
}

TEST(Autocast, ConvertsAWeightOnceUntilItChanges) {
  const Tensor w = ones({2, 2}).requires_grad_(), x = ones({2, 2});
  const Autocast autocast;
  const auto converted = [&] {
    int64_t halves = 0;
    const autograd::SavedTensorsHooks hooks(
        [&](const Tensor& saved) {
          halves += saved.dtype() == bfloat16;
          return std::any(saved.clone());
        },
        [](const std::any& saved) { return std::any_cast<Tensor>(saved); });
    return F::linear(x, w).grad_fn()->next_functions()[1].first;
  };
  const autograd::GraphNode first = converted();
  EXPECT_TRUE(converted() == first);
  {
    const NoGrad guard;
    w.mul_(3);
  }
  EXPECT_FALSE(converted() == first);
  EXPECT_EQ(F::linear(x, w).sum().item<float>(), 24.f);
}

TEST(Autocast, AWeightThatWasConvertedWithoutRecordingStillGetsItsGradient) {
  const Tensor w = ones({2, 2}).requires_grad_(), x = ones({2, 2});
  const Autocast autocast;
  {
    const NoGrad guard;
    F::linear(x, w);
  }
  F::linear(x, w).sum().backward();
  test::expect_values(w.grad(), {2, 2}, {2, 2, 2, 2});
}

TEST(Autocast, SeveralBackwardPassesInsideOne) {
  const Tensor w = ones({2, 2}).requires_grad_(), x = ones({2, 2});
  const Autocast autocast;
  for (int i = 0; i < 3; ++i) F::linear(x, w).sum().backward();
  test::expect_values(w.grad(), {2, 2}, {6, 6, 6, 6});
}

TEST(Autocast, ACheckpointComputesAgainInTheSameTypes) {
  manual_seed(2);
  nn::Sequential model{nn::Linear(4, 8), nn::Tanh(), nn::Linear(8, 4)};
  const Tensor x = rand({3, 4}).requires_grad_();
  const auto gradient = [&](bool again) {
    x.set_grad({});
    Tensor y;
    {
      const Autocast autocast;
      y = again ? nn::utils::checkpoint([&](const Tensor& in) { return model(in); }, x) : model(x);
    }
    y.to(float32).square().sum().backward();
    return x.grad();
  };
  EXPECT_TRUE(identical(gradient(true), gradient(false)));
}

TEST(AutocastThread, AnotherThreadHasItsOwn) {
  const Autocast autocast;
  bool enabled = true;
  std::thread([&] { enabled = is_autocast_enabled(); }).join();
  EXPECT_FALSE(enabled);
}

}  // namespace
}  // namespace tenon::autocast_test
