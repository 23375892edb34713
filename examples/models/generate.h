#pragma once
// Text, one token after another, by any model that gives scores of the next one: GPT2, Llama.
#include <optional>

#include "models/key_value_cache.h"

namespace models {

struct GenerateOptions {
  int64_t max_new_tokens = 20;
  double temperature = 0;             ///< 0: always the likeliest; above: drawn, the more evenly the higher
  std::optional<int64_t> top_k = {};  ///< only of the k likeliest
  std::optional<double> top_p =
      {};                 ///< only of the likeliest that together have this probability (Holtzman et al. 2019)
  bool use_cache = true;  ///< keys and values of earlier tokens are kept
  tenon::Generator* generator = nullptr;  ///< null: the default one
};

/// Of scores (B, vocabulary), those that may be drawn: the others are −∞.
inline Tensor filtered(Tensor scores, const GenerateOptions& o) {
  const double none = -std::numeric_limits<double>::infinity();
  if (o.top_k && *o.top_k < scores.size(-1)) {
    const Tensor least = scores.topk(*o.top_k).values.narrow(-1, *o.top_k - 1, 1);
    scores = scores.masked_fill(scores < least, none);
  }
  if (o.top_p && *o.top_p < 1) {
    const auto [sorted, order] = scores.sort(-1, false);
    Tensor rare = sorted.softmax(-1).cumsum(-1) <= 1 - *o.top_p;
    rare.narrow(-1, rare.size(-1) - 1, 1).fill_(false);  // the likeliest stays
    scores = scores.masked_fill(rare.scatter(-1, order, rare), none);
  }
  return scores;
}

/// tokens (B, T) with max_new_tokens more behind them. The model should be in eval().
template <class Model>
Tensor generate(Model& model, Tensor tokens, const GenerateOptions& o = {}) {
  const tenon::NoGrad guard;
  KeyValueCache cache;
  Tensor unseen = tokens;
  for (int64_t i = 0; i < o.max_new_tokens; ++i) {
    const Tensor scores = model(unseen, o.use_cache ? &cache : nullptr).select(1, -1);  // (B, vocabulary)
    const Tensor next =
        o.temperature == 0 ? scores.argmax(-1, true)
                           : tenon::multinomial(filtered(scores / o.temperature, o).softmax(-1), 1, false, o.generator);
    tokens = tenon::cat({tokens, next}, 1);
    unseen = o.use_cache ? next : tokens;
  }
  return tokens;
}

}  // namespace models
