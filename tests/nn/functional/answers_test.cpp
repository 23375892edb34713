// Losses, distances and embeddings against PyTorch's answers (answers.py), in every real type.
#include <fstream>
#include <functional>
#include <map>

#include <nlohmann/json.hpp>

#include <tenon/nn/functional.h>

#include "autograd/gradcheck.h"
#include "tests_folder.h"

namespace tenon::answers_test {
namespace {

namespace F = nn::functional;
using Json = nlohmann::json;
using Inputs = std::vector<Tensor>;

Tensor decoded(const Json& j, DType type) {
  const Shape shape(j["shape"].get<std::vector<int64_t>>());
  if (j.contains("integers")) return tensor(j["integers"].get<std::vector<int64_t>>()).reshape(shape);
  return tensor(j["values"].get<std::vector<double>>(), {float64}).to(type).reshape(shape);
}

/// A case's options by name.
struct Options {
  const Json& all;
  DType type;

  bool has(const char* name) const { return all.contains(name) && !all[name].is_null(); }
  double d(const char* name, double otherwise) const { return has(name) ? all[name].get<double>() : otherwise; }
  int64_t i(const char* name, int64_t otherwise) const { return has(name) ? all[name].get<int64_t>() : otherwise; }
  bool flag(const char* name, bool otherwise = false) const { return has(name) ? all[name].get<bool>() : otherwise; }
  std::string text(const char* name, const char* otherwise) const {
    return has(name) ? all[name].get<std::string>() : otherwise;
  }
  Tensor t(const char* name) const { return has(name) ? decoded(all[name], type) : Tensor(); }
  std::optional<int64_t> maybe_i(const char* name) const {
    return has(name) ? std::optional(i(name, 0)) : std::nullopt;
  }
  std::optional<double> maybe_d(const char* name) const { return has(name) ? std::optional(d(name, 0)) : std::nullopt; }
  F::Reduction reduction() const {
    const std::string how = text("reduction", "mean");
    return how == "none" ? F::Reduction::none : how == "sum" ? F::Reduction::sum : F::Reduction::mean;
  }
};

using Function = std::function<Tensor(const Inputs&, const Options&)>;

F::WeightedLossOptions weighted(const Options& o) { return {.weight = o.t("weight"), .reduction = o.reduction()}; }

F::KLDivReduction kl_reduction(const Options& o) {
  return o.text("reduction", "mean") == "batchmean" ? F::KLDivReduction::batchmean
         : o.reduction() == F::Reduction::none      ? F::KLDivReduction::none
         : o.reduction() == F::Reduction::sum       ? F::KLDivReduction::sum
                                                    : F::KLDivReduction::mean;
}

Tensor embedding_bag(const Inputs& x, const Options& o) {
  const std::string mode = o.text("mode", "mean");
  return F::embedding_bag(x[0], x[1],
                          {.offsets = x.size() > 2 ? x[2] : Tensor(),
                           .scale_grad_by_freq = o.flag("scale_grad_by_freq"),
                           .mode = mode == "sum"   ? F::BagMode::sum
                                   : mode == "max" ? F::BagMode::max
                                                   : F::BagMode::mean,
                           .per_sample_weights = x.size() > 3 ? x[3] : Tensor(),
                           .include_last_offset = o.flag("include_last_offset"),
                           .padding_idx = o.maybe_i("padding_idx")});
}

const std::map<std::string, Function> functions{
    {"mse_loss", [](const Inputs& x, const Options& o) { return F::mse_loss(x[0], x[1], weighted(o)); }},
    {"l1_loss", [](const Inputs& x, const Options& o) { return F::l1_loss(x[0], x[1], weighted(o)); }},
    {"smooth_l1_loss",
     [](const Inputs& x, const Options& o) {
       return F::smooth_l1_loss(x[0], x[1], {.reduction = o.reduction(), .beta = o.d("beta", 1)});
     }},
    {"huber_loss",
     [](const Inputs& x, const Options& o) {
       return F::huber_loss(x[0], x[1],
                            {.reduction = o.reduction(), .delta = o.d("delta", 1), .weight = o.t("weight")});
     }},
    {"poisson_nll_loss",
     [](const Inputs& x, const Options& o) {
       return F::poisson_nll_loss(
           x[0], x[1], {.log_input = o.flag("log_input", true), .full = o.flag("full"), .reduction = o.reduction()});
     }},
    {"gaussian_nll_loss",
     [](const Inputs& x, const Options& o) {
       return F::gaussian_nll_loss(x[0], x[1], x[2],
                                   {.full = o.flag("full"), .eps = o.d("eps", 1e-6), .reduction = o.reduction()});
     }},
    {"kl_div",
     [](const Inputs& x, const Options& o) {
       return F::kl_div(x[0], x[1], {.reduction = kl_reduction(o), .log_target = o.flag("log_target")});
     }},
    {"binary_cross_entropy",
     [](const Inputs& x, const Options& o) { return F::binary_cross_entropy(x[0], x[1], weighted(o)); }},
    {"binary_cross_entropy_with_logits",
     [](const Inputs& x, const Options& o) {
       return F::binary_cross_entropy_with_logits(
           x[0], x[1], {.weight = o.t("weight"), .reduction = o.reduction(), .pos_weight = o.t("pos_weight")});
     }},
    {"multilabel_soft_margin_loss",
     [](const Inputs& x, const Options& o) { return F::multilabel_soft_margin_loss(x[0], x[1], weighted(o)); }},
    {"soft_margin_loss",
     [](const Inputs& x, const Options& o) { return F::soft_margin_loss(x[0], x[1], {.reduction = o.reduction()}); }},
    {"nll_loss",
     [](const Inputs& x, const Options& o) {
       return F::nll_loss(
           x[0], x[1],
           {.weight = o.t("weight"), .ignore_index = o.i("ignore_index", -100), .reduction = o.reduction()});
     }},
    {"multi_margin_loss",
     [](const Inputs& x, const Options& o) {
       return F::multi_margin_loss(
           x[0], x[1],
           {.p = o.i("p", 1), .margin = o.d("margin", 1), .weight = o.t("weight"), .reduction = o.reduction()});
     }},
    {"multilabel_margin_loss",
     [](const Inputs& x, const Options& o) {
       return F::multilabel_margin_loss(x[0], x[1], {.reduction = o.reduction()});
     }},
    {"margin_ranking_loss",
     [](const Inputs& x, const Options& o) {
       return F::margin_ranking_loss(x[0], x[1], x[2], {.margin = o.d("margin", 0), .reduction = o.reduction()});
     }},
    {"hinge_embedding_loss",
     [](const Inputs& x, const Options& o) {
       return F::hinge_embedding_loss(x[0], x[1], {.margin = o.d("margin", 1), .reduction = o.reduction()});
     }},
    {"cosine_embedding_loss",
     [](const Inputs& x, const Options& o) {
       return F::cosine_embedding_loss(x[0], x[1], x[2], {.margin = o.d("margin", 0), .reduction = o.reduction()});
     }},
    {"triplet_margin_loss",
     [](const Inputs& x, const Options& o) {
       return F::triplet_margin_loss(
           x[0], x[1], x[2],
           {.margin = o.d("margin", 1), .p = o.d("p", 2), .swap = o.flag("swap"), .reduction = o.reduction()});
     }},
    {"triplet_margin_with_distance_loss",
     [](const Inputs& x, const Options& o) {
       return F::triplet_margin_with_distance_loss(x[0], x[1], x[2],
                                                   {.swap = o.flag("swap"), .reduction = o.reduction()});
     }},
    {"ctc_loss",
     [](const Inputs& x, const Options& o) {
       return F::ctc_loss(
           x[0], x[1], x[2], x[3],
           {.blank = o.i("blank", 0), .reduction = o.reduction(), .zero_infinity = o.flag("zero_infinity")});
     }},
    {"cosine_similarity",
     [](const Inputs& x, const Options& o) {
       return F::cosine_similarity(x[0], x[1], o.i("dim", 1), o.d("eps", 1e-8));
     }},
    {"pairwise_distance",
     [](const Inputs& x, const Options& o) {
       return F::pairwise_distance(x[0], x[1], {.p = o.d("p", 2), .keepdim = o.flag("keepdim")});
     }},
    {"bilinear",
     [](const Inputs& x, const Options&) { return F::bilinear(x[0], x[1], x[2], x.size() > 3 ? x[3] : Tensor()); }},
    {"embedding",
     [](const Inputs& x, const Options& o) {
       return F::embedding(x[0], x[1],
                           {.padding_idx = o.maybe_i("padding_idx"),
                            .max_norm = o.maybe_d("max_norm"),
                            .norm_type = o.d("norm_type", 2),
                            .scale_grad_by_freq = o.flag("scale_grad_by_freq")});
     }},
    {"embedding_bag", embedding_bag},
};

/// The inputs of a case; lists of lengths are tensors.
Inputs inputs_of(const Json& c, DType type) {
  Inputs all;
  for (std::size_t i = 0; i < c["inputs"].size(); ++i) {
    const Json& given = c["inputs"][i];
    all.push_back(given.is_array() ? tensor(given.get<std::vector<int64_t>>()) : decoded(given, type));
    if (!c["gradients"][i].is_null()) all.back().requires_grad_();
  }
  return all;
}

class Answers : public testing::TestWithParam<DType> {};

TEST_P(Answers, ResultAndGradientsArePyTorchsWhetherRecordedAgainOrNot) {
  const DType type = GetParam();
  const double near = type == float64 ? 1e-10 : type == float32 ? 1e-5 : type == float16 ? 8e-3 : 6e-2;
  const auto data = Json::parse(std::ifstream(test::tests_folder() + "/nn/functional/answers.json"));
  for (const Json& c : data) {
    if (is_half(type) && !c["half"].get<bool>()) continue;
    const bool once_differentiable = c["f"] == "ctc_loss";
    for (const bool create_graph : {false, true}) {
      if (create_graph && once_differentiable) continue;
      const Inputs inputs = inputs_of(c, type);
      const Tensor y = functions.at(c["f"])(inputs, {c["options"], type});
      ASSERT_EQ(y.dtype(), type) << c["f"];
      const Tensor wanted = decoded(c["y"], float64);
      ASSERT_EQ(y.shape(), wanted.shape()) << c.dump();
      EXPECT_TRUE(allclose(y.to(float64), wanted, near, near)) << c.dump() << y;
      y.backward(decoded(c["g"], type), {.create_graph = create_graph});
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (c["gradients"][i].is_null()) continue;
        const Tensor gradient = decoded(c["gradients"][i], float64);
        ASSERT_TRUE(inputs[i].grad().defined()) << c.dump();
        EXPECT_EQ(inputs[i].grad().shape(), gradient.shape());
        EXPECT_TRUE(allclose(inputs[i].grad().to(float64), gradient, near, near))
            << i << ' ' << create_graph << ' ' << c.dump() << inputs[i].grad();
        inputs[i].set_grad({});  // a recorded gradient would hold the input
      }
      if (HasFailure()) return;
    }
  }
}

/// A little beside the case's numbers, which lie where a derivative jumps.
Tensor beside(const Tensor& x) { return (x.detach() + test::noise(x.shape(), float64) * 0.03).requires_grad_(); }

/// Whether the gradient is the derivative: ctc_loss's is log_softmax's, gradients pass through the bounds that eps
/// sets, an embedding's are left out or scaled, and a table that is changed in place has none.
bool has_differences(const Json& c) {
  for (const char* option : {"eps", "max_norm", "scale_grad_by_freq"})
    if (c["options"].contains(option)) return false;
  return c["f"] != "ctc_loss" && !(c["f"] == "embedding" && c["options"].contains("padding_idx"));
}

TEST(AnswersDerivatives, FirstAndSecondAreThoseOfDifferences) {
  const auto data = Json::parse(std::ifstream(test::tests_folder() + "/nn/functional/answers.json"));
  for (const Json& c : data) {
    if (c["options"].value("reduction", "mean") != "mean" || !has_differences(c)) continue;  // one reduction will do
    const Inputs given = inputs_of(c, float64);
    Inputs leaves;
    for (const Tensor& x : given)
      if (x.requires_grad()) leaves.push_back(beside(x));
    const auto f = [&](const Inputs& changed) {
      Inputs all = given;
      std::size_t next = 0;
      for (Tensor& x : all)
        if (x.requires_grad()) x = changed[next++];
      return functions.at(c["f"])(all, {c["options"], float64});
    };
    test::gradchecks(f, leaves);
    if (HasFailure()) FAIL() << c.dump();
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Answers, testing::ValuesIn(test::real_types),
                         [](const auto& info) { return std::string(name(info.param)); });

}  // namespace
}  // namespace tenon::answers_test
