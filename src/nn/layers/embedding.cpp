#include <tenon/nn/layers/embedding.h>

#include <array>

#include <tenon/autograd.h>
#include <tenon/nn/init.h>

#include "nn/extra_repr.h"
#include "nn/layers/factory.h"

namespace tenon::nn {
namespace {

/// The table of a layer's own, not filled yet.
template <class Options>
Parameter new_table(const char* layer, int64_t rows, int64_t size, const Options& options) {
  if (rows < 0 || size < 0)
    fail(layer, "expected sizes of 0 or more, got num_embeddings={}, embedding_dim={}", rows, size);
  return Parameter(empty({rows, size}, factory(options)));
}

Parameter given_table(const char* layer, const Tensor& embeddings, bool freeze) {
  if (embeddings.dim() != 2)
    fail(layer, "expected embeddings of shape (num_embeddings, embedding_dim), got {}", embeddings.shape().to_string());
  return Parameter(embeddings, {.requires_grad = !freeze});
}

std::optional<int64_t> wrapped(const char* layer, std::optional<int64_t> padding_idx, int64_t rows) {
  if (!padding_idx) return {};
  if (*padding_idx < -rows || *padding_idx >= std::max<int64_t>(rows, 1))
    fail(layer, "expected a padding_idx within num_embeddings={}, got {}", rows, *padding_idx);
  return *padding_idx < 0 ? *padding_idx + rows : *padding_idx;
}

void draw(const Tensor& weight, std::optional<int64_t> padding_idx) {
  init::normal_(weight);
  if (!padding_idx) return;
  const NoGrad guard;
  weight[*padding_idx].zero_();
}

Value or_none(const auto& optional) { return optional ? Value(*optional) : Value(); }

}  // namespace

Embedding::Embedding(const Parameter& table, const EmbeddingOptions& options)
    : num_embeddings(table.size(0)),
      embedding_dim(table.size(1)),
      padding_idx(wrapped("Embedding", options.padding_idx, num_embeddings)),
      max_norm(options.max_norm),
      norm_type(options.norm_type),
      scale_grad_by_freq(options.scale_grad_by_freq),
      sparse(options.sparse),
      weight(table) {}

Embedding::Embedding(int64_t rows, int64_t size, const EmbeddingOptions& options)
    : Embedding(new_table("Embedding", rows, size, options), options) {
  reset_parameters();
}

Embedding Embedding::from_pretrained(const Tensor& embeddings, const PretrainedEmbeddingOptions& o) {
  return Embedding(given_table("Embedding", embeddings, o.freeze), {.padding_idx = o.padding_idx,
                                                                    .max_norm = o.max_norm,
                                                                    .norm_type = o.norm_type,
                                                                    .scale_grad_by_freq = o.scale_grad_by_freq,
                                                                    .sparse = o.sparse});
}

void Embedding::reset_parameters() { draw(weight, padding_idx); }

std::string Embedding::extra_repr() const {
  return extra_repr_of({{num_embeddings},
                        {embedding_dim},
                        {"padding_idx", or_none(padding_idx), Value()},
                        {"max_norm", or_none(max_norm), Value()},
                        {"norm_type", norm_type, 2.0},
                        {"scale_grad_by_freq", scale_grad_by_freq, false},
                        {"sparse", sparse, false}});
}

Tensor Embedding::forward(const Tensor& input) const {
  return functional::embedding(input, weight, {padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse});
}

EmbeddingBag::EmbeddingBag(const Parameter& table, const EmbeddingBagOptions& options)
    : num_embeddings(table.size(0)),
      embedding_dim(table.size(1)),
      max_norm(options.max_norm),
      norm_type(options.norm_type),
      scale_grad_by_freq(options.scale_grad_by_freq),
      mode(options.mode),
      sparse(options.sparse),
      include_last_offset(options.include_last_offset),
      padding_idx(wrapped("EmbeddingBag", options.padding_idx, num_embeddings)),
      weight(table) {}

EmbeddingBag::EmbeddingBag(int64_t rows, int64_t size, const EmbeddingBagOptions& options)
    : EmbeddingBag(new_table("EmbeddingBag", rows, size, options), options) {
  reset_parameters();
}

EmbeddingBag EmbeddingBag::from_pretrained(const Tensor& embeddings, const PretrainedEmbeddingBagOptions& o) {
  return EmbeddingBag(given_table("EmbeddingBag", embeddings, o.freeze), {.max_norm = o.max_norm,
                                                                          .norm_type = o.norm_type,
                                                                          .scale_grad_by_freq = o.scale_grad_by_freq,
                                                                          .mode = o.mode,
                                                                          .sparse = o.sparse,
                                                                          .include_last_offset = o.include_last_offset,
                                                                          .padding_idx = o.padding_idx});
}

void EmbeddingBag::reset_parameters() { draw(weight, padding_idx); }

std::string EmbeddingBag::extra_repr() const {
  constexpr std::array names{"sum", "mean", "max"};
  return extra_repr_of({{num_embeddings},
                        {embedding_dim},
                        {"max_norm", or_none(max_norm), Value()},
                        {"norm_type", norm_type, 2.0},
                        {"scale_grad_by_freq", scale_grad_by_freq, false},
                        {"mode", names[static_cast<std::size_t>(mode)]},
                        {"padding_idx", or_none(padding_idx), Value()}});
}

Tensor EmbeddingBag::forward(const Tensor& input, const Tensor& offsets, const Tensor& per_sample_weights) const {
  return functional::embedding_bag(input, weight,
                                   {.offsets = offsets,
                                    .max_norm = max_norm,
                                    .norm_type = norm_type,
                                    .scale_grad_by_freq = scale_grad_by_freq,
                                    .mode = mode,
                                    .sparse = sparse,
                                    .per_sample_weights = per_sample_weights,
                                    .include_last_offset = include_last_offset,
                                    .padding_idx = padding_idx});
}

}  // namespace tenon::nn
