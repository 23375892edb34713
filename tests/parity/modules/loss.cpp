#include "modules/layers.h"

namespace tenon::parity {
namespace {

nn::functional::Reduction reduction(const Given& a) {
  const std::string how = a.text("reduction", "mean");
  return how == "none"  ? nn::functional::Reduction::none
         : how == "sum" ? nn::functional::Reduction::sum
                        : nn::functional::Reduction::mean;
}

const Layers registered{
    {"CrossEntropyLoss",
     [](const Given& a) {
       return loss<nn::CrossEntropyLoss>(
           nn::functional::CrossEntropyOptions{.weight = a.tensor("weight"),
                                               .ignore_index = a.has("ignore_index") ? a.i("ignore_index") : -100,
                                               .reduction = reduction(a),
                                               .label_smoothing = a.d("label_smoothing", 0)});
     }},
};

}  // namespace
}  // namespace tenon::parity
