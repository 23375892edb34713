#include "modules/layers.h"

namespace tenon::parity {
namespace {

namespace F = nn::functional;

F::Reduction reduction(const Given& a) {
  const std::string how = a.text("reduction", "mean");
  return how == "none" ? F::Reduction::none : how == "sum" ? F::Reduction::sum : F::Reduction::mean;
}
F::KLDivReduction kl_reduction(const Given& a) {
  const std::string how = a.text("reduction", "mean");
  return how == "none"        ? F::KLDivReduction::none
         : how == "sum"       ? F::KLDivReduction::sum
         : how == "batchmean" ? F::KLDivReduction::batchmean
                              : F::KLDivReduction::mean;
}

template <class M>
Built plain_loss(const Given& a) {
  return loss<M>(F::LossOptions{.reduction = reduction(a)});
}
template <class M>
Built weighted_loss(const Given& a) {
  return loss<M>(F::WeightedLossOptions{.weight = a.tensor("weight"), .reduction = reduction(a)});
}

/// One of three tensors.
template <class M, class Options>
Built loss_of_three(const Options& options) {
  auto module = std::make_shared<M>(options);
  return {module, [module](const Inputs& x, const Given&) {
            return std::vector<Tensor>{(*module)(x.at(0), x.at(1), x.at(2))};
          }};
}

const Layers loss_layers{
    {"CrossEntropyLoss",
     [](const Given& a) {
       return loss<nn::CrossEntropyLoss>(
           F::CrossEntropyOptions{.weight = a.tensor("weight"),
                                  .ignore_index = a.maybe_i("ignore_index").value_or(-100),
                                  .reduction = reduction(a),
                                  .label_smoothing = a.d("label_smoothing", 0)});
     }},
    {"NLLLoss",
     [](const Given& a) {
       return loss<nn::NLLLoss>(F::NLLLossOptions{.weight = a.tensor("weight"),
                                                  .ignore_index = a.maybe_i("ignore_index").value_or(-100),
                                                  .reduction = reduction(a)});
     }},
    {"L1Loss", plain_loss<nn::L1Loss>},
    {"MSELoss", plain_loss<nn::MSELoss>},
    {"SoftMarginLoss", plain_loss<nn::SoftMarginLoss>},
    {"MultiLabelMarginLoss", plain_loss<nn::MultiLabelMarginLoss>},
    {"BCELoss", weighted_loss<nn::BCELoss>},
    {"MultiLabelSoftMarginLoss", weighted_loss<nn::MultiLabelSoftMarginLoss>},
    {"BCEWithLogitsLoss",
     [](const Given& a) {
       return loss<nn::BCEWithLogitsLoss>(F::BCEWithLogitsOptions{
           .weight = a.tensor("weight"), .reduction = reduction(a), .pos_weight = a.tensor("pos_weight")});
     }},
    {"SmoothL1Loss",
     [](const Given& a) {
       return loss<nn::SmoothL1Loss>(F::SmoothL1LossOptions{.reduction = reduction(a), .beta = a.d("beta", 1)});
     }},
    {"HuberLoss",
     [](const Given& a) {
       return loss<nn::HuberLoss>(F::HuberLossOptions{.reduction = reduction(a), .delta = a.d("delta", 1)});
     }},
    {"PoissonNLLLoss",
     [](const Given& a) {
       return loss<nn::PoissonNLLLoss>(F::PoissonNLLLossOptions{.log_input = a.flag("log_input", true),
                                                                .full = a.flag("full", false),
                                                                .eps = a.d("eps", 1e-8),
                                                                .reduction = reduction(a)});
     }},
    {"GaussianNLLLoss",
     [](const Given& a) {
       return loss_of_three<nn::GaussianNLLLoss>(F::GaussianNLLLossOptions{
           .full = a.flag("full", false), .eps = a.d("eps", 1e-6), .reduction = reduction(a)});
     }},
    {"KLDivLoss",
     [](const Given& a) {
       return loss<nn::KLDivLoss>(
           F::KLDivLossOptions{.reduction = kl_reduction(a), .log_target = a.flag("log_target", false)});
     }},
    {"MultiMarginLoss",
     [](const Given& a) {
       return loss<nn::MultiMarginLoss>(F::MultiMarginLossOptions{.p = a.maybe_i("p").value_or(1),
                                                                  .margin = a.d("margin", 1),
                                                                  .weight = a.tensor("weight"),
                                                                  .reduction = reduction(a)});
     }},
    {"MarginRankingLoss",
     [](const Given& a) {
       return loss_of_three<nn::MarginRankingLoss>(
           F::MarginRankingLossOptions{.margin = a.d("margin", 0), .reduction = reduction(a)});
     }},
    {"HingeEmbeddingLoss",
     [](const Given& a) {
       return loss<nn::HingeEmbeddingLoss>(
           F::HingeEmbeddingLossOptions{.margin = a.d("margin", 1), .reduction = reduction(a)});
     }},
    {"CosineEmbeddingLoss",
     [](const Given& a) {
       return loss_of_three<nn::CosineEmbeddingLoss>(
           F::CosineEmbeddingLossOptions{.margin = a.d("margin", 0), .reduction = reduction(a)});
     }},
    {"TripletMarginLoss",
     [](const Given& a) {
       return loss_of_three<nn::TripletMarginLoss>(F::TripletMarginLossOptions{.margin = a.d("margin", 1),
                                                                               .p = a.d("p", 2),
                                                                               .eps = a.d("eps", 1e-6),
                                                                               .swap = a.flag("swap", false),
                                                                               .reduction = reduction(a)});
     }},
    {"CTCLoss",
     [](const Given& a) {
       auto module = std::make_shared<nn::CTCLoss>(F::CTCLossOptions{.blank = a.maybe_i("blank").value_or(0),
                                                                     .reduction = reduction(a),
                                                                     .zero_infinity = a.flag("zero_infinity", false)});
       return Built{module, [module](const Inputs& x, const Given&) {
                      return std::vector<Tensor>{(*module)(x.at(0), x.at(1), x.at(2), x.at(3))};
                    }};
     }},
};

}  // namespace
}  // namespace tenon::parity
