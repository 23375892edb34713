#include "draws.h"

#include <array>
#include <cmath>

#include <fmt/core.h>

#include <tenon/nn/functional.h>
#include <tenon/nn/init.h>
#include <tenon/nn/layers/attention.h>
#include <tenon/nn/layers/batch_norm.h>
#include <tenon/nn/layers/convolution.h>
#include <tenon/nn/layers/embedding.h>
#include <tenon/nn/layers/linear.h>
#include <tenon/nn/layers/recurrent.h>
#include <tenon/ops.h>
#include <tenon/random.h>

namespace tenon::parity {
namespace {

namespace init = nn::init;
namespace functional = nn::functional;

DType dtype_of(const Call& name) {
  for (const DType t : {boolean, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64})
    if (name.name == tenon::name(t)) return t;
  throw NotYet(fmt::format("{} tensors do not exist yet", name.name));
}

// The type given as a call's last argument.
TensorOptions options(const Call& call, std::size_t position) {
  if (call.arguments.size() <= position) return {};
  return {.dtype = dtype_of(call.argument(position))};
}

// A half type's number may be rounded to the neighbour where PyTorch's and ours lie on two sides of the middle.
Tolerance normals_of(DType t, double std) {
  Tolerance tolerance = normals(std);
  if (t == bfloat16) tolerance.relative = 0x1p-7;
  if (t == float16) tolerance.relative = 0x1p-10;
  return tolerance;
}

double named_or(const Call& call, std::string_view name, double otherwise) {
  const Call* given = call.find(name);
  return given ? given->number() : otherwise;
}

// ---- tensors to work on: ones(…), empty({…}, dtype), and .t() of one
Tensor operand(const Call& call) {
  if (call.is("ones")) {
    Shape sizes;
    for (const Call& size : call.arguments) sizes.push_back(size.integer());
    return ones(sizes);
  }
  if (call.is("empty")) return zeros(call.argument(0).shape(), options(call, 1));
  if (call.is("t")) return operand(call.argument(0)).t();
  if (call.is("arange")) return arange(static_cast<double>(call.argument(0).integer()));
  if (call.is("rand")) return draw(call).value;
  throw NotYet(fmt::format("nothing here replays '{}'", call.name));
}

// ---- made of uniform and normal numbers
Drawn draw_transformed(const Call& call) {
  const Tensor x = operand(call.argument(0));
  const double a = call.argument(1).number();
  if (call.is("geometric_")) return {x.geometric_(a), exactly};
  if (call.is("exponential_")) return {x.exponential_(a), normals_of(x.dtype(), 1)};
  const double b = call.argument(2).number();
  return {call.is("cauchy_") ? x.cauchy_(a, b) : x.log_normal_(a, b), normals_of(x.dtype(), b)};
}

/// Where one of both is a number, it is known by having no arguments.
Drawn draw_normal(const Call& call) {
  const Call &mean = call.argument(0), &std = call.argument(1);
  if (mean.arguments.empty()) return {normal(mean.number(), operand(std)), normals(1)};
  const Tensor means = operand(mean);
  if (std.arguments.empty()) return {normal(means, std.number()), normals(std.number())};
  return {normal(means, operand(std)), normals(1)};
}

// ---- nn.init
init::KaimingOptions kaiming(const Call& call) {
  init::KaimingOptions o;
  o.a = named_or(call, "a", 0);
  if (const Call* mode = call.find("mode"))
    o.mode = mode->name == "fan_out" ? init::FanMode::fan_out : init::FanMode::fan_in;
  if (const Call* f = call.find("nonlinearity")) {
    constexpr std::pair<std::string_view, init::Nonlinearity> known[] = {
        {"linear", init::Nonlinearity::linear}, {"sigmoid", init::Nonlinearity::sigmoid},
        {"tanh", init::Nonlinearity::tanh},     {"relu", init::Nonlinearity::relu},
        {"selu", init::Nonlinearity::selu},     {"leaky_relu", init::Nonlinearity::leaky_relu},
    };
    bool found = false;
    for (const auto& [name, value] : known) {
      if (f->name != name) continue;
      o.nonlinearity = value;
      found = true;
    }
    if (!found) throw NotYet(fmt::format("the nonlinearity {} does not exist yet", f->name));
  }
  return o;
}

Drawn draw_init(const Call& call) {
  const Tensor x = zeros(call.argument(0).shape());
  const double gain = named_or(call, "gain", 1), std = named_or(call, "std", 1);
  if (call.is("init.uniform_"))
    return {init::uniform_(x, call.argument(1).number(), call.argument(2).number()), exactly};
  if (call.is("init.normal_")) {
    const double given = call.argument(2).number();
    return {init::normal_(x, call.argument(1).number(), given), normals(given)};
  }
  if (call.is("init.trunc_normal_")) return {init::trunc_normal_(x, named_or(call, "mean", 0), std), normals(std)};
  if (call.is("init.kaiming_uniform_")) return {init::kaiming_uniform_(x, kaiming(call)), exactly};
  if (call.is("init.kaiming_normal_")) {
    const auto o = kaiming(call);
    const auto fans = init::calculate_fans(x);
    const auto fan = static_cast<double>(o.mode == init::FanMode::fan_in ? fans.in : fans.out);
    return {init::kaiming_normal_(x, o), normals(init::calculate_gain(o.nonlinearity, o.a) / std::sqrt(fan))};
  }
  if (call.is("init.xavier_uniform_")) return {init::xavier_uniform_(x, gain), exactly};
  if (call.is("init.xavier_normal_")) {
    const auto fans = init::calculate_fans(x);
    return {init::xavier_normal_(x, gain), normals(gain * std::sqrt(2.0 / static_cast<double>(fans.in + fans.out)))};
  }
  throw NotYet(fmt::format("{} does not exist yet", call.name));
}

// ---- layers' weights, flat and one after the other, as the state dict has them
Drawn draw_weights(const Call& model) {
  constexpr std::array without_weights{"ReLU", "Dropout"};
  std::vector<Tensor> weights;
  Tolerance tolerance = exactly;
  const auto add = [&](const nn::ModuleBase& layer) {
    for (const auto& [name, value] : layer.state_dict()) weights.push_back(value.as<Tensor>().flatten().to(float32));
  };
  for (const Call& layer : model.arguments) {
    const auto size = [&](std::size_t i) { return layer.argument(i).integer(); };
    if (layer.is("Embedding")) tolerance = normals_of(float32, 1);
    if (layer.is("Linear")) add(nn::Linear(size(0), size(1)));
    else if (layer.is("Embedding")) add(nn::Embedding(size(0), size(1)));
    else if (layer.is("Conv2d")) add(nn::Conv2d(size(0), size(1), size(2)));
    else if (layer.is("BatchNorm2d")) add(nn::BatchNorm2d(size(0)));
    else if (layer.is("LSTM")) add(nn::LSTM(size(0), size(1)));
    else if (layer.is("MultiheadAttention")) add(nn::MultiheadAttention(size(0), size(1)));
    else if (std::find(without_weights.begin(), without_weights.end(), layer.name) == without_weights.end())
      throw NotYet(fmt::format("{} does not exist yet", layer.name));
  }
  return {cat(weights), tolerance};
}

}  // namespace

Drawn draw(const Call& call) {
  if (call.is("rand")) return {rand({call.argument(0).integer()}, options(call, 1)), exactly};
  if (call.is("randn")) {
    const Tensor x = randn({call.argument(0).integer()}, options(call, 1));
    return {x, normals_of(x.dtype(), 1)};
  }
  if (call.is("randperm")) return {randperm(call.argument(0).integer()), exactly};
  if (call.is("randint"))
    return {randint(call.argument(0).integer(), call.argument(1).integer(), call.argument(2).shape(), options(call, 3)),
            exactly};
  if (call.is("random_")) {
    const Tensor x = operand(call.argument(0));
    if (call.arguments.size() == 1) return {x.random_(), exactly};
    return {x.random_(call.argument(1).integer(), call.argument(2).integer()), exactly};
  }
  if (call.is("bernoulli_")) {
    const Tensor x = operand(call.argument(0));
    if (call.argument(1).is("rand")) return {x.bernoulli_(operand(call.argument(1))), exactly};
    return {x.bernoulli_(call.argument(1).number()), exactly};
  }
  if (call.is("exponential_") || call.is("geometric_") || call.is("cauchy_") || call.is("log_normal_"))
    return draw_transformed(call);
  if (call.is("bernoulli")) return {bernoulli(operand(call.argument(0))), exactly};
  if (call.is("poisson")) return {poisson(operand(call.argument(0))), exactly};
  if (call.is("normal")) return draw_normal(call);
  if (call.is("multinomial"))
    return {multinomial(operand(call.argument(0)), call.argument(1).integer(), call.arguments.size() > 2), exactly};
  if (call.is("dropout2d"))
    return {functional::dropout2d(operand(call.argument(0)), named_or(call, "p", 0.5)), exactly};
  if (call.is("dropout")) return {functional::dropout(operand(call.argument(0)), named_or(call, "p", 0.5)), exactly};
  if (call.is("weights of Sequential")) return draw_weights(call);
  if (call.name.starts_with("init.")) return draw_init(call);
  throw NotYet(fmt::format("{} does not exist yet", call.name));
}

}  // namespace tenon::parity
