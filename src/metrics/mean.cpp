#include <tenon/metrics/mean.h>

#include <cmath>

#include <tenon/grad_mode.h>
#include <tenon/nn/functional/loss/classification.h>
#include <tenon/ops.h>

namespace tenon::metrics {

void Mean::update(double value, double weight) {
  sum_ += value * weight;
  weight_ += weight;
}

void Mean::update(const Tensor& values, const Tensor& weights) {
  const NoGrad guard;
  const Tensor v = values.detach().to(float64);
  const Tensor w = weights.defined() ? weights.detach().to(float64).expand(v.shape()) : ones_like(v);
  sum_ += (v * w).sum().item<double>();
  weight_ += w.sum().item<double>();
}

double Mean::compute() const { return weight_ == 0 ? std::nan("") : sum_ / weight_; }

void Mean::load_state_dict(const Dict& state_dict) {
  const double sum = state_dict["sum"].as<double>();
  weight_ = state_dict["weight"].as<double>();
  sum_ = sum;
}

void Perplexity::update(const Tensor& logits, const Tensor& target) {
  const NoGrad guard;
  if (logits.dim() < 1 || target.shape() != Shape(logits.shape().begin(), logits.shape().end() - 1))
    fail("Perplexity", "expected logits of shape (…, C) and targets of shape (…), got {} and {}",
         logits.shape().to_string(), target.shape().to_string());
  const Tensor rows = target.reshape({target.numel()});
  const Tensor loss = nn::functional::cross_entropy(
      logits.reshape({target.numel(), logits.size(-1)}), rows,
      {.ignore_index = options_.ignore_index, .reduction = nn::functional::Reduction::none});
  loss_.update(loss, rows.ne(options_.ignore_index));
}

double Perplexity::compute() const { return std::exp(loss_.compute()); }

}  // namespace tenon::metrics
