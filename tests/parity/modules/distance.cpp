#include "modules/layers.h"

namespace tenon::parity {
namespace {

template <class M, class... A>
Built of_two(A&&... arguments) {
  auto module = std::make_shared<M>(std::forward<A>(arguments)...);
  return {module, [module](const Inputs& x, const Given&) { return std::vector<Tensor>{(*module)(x.at(0), x.at(1))}; }};
}

const Layers distance_layers{
    {"CosineSimilarity",
     [](const Given& a) { return of_two<nn::CosineSimilarity>(a.maybe_i("dim").value_or(1), a.d("eps", 1e-8)); }},
    {"PairwiseDistance",
     [](const Given& a) {
       return of_two<nn::PairwiseDistance>(nn::functional::PairwiseDistanceOptions{
           .p = a.d("p", 2), .eps = a.d("eps", 1e-6), .keepdim = a.flag("keepdim", false)});
     }},
    {"Bilinear",
     [](const Given& a) {
       return of_two<nn::Bilinear>(a.i("in1_features"), a.i("in2_features"), a.i("out_features"),
                                   nn::BilinearOptions{.bias = a.flag("bias", true)});
     }},
};

}  // namespace
}  // namespace tenon::parity
