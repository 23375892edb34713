#include "nn/layers/recurrent.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <tenon/nn/functional/dropout.h>
#include <tenon/nn/init.h>
#include <tenon/ops.h>

#include "nn/extra_repr.h"
#include "nn/functional/recurrent.h"
#include "nn/layers/factory.h"
#include "ops/autocast.h"

namespace tenon::nn {

using utils::rnn::PackedSequence;

LSTMState initial_state(std::string_view layer, const LSTMState& given, const Shape& h, const std::optional<Shape>& c,
                        const Tensor& x) {
  const auto zeros_of = [&](const Shape& shape) { return zeros(shape, {.dtype = x.dtype(), .device = x.device()}); };
  if (!given.h.defined() && !given.c.defined()) return {zeros_of(h), c ? zeros_of(*c) : Tensor()};
  const auto check = [&](const Tensor& state, const Shape& shape, const char* what) {
    if (!state.defined()) fail(layer, "expected a state of h and c, got only one of them");
    if (state.shape() != shape)
      fail(layer, "expected {} of shape {}, got {}", what, shape.to_string(), state.shape().to_string());
    if (state.dtype() != x.dtype() && !autocasts())
      fail(layer, "expected {} of type {}, as the input has, got {}", what, x.dtype(), state.dtype());
  };
  check(given.h, h, c ? "h" : "a state");
  if (c) check(given.c, *c, "c");
  return given;
}

void check_sizes(std::string_view layer, int64_t input_size, int64_t hidden_size, int64_t least) {
  constexpr int64_t most = std::numeric_limits<int64_t>::max() / 4;
  for (const auto& [what, size] : {std::pair("input_size", input_size), std::pair("hidden_size", hidden_size)}) {
    if (size < least) fail(layer, "expected {}={} to be {} or more", what, size, least);
    if (size > most) fail(layer, "{}={} makes more weights than can be counted", what, size);
  }
}

void check_type(std::string_view layer, const Tensor& x, const Tensor& weight) {
  if (x.dtype() != weight.dtype() && !autocasts())
    fail(layer, "expected an input of type {}, as the weights have, got {}; convert one of them: to(…)", weight.dtype(),
         x.dtype());
}

namespace {

/// What a call of any layer needs to know of it.
struct Layers {
  RecurrentMode mode;
  int64_t num_layers, directions;
  bool has_bias, projects;
  double dropout;  ///< of this call
  const std::vector<Parameter>& weights;

  RecurrentWeights weights_of(std::size_t i) const {
    const std::size_t each = 2 + (has_bias ? 2 : 0) + (projects ? 1 : 0);
    const Parameter* w = &weights[i * each];
    RecurrentWeights given{w[0], w[1], {}, {}, {}};
    if (has_bias) {
      given.bias_ih = w[2];
      given.bias_hh = w[3];
    }
    if (projects) given.weight_hr = w[each - 1];
    return given;
  }
};

template <class Layer>
Layers layers_of(const Layer& l, RNNMode mode, const std::vector<Parameter>& weights) {
  return {recurrent_mode(mode, l.nonlinearity), l.num_layers, l.bidirectional ? 2 : 1, l.bias, l.proj_size > 0,
          l.training() ? l.dropout : 0,         weights};
}

/// P: the size of what each direction gives.
template <class Layer>
int64_t given_size(const Layer& l) {
  return l.proj_size > 0 ? l.proj_size : l.hidden_size;
}

/// The state before the first step, (num_layers·D, N, …); it was given without N where there is no batch.
template <class Layer>
LSTMState state_before(const Layer& l, const typename Layer::State& given, const Tensor& x,
                       std::optional<int64_t> batch) {
  const auto shape = [&](int64_t size) {
    Shape s{l.num_layers * (l.bidirectional ? 2 : 1)};
    if (batch) s.push_back(*batch);
    s.push_back(size);
    return s;
  };
  constexpr bool has_cells = std::is_same_v<typename Layer::State, LSTMState>;
  LSTMState state = initial_state(Layer::class_name, both(given), shape(given_size(l)),
                                  has_cells ? std::optional(shape(l.hidden_size)) : std::nullopt, x);
  if (batch) return state;
  return {state.h.unsqueeze(1), has_cells ? state.c.unsqueeze(1) : Tensor()};
}

/// Rows through all layers; the state has its layers and directions in the first dimension.
RecurrentOutput through(const Layers& layers, Tensor rows, const BatchSizes& batch_sizes, const LSTMState& state) {
  std::vector<Tensor> last_h, last_c;
  for (int64_t layer = 0; layer < layers.num_layers; ++layer) {
    std::vector<Tensor> ways;
    for (int64_t way = 0; way < layers.directions; ++way) {
      const int64_t i = layer * layers.directions + way;
      RecurrentOutput out = recurrent(layers.mode, rows, batch_sizes, layers.weights_of(static_cast<std::size_t>(i)),
                                      state.h[i], state.c.defined() ? state.c[i] : Tensor(), way == 1);
      ways.push_back(std::move(out.y));
      last_h.push_back(std::move(out.h));
      if (out.c.defined()) last_c.push_back(std::move(out.c));
    }
    rows = ways.size() == 1 ? ways[0] : cat(ways, 1);
    if (layer + 1 < layers.num_layers) rows = functional::dropout(rows, layers.dropout);
  }
  return {rows, stack(last_h), last_c.empty() ? Tensor() : stack(last_c)};
}

/// The numbers of sequences at each step, which must add up to the rows.
BatchSizes batch_sizes_of(std::string_view layer, const PackedSequence& x) {
  if (x.batch_sizes.dim() != 1 || x.batch_sizes.dtype() != int64 || x.batch_sizes.size(0) == 0)
    fail(layer, "expected batch_sizes of one dimension, of int64, one or more, got {} of {}",
         x.batch_sizes.shape().to_string(), x.batch_sizes.dtype());
  auto sizes = std::make_shared<std::vector<int64_t>>(x.batch_sizes.to_vector<int64_t>());
  const bool falls = std::is_sorted(sizes->rbegin(), sizes->rend()) && sizes->back() > 0;
  if (!falls || std::accumulate(sizes->begin(), sizes->end(), int64_t{0}) != x.data.size(0))
    fail(layer, "expected batch_sizes that never grow and add up to the rows of data, got {} of shape {}",
         Shape(*sizes).to_string('[', ']'), x.data.shape().to_string());
  return sizes;
}

}  // namespace

template <RNNMode mode>
RNNBase<mode>::RNNBase(int64_t in, int64_t hidden, const Options& o)
    : input_size(in),
      hidden_size(hidden),
      num_layers(o.num_layers),
      bias(o.bias),
      batch_first(o.batch_first),
      dropout(o.dropout),
      bidirectional(o.bidirectional) {
  if constexpr (requires { o.nonlinearity; }) nonlinearity = o.nonlinearity;
  if constexpr (requires { o.proj_size; }) proj_size = o.proj_size;
  check_sizes(class_name, input_size, hidden_size, 1);
  if (num_layers < 1) fail(class_name, "expected num_layers of 1 or more, got {}", num_layers);
  if (!(dropout >= 0 && dropout <= 1)) fail(class_name, "expected a dropout between 0 and 1, got {}", dropout);
  if (proj_size < 0 || proj_size >= hidden_size)
    fail(class_name, "expected a proj_size of 0 or more, below hidden_size={}, got {}", hidden_size, proj_size);
  const int64_t given = proj_size > 0 ? proj_size : hidden_size, ways = bidirectional ? 2 : 1,
                gates = gates_of(recurrent_mode(mode, nonlinearity)) * hidden_size;
  for (int64_t layer = 0; layer < num_layers; ++layer)
    for (int64_t way = 0; way < ways; ++way) {
      const auto add = [&](const char* name, const Shape& shape) {
        weights_.add(fmt::format("{}_l{}{}", name, layer, way == 1 ? "_reverse" : ""),
                     Parameter(empty(shape, factory(o))));
      };
      add("weight_ih", {gates, layer == 0 ? input_size : ways * given});
      add("weight_hh", {gates, given});
      if (bias) {
        add("bias_ih", {gates});
        add("bias_hh", {gates});
      }
      if (proj_size > 0) add("weight_hr", {proj_size, hidden_size});
    }
  reset_parameters();
}

template <RNNMode mode>
void RNNBase<mode>::reset_parameters() {
  const double bound = weight_bound(hidden_size);
  for (const Parameter& weight : weights_.handles) init::uniform_(weight, -bound, bound);
}

template <RNNMode mode>
std::vector<std::vector<Parameter>> RNNBase<mode>::all_weights() const {
  const std::size_t layers = static_cast<std::size_t>(num_layers) * (bidirectional ? 2 : 1),
                    each = weights_.size() / layers;
  std::vector<std::vector<Parameter>> all(layers);
  for (std::size_t i = 0; i < weights_.size(); ++i) all[i / each].push_back(weights_.handles[i]);
  return all;
}

template <RNNMode mode>
std::string RNNBase<mode>::extra_repr() const {
  return extra_repr_of({{input_size},
                        {hidden_size},
                        {"proj_size", proj_size, 0},
                        {"num_layers", num_layers, 1},
                        {"bias", bias, true},
                        {"batch_first", batch_first, false},
                        {"dropout", dropout, 0.0},
                        {"bidirectional", bidirectional, false}});
}

template <RNNMode mode>
RNNOutput<Tensor, RNNState<mode>> RNNBase<mode>::forward(const Tensor& x, const State& state) const {
  const bool batched = x.dim() == 3;
  if ((x.dim() != 2 && !batched) || x.size(-1) != input_size)
    fail(class_name, "expected an input of shape ({}, {}) or (L, {}), got {}", batch_first ? "N, L" : "L, N",
         input_size, input_size, x.shape().to_string());
  check_type(class_name, x, weights_.handles[0]);
  const Tensor sequence = !batched ? x.unsqueeze(1) : batch_first ? x.transpose(0, 1) : x;  // (L, N, input_size)
  const int64_t length = sequence.size(0), batch = sequence.size(1);
  if (length == 0)
    fail(class_name, "expected a sequence of one step or more, got an input of shape {}", x.shape().to_string());
  const LSTMState before = state_before(*this, state, x, batched ? std::optional(batch) : std::nullopt);
  const RecurrentOutput out =
      through(layers_of(*this, mode, weights_.handles), sequence.reshape({length * batch, input_size}),
              std::make_shared<std::vector<int64_t>>(static_cast<std::size_t>(length), batch), before);
  const Tensor y = out.y.reshape({length, batch, (bidirectional ? 2 : 1) * given_size(*this)});
  if (batched) return {batch_first ? y.transpose(0, 1) : y, state_of<State>(out.h, out.c)};
  return {y.squeeze(1), state_of<State>(out.h.squeeze(1), out.c.defined() ? out.c.squeeze(1) : out.c)};
}

template <RNNMode mode>
RNNOutput<PackedSequence, RNNState<mode>> RNNBase<mode>::forward(const PackedSequence& x, const State& state) const {
  if (x.data.dim() != 2 || x.data.size(1) != input_size)
    fail(class_name, "expected packed data of shape (*, {}), got {}", input_size, x.data.shape().to_string());
  check_type(class_name, x.data, weights_.handles[0]);
  const BatchSizes batch_sizes = batch_sizes_of(class_name, x);
  const auto in_order = [](const Tensor& s, const Tensor& order) {
    return s.defined() && order.defined() ? s.index_select(1, order) : s;
  };
  LSTMState before = state_before(*this, state, x.data, batch_sizes->front());
  before = {in_order(before.h, x.sorted_indices), in_order(before.c, x.sorted_indices)};
  const RecurrentOutput out = through(layers_of(*this, mode, weights_.handles), x.data, batch_sizes, before);
  return {{out.y, x.batch_sizes, x.sorted_indices, x.unsorted_indices},
          state_of<State>(in_order(out.h, x.unsorted_indices), in_order(out.c, x.unsorted_indices))};
}

template class RNNBase<RNNMode::rnn>;
template class RNNBase<RNNMode::lstm>;
template class RNNBase<RNNMode::gru>;

}  // namespace tenon::nn
