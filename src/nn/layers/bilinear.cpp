#include <tenon/nn/layers/bilinear.h>

#include <cmath>

#include <tenon/nn/functional/bilinear.h>
#include <tenon/nn/init.h>

#include "nn/extra_repr.h"
#include "nn/layers/factory.h"

namespace tenon::nn {

Bilinear::Bilinear(int64_t in1, int64_t in2, int64_t out, const BilinearOptions& options)
    : in1_features(in1), in2_features(in2), out_features(out) {
  if (in1 <= 0 || in2 < 0 || out < 0)
    fail("Bilinear", "expected in1_features above 0 and other sizes of 0 or more, got {}, {} and {}", in1, in2, out);
  weight = Parameter(empty({out, in1, in2}, factory(options)));
  if (options.bias) bias = Parameter(empty({out}, factory(options)));
  reset_parameters();
}

void Bilinear::reset_parameters() {
  const double bound = 1 / std::sqrt(static_cast<double>(in1_features));
  init::uniform_(weight, -bound, bound);
  if (bias.defined()) init::uniform_(bias, -bound, bound);
}

std::string Bilinear::extra_repr() const {
  return extra_repr_of({{"in1_features", in1_features},
                        {"in2_features", in2_features},
                        {"out_features", out_features},
                        {"bias", bias.defined()}});
}

Tensor Bilinear::forward(const Tensor& x1, const Tensor& x2) const {
  return functional::bilinear(x1, x2, weight, bias);
}

}  // namespace tenon::nn
