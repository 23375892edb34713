#include <tenon/nn/layers/adaptive_softmax.h>

#include <cmath>

#include <tenon/ops.h>

namespace tenon::nn {
namespace {

int64_t size_of_head(int64_t n_classes, const std::vector<int64_t>& cutoffs) {
  int64_t before = 0;
  for (const int64_t cutoff : cutoffs) {
    if (cutoff <= before || cutoff >= n_classes) {
      before = -1;
      break;
    }
    before = cutoff;
  }
  if (before <= 0)
    fail("AdaptiveLogSoftmaxWithLoss", "expected cutoffs that rise between 1 and n_classes - 1 = {}, got {}",
         n_classes - 1, Shape(cutoffs.begin(), cutoffs.end()).to_string('[', ']'));
  return cutoffs[0] + static_cast<int64_t>(cutoffs.size());
}

}  // namespace

AdaptiveLogSoftmaxWithLoss::AdaptiveLogSoftmaxWithLoss(int64_t in, int64_t classes, const std::vector<int64_t>& ends,
                                                       const AdaptiveSoftmaxOptions& o)
    : in_features(in),
      n_classes(classes),
      cutoffs(ends),
      div_value(o.div_value),
      head_bias(o.head_bias),
      head(in, size_of_head(classes, ends), {.bias = o.head_bias, .dtype = o.dtype, .device = o.device}) {
  cutoffs.push_back(n_classes);
  const LinearOptions plain{.bias = false, .dtype = o.dtype, .device = o.device};
  for (std::size_t i = 0; i + 1 < cutoffs.size(); ++i) {
    const double share = std::pow(div_value, static_cast<double>(i + 1));
    const auto hidden = static_cast<int64_t>(std::floor(static_cast<double>(in_features) / share));
    tail.push_back(Sequential{Linear(in_features, hidden, plain), Linear(hidden, cutoffs[i + 1] - cutoffs[i], plain)});
  }
}

void AdaptiveLogSoftmaxWithLoss::reset_parameters() {
  head.reset_parameters();
  for (const Sequential& cluster : tail)
    for (const int64_t i : {0, 1}) cluster.get<Linear>(i).reset_parameters();
}

AdaptiveSoftmaxOutput AdaptiveLogSoftmaxWithLoss::forward(const Tensor& input, const Tensor& target) const {
  constexpr const char* name = "AdaptiveLogSoftmaxWithLoss";
  if (target.dim() > 1 || input.dim() != target.dim() + 1 || (target.dim() == 1 && input.size(0) != target.size(0)))
    fail(name, "expected an input of shape (N, {0}) and a target of shape (N,), or ({0},) and (), got {1} and {2}",
         in_features, input.shape().to_string(), target.shape().to_string());
  if (target.dtype() != int64) fail(name, "expected a target of type int64, got {}", target.dtype());
  if (target.dim() == 0) {
    const AdaptiveSoftmaxOutput row = forward(input.unsqueeze(0), target.unsqueeze(0));
    return {row.output.squeeze(0), row.loss};
  }
  const bool known = !target.is_meta() && target.numel() > 0;
  if (known) {
    const auto least = target.min().item<int64_t>(), most = target.max().item<int64_t>();
    if (least < 0 || most >= n_classes)
      fail(name, "expected targets from 0 to {}, got some from {} to {}", n_classes - 1, least, most);
  }
  Tensor of_clusters = zeros(target.shape(), {.dtype = input.dtype(), .device = input.device()});
  Tensor in_head = target;  // where each row's class, or its cluster, stands there
  for (int64_t i = 0; known && i < tail.size(); ++i) {
    const int64_t first = cutoffs[static_cast<std::size_t>(i)], end = cutoffs[static_cast<std::size_t>(i) + 1];
    const Tensor rows = (target >= first).logical_and(target < end).nonzero().squeeze(1);
    if (rows.numel() == 0) continue;
    const Tensor logs = log_softmax(tail[i](input.index_select(0, rows)), 1);
    const Tensor places = (target.index_select(0, rows) - first).unsqueeze(1);
    of_clusters = of_clusters.index_copy(0, rows, logs.gather(1, places).squeeze(1));
    in_head = in_head.index_fill(0, rows, cutoffs[0] + i);
  }
  const Tensor output = of_clusters + log_softmax(head(input), 1).gather(1, in_head.unsqueeze(1)).squeeze(1);
  return {output, (-output).mean()};
}

Tensor AdaptiveLogSoftmaxWithLoss::all_logs(const Tensor& input, const Tensor& head_output) const {
  const Tensor logs = log_softmax(head_output, 1);
  TensorList parts{logs.narrow(1, 0, cutoffs[0])};
  for (int64_t i = 0; i < tail.size(); ++i)
    parts.push_back(log_softmax(tail[i](input), 1) + logs.narrow(1, cutoffs[0] + i, 1));
  return cat(parts, 1);
}

Tensor AdaptiveLogSoftmaxWithLoss::log_prob(const Tensor& input) const { return all_logs(input, head(input)); }

Tensor AdaptiveLogSoftmaxWithLoss::predict(const Tensor& input) const {
  const Tensor head_output = head(input), in_head = head_output.argmax(1);
  const Tensor rows = (in_head >= cutoffs[0]).nonzero().squeeze(1);  // whose likeliest class stands in a cluster
  if (rows.numel() == 0) return in_head;
  const Tensor logs = all_logs(input.index_select(0, rows), head_output.index_select(0, rows));
  return in_head.index_copy(0, rows, logs.argmax(1));
}

}  // namespace tenon::nn
