#include <tenon/nn/layers/linear.h>

#include <cmath>

#include <tenon/nn/functional/linear.h>
#include <tenon/nn/init.h>

#include "nn/extra_repr.h"
#include "nn/layers/factory.h"

namespace tenon::nn {
namespace {

[[noreturn]] void fail_input(const Shape& shape, int64_t in_features) {
  // Images given to a linear layer are the usual mistake: their last sizes make up in_features.
  int64_t product = 1;
  for (std::size_t i = shape.size(); i-- > 1 && product < in_features;) product *= shape[i];
  fail("Linear", "expected input of shape (*, {}), got {}{}", in_features, shape.to_string(),
       shape.size() > 2 && product == in_features ? "; flatten it first" : "");
}

}  // namespace

Linear::Linear(int64_t in_features_, int64_t out_features_, const LinearOptions& options)
    : in_features(in_features_), out_features(out_features_) {
  if (in_features < 0 || out_features < 0)
    fail("Linear", "expected sizes of 0 or more, got in_features={}, out_features={}", in_features, out_features);
  weight = Parameter(empty({out_features, in_features}, factory(options)));
  if (options.bias) bias = Parameter(empty({out_features}, factory(options)));
  reset_parameters();
}

void Linear::reset_parameters() {
  init::kaiming_uniform_(weight, {.a = std::sqrt(5.0)});
  if (!bias.defined()) return;
  const double bound = in_features > 0 ? 1 / std::sqrt(static_cast<double>(in_features)) : 0;
  init::uniform_(bias, -bound, bound);
}

std::string Linear::extra_repr() const {
  return extra_repr_of({{"in_features", in_features}, {"out_features", out_features}, {"bias", bias.defined()}});
}

Tensor Linear::forward(const Tensor& x) const {
  const Shape& shape = x.shape();
  if (shape.empty() || shape.back() != in_features) [[unlikely]]
    fail_input(shape, in_features);
  return functional::linear(x, weight, bias);
}

}  // namespace tenon::nn
