// Activation functions that are more than a formula of one element: with slopes that are learnt or drawn, with gates,
// and over a dimension.
#include <cmath>

#include <tenon/nn/functional/activation.h>

#include "ops/autocast.h"
#include "ops/common.h"
#include "ops/in_place.h"
#include "random/draw.h"

namespace tenon::nn::functional {
namespace {

void check_prelu(const Tensor& x, const Tensor& weight) {
  check_floating_point("prelu", x);
  check_same_device(x, weight, "prelu");
  if (weight.dtype() != x.dtype())
    fail("prelu", "expected a weight of type {}, as the input has, got {}", x.dtype(), weight.dtype());
  const int64_t channels = x.dim() >= 2 ? x.size(1) : 1;
  if (weight.dim() > 1 || (weight.numel() != 1 && weight.numel() != channels))
    fail("prelu",
         "expected a weight of one number, or of one for each of the {} channels of an input of shape {}, got {}",
         channels, x.shape().to_string(), weight.shape().to_string());
  if (x.dim() == 0 && weight.numel() != 1)
    fail("prelu", "expected a weight of one number for an input of 0 dimensions");
}

void check_rrelu(const char* name, const Tensor& x, const RReLUOptions& o) {
  check_floating_point(name, x);
  if (!std::isfinite(o.lower) || !std::isfinite(o.upper))
    fail(name, "expected finite bounds, got lower = {} and upper = {}", o.lower, o.upper);
  if (o.lower > o.upper) fail(name, "expected lower <= upper, got lower = {} and upper = {}", o.lower, o.upper);
}

/// The slope of each element, float64 where x is, else float32: 1 above 0, elsewhere drawn, in the order of rows
/// whatever x's layout is.
Tensor drawn_slopes(const char* name, const Tensor& x, const RReLUOptions& o) {
  const NoGrad guard;
  const DType type = computed_type(x.dtype());
  const Tensor slopes = ones(x.shape(), {.dtype = type, .device = x.device()});
  if (x.is_meta()) return slopes;
  const Tensor below = x <= 0;
  const Tensor drawn = new_tensor({below.sum().item<int64_t>()}, float64, x.device());
  random::draw(name, drawn, nullptr, &RandomKernels::uniform, 0.0, 1.0);
  const auto rounded = [type](double bound) { return type == float64 ? bound : static_cast<float>(bound); };
  const double lower = rounded(o.lower), upper = rounded(o.upper);
  return slopes.masked_scatter(below, (drawn * (upper - lower) + lower).to(type));
}

Tensor rrelu(const char* name, const Tensor& x, const RReLUOptions& o) {
  check_rrelu(name, x, o);
  if (!o.training) return leaky_relu(x, (o.lower + o.upper) / 2);
  const Tensor slopes = drawn_slopes(name, x, o);
  return as_type(as_type(x, slopes.dtype()) * slopes, x.dtype());
}

int64_t dim_or_default(const Tensor& x, std::optional<int64_t> dim) {
  return dim.value_or(x.dim() == 0 || x.dim() == 1 || x.dim() == 3 ? 0 : 1);
}

}  // namespace

Tensor prelu(const Tensor& x, const Tensor& weight) {
  if (autocasts()) [[unlikely]]
    return in_lower_type(prelu, x, weight);
  check_prelu(x, weight);
  Shape along(x.shape().size(), int64_t{1});
  if (x.dim() >= 2) along[1] = weight.numel();
  return where(x > 0, x, x * weight.reshape(along));
}

Tensor rrelu(const Tensor& x, const RReLUOptions& options) { return rrelu("rrelu", x, options); }

const Tensor& rrelu_(const Tensor& x, const RReLUOptions& options) {
  return in_place_by_copy("rrelu_", x, {}, [&](const Tensor& from) { return rrelu("rrelu_", from, options); });
}

Tensor glu(const Tensor& x, int64_t dim) {
  check_floating_point("glu", x);
  if (x.dim() == 0) fail("glu", "expected an input of one dimension or more, whose size is halved");
  const int64_t at = wrap_dim(dim, x.dim(), "glu"), size = x.size(at), half = size / 2;
  if (size % 2 != 0)
    fail("glu", "expected an even size to be halved, got {} in dimension {} of {}", size, at, x.shape().to_string());
  return x.narrow(at, 0, half) * x.narrow(at, half, half).sigmoid();
}

Tensor softmax(const Tensor& x, std::optional<int64_t> dim, std::optional<DType> dtype) {
  return x.softmax(dim_or_default(x, dim), dtype);
}

Tensor log_softmax(const Tensor& x, std::optional<int64_t> dim, std::optional<DType> dtype) {
  return x.log_softmax(dim_or_default(x, dim), dtype);
}

Tensor softmin(const Tensor& x, std::optional<int64_t> dim, std::optional<DType> dtype) {
  return (-x).softmax(dim_or_default(x, dim), dtype);
}

}  // namespace tenon::nn::functional
