// Random programs of views and changes in place against PyTorch's answers (view_programs.py).
#include <fstream>
#include <optional>

#include <nlohmann/json.hpp>

#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::view_programs_test {
namespace {

using Json = nlohmann::json;

void run_step(std::vector<Tensor>& t, const Json& step) {
  const std::string name = step[0];
  const Tensor y = t[step[1].get<std::size_t>()];
  const auto number = [&](std::size_t k) { return step[k].get<int64_t>(); };
  const auto other = [&] { return t[step[2].get<std::size_t>()]; };
  if (name == "select") t.push_back(y.select(number(2), number(3)));
  else if (name == "narrow") t.push_back(y.narrow(number(2), number(3), number(4)));
  else if (name == "transpose") t.push_back(y.transpose(number(2), number(3)));
  else if (name == "flatten") t.push_back(y.view({-1}));
  else if (name == "unsqueeze") t.push_back(y.unsqueeze(number(2)));
  else if (name == "unbind") t.push_back(y.unbind(number(2))[step[3].get<std::size_t>()]);
  else if (name == "mul") t.push_back(y * other());
  else if (name == "fill_") y.fill_(number(2));
  else if (name == "exp_mul_") y.mul_((other() * 0.1).exp());
  else if (name == "add_") y.add_(other());
  else if (name == "mul_") y.mul_(other());
  else if (name == "copy_") y.copy_(other());
  else FAIL() << name;
}

/// What a program gives, in the form in which the answers are kept.
struct Outcome {
  std::optional<std::size_t> refused;
  Tensor x, w;
  double loss = 0;
};

Outcome run(const Json& program) {
  Outcome out;
  out.x = tensor({0.5, -1.0, 1.5, 1.0, 0.25, -0.5}, {float64}).view({2, 3}).detach().requires_grad_();
  out.w = tensor({0.5, 1.5, -1.0}, {float64}).requires_grad_();
  std::vector<Tensor> t{out.x * out.x, zeros({2, 3}, {float64}), out.w};
  std::size_t step = 0;
  try {
    for (; step < program["steps"].size(); ++step) run_step(t, program["steps"][step]);
    Tensor loss = zeros({}, {float64});
    for (const Tensor& y : t) loss = loss + (y * y).sum();
    out.loss = loss.item<double>();
    loss.backward();
  } catch (const Error&) {
    out.refused = step;
  }
  return out;
}

TEST(ViewPrograms, GiveWhatPyTorchGivesOrAreRefusedWhereItRefuses) {
  const Json programs = Json::parse(std::ifstream(test::tests_folder() + "/autograd/view_programs.json"));
  for (const Json& program : programs) {
    const Outcome got = run(program);
    const Json refused = program.value("refused", Json());
    ASSERT_EQ(got.refused.has_value(), !refused.is_null()) << program;
    if (got.refused) {
      ASSERT_EQ(*got.refused, refused.get<std::size_t>()) << program;
      continue;
    }
    ASSERT_NEAR(got.loss, program["loss"].get<double>(), 1e-9 * std::abs(got.loss)) << program;
    for (const auto& [leaf, wanted] : {std::pair{got.x, program["x"]}, {got.w, program["w"]}}) {
      ASSERT_EQ(leaf.grad().defined(), !wanted.is_null()) << program;
      if (leaf.grad().defined())
        test::expect_values(leaf.grad(), leaf.shape(), wanted.get<std::vector<double>>(), 1e-9, 1e-9);
      if (HasFailure()) FAIL() << program;
    }
  }
}

}  // namespace
}  // namespace tenon::view_programs_test
