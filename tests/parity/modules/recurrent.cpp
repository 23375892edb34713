#include "modules/layers.h"

namespace tenon::parity {
namespace {

nn::RNNNonlinearity nonlinearity(const Given& a) {
  return a.text("nonlinearity", "tanh") == "relu" ? nn::RNNNonlinearity::relu : nn::RNNNonlinearity::tanh;
}

/// What the call gives, one tensor after the other.
std::vector<Tensor> flat(const nn::LSTMState& state) { return {state.h, state.c}; }
std::vector<Tensor> flat(const Tensor& state) { return {state}; }
template <class State>
std::vector<Tensor> flat(const nn::RNNOutput<Tensor, State>& out) {
  std::vector<Tensor> all = flat(out.state);
  all.insert(all.begin(), out.output);
  return all;
}

/// A call with an input and, maybe, a state: h, or h and c.
template <class M>
Built called(const std::shared_ptr<M>& module) {
  return {module, [module](const Inputs& x, const Given&) {
            using State = typename M::State;
            if (x.size() == 1) return flat((*module)(x[0]));
            if constexpr (std::is_same_v<State, Tensor>) return flat((*module)(x.at(0), x.at(1)));
            else return flat((*module)(x.at(0), State{x.at(1), x.at(2)}));
          }};
}

template <class M>
Built layer(const Given& a) {
  typename M::Options options{.bias = a.flag("bias", true),
                              .batch_first = a.flag("batch_first", false),
                              .dropout = a.d("dropout", 0),
                              .bidirectional = a.flag("bidirectional", false)};
  options.num_layers = a.maybe_i("num_layers").value_or(1);
  if constexpr (requires { options.nonlinearity; }) options.nonlinearity = nonlinearity(a);
  if constexpr (requires { options.proj_size; }) options.proj_size = a.maybe_i("proj_size").value_or(0);
  return called(std::make_shared<M>(a.i("input_size"), a.i("hidden_size"), options));
}

template <class M>
Built cell(const Given& a) {
  typename M::Options options{.bias = a.flag("bias", true)};
  if constexpr (requires { options.nonlinearity; }) options.nonlinearity = nonlinearity(a);
  return called(std::make_shared<M>(a.i("input_size"), a.i("hidden_size"), options));
}

const Layers recurrent_layers{
    {"RNN", layer<nn::RNN>},        {"LSTM", layer<nn::LSTM>},        {"GRU", layer<nn::GRU>},
    {"RNNCell", cell<nn::RNNCell>}, {"LSTMCell", cell<nn::LSTMCell>}, {"GRUCell", cell<nn::GRUCell>},
};

}  // namespace
}  // namespace tenon::parity
