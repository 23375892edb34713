#include <tenon/metrics/classification.h>

#include <cmath>

#include <tenon/grad_mode.h>
#include <tenon/ops.h>

namespace tenon::metrics {
namespace {

/// The scores (N, C, …) as rows (N·…, C).
Tensor score_rows(const Tensor& scores) {
  return scores.detach().movedim({1}, {-1}).reshape(
      {scores.numel() / std::max<int64_t>(1, scores.size(1)), scores.size(1)});
}

bool are_scores(const char* name, const Tensor& predictions, const Tensor& target) {
  if (target.dtype() != int64) fail(name, "expected targets of type int64, got {}", target.dtype());
  if (predictions.shape() == target.shape() && predictions.dtype() == int64) return false;
  Shape without = predictions.shape();
  if (without.size() >= 2) without.erase(1);
  if (predictions.dim() < 2 || without != target.shape() || !is_floating_point(predictions.dtype()))
    fail(name,
         "expected scores of shape (N, C, …) or classes (N, …) of type int64, and targets (N, …), got {} {} and {}",
         predictions.dtype(), predictions.shape().to_string(), target.shape().to_string());
  return true;
}

/// Predicted classes and targets, (n) each, without what does not count.
struct Classes {
  Tensor predicted, target;
};
Classes classes(const char* name, const Tensor& predictions, const Tensor& target, const MetricOptions& o) {
  const Tensor flat = target.reshape({target.numel()}), counts = flat.ne(o.ignore_index).nonzero().reshape({-1});
  const Tensor predicted =
      are_scores(name, predictions, target) ? score_rows(predictions).argmax(1) : predictions.reshape({-1});
  return {predicted.index_select(0, counts), flat.index_select(0, counts)};
}

/// a/b, and 0 where b is 0.
Tensor share(const Tensor& a, const Tensor& b) { return where(b == 0, 0.0, a / where(b == 0, 1.0, b)); }

/// What a class has: items that were recognised, that were taken for it, that are of it.
struct Counts {
  Tensor hits, taken, there;
};
Counts counts_of(const ConfusionMatrix& matrix) {
  const Tensor counts = matrix.compute().to(float64);
  return {counts.diagonal(), counts.sum({0}), counts.sum({1})};
}

double averaged(const Tensor& values, const Counts& c, Average average) {
  if (average == Average::micro) {  // each item is taken for one class: all three measures are the accuracy
    const double all = c.there.sum().item<double>();
    return all == 0 ? std::nan("") : c.hits.sum().item<double>() / all;
  }
  const Tensor weights = average == Average::macro ? (c.taken + c.there).ne(0).to(float64) : c.there;
  const double all = weights.sum().item<double>();
  return all == 0 ? std::nan("") : (values * weights).sum().item<double>() / all;
}

}  // namespace

// ---- Accuracy

Accuracy::Accuracy(int64_t top_k, const MetricOptions& options) : top_k_(top_k), options_(options) {
  if (top_k < 1) fail("Accuracy", "expected top_k of 1 or more, got {}", top_k);
}

void Accuracy::update(const Tensor& predictions, const Tensor& target) {
  const NoGrad guard;
  const Tensor flat = target.reshape({target.numel()}), counts = flat.ne(options_.ignore_index);
  Tensor hits;
  if (!are_scores("Accuracy", predictions, target)) {
    if (top_k_ > 1) fail("Accuracy", "top_k of {} takes scores (N, C, …), got classes", top_k_);
    hits = predictions.reshape({-1}).eq(flat);
  } else {
    const Tensor scores = score_rows(predictions), at = where(counts, flat, 0).unsqueeze(1);
    const Tensor score = scores.gather(1, at);
    // How many classes come before the target's: those of higher scores, and of the same to its left.
    const Tensor before =
        scores.gt(score).logical_or(scores.eq(score).logical_and(arange(scores.size(1)).to(scores.device()).lt(at)));
    hits = before.sum({1}).lt(top_k_).logical_and(score.isnan().logical_not().squeeze(1));
  }
  correct_ += hits.logical_and(counts).sum().item<int64_t>();
  items_ += counts.sum().item<int64_t>();
}

double Accuracy::compute() const {
  return items_ == 0 ? std::nan("") : static_cast<double>(correct_) / static_cast<double>(items_);
}

Dict Accuracy::state_dict() const { return {{"correct", correct_}, {"items", items_}}; }
void Accuracy::load_state_dict(const Dict& state_dict) {
  const int64_t correct = state_dict["correct"].as<int64_t>();
  items_ = state_dict["items"].as<int64_t>();
  correct_ = correct;
}

// ---- by classes

ConfusionMatrix::ConfusionMatrix(int64_t num_classes, const MetricOptions& options) : options_(options) {
  if (num_classes < 1) fail("ConfusionMatrix", "expected num_classes of 1 or more, got {}", num_classes);
  counts_ = zeros({num_classes, num_classes}, {int64, kCPU});
}

void ConfusionMatrix::update(const Tensor& predictions, const Tensor& target) {
  const NoGrad guard;
  const auto [predicted, wanted] = classes("ConfusionMatrix", predictions, target, options_);
  if (wanted.numel() == 0) return;
  for (const Tensor& all : {predicted, wanted}) {
    const auto [least, greatest] = aminmax(all);
    if (least.item<int64_t>() < 0 || greatest.item<int64_t>() >= num_classes())
      fail("ConfusionMatrix", "expected classes between 0 and {}, got {}", num_classes() - 1,
           least.item<int64_t>() < 0 ? least.item<int64_t>() : greatest.item<int64_t>());
  }
  const Tensor pairs = bincount((wanted * num_classes() + predicted).cpu(), {}, num_classes() * num_classes());
  counts_.add_(pairs.reshape(counts_.shape()));
}

void ConfusionMatrix::load_state_dict(const Dict& state_dict) {
  const Tensor& counts = state_dict["counts"].as<Tensor>();
  if (counts.shape() != counts_.shape() || counts.dtype() != int64)
    fail("ConfusionMatrix", "expected counts int64 {}, got {} {}", counts_.shape().to_string(), counts.dtype(),
         counts.shape().to_string());
  counts_.copy_(counts);
}

Tensor Precision::per_class() const {
  const Counts c = counts_of(*this);
  return share(c.hits, c.taken);
}
double Precision::compute(Average average) const { return averaged(per_class(), counts_of(*this), average); }

Tensor Recall::per_class() const {
  const Counts c = counts_of(*this);
  return share(c.hits, c.there);
}
double Recall::compute(Average average) const { return averaged(per_class(), counts_of(*this), average); }

Tensor F1Score::per_class() const {
  const Counts c = counts_of(*this);
  return share(c.hits * 2, c.taken + c.there);
}
double F1Score::compute(Average average) const { return averaged(per_class(), counts_of(*this), average); }

// ---- AUROC

AUROC::AUROC(int64_t num_classes, const MetricOptions& options) : num_classes_(num_classes), options_(options) {
  if (num_classes < 1) fail("AUROC", "expected num_classes of 1 or more, got {}", num_classes);
}

void AUROC::update(const Tensor& scores, const Tensor& target) {
  const NoGrad guard;
  const bool is_binary = num_classes_ == 1;
  const bool fits = is_binary ? scores.shape() == target.shape() : scores.dim() >= 2 && scores.size(1) == num_classes_;
  if (!fits || !is_floating_point(scores.dtype()))
    fail("AUROC", "expected floating-point scores of shape {}, got {} {} and targets of shape {}",
         is_binary ? std::string("(N), as the targets") : fmt::format("(N, {}, …)", num_classes_), scores.dtype(),
         scores.shape().to_string(), target.shape().to_string());
  if (!is_binary) are_scores("AUROC", scores, target);
  const Tensor rows = is_binary ? scores.detach().reshape({-1, 1}) : score_rows(scores);
  const Tensor flat = target.to(int64).reshape({target.numel()});
  const Tensor counts = flat.ne(options_.ignore_index).nonzero().reshape({-1});
  scores_.push_back(rows.index_select(0, counts).cpu());
  targets_.push_back(flat.index_select(0, counts).cpu());
}

Tensor AUROC::per_class() const {
  const NoGrad guard;
  Tensor areas = full({num_classes_}, std::nan(""), {float64, kCPU});
  if (scores_.empty()) return areas;
  const Tensor scores = cat(scores_), target = cat(targets_);
  for (int64_t c = 0; c < num_classes_; ++c) {
    const Tensor positive = target.eq(num_classes_ == 1 ? 1 : c), column = scores.select(1, c).contiguous();
    const Tensor yes = column.masked_select(positive), no = column.masked_select(positive.logical_not()).sort().values;
    if (yes.numel() == 0 || no.numel() == 0) continue;
    // Of each positive score, how many negative ones lie below it, equal ones counting half.
    const Tensor below = searchsorted(no, yes).to(float64), not_above = searchsorted(no, yes, true).to(float64);
    areas[c].fill_(((below + not_above).mean() / (2.0 * static_cast<double>(no.numel()))).item<double>());
  }
  return areas;
}

double AUROC::compute() const {
  const Tensor areas = per_class();
  return areas.masked_select(areas.isnan().logical_not()).mean().item<double>();
}

void AUROC::reset() {
  scores_.clear();
  targets_.clear();
}

}  // namespace tenon::metrics
