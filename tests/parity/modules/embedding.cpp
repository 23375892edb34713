#include "modules/layers.h"

namespace tenon::parity {
namespace {

nn::functional::BagMode bag_mode(const Given& a) {
  using nn::functional::BagMode;
  const std::string how = a.text("mode", "mean");
  return how == "sum" ? BagMode::sum : how == "max" ? BagMode::max : BagMode::mean;
}

const Layers embedding_layers{
    {"Embedding",
     [](const Given& a) {
       return plain<nn::Embedding>(a.i("num_embeddings"), a.i("embedding_dim"),
                                   nn::EmbeddingOptions{.padding_idx = a.maybe_i("padding_idx"),
                                                        .max_norm = a.maybe_d("max_norm"),
                                                        .norm_type = a.d("norm_type", 2),
                                                        .scale_grad_by_freq = a.flag("scale_grad_by_freq", false),
                                                        .sparse = a.flag("sparse", false)});
     }},
    {"EmbeddingBag",
     [](const Given& a) {
       auto module = std::make_shared<nn::EmbeddingBag>(
           a.i("num_embeddings"), a.i("embedding_dim"),
           nn::EmbeddingBagOptions{.max_norm = a.maybe_d("max_norm"),
                                   .norm_type = a.d("norm_type", 2),
                                   .scale_grad_by_freq = a.flag("scale_grad_by_freq", false),
                                   .mode = bag_mode(a),
                                   .sparse = a.flag("sparse", false),
                                   .include_last_offset = a.flag("include_last_offset", false),
                                   .padding_idx = a.maybe_i("padding_idx")});
       return Built{module, [module](const Inputs& x, const Given&) {
                      const auto given = [&](std::size_t i) { return i < x.size() ? x[i] : Tensor(); };
                      return std::vector<Tensor>{(*module)(x.at(0), given(1), given(2))};
                    }};
     }},
};

}  // namespace
}  // namespace tenon::parity
