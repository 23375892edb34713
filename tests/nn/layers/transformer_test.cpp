// Transformers. Expected numbers are PyTorch 2.15's.
#include <gtest/gtest.h>
#include <tenon/nn/layers/transformer.h>
#include <tenon/tenon.h>

#include "autograd/gradcheck.h"
#include "tensor/check.h"

namespace tenon::nn::transformer_test {
namespace {

using test::error_of;
using test::expect_values;

/// torch.sin(torch.arange(n) * 0.7).view(shape)
Tensor wave(const Shape& shape) {
  return (arange(static_cast<double>(shape.numel())) * 0.7).sin().reshape(shape).to(float32);
}

TEST(TransformerEncoderLayer, DrawsItsWeightsAndMasksAsPyTorchDoes) {
  manual_seed(5);  // TransformerEncoderLayer(4, 2, 8, 0.3, "gelu", norm_first=True)
  TransformerEncoderLayer layer(4, 2, {.dim_feedforward = 8, .dropout = 0.3, .activation = "gelu", .norm_first = true});
  expect_values(layer(wave({3, 2, 4})), {3, 2, 4},
                {0.6495097,  2.056378,  0.8662553,  0.1984331, -0.7299074, -0.7022873, -1.427905,  -0.5830613,
                 -0.6312667, 1.285575,  0.4384817,  0.4086992, -0.5458857, 0.8270876,  -0.5030252, -0.9601048,
                 -0.2775034, 0.7474328, -0.2128941, 0.1649383, -0.3699825, 0.7755578,  0.3404529,  -0.7957689},
                1e-5, 1e-6);
}

TEST(TransformerDecoderLayer, DrawsItsWeightsAndMasksAsPyTorchDoes) {
  manual_seed(6);  // TransformerDecoderLayer(4, 2, 8, 0.3, batch_first=True)
  TransformerDecoderLayer layer(4, 2, {.dim_feedforward = 8, .dropout = 0.3, .batch_first = true});
  expect_values(layer(wave({2, 3, 4}), wave({2, 5, 4})), {2, 3, 4},
                {-1.495744, -0.07706113, 1.296268, 0.2765374, 1.651341, -0.07330366, -0.6827874, -0.8952495,
                 -1.404746, -0.4870018,  0.937838, 0.9539096, 1.479918, 0.2574467,   -0.5264046, -1.210961,
                 -1.204599, -0.7539483,  1.156089, 0.8024577, 1.423963, 0.116477,    -0.1488339, -1.391606},
                1e-5, 1e-6);
}

TEST(Transformer, DrawsItsWeightsAndMasksAsPyTorchDoes) {
  manual_seed(7);  // Transformer(4, 2, 2, 1, 8, 0.2)
  Transformer model({.d_model = 4,
                     .nhead = 2,
                     .num_encoder_layers = 2,
                     .num_decoder_layers = 1,
                     .dim_feedforward = 8,
                     .dropout = 0.2});
  TensorList sums;
  for (const Tensor& p : model.parameters()) sums.push_back(p.detach().to(float64).sum());
  expect_values(stack(sums), {46},
                {2.801387, 0, -1.369348, 0, -0.1682465, -1.345219, 3.032655,   -0.00695423, 4,         0,
                 4,        0, 0.2186812, 0, 0.8636284,  0,         -0.4827744, -1.345219,   -2.384542, -0.00695423,
                 4,        0, 4,         0, 4,          0,         -3.004313,  0,           -1.273823, 0,
                 2.985246, 0, 1.501626,  0, -1.67009,   0.5430476, 0.2501918,  -0.485812,   4,         0,
                 4,        0, 4,         0, 4,          0},
                1e-5, 1e-6);
  const Tensor y =
      model(wave({3, 2, 4}), wave({2, 2, 4}), {.tgt_mask = Transformer::generate_square_subsequent_mask(2)});
  expect_values(y, {2, 2, 4},
                {0.3306124, 0.07485902, 1.176186, -1.581657, 1.59456, -0.9541851, -0.7336063, 0.09323148, -1.39573,
                 0.0412524, -0.07538643, 1.429864, 1.13092, -1.416348, 0.7233187, -0.4378913},
                1e-5, 1e-6);
  expect_values(rand({2}), {2}, {0.7433610, 0.7617998}, 1e-6);  // nothing more was drawn
}

TEST(Transformer, MakesTheCausalMask) {
  const double far = -test::infinity;
  expect_values(Transformer::generate_square_subsequent_mask(3), {3, 3}, {0, far, far, 0, 0, far, 0, 0, 0}, 0);
  const Tensor mask = Transformer::generate_square_subsequent_mask(2, {.dtype = boolean});
  EXPECT_EQ(mask.dtype(), boolean);
  expect_values(mask, {2, 2}, {0, 1, 0, 0}, 0);
  EXPECT_EQ(Transformer::generate_square_subsequent_mask(0).shape(), (Shape{0, 0}));
}

TEST(TransformerEncoderLayer, PrintsAndSavesAnActivationThatIsAModule) {
  const TransformerEncoderLayer layer(4, 2, {.dim_feedforward = 8, .activation = PReLU()});
  EXPECT_EQ(layer.to_string(), R"(TransformerEncoderLayer(
  (self_attn): MultiheadAttention(
    (out_proj): NonDynamicallyQuantizableLinear(in_features=4, out_features=4, bias=True)
  )
  (linear1): Linear(in_features=4, out_features=8, bias=True)
  (dropout): Dropout(p=0.1, inplace=False)
  (linear2): Linear(in_features=8, out_features=4, bias=True)
  (norm1): LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)
  (norm2): LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)
  (dropout1): Dropout(p=0.1, inplace=False)
  (dropout2): Dropout(p=0.1, inplace=False)
  (activation): PReLU(num_parameters=1)
))");
  EXPECT_TRUE(layer.state_dict().contains("activation.weight"));
}

TEST(TransformerEncoder, ItsLayersAreDeepCopiesAndItsStateIsInPyTorchsOrder) {
  TransformerEncoderLayer layer(4, 2, {.dim_feedforward = 8, .activation = PReLU(), .norm_first = true});
  TransformerEncoder encoder(layer, 2, {.norm = LayerNorm(4)});
  std::string keys;
  for (const auto& entry : encoder.named_parameters()) keys += entry.name + " ";
  std::string expected;
  for (const char* i : {"0", "1"})
    for (const char* name :
         {"self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight", "self_attn.out_proj.bias",
          "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias", "norm1.weight", "norm1.bias",
          "norm2.weight", "norm2.bias", "activation.weight"})
      expected += fmt::format("layers.{}.{} ", i, name);
  EXPECT_EQ(keys, expected + "norm.weight norm.bias ");
  {
    const NoGrad guard;
    encoder.layers[0].linear1.weight.fill_(7);
  }
  EXPECT_NE(layer.linear1.weight.select(0, 0).select(0, 0).item<float>(), 7);
  EXPECT_FALSE(encoder.layers[1].linear1.weight.equal(encoder.layers[0].linear1.weight));
  EXPECT_TRUE(encoder.layers[1].linear1.weight.equal(layer.linear1.weight));
}

TEST(TransformerEncoder, HasNoNormUnlessOneIsGiven) {
  const TransformerEncoder encoder(TransformerEncoderLayer(4, 2, {.dim_feedforward = 8}), 1);
  EXPECT_FALSE(encoder.norm());
  EXPECT_EQ(encoder.to_string().find("norm)"), std::string::npos);
  const TransformerDecoder decoder(TransformerDecoderLayer(4, 2, {.dim_feedforward = 8}), 1, {.norm = LayerNorm(4)});
  EXPECT_EQ(decoder.norm().as<LayerNorm>().normalized_shape, Shape{4});
}

TEST(Transformer, AClonesWeightsAreItsOwn) {
  Transformer model({.d_model = 4, .nhead = 2, .num_encoder_layers = 1, .num_decoder_layers = 1, .dim_feedforward = 8});
  model.eval();
  Transformer copy = model.clone();
  const Tensor src = wave({3, 2, 4}), tgt = wave({2, 2, 4}), before = model(src, tgt);
  EXPECT_TRUE(copy(src, tgt).equal(before));
  {
    const NoGrad guard;
    for (const Tensor& p : copy.parameters()) p.fill_(1);
  }
  EXPECT_TRUE(model(src, tgt).equal(before));
  EXPECT_FALSE(copy(src, tgt).equal(before));
}

TEST(Transformer, TakesEncoderAndDecoderOfOnesOwn) {
  const Shared<TransformerEncoder> encoder(
      TransformerEncoder(TransformerEncoderLayer(4, 2, {.dim_feedforward = 8, .dropout = 0}), 1));
  Transformer model({.d_model = 4,
                     .nhead = 2,
                     .num_decoder_layers = 1,
                     .dim_feedforward = 8,
                     .dropout = 0,
                     .custom_encoder = encoder});
  EXPECT_EQ(&*model.encoder, &*encoder);
  const Tensor src = wave({3, 2, 4}), tgt = wave({2, 2, 4});
  EXPECT_TRUE(model(src, tgt).equal((*model.decoder)(tgt, (*encoder)(src))));
}

TEST(TransformerEncoderLayer, TakesAFunctionOfTheUsers) {
  TransformerEncoderLayer layer(
      4, 2, {.dim_feedforward = 8, .dropout = 0, .activation = [](const Tensor& x) { return x * x; }});
  const Tensor x = wave({3, 2, 4}), attended = layer.norm1(x + layer.self_attn(x, x, x).output),
               hidden = layer.linear1(attended);
  EXPECT_TRUE(layer(x).allclose(layer.norm2(attended + layer.linear2(hidden * hidden)), 1e-5, 1e-6));
}

TEST(TransformerEncoder, SeesThatAMaskIsCausal) {
  TransformerEncoder encoder(TransformerEncoderLayer(4, 2, {.dim_feedforward = 8, .batch_first = true}), 2);
  encoder.eval();
  const Tensor x = wave({2, 5, 4});
  for (const DType type : {boolean, float32}) {
    const Tensor mask = Transformer::generate_square_subsequent_mask(5, {.dtype = type});
    const Tensor y = encoder(x, {.mask = mask}), masked = encoder(x, {.mask = mask, .is_causal = false});
    EXPECT_TRUE(y.allclose(masked, 1e-5, 1e-6));
    EXPECT_TRUE(encoder(x.narrow(1, 0, 3)).shape() == (Shape{2, 3, 4}));
    // No later place is seen.
    Tensor changed = x.clone();
    changed.select(1, 4).fill_(9);
    EXPECT_TRUE(encoder(changed, {.mask = mask}).narrow(1, 0, 4).allclose(y.narrow(1, 0, 4)));
  }
}

TEST(Transformer, TakesInputsWithoutABatch) {
  Transformer model({.d_model = 4, .nhead = 2, .num_encoder_layers = 1, .num_decoder_layers = 1, .dim_feedforward = 8});
  model.eval();
  const Tensor src = wave({3, 4}), tgt = wave({2, 4});
  const Tensor padding = tensor({false, false, true});
  const Tensor y = model(src, tgt, {.src_key_padding_mask = padding, .memory_key_padding_mask = padding});
  EXPECT_EQ(y.shape(), (Shape{2, 4}));
  const Tensor batch =
      model(src.unsqueeze(1), tgt.unsqueeze(1),
            {.src_key_padding_mask = padding.unsqueeze(0), .memory_key_padding_mask = padding.unsqueeze(0)});
  EXPECT_TRUE(y.allclose(batch.squeeze(1)));
}

TEST(Transformer, WhatIsPaddingChangesNothing) {
  Transformer model({.d_model = 4,
                     .nhead = 2,
                     .num_encoder_layers = 1,
                     .num_decoder_layers = 1,
                     .dim_feedforward = 8,
                     .batch_first = true,
                     .norm_first = true});
  model.eval();
  const Tensor src = wave({2, 3, 4}), tgt = wave({2, 2, 4});
  const Tensor padding = tensor({{false, false, true}, {false, true, true}});
  const TransformerCallOptions options{.src_key_padding_mask = padding, .memory_key_padding_mask = padding};
  const Tensor y = model(src, tgt, options), changed = src.masked_fill(padding.unsqueeze(2), 5);
  EXPECT_TRUE(model(changed, tgt, options).allclose(y));
  EXPECT_FALSE(model(changed, tgt).allclose(y));
}

TEST(TransformerEncoder, InEvaluationClearsPaddingBeforeTheNormAsPyTorchDoes) {
  manual_seed(8);  // TransformerEncoder(TransformerEncoderLayer(4, 2, 8, batch_first=True), 1, LayerNorm(4)).eval()
  TransformerEncoder encoder(TransformerEncoderLayer(4, 2, {.dim_feedforward = 8, .batch_first = true}), 1,
                             {.norm = LayerNorm(4)});
  encoder.eval();
  const Tensor x = wave({2, 3, 4}), padding = tensor({{false, false, true}, {false, true, true}});
  expect_values(encoder(x, {.src_key_padding_mask = padding}), {2, 3, 4},
                {-1.682755, 0.5694814, 0.8915235,  0.22175,   1.004369,  0.9826003, -0.8327397, -1.154229,
                 -1.614851, 0.1282801, 0.3753065,  1.111264,  0.7571832, 1.132058,  -0.5200838, -1.369157,
                 -1.632592, 0.9777211, 0.04087365, 0.6139976, 0.6191857, 1.187009,  -0.3662506, -1.439944},
                1e-5, 1e-6);
  const NoGrad guard;
  const Tensor cleared = encoder(x, {.src_key_padding_mask = padding});
  expect_values(
      cleared, {2, 3, 4},
      {-1.682755, 0.5694815, 0.8915235,  0.22175,   1.004369, 0.9826002, -0.8327396, -1.154229, 0.0, 0.0, 0.0, 0.0,
       0.7571832, 1.132058,  -0.5200838, -1.369157, 0.0,      0.0,       0.0,        0.0,       0.0, 0.0, 0.0, 0.0},
      1e-5, 1e-6);
  const Tensor ahead = tensor({{true, false, false}, {false, false, false}});
  EXPECT_NE(encoder(x, {.src_key_padding_mask = ahead})[0][0].abs().sum().item<float>(), 0);
  encoder.mask_check = false;
  EXPECT_EQ(encoder(x, {.src_key_padding_mask = ahead})[0][0].abs().sum().item<float>(), 0);
  encoder.enable_nested_tensor = false;
  EXPECT_NE(encoder(x, {.src_key_padding_mask = padding})[0][2].abs().sum().item<float>(), 0);
  encoder.enable_nested_tensor = true;
  encoder.train();
  EXPECT_NE(encoder(x, {.src_key_padding_mask = padding})[0][2].abs().sum().item<float>(), 0);
}

TEST(Transformer, Gradients) {
  Transformer model({.d_model = 4,
                     .nhead = 2,
                     .num_encoder_layers = 1,
                     .num_decoder_layers = 1,
                     .dim_feedforward = 6,
                     .dropout = 0,
                     .activation = "gelu",
                     .dtype = float64});
  const Tensor mask = Transformer::generate_square_subsequent_mask(2, {.dtype = float64});
  test::gradchecks([&](const auto& in) { return model(in[0], in[1], {.tgt_mask = mask}); },
                   {test::leaf({3, 1, 4}, 1), test::leaf({2, 1, 4}, 2)});
}

TEST(Transformer, HasShapesOnTheMetaDevice) {
  Transformer model({.d_model = 8, .nhead = 2, .num_encoder_layers = 1, .num_decoder_layers = 1, .device = kMeta});
  const TensorOptions meta{.device = kMeta};
  const Tensor y = model(zeros({3, 2, 8}, meta), zeros({4, 2, 8}, meta),
                         {.tgt_mask = Transformer::generate_square_subsequent_mask(4, meta)});
  EXPECT_TRUE(y.is_meta());
  EXPECT_EQ(y.shape(), (Shape{4, 2, 8}));
}

TEST(Transformer, TakesEmptyBatches) {
  TransformerEncoderLayer layer(4, 2, {.dim_feedforward = 8});
  EXPECT_EQ(layer(zeros({3, 0, 4})).shape(), (Shape{3, 0, 4}));
}

TEST(Transformer, ComputesInHalfTypes) {
  for (const DType type : {bfloat16, float16}) {
    TransformerEncoderLayer layer(4, 2, {.dim_feedforward = 8, .dtype = type});
    layer.eval();
    const Tensor x = wave({3, 2, 4}), y = layer(x.to(type));
    EXPECT_EQ(y.dtype(), type);
    layer.to(float32);
    EXPECT_TRUE(y.to(float32).allclose(layer(x), 0.05, 0.05));
  }
}

TEST(Transformer, RefusesWhatDoesNotFit) {
  EXPECT_EQ(error_of([] { TransformerEncoderLayer(4, 2, {.activation = "tanh"}); }),
            "[Transformer] expected the activation \"relu\" or \"gelu\", or a function, got \"tanh\"");
  EXPECT_EQ(error_of([] { TransformerEncoderLayer(4, 3); }),
            "[MultiheadAttention] expected embed_dim to be a multiple of num_heads, got 4 and 3");
  EXPECT_EQ(error_of([] { TransformerEncoder(TransformerEncoderLayer(4, 2), -1); }),
            "[TransformerEncoder] expected a num_layers of 0 or more, got -1");
  TransformerDecoder none(TransformerDecoderLayer(4, 2), 0);
  EXPECT_NE(error_of([&] {
              none(zeros({2, 1, 4}), zeros({2, 1, 4}));
            }).find("[TransformerDecoder] expected layers to call, got num_layers=0"),
            std::string::npos);
  const Transformer model({.d_model = 4, .nhead = 2, .num_encoder_layers = 1, .num_decoder_layers = 1});
  const auto refusal = [&](const Shape& src, const Shape& tgt, const TransformerCallOptions& options = {}) {
    return error_of([&] { model(zeros(src), zeros(tgt), options); });
  };
  EXPECT_NE(refusal({2, 3, 4}, {2, 1, 4})
                .find("[Transformer] expected src and tgt of one batch size, dimension 1, got (2, 3, 4) and (2, 1, 4)"),
            std::string::npos);
  EXPECT_NE(refusal({2, 3, 5}, {2, 3, 5})
                .find("[Transformer] expected src and tgt of d_model=4 features, got (2, 3, 5) and (2, 3, 5)"),
            std::string::npos);
  EXPECT_NE(refusal({2, 4}, {2, 3, 4}).find("expected src and tgt of 3 dimensions"), std::string::npos);
  EXPECT_NE(refusal({2, 3, 4}, {5, 3, 4}, {.tgt_mask = zeros({4, 4})})
                .find("expected an attn_mask of shape (5, 5) or (6, 5, 5), got (4, 4)"),
            std::string::npos);
  EXPECT_NE(refusal({2, 3, 4}, {5, 3, 4}, {.src_key_padding_mask = zeros({2, 3}, {.dtype = boolean})})
                .find("expected a key_padding_mask of shape (3, 2), got (2, 3)"),
            std::string::npos);
  EXPECT_NE(refusal({2, 3, 4}, {5, 3, 4}, {.tgt_is_causal = true}).find("give attn_mask too"), std::string::npos);
}

}  // namespace
}  // namespace tenon::nn::transformer_test
