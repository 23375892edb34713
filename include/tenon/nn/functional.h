#pragma once
// Layers' mathematics as functions of tensors: nn::functional, with PyTorch's names and defaults.
#include <tenon/ops.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

enum class Reduction { none, mean, sum };

/// x·weightᵀ + bias: (*, in), (out, in), (out) or undefined → (*, out). Source: torch.nn.functional.linear.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

/// max(x, 0). Source: torch.nn.functional.relu.
inline Tensor relu(const Tensor& x) { return x.relu(); }

/// Zeroes elements with probability p and scales the rest by 1/(1−p); the input itself where training is false.
/// Draws as PyTorch's CPU generator does. Source: torch.nn.functional.dropout.
Tensor dropout(const Tensor& x, double p = 0.5, bool training = true);
/// The same for whole channels: (N, C, …), and (C, L) for dropout1d, (C, D, H, W) for dropout3d; dropout2d takes the
/// first dimension as the batch's always, as PyTorch does. Source: torch.nn.functional.dropout1d, dropout2d, dropout3d.
Tensor dropout1d(const Tensor& x, double p = 0.5, bool training = true);
Tensor dropout2d(const Tensor& x, double p = 0.5, bool training = true);
Tensor dropout3d(const Tensor& x, double p = 0.5, bool training = true);

/// (x − mean) / √(variance + eps)·weight + bias over the last dimensions: (*, normalized_shape). The variance is
/// divided by their number. Source: torch.nn.functional.layer_norm (Ba, Kiros and Hinton 2016, "Layer normalization").
Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {}, const Tensor& bias = {},
                  double eps = 1e-5);

/// x / √(mean of x² + eps)·weight over the last dimensions: (*, normalized_shape). eps is by default the smallest
/// difference from 1 that float32 has (float64 for float64). Source: torch.nn.functional.rms_norm (Zhang and Sennrich
/// 2019, "Root mean square layer normalization").
Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                std::optional<double> eps = {});

enum class GELUApproximation { none, tanh };
/// x·Φ(x), Φ the normal distribution's function, or its approximation by tanh. Any shape. Source:
/// torch.nn.functional.gelu (Hendrycks and Gimpel 2016, "Gaussian error linear units").
Tensor gelu(const Tensor& x, GELUApproximation approximate = GELUApproximation::none);

struct AttentionOptions {
  /// Broadcasts to (*, L, S): bool, true where a query may attend; or a number added to each score.
  Tensor attn_mask = {};
  double dropout_p = 0;
  bool is_causal = false;            ///< a query attends only to keys up to its own place; not together with attn_mask
  std::optional<double> scale = {};  ///< default: 1/√E
};
/// softmax(query·keyᵀ·scale + mask)·value: (*, L, E), (*, S, E), (*, S, V) → (*, L, V). Source:
/// torch.nn.functional.scaled_dot_product_attention.
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {});

struct CrossEntropyOptions {
  Tensor weight = {};  ///< (C): a factor for each class
  int64_t ignore_index = -100;
  Reduction reduction = Reduction::mean;
  double label_smoothing = 0;
};

/// Cross-entropy between logits (N, C, …) or (C) and class indices (N, …) or () of int64, or probabilities of
/// the classes in the logits' shape. Source: torch.nn.functional.cross_entropy.
Tensor cross_entropy(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
