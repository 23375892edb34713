// RNN, LSTM, GRU and their cells. Expected numbers are PyTorch 2.15's.
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::recurrent_layers_test {
namespace {

using test::error_of;
using utils::rnn::pack_padded_sequence;
using utils::rnn::PackedSequence;

Tensor counted(const Shape& shape, double first, DType dtype = float32) {
  return (arange(0, static_cast<double>(shape.numel()), 1.0) / 10 + first).reshape(shape).to(dtype);
}

void expect(const Tensor& x, const Shape& shape, const std::vector<double>& wanted, double near = 2e-6) {
  test::expect_values(x.detach(), shape, wanted, near, near);
}

TEST(Recurrent, DrawsPyTorchsWeightsAndDropout) {
  // torch.manual_seed(0); y, (h, c) = nn.LSTM(3, 2, 2, dropout=0.5, bidirectional=True)(x)
  manual_seed(0);
  const LSTM lstm(3, 2, {.num_layers = 2, .dropout = 0.5, .bidirectional = true});
  const auto [y, state] = lstm(counted({4, 2, 3}, -1));
  expect(y, {4, 2, 4},
         {0.0270753931,   -1.03403563e-05, -0.0155733498,  -0.330358207,   0.0315306559, 0.0333268046,  -0.00127793173,
          -0.324377179,   0.0550372042,    0.0239412971,   -0.00899907667, -0.355338991, 0.0620196871,  0.0956652388,
          0.000402852951, -0.362517565,    0.0647587925,   0.0939802527,   0.0317936614, -0.275690287,  0.072047472,
          0.127811372,    0.0442887023,    -0.267184615,   0.0888360217,   0.171655804,  0.00701703876, -0.263625413,
          0.0752655491,   0.136599556,     -0.00538732298, -0.286970735});
  expect(state.h, {4, 2, 2},
         {-0.214476392, 0.0411671884, -0.296819538, 0.10599383, 0.000545411312, 0.147159487, 0.02451686, 0.205112249,
          0.0888360217, 0.171655804, 0.0752655491, 0.136599556, -0.0155733498, -0.330358207, -0.00127793173,
          -0.324377179});
  expect(
      state.c, {4, 2, 2},
      {-0.364837259, 0.0593713894, -0.539932311, 0.142143413, 0.00383671606, 0.203743368, 0.120911211, 0.31958735,
       0.297662199, 0.279992282, 0.280059159, 0.199408174, -0.0418838263, -0.579073548, -0.00351466495, -0.551091611});
}

TEST(Recurrent, WithoutTrainingNothingIsDropped) {
  manual_seed(0);
  LSTM lstm(3, 2, {.num_layers = 2, .dropout = 0.5});
  lstm.eval();
  const Tensor x = counted({4, 2, 3}, -1);
  EXPECT_TRUE(test::identical(lstm(x).output, lstm(x).output));
}

TEST(Recurrent, DropsEverythingWithAProbabilityOf1) {
  // torch.manual_seed(3); nn.RNN(3, 2, nonlinearity="relu", dropout=1.0, num_layers=2)(torch.ones(2, 3))
  manual_seed(3);
  const RNN rnn(3, 2, {.num_layers = 2, .nonlinearity = RNNNonlinearity::relu, .dropout = 1});
  EXPECT_EQ(rnn.to_string(), "RNN(3, 2, num_layers=2, dropout=1.0)");
  const auto [y, h] = rnn(ones({2, 3}));
  expect(y, {2, 2}, {0.184105456, 0, 0.274534881, 0});
  expect(h, {2, 2}, {0, 0, 0.274534881, 0});
}

TEST(Recurrent, NamesAndOrderOfTheParametersArePyTorchs) {
  manual_seed(2);
  const LSTM lstm(3, 2, {.bidirectional = true, .proj_size = 1});
  const std::vector<std::pair<std::string, double>> first{{"weight_ih_l0", 0.162203327},
                                                          {"weight_hh_l0", -0.0672243088},
                                                          {"bias_ih_l0", 0.166416824},
                                                          {"bias_hh_l0", -0.222033307},
                                                          {"weight_hr_l0", 0.0748865157},
                                                          {"weight_ih_l0_reverse", 0.377310544},
                                                          {"weight_hh_l0_reverse", -0.0267699081},
                                                          {"bias_ih_l0_reverse", -0.704078674},
                                                          {"bias_hh_l0_reverse", -0.0682119727},
                                                          {"weight_hr_l0_reverse", -0.48364839}};
  const auto named = lstm.named_parameters();
  ASSERT_EQ(named.size(), first.size());
  for (std::size_t i = 0; i < named.size(); ++i) {
    EXPECT_EQ(named[i].name, first[i].first);
    EXPECT_NEAR(named[i].parameter.flatten()[0].item<double>(), first[i].second, 1e-8);
  }
  EXPECT_NEAR(rand({1}).item<double>(), 0.317287803, 1e-8);  // nothing else was drawn
  const auto all = lstm.all_weights();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1][4].shape(), (Shape{1, 2}));
}

TEST(Recurrent, TakesAndGivesPackedSequences) {
  // torch.manual_seed(1); nn.GRU(2, 2, bidirectional=True)(pack_padded_sequence(x, [2, 4], batch_first=True,
  // enforce_sorted=False))
  manual_seed(1);
  const GRU gru(2, 2, {.bidirectional = true});
  const Tensor x = counted({2, 4, 2}, -0.8);
  const auto [y, h] =
      gru(pack_padded_sequence(x, std::vector<int64_t>{2, 4}, {.batch_first = true, .enforce_sorted = false}));
  expect(y.data, {6, 4}, {-0.218389988, 0.115612201,   -0.153083593, -0.262562484,  -0.189652145,  0.0228396729,
                          -0.191296846, -0.0925925076, -0.380787015, 0.188359588,   -0.145186827,  -0.245850146,
                          -0.337220728, 0.0644696355,  -0.136186451, -0.0547995903, -0.498063505,  0.242246494,
                          -0.129252225, -0.197533801,  -0.580651939, 0.286983967,   -0.0894141793, -0.113392994});
  EXPECT_EQ(y.batch_sizes.to_vector<int64_t>(), (std::vector<int64_t>{2, 2, 1, 1}));
  EXPECT_EQ(y.unsorted_indices.to_vector<int64_t>(), (std::vector<int64_t>{1, 0}));
  expect(
      h, {2, 2, 2},
      {-0.337220728, 0.0644696355, -0.580651939, 0.286983967, -0.191296846, -0.0925925076, -0.153083593, -0.262562484});
}

TEST(Recurrent, EachSequenceOfAPackedBatchIsAsByItself) {
  manual_seed(5);
  const LSTM lstm(3, 4, {.num_layers = 2, .bidirectional = true, .proj_size = 2});
  const std::vector<int64_t> lengths{2, 5, 1, 5};
  const Tensor x = test::noise({5, 4, 3}), h = test::noise({4, 4, 2}, float32, 2),
               c = test::noise({4, 4, 4}, float32, 3);
  const auto [y, state] = lstm(pack_padded_sequence(x, lengths, {.enforce_sorted = false}), LSTMState{h, c});
  const auto outputs = utils::rnn::unpack_sequence(y);
  for (int64_t i = 0; i < 4; ++i) {
    const Tensor alone = x.select(1, i).narrow(0, 0, lengths[static_cast<std::size_t>(i)]);
    const auto [own, last] = lstm(alone, LSTMState{h.select(1, i), c.select(1, i)});
    EXPECT_TRUE(allclose(outputs[static_cast<std::size_t>(i)], own, 1e-5, 1e-6));
    EXPECT_TRUE(allclose(state.h.select(1, i), last.h, 1e-5, 1e-6));
    EXPECT_TRUE(allclose(state.c.select(1, i), last.c, 1e-5, 1e-6));
  }
}

TEST(Recurrent, GoesOnFromItsState) {
  manual_seed(6);
  const LSTM lstm(2, 3, {.batch_first = true});
  const Tensor x = test::noise({2, 6, 2});
  const auto [y, last] = lstm(x);
  const auto [first, between] = lstm(x.narrow(1, 0, 4));
  const auto [second, end] = lstm(x.narrow(1, 4, 2), between);
  EXPECT_TRUE(allclose(cat({first, second}, 1), y, 1e-6, 1e-7));
  EXPECT_TRUE(allclose(end.c, last.c, 1e-6, 1e-7));
}

TEST(Recurrent, HalfTypesAreComputedInFloat) {
  for (const DType type : {bfloat16, float16}) {
    manual_seed(4);
    GRU gru(3, 4, {.dtype = type});
    const Tensor x = counted({3, 2, 3}, -1, type).requires_grad_();
    const auto [y, h] = gru(x);
    GRU wide = gru.clone();
    wide.to(float32);
    EXPECT_TRUE(test::identical(y.detach(), wide(x.detach().to(float32)).output.detach().to(type)));
    EXPECT_EQ(h.dtype(), type);
    y.sum().backward();
    EXPECT_EQ(x.grad().dtype(), type);
    EXPECT_EQ(gru.get_parameter("weight_hh_l0").grad().dtype(), type);
  }
}

TEST(Recurrent, AnEmptyBatchGivesAnEmptyResult) {
  GRU gru(3, 4, {.num_layers = 2, .bidirectional = true});
  const Tensor x = empty({2, 0, 3}).requires_grad_();
  const auto [y, h] = gru(x);
  EXPECT_EQ(y.shape(), (Shape{2, 0, 8}));
  EXPECT_EQ(h.shape(), (Shape{4, 0, 4}));
  (y.sum() + h.sum()).backward();
  EXPECT_EQ(x.grad().shape(), (Shape{2, 0, 3}));
  EXPECT_EQ(gru.get_parameter("weight_hh_l0").grad().sum().item<float>(), 0);
  LSTMCell cell(3, 4);
  EXPECT_EQ(cell(empty({0, 3})).c.shape(), (Shape{0, 4}));
  const Tensor none = empty({2, 0}).requires_grad_(), nothing = GRUCell(0, 0)(none);
  EXPECT_EQ(nothing.shape(), (Shape{2, 0}));
  nothing.sum().backward();
  EXPECT_EQ(none.grad().shape(), (Shape{2, 0}));
}

TEST(Recurrent, OnTheMetaDeviceHasShapesOnly) {
  const LSTM lstm(3, 4, {.proj_size = 2, .device = kMeta});
  const auto [y, state] = lstm(empty({5, 2, 3}, {.device = kMeta}));
  EXPECT_EQ(y.shape(), (Shape{5, 2, 2}));
  EXPECT_EQ(state.c.shape(), (Shape{1, 2, 4}));
  y.sum().backward();
  EXPECT_EQ(lstm.all_weights()[0][4].grad().shape(), (Shape{2, 4}));
}

struct Tagger : Module<Tagger> {
  LSTM rnn{4, 8, {.num_layers = 2, .batch_first = true}};
  Linear head{8, 3};
  Tensor forward(const Tensor& x) { return head(rnn(x).output); }
  TENON_MODULE(Tagger, rnn, head)
};

TEST(Recurrent, AModelWithOneIsSummedUp) {
  Tagger model;
  const Summary all = summary(model, {2, 5, 4});
  EXPECT_NE(all.to_string().find("LSTM"), std::string::npos) << all.to_string();
  EXPECT_EQ(all.multiply_adds, 10 * (32 * (4 + 8) + 32 * (8 + 8) + 8 * 3));  // ten rows
  EXPECT_EQ(count(model.parameters()), 4 * 8 * (4 + 8 + 2) + 4 * 8 * (8 + 8 + 2) + 8 * 3 + 3);
}

TEST(Recurrent, IsClonedSavedLoadedAndTrained) {
  manual_seed(7);
  Tagger model;
  Tagger copy = model.clone();
  const Tensor x = test::noise({2, 5, 4}), target = test::noise({2, 5, 3}, float32, 2);
  EXPECT_TRUE(test::identical(model(x).detach(), copy(x).detach()));
  optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  double first = 0, last = 0;
  for (int i = 0; i < 30; ++i) {
    optimizer.zero_grad();
    const Tensor loss = functional::mse_loss(model(x), target);
    loss.backward();
    optimizer.step();
    (i == 0 ? first : last) = loss.item<double>();
  }
  EXPECT_LT(last, 0.7 * first);
  EXPECT_FALSE(test::identical(model(x).detach(), copy(x).detach()));  // the copy's weights are its own
  const Dict state = model.state_dict();
  EXPECT_TRUE(state.contains("rnn.weight_ih_l1"));
  copy.load_state_dict(state);
  EXPECT_TRUE(test::identical(model(x).detach(), copy(x).detach()));
  copy.to(float64);
  EXPECT_EQ(copy.rnn.get_parameter("weight_hh_l0").dtype(), float64);
  EXPECT_EQ(copy(x.to(float64)).dtype(), float64);
  copy.rnn.flatten_parameters();
  Tagger moved = std::move(copy);
  EXPECT_EQ(moved(x.to(float64)).dtype(), float64);
}

TEST(Recurrent, ItsParametersArePrunedAndReplacedByName) {
  manual_seed(7);
  GRU gru(2, 3);
  const Tensor x = test::noise({4, 2, 2}), before = gru(x).output.detach();
  prune::l1_unstructured(gru, "weight_hh_l0", 0.5);
  EXPECT_FALSE(allclose(gru(x).output, before));
  prune::remove(gru, "weight_hh_l0");
  EXPECT_EQ((gru.get_parameter("weight_hh_l0") == 0).sum().item<int64_t>(), 14);  // of 27, rounded to even
  const Tensor zeros_ih = zeros({9, 2}), zeros_hh = zeros({9, 3}), none = zeros({9});
  const auto out = functional_call(
      gru, {{"weight_ih_l0", zeros_ih}, {"weight_hh_l0", zeros_hh}, {"bias_ih_l0", none}, {"bias_hh_l0", none}}, x);
  EXPECT_EQ(out.output.abs().sum().item<float>(), 0);
}

TEST(Recurrent, HooksSeeWhatItTakesAndGives) {
  LSTM lstm(2, 3);
  std::size_t inputs = 0, outputs = 0;
  const auto hook = lstm.register_forward_hook([&](ModuleBase&, Tensors in, Tensors out) {
    inputs = in.size();
    outputs = out.size();
  });
  const Tensor h = zeros({1, 1, 3});
  lstm(ones({2, 1, 2}), LSTMState{h, h});
  EXPECT_EQ(inputs, 3U);
  EXPECT_EQ(outputs, 3U);
  lstm(utils::rnn::pack_sequence({ones({2, 2}), ones({1, 2})}));
  EXPECT_GE(outputs, 4U);  // data, batch_sizes, h, c
}

TEST(Recurrent, RefusesArgumentsThatMakeNoLayer) {
  EXPECT_EQ(error_of([] { LSTM(0, 3); }), "[LSTM] expected input_size=0 to be 1 or more");
  EXPECT_EQ(error_of([] { GRU(2, -1); }), "[GRU] expected hidden_size=-1 to be 1 or more");
  EXPECT_EQ(error_of([] { RNN(2, 3, {.num_layers = 0}); }), "[RNN] expected num_layers of 1 or more, got 0");
  EXPECT_EQ(error_of([] { GRU(2, 3, {.dropout = 1.5}); }), "[GRU] expected a dropout between 0 and 1, got 1.5");
  EXPECT_EQ(error_of([] { LSTM(2, 3, {.proj_size = 3}); }),
            "[LSTM] expected a proj_size of 0 or more, below hidden_size=3, got 3");
  EXPECT_EQ(error_of([] { LSTMCell(2, int64_t{1} << 62); }),
            "[LSTMCell] hidden_size=4611686018427387904 makes more weights than can be counted");
}

TEST(Recurrent, RefusesInputsAndStatesThatDoNotFit) {
  const LSTM lstm(3, 4, {.batch_first = true});
  const GRU gru(3, 4);
  EXPECT_EQ(error_of([&] {
              lstm(ones({5, 2, 7}));
            }),
            "[LSTM] expected an input of shape (N, L, 3) or (L, 3), got (5, 2, 7)");
  EXPECT_EQ(error_of([&] { gru(ones({3})); }), "[GRU] expected an input of shape (L, N, 3) or (L, 3), got (3,)");
  EXPECT_EQ(error_of([&] {
              gru(ones({0, 2, 3}));
            }),
            "[GRU] expected a sequence of one step or more, got an input of shape (0, 2, 3)");
  EXPECT_EQ(error_of([&] {
              gru(ones({5, 2, 3}), ones({1, 3, 4}));
            }),
            "[GRU] expected a state of shape (1, 2, 4), got (1, 3, 4)");
  EXPECT_EQ(error_of([&] {
              gru(ones({5, 3}), ones({1, 1, 4}));
            }),
            "[GRU] expected a state of shape (1, 4), got (1, 1, 4)");
  EXPECT_EQ(error_of([&] {
              lstm(ones({2, 5, 3}), LSTMState{ones({1, 2, 4}), ones({1, 2, 5})});
            }),
            "[LSTM] expected c of shape (1, 2, 4), got (1, 2, 5)");
  EXPECT_EQ(error_of([&] {
              lstm(ones({2, 5, 3}), LSTMState{ones({1, 2, 4}), {}});
            }),
            "[LSTM] expected a state of h and c, got only one of them");
  EXPECT_EQ(error_of([&] {
              gru(ones({5, 2, 3}).to(float64));
            }),
            "[GRU] expected an input of type float32, as the weights have, got float64; convert one of them: to(…)");
  EXPECT_EQ(error_of([&] {
              gru(ones({5, 2, 3}), ones({1, 2, 4}).to(float64));
            }),
            "[GRU] expected a state of type float32, as the input has, got float64");
  EXPECT_EQ(error_of([&] {
              gru(PackedSequence{ones({4, 2}), tensor({2, 2})});
            }),
            "[GRU] expected packed data of shape (*, 3), got (4, 2)");
  EXPECT_EQ(error_of([&] {
              gru(PackedSequence{ones({5, 3}), tensor({2, 2})});
            }),
            "[GRU] expected batch_sizes that never grow and add up to the rows of data, got [2, 2] of shape (5, 3)");
  EXPECT_EQ(error_of([&] {
              gru(PackedSequence{ones({5, 3}), tensor({2, 3})});
            }),
            "[GRU] expected batch_sizes that never grow and add up to the rows of data, got [2, 3] of shape (5, 3)");
}

TEST(RecurrentCells, RefuseInputsAndStatesThatDoNotFit) {
  const GRUCell cell(3, 4);
  EXPECT_EQ(error_of([&] { cell(ones({2, 5})); }), "[GRUCell] expected an input of shape (N, 3) or (3,), got (2, 5)");
  EXPECT_EQ(error_of([&] {
              cell(ones({1, 2, 3}));
            }),
            "[GRUCell] expected an input of shape (N, 3) or (3,), got (1, 2, 3)");
  EXPECT_EQ(error_of([&] {
              cell(ones({2, 3}), ones({3, 4}));
            }),
            "[GRUCell] expected a state of shape (2, 4), got (3, 4)");
  EXPECT_EQ(error_of([&] { cell(ones({3}), ones({1, 4})); }), "[GRUCell] expected a state of shape (4,), got (1, 4)");
  const LSTMCell lstm(3, 4);
  EXPECT_EQ(error_of([&] {
              lstm(ones({2, 3}), {ones({2, 4}), ones({2, 5})});
            }),
            "[LSTMCell] expected c of shape (2, 4), got (2, 5)");
}

TEST(RecurrentCells, AreTheStepsOfALayer) {
  manual_seed(8);
  const LSTM lstm(3, 4);
  LSTMCell cell(3, 4);
  cell.weight_ih = lstm.all_weights()[0][0];
  cell.weight_hh = lstm.all_weights()[0][1];
  cell.bias_ih = lstm.all_weights()[0][2];
  cell.bias_hh = lstm.all_weights()[0][3];
  const Tensor x = test::noise({5, 2, 3});
  LSTMState state{};
  for (int64_t t = 0; t < 5; ++t) state = cell(x[t], state);
  const auto [y, last] = lstm(x);
  EXPECT_TRUE(allclose(state.h, last.h[0], 1e-6, 1e-7));
  EXPECT_TRUE(allclose(state.c, last.c[0], 1e-6, 1e-7));
  const auto [h, c] = cell(x[0][0], {zeros({4}), zeros({4})});
  EXPECT_TRUE(allclose(h, y[0][0], 1e-6, 1e-7));
  EXPECT_EQ(c.shape(), Shape{4});
}

TEST(RecurrentCells, PrintAsPyTorchs) {
  EXPECT_EQ(RNNCell(5, 10, {.bias = false, .nonlinearity = RNNNonlinearity::relu}).to_string(),
            "RNNCell(5, 10, bias=False, nonlinearity=relu)");
  EXPECT_EQ(GRUCell(0, 0).to_string(), "GRUCell(0, 0)");
  EXPECT_EQ(LSTM(2, 3, {.dropout = 0.25}).to_string(), "LSTM(2, 3, dropout=0.25)");
}

}  // namespace
}  // namespace tenon::nn::recurrent_layers_test
