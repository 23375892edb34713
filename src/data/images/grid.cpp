#include <algorithm>
#include <vector>

#include <tenon/creation.h>
#include <tenon/data/image.h>
#include <tenon/grad_mode.h>
#include <tenon/ops.h>

namespace tenon::data {
namespace {

/// The lowest value at 0 and the highest at 1.
Tensor normalized(const Tensor& x, const MakeGridOptions& o) {
  const auto [low, high] = o.value_range ? *o.value_range : std::pair(x.min().item<double>(), x.max().item<double>());
  return (x.clamp(low, high) - low) / std::max(high - low, 1e-5);
}

}  // namespace

Tensor make_grid(const Tensor& images, const MakeGridOptions& o) {
  const NoGrad guard;
  Tensor x = images.dim() == 3 ? images.unsqueeze(0) : images;
  if (x.dim() != 4 || x.numel() == 0 || o.columns < 1 || o.padding < 0)
    fail("make_grid", "expected images (N, C, H, W), columns of 1 or more and padding of 0 or more, got {}, {} and {}",
         images.shape().to_string(), o.columns, o.padding);
  if (o.normalize && !x.is_floating_point())
    fail("make_grid", "normalize takes floating-point images, got {}", x.dtype());
  if (x.size(1) == 1) x = x.expand({-1, 3, -1, -1});
  if (o.normalize && o.scale_each) {
    std::vector<Tensor> each;
    for (int64_t k = 0; k < x.size(0); ++k) each.push_back(normalized(x[k], o));
    x = stack(each);
  } else if (o.normalize) {
    x = normalized(x, o);
  }
  if (x.size(0) == 1) return x.squeeze(0).contiguous();
  const int64_t n = x.size(0), across = std::min(o.columns, n), down = (n + across - 1) / across,
                height = x.size(2) + o.padding, width = x.size(3) + o.padding;
  const Tensor grid =
      full({x.size(1), down * height + o.padding, across * width + o.padding}, o.pad_value, {x.dtype(), x.device()});
  for (int64_t k = 0; k < n; ++k)
    grid.narrow(1, k / across * height + o.padding, x.size(2))
        .narrow(2, k % across * width + o.padding, x.size(3))
        .copy_(x[k]);
  return grid;
}

}  // namespace tenon::data
