// Trains a small Vision Transformer on Fashion-MNIST: build/examples/train_vit --help
#include "models/vision_transformer.h"
#include "support/classifier.h"

using tenon::Tensor;
namespace nn = tenon::nn;

/// Patches of 4 × 4 of grey images, which become the three channels that the model takes.
struct SmallViT : nn::Module<SmallViT> {
  models::VisionTransformer transformer{{.image_size = 28,
                                         .patch_size = 4,
                                         .num_layers = 4,
                                         .num_heads = 4,
                                         .hidden_dim = 64,
                                         .mlp_dim = 128,
                                         .dropout = 0.1,
                                         .num_classes = 10}};

  Tensor forward(const Tensor& x) { return transformer(x.view({-1, 1, 28, 28}).expand({-1, 3, -1, -1})); }

  TENON_MODULE(SmallViT, transformer)
};

int main(int argc, char** argv) {
  support::end_line_on_interrupt();
  support::ClassifierSettings s;
  s.epochs = 5;
  CLI::App app("Trains a small Vision Transformer to tell the clothes of Fashion-MNIST apart.");
  support::add_settings(app, s);
  return support::run(app, argc, argv, "train_vit", [&] {
    support::begin(s);
    SmallViT model;
    support::train_classifier(model, s);
  });
}
