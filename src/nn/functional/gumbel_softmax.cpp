#include <tenon/nn/functional/gumbel_softmax.h>

#include <tenon/random.h>

#include "ops/common.h"
#include "tensor/layout.h"

namespace tenon::nn::functional {

Tensor gumbel_softmax(const Tensor& logits, const GumbelSoftmaxOptions& o) {
  if (!logits.is_floating_point()) fail("gumbel_softmax", "expected floating-point logits, got {}", logits.dtype());
  const int64_t dim = wrap_dim(o.dim, logits.dim(), "gumbel_softmax");
  const TensorOptions options{logits.dtype(), logits.device()};
  const Tensor noise = empty(logits.shape(), options);
  exponential_(noise, 1, nullptr);
  const Tensor soft = ((logits - noise.log()) / o.tau).softmax(dim);
  if (!o.hard) return soft;
  const Tensor likeliest = soft.detach().argmax(dim, true);
  return zeros(logits.shape(), options).scatter(dim, likeliest, 1) - soft.detach() + soft;
}

}  // namespace tenon::nn::functional
