#pragma once
#include <cstdint>
#include <optional>

#include <tenon/nn/functional/embedding.h>
#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct EmbeddingOptions {
  std::optional<int64_t> padding_idx = {};  ///< a row of zeros that gets no gradient; negative: from the end
  std::optional<double> max_norm = {};      ///< rows that are read and longer are scaled down to it, in place
  double norm_type = 2;                     ///< p of the norm that is meant
  bool scale_grad_by_freq = false;          ///< a row's gradient is divided by how often the input has it
  bool sparse = false;                      ///< accepted and printed: the gradient is dense, of the same numbers
  TENON_FACTORY_OPTIONS;
};
struct PretrainedEmbeddingOptions {
  bool freeze = true;  ///< the weight does not require grad
  std::optional<int64_t> padding_idx = {};
  std::optional<double> max_norm = {};
  double norm_type = 2;
  bool scale_grad_by_freq = false;
  bool sparse = false;
};

/// A table of vectors by number: (*) of int64 or int32 → (*, embedding_dim).
///
/// weight (num_embeddings, embedding_dim) starts normal, but for the padding's row of zeros. An error for a number that
/// is no row. Source: torch.nn.Embedding.
class Embedding : public Module<Embedding> {
 public:
  int64_t num_embeddings, embedding_dim;
  std::optional<int64_t> padding_idx;  ///< counted from 0
  std::optional<double> max_norm;
  double norm_type;
  bool scale_grad_by_freq, sparse;
  Parameter weight;

  Embedding(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingOptions& options = {});
  /// With the given rows (num_embeddings, embedding_dim), whose memory it shares.
  static Embedding from_pretrained(const Tensor& embeddings, const PretrainedEmbeddingOptions& options = {});

  /// Draws the weight anew.
  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& input) const;

 private:
  Embedding(const Parameter& table, const EmbeddingOptions& options);

  TENON_MODULE(Embedding, num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
               weight)
};

struct EmbeddingBagOptions {
  std::optional<double> max_norm = {};
  double norm_type = 2;
  bool scale_grad_by_freq = false;
  functional::BagMode mode = functional::BagMode::mean;
  bool sparse = false;                      ///< accepted: the gradient is dense, of the same numbers
  bool include_last_offset = false;         ///< offsets end with the end of the last bag
  std::optional<int64_t> padding_idx = {};  ///< a row of zeros that counts for nothing; negative: from the end
  TENON_FACTORY_OPTIONS;
};
struct PretrainedEmbeddingBagOptions {
  bool freeze = true;  ///< the weight does not require grad
  std::optional<double> max_norm = {};
  double norm_type = 2;
  bool scale_grad_by_freq = false;
  functional::BagMode mode = functional::BagMode::mean;
  bool sparse = false;
  bool include_last_offset = false;
  std::optional<int64_t> padding_idx = {};
};

/// Sums, means or largest elements of bags of rows: an input (bags, n), or one of one dimension with offsets (bags)
/// that tell where each bag begins → (bags, embedding_dim). per_sample_weights are factors of the rows, with `sum`
/// only.
///
/// weight (num_embeddings, embedding_dim) starts normal, but for the padding's row of zeros. Source:
/// torch.nn.EmbeddingBag.
class EmbeddingBag : public Module<EmbeddingBag> {
 public:
  int64_t num_embeddings, embedding_dim;
  std::optional<double> max_norm;
  double norm_type;
  bool scale_grad_by_freq;
  functional::BagMode mode;
  bool sparse, include_last_offset;
  std::optional<int64_t> padding_idx;  ///< counted from 0
  Parameter weight;

  EmbeddingBag(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingBagOptions& options = {});
  /// With the given rows (num_embeddings, embedding_dim), whose memory it shares.
  static EmbeddingBag from_pretrained(const Tensor& embeddings, const PretrainedEmbeddingBagOptions& options = {});

  /// Draws the weight anew.
  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& input, const Tensor& offsets = {}, const Tensor& per_sample_weights = {}) const;

 private:
  EmbeddingBag(const Parameter& table, const EmbeddingBagOptions& options);

  TENON_MODULE(EmbeddingBag, num_embeddings, embedding_dim, max_norm, norm_type, scale_grad_by_freq, mode, sparse,
               include_last_offset, padding_idx, weight)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
