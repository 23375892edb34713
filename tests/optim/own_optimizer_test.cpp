// An optimizer of a user's own: what it says once is all that groups, state and files need.
#include <tenon/optim.h>

#include <optional>

#include <tenon/io.h>

#include "io/files.h"
#include "tensor/check.h"

namespace own {  // not the library's namespace, as with any user

using namespace tenon;

template <template <class> class F>
struct LionFields {
  F<double> lr = optim::initial<F>(1e-4);
  F<std::array<double, 2>> betas = optim::initial<F>(std::array{0.9, 0.99});
  F<double> weight_decay = optim::initial<F>(0.0);

  optim::Fields fields() {
    return {{"lr", lr, optim::at_least(0)}, {"betas", betas, optim::Range{0, 1, "[)"}}, {"weight_decay", weight_decay}};
  }
};

class Lion final : public optim::OptimizerOf<Lion, LionFields> {
 public:
  static constexpr std::string_view class_name = "Lion";
  static constexpr Slot slots[] = {{"exp_avg"}};
  using OptimizerOf::OptimizerOf;

 private:
  void update(const Options& o, std::span<const optim::Step> steps) override {
    for (const optim::Step& s : steps) {
      const Tensor& m = s["exp_avg"];
      s.p.mul_(1 - o.lr * o.weight_decay).add_(m.lerp(s.grad, 1 - o.betas[0]).sign(), -o.lr);
      m.lerp_(s.grad, 1 - o.betas[1]);
    }
  }
};

/// Options and slots of every kind that PyTorch's optimizers have.
template <template <class> class F>
struct EveryFields {
  F<double> lr = optim::initial<F>(0.5);
  F<int64_t> ns_steps = optim::initial<F>(int64_t{5});
  F<std::array<double, 3>> coefficients = optim::initial<F>(std::array{1.0, 2.0, 3.0});
  F<std::array<std::optional<double>, 2>> eps =
      optim::initial<F>(std::array<std::optional<double>, 2>{std::nullopt, 1e-3});
  F<std::optional<std::string>> adjust = optim::initial<F>(std::optional<std::string>());
  F<std::string> mode = optim::initial<F>(std::string("min"));
  F<bool> factored = optim::initial<F>(true);

  optim::Fields fields() {
    return {{"lr", lr, optim::at_least(0)},
            {"ns_steps", ns_steps},
            {"coefficients", coefficients},
            {"eps", eps, optim::at_least(0)},
            {"adjust", adjust},
            {"mode", mode},
            {"factored", factored}};
  }
};
using EveryOptions = EveryFields<optim::Plain>;

void check(const EveryOptions& o, std::string_view optimizer) {
  if (o.ns_steps >= 100) fail(optimizer, "expected ns_steps < 100, got {}", o.ns_steps);
}

class Every final : public optim::OptimizerOf<Every, EveryFields> {
 public:
  static constexpr std::string_view class_name = "Every";
  static bool rows(const EveryOptions& o, const Tensor& p) { return o.factored && p.dim() > 1; }
  static Tensor row_var_of(const EveryOptions&, const Tensor& p) { return zeros({p.size(0), 1}); }
  static Tensor lr_of(const EveryOptions& o, const Tensor&) { return tensor(o.lr); }
  static constexpr Slot slots[] = {
      {.name = "step", .kind = optim::SlotKind::step_count},
      {.name = "eta", .initial = lr_of, .kind = optim::SlotKind::number},
      {.name = "step_size", .initial = [](auto& o, auto& p) { return full_like(p, o.lr); }},
      {.name = "row_var", .when = rows, .initial = row_var_of},
  };
  using OptimizerOf::OptimizerOf;

  std::vector<double> counts;

 private:
  void update(const Options&, std::span<const optim::Step> steps) override {
    for (const optim::Step& s : steps) {
      counts.push_back(s.count);
      s["eta"].mul_(0.5);
      if (s["row_var"].defined()) s["row_var"].add_(s.grad.square().sum({1}, true));
      s.p.addcmul_(s.direction(true, 0), s["step_size"]);
    }
  }
};

/// No state, one option.
template <template <class> class F>
struct SignFields {
  F<double> lr = optim::initial<F>(0.25);
  optim::Fields fields() { return {{"lr", lr}}; }
};
class Sign final : public optim::OptimizerOf<Sign, SignFields> {
 public:
  static constexpr std::string_view class_name = "Sign";
  using OptimizerOf::OptimizerOf;

 private:
  void update(const Options& o, std::span<const optim::Step> steps) override {
    for (const optim::Step& s : steps) s.p.sub_(s.grad.sign(), o.lr);
  }
};

/// Has state that belongs to no parameter.
class Counting final : public optim::OptimizerOf<Counting, SignFields> {
 public:
  static constexpr std::string_view class_name = "Counting";
  using OptimizerOf::OptimizerOf;
  int64_t updates = 0;

  Dict state_dict() const override {
    Dict d = Optimizer::state_dict();
    d.set("updates", updates);
    return d;
  }
  void load_state_dict(const Dict& d) override {
    Optimizer::load_state_dict(d);
    updates = d["updates"].as<int64_t>();
  }

 private:
  void update(const Options& o, std::span<const optim::Step> steps) override {
    for (const optim::Step& s : steps) s.p.sub_(s.grad.sign(), o.lr);
    ++updates;
  }
};

/// Asks for what it has not declared.
class Careless final : public optim::OptimizerOf<Careless, SignFields> {
 public:
  static constexpr std::string_view class_name = "Careless";
  using OptimizerOf::OptimizerOf;

 private:
  void update(const Options&, std::span<const optim::Step> steps) override { steps[0]["momentum"].zero_(); }
};

}  // namespace own

namespace tenon::optim::own_optimizer_test {
namespace {

using test::error_of;
using test::noise;

void step(Optimizer& optimizer, const std::vector<Tensor>& parameters, uint64_t number) {
  for (const Tensor& p : parameters) p.set_grad(noise(p.shape(), p.dtype(), 100 + number));
  optimizer.step();
}

TEST(OwnOptimizer, StepsGroupsWithTheirOwnOptions) {
  const Tensor a = ones({2}).requires_grad_(), b = ones({2}).requires_grad_();
  own::Lion lion({{{a}}, {{b}, {.lr = 0.25, .weight_decay = 0.5}}}, {.lr = 0.5});
  a.set_grad(tensor({2.0, -3.0}).to(float32));
  b.set_grad(tensor({2.0, -3.0}).to(float32));
  lion.step();
  test::expect_values(a, {2}, {0.5, 1.5});
  test::expect_values(b, {2}, {0.625, 1.125});
  test::expect_values(lion.state_dict()["state"][1]["exp_avg"].as<Tensor>(), {2}, {0.02, -0.03}, 1e-5);
}

TEST(OwnOptimizer, GoesOnFromItsStateDictThroughAFile) {
  const Tensor start = noise({2, 3});
  const auto parameter = [&] { return start.clone().requires_grad_(); };
  const Tensor p = parameter(), q = parameter();
  own::Every whole({p}, {.lr = 0.125, .ns_steps = 7, .eps = {1e-8, std::nullopt}, .adjust = "original"});
  step(whole, {p}, 1);
  const test::Folder folder;
  save(whole.state_dict(), folder("own.pt"));
  {
    const NoGrad guard;
    q.copy_(p);
  }
  own::Every resumed({q});
  resumed.load_state_dict(load(folder("own.pt")));
  const own::EveryOptions o = resumed.group(0).options;
  EXPECT_EQ(std::tuple(o.lr, o.ns_steps, o.adjust, o.mode, o.factored),
            std::tuple(0.125, 7, std::optional<std::string>("original"), "min", true));
  EXPECT_EQ(o.eps, (std::array<std::optional<double>, 2>{1e-8, std::nullopt}));
  step(whole, {p}, 2);
  step(resumed, {q}, 2);
  EXPECT_TRUE(test::identical(p, q));
  EXPECT_EQ(whole.counts, (std::vector<double>{1, 2}));
  EXPECT_EQ(resumed.counts, std::vector<double>{2});
  for (const char* slot : {"step", "eta", "step_size", "row_var"})
    EXPECT_TRUE(test::identical(resumed.state_dict()["state"][0][slot].as<Tensor>(),
                                whole.state_dict()["state"][0][slot].as<Tensor>()))
        << slot;
}

TEST(OwnOptimizer, SlotsBeginAsTheClassSays) {
  const Tensor matrix = ones({2, 3}).requires_grad_(), vector = ones({3}).requires_grad_();
  own::Every every({matrix, vector});
  step(every, {matrix, vector}, 1);
  const Dict saved = every.state_dict();
  const Value &of_matrix = saved["state"][0], &of_vector = saved["state"][1];
  EXPECT_EQ(of_matrix["row_var"].as<Tensor>().shape(), (Shape{2, 1}));
  EXPECT_FALSE(of_vector.contains("row_var"));
  EXPECT_EQ(of_vector["eta"].as<Tensor>().item<double>(), 0.25);
  EXPECT_EQ(of_vector["eta"].as<Tensor>().dim(), 0);
  test::expect_values(of_vector["step_size"].as<Tensor>(), {3}, {0.5, 0.5, 0.5});
}

TEST(OwnOptimizer, StateGoesWithItsParameterAndNumbersStay) {
  const Tensor p = ones({2, 3}).requires_grad_(), wide = ones({2, 3}, {.dtype = float64}).requires_grad_();
  own::Every every({p}), other({wide});
  step(every, {p}, 1);
  other.load_state_dict(every.state_dict());
  const Dict saved = other.state_dict();
  for (const char* slot : {"step_size", "row_var"})
    EXPECT_EQ(saved["state"][0][slot].as<Tensor>().dtype(), float64) << slot;
  for (const char* slot : {"step", "eta"}) EXPECT_EQ(saved["state"][0][slot].as<Tensor>().dtype(), float32) << slot;
}

TEST(OwnOptimizer, OptionsOfFilesMayBeTensors) {
  const Tensor p = ones({2}).requires_grad_();
  own::Every every({p});
  Dict d = every.state_dict();
  Dict& group = d["param_groups"][0].as_mutable<Dict>();
  group.set("lr", tensor(0.25));
  group.set("ns_steps", tensor(int64_t{3}));
  group.set("coefficients", Value::List{tensor(1.5), 2, tensor(int64_t{4})});
  group.set("eps", Value::List{Value(), tensor(0.125)});
  group.set("factored", tensor(false));
  every.load_state_dict(d);
  const own::EveryOptions o = every.group(0).options;
  EXPECT_EQ(std::tuple(o.lr, o.ns_steps, o.factored), std::tuple(0.25, 3, false));
  EXPECT_EQ(o.coefficients, (std::array{1.5, 2.0, 4.0}));
  EXPECT_EQ(o.eps, (std::array<std::optional<double>, 2>{std::nullopt, 0.125}));
}

TEST(OwnOptimizer, StateDictsAreCheckedBeforeAnythingChanges) {
  const Tensor p = ones({2, 3}).requires_grad_();
  own::Every every({p});
  step(every, {p}, 1);
  const auto said = [&](const auto& change) {
    Dict d = every.state_dict();
    Dict &group = d["param_groups"][0].as_mutable<Dict>(), &state = d["state"][0].as_mutable<Dict>();
    group.set("lr", 3);
    change(group, state);
    const std::string error = error_of([&] { every.load_state_dict(d); });
    EXPECT_EQ(every.group(0).options.lr, 0.5);
    return error;
  };
  EXPECT_EQ(said([](Dict& group, Dict&) { group.set("ns_steps", 100); }), "[Every] expected ns_steps < 100, got 100");
  EXPECT_EQ(said([](Dict& group, Dict&) { group.set("coefficients", std::vector{1.0}); }),
            "[Every] expected three numbers for 'coefficients', found 1");
  EXPECT_EQ(said([](Dict& group, Dict&) { group.set("mode", 1); }),
            "[Value] expected str for the key 'mode', found int");
  EXPECT_EQ(said([](Dict&, Dict& state) {
              state.set("row_var", zeros({2, 3}));
            }),
            "[Every] 'row_var' of parameter 0 has shape (2, 3), the parameter has (2, 3) and needs (2, 1)");
  EXPECT_NE(said([](Dict&, Dict& state) { state.erase("eta"); }).find("has no 'eta'"), std::string::npos);
  Dict without = every.state_dict();
  without["state"][0].as_mutable<Dict>().erase("row_var");
  every.load_state_dict(without);  // it is not always needed
}

TEST(OwnOptimizer, NeedsNoStateAndNoChecks) {
  const Tensor p = ones({2}).requires_grad_();
  own::Sign sign({p});
  p.set_grad(tensor({2.0, -3.0}).to(float32));
  sign.step();
  test::expect_values(p, {2}, {0.75, 1.25});
  EXPECT_TRUE(sign.state_dict()["state"].as<Dict>().empty());
  sign.load_state_dict(sign.state_dict());
}

TEST(OwnOptimizer, MayHaveAStateDictOfItsOwn) {
  const Tensor p = ones({2}).requires_grad_();
  own::Counting counting({p}), other({p});
  p.set_grad(ones({2}));
  counting.step();
  counting.step();
  const Optimizer& base = counting;
  other.load_state_dict(base.state_dict());
  EXPECT_EQ(other.updates, 2);
}

TEST(OwnOptimizer, IsToldWhatItHasNotDeclared) {
  const Tensor p = ones({2}).requires_grad_();
  own::Careless careless({p});
  p.set_grad(ones({2}));
  EXPECT_EQ(error_of([&] { careless.step(); }),
            "[Careless] there is no slot 'momentum': the class lists them in its public member `slots`");
}

TEST(OwnOptimizer, IsNamedInErrors) {
  EXPECT_EQ(error_of([] { own::Every({ones({2}).requires_grad_()}, {.lr = -1}); }), "[Every] expected lr ≥ 0, got -1");
  EXPECT_EQ(error_of([] {
              own::Every({ones({2}).requires_grad_()}, {.eps = {std::nullopt, -1}});
            }),
            "[Every] expected eps ≥ 0, got -1");
  EXPECT_EQ(error_of([] {
              own::Lion({ones({2}).requires_grad_()}, {.betas = {0.5, 1.0}});
            }),
            "[Lion] expected betas in [0, 1), got 0.5 and 1");
  EXPECT_EQ(error_of([] { own::Lion(std::vector<Tensor>{}); }),
            "[Lion] expected parameters to optimize, got an empty list");
}

}  // namespace
}  // namespace tenon::optim::own_optimizer_test
