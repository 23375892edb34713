#pragma once
// Metrics of what several processes have gathered.
#include <concepts>

#include <tenon/distributed/world.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::distributed {

namespace detail {
/// Everybody's numbers and tensors added up, in the order of ranks.
Dict sum_of(const Dict& state, const Group& group);

/// One whose state is sums: Accuracy, ConfusionMatrix and what is made of it, Mean, Perplexity.
template <class M>
concept SummableMetric = requires(M& metric, const Dict& state) {
  { metric.state_dict() } -> std::same_as<Dict>;
  metric.load_state_dict(state);
  metric.compute();
  metric.reset();
};
}  // namespace detail

/// Adds up what all processes have gathered in `metric`, which is then, in each of them, that of all items: for
/// compute(), and reset() before the next pass. Every process calls it. Source: torchmetrics.Metric.sync.
///
///   distributed::sync_metric(accuracy);
///   if (distributed::rank() == 0) fmt::print("{}\n", accuracy.compute());
template <detail::SummableMetric M>
void sync_metric(M& metric, const Group& group = {}) {
  metric.load_state_dict(detail::sum_of(metric.state_dict(), group));
}

}  // namespace tenon::distributed

#pragma GCC visibility pop
