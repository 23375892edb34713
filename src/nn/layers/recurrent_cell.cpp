#include <tenon/nn/init.h>
#include <tenon/ops.h>

#include "nn/extra_repr.h"
#include "nn/functional/recurrent.h"
#include "nn/layers/factory.h"
#include "nn/layers/recurrent.h"
#include "ops/autocast.h"

namespace tenon::nn {

template <RNNMode mode>
RNNCellBase<mode>::RNNCellBase(int64_t in, int64_t hidden, const Options& o) : input_size(in), hidden_size(hidden) {
  if constexpr (requires { o.nonlinearity; }) nonlinearity = o.nonlinearity;
  check_sizes(class_name, input_size, hidden_size, 0);
  const int64_t gates = gates_of(recurrent_mode(mode, nonlinearity)) * hidden_size;
  weight_ih = Parameter(empty({gates, input_size}, factory(o)));
  weight_hh = Parameter(empty({gates, hidden_size}, factory(o)));
  if (o.bias) {
    bias_ih = Parameter(empty({gates}, factory(o)));
    bias_hh = Parameter(empty({gates}, factory(o)));
  }
  reset_parameters();
}

template <RNNMode mode>
void RNNCellBase<mode>::reset_parameters() {
  const double bound = weight_bound(hidden_size);
  for (const Parameter* weight : {&weight_ih, &weight_hh, &bias_ih, &bias_hh})
    if (weight->defined()) init::uniform_(*weight, -bound, bound);
}

template <RNNMode mode>
std::string RNNCellBase<mode>::extra_repr() const {
  return extra_repr_of({{input_size}, {hidden_size}, {"bias", bias_ih.defined(), true}}) +
         (nonlinearity == RNNNonlinearity::relu ? ", nonlinearity=relu" : "");
}

template <RNNMode mode>
RNNState<mode> RNNCellBase<mode>::forward(const Tensor& x, const State& state) const {
  const bool batched = x.dim() == 2;
  if ((x.dim() != 1 && !batched) || x.size(-1) != input_size)
    fail(class_name, "expected an input of shape (N, {}) or ({},), got {}", input_size, input_size,
         x.shape().to_string());
  check_type(class_name, x, weight_ih);
  const Shape shape = batched ? Shape{x.size(0), hidden_size} : Shape{hidden_size};
  LSTMState before =
      initial_state(class_name, both(state), shape, mode == RNNMode::lstm ? std::optional(shape) : std::nullopt, x);
  if (!batched) before = {before.h.unsqueeze(0), before.c.defined() ? before.c.unsqueeze(0) : before.c};
  const Tensor rows = batched ? x : x.unsqueeze(0);
  const RecurrentMode how = recurrent_mode(mode, nonlinearity);
  const RecurrentWeights weights{weight_ih, weight_hh, bias_ih, bias_hh, {}};
  const RecurrentOutput out =
      autocasts()
          ? recurrent_step(how, rows, weights, before.h, before.c)
          : recurrent(how, rows, std::make_shared<std::vector<int64_t>>(1, rows.size(0)), weights, before.h, before.c);
  if (batched) return state_of<State>(out.h, out.c);
  return state_of<State>(out.h.squeeze(0), out.c.defined() ? out.c.squeeze(0) : out.c);
}

template class RNNCellBase<RNNMode::rnn>;
template class RNNCellBase<RNNMode::lstm>;
template class RNNCellBase<RNNMode::gru>;

}  // namespace tenon::nn
