#pragma once
// A variational autoencoder (Kingma and Welling 2013, "Auto-encoding variational Bayes") of images between 0 and 1.
#include <tenon/tenon.h>

namespace models {

using tenon::Tensor;
namespace nn = tenon::nn;

struct VAEOutput {
  Tensor logits;              ///< (N, inputs), of each pixel
  Tensor mean, log_variance;  ///< (N, latent)
};

struct VAE : nn::Module<VAE> {
  nn::Sequential encoder;
  nn::Linear mean, log_variance;
  nn::Sequential decoder;

  VAE(int64_t inputs, int64_t hidden, int64_t latent)
      : encoder{nn::Linear(inputs, hidden), nn::ReLU()},
        mean(hidden, latent),
        log_variance(hidden, latent),
        decoder{nn::Linear(latent, hidden), nn::ReLU(), nn::Linear(hidden, inputs)} {}

  /// Images (N, inputs), with `noise` (N, latent) of the standard normal distribution, drawn where it is not given.
  VAEOutput forward(const Tensor& x, const Tensor& noise = {}) {
    const Tensor h = encoder(x);
    const Tensor m = mean(h), v = log_variance(h);
    const Tensor z = m + (v * 0.5).exp() * (noise.defined() ? noise : tenon::randn_like(m));
    return {decoder(z), m, v};
  }

  TENON_MODULE(VAE, encoder, mean, log_variance, decoder)
};

/// What is lost in the picture, and how far the latent distribution is from the standard normal one: sums over pixels,
/// means over images.
inline Tensor vae_loss(const VAEOutput& out, const Tensor& x) {
  const Tensor picture =
      nn::functional::binary_cross_entropy_with_logits(out.logits, x, {.reduction = nn::functional::Reduction::sum});
  const Tensor distance = (out.log_variance + 1 - out.mean.square() - out.log_variance.exp()).sum() * -0.5;
  return (picture + distance) / static_cast<double>(x.size(0));
}

}  // namespace models
