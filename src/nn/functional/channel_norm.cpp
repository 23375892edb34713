// Normalisation of channels: by batch, by instance, by group.
#include <tenon/nn/functional/normalization.h>

#include "backend/normalization.h"
#include "ops/fused.h"
#include "tensor/memory_format.h"

namespace tenon::nn::functional {
namespace {

// ---- how channels lie

/// x (N, C, *) as (batch, outer, channels, inner), contiguous, and back. The batch is N or, `together`, 1.
class ByChannels {
 public:
  ByChannels(const Tensor& x, bool together) : shape_(x.shape()), format_(suggested_format(x)) {
    const int64_t n = shape_[0], channels = shape_[1], places = places_of(shape_);
    if (format_ == contiguous_format) {
      x_ = x.contiguous().reshape(together ? Shape{1, n, channels, places} : Shape{n, 1, channels, places});
    } else {  // channels side by side
      x_ = x.contiguous(format_).movedim({1}, {-1});
      moved_ = x_.shape();
      x_ = x_.reshape(together ? Shape{1, n * places, channels, 1} : Shape{n, places, channels, 1});
    }
  }
  const Tensor& operator*() const { return x_; }
  Tensor back(const Tensor& y) const {
    return format_ == contiguous_format ? y.reshape(shape_) : y.reshape(moved_).movedim({-1}, {1});
  }
  static int64_t places_of(const Shape& shape) {
    int64_t places = 1;
    for (std::size_t d = 2; d < shape.size(); ++d) places *= shape[d];
    return places;
  }

 private:
  Shape shape_, moved_;
  MemoryFormat format_;
  Tensor x_;
};

/// What x is normalised by.
struct Moments {
  Tensor values;                 ///< (2, batch, groups) float64: means and variances
  bool constant;                 ///< not x's own
  double count = 0;              ///< of how many values each is
  GatherStatistics gather = {};  ///< where x is a part of the batch whose moments these are: a way to the others
};

/// What the mean and the variance of the whole batch add to dx, which was computed as if they were constant: by the
/// others' dweight and dbias as well.
void add_by_shared_moments(const Tensor& dx, const Tensor& dweight, const Tensor& dbias, const Tensor& x,
                           const Tensor& weight, const Moments& moments, double eps) {
  const Tensor sums = moments.gather(cat({dweight, dbias}).to(float64)).sum({0}).reshape({2, -1}) / moments.count;
  if (dx.numel() == 0) return;
  const Tensor mean = moments.values.select(0, 0).reshape({-1}),
               rstd = (moments.values.select(0, 1).reshape({-1}) + eps).rsqrt();
  const Tensor scale = weight.defined() ? rstd * weight.to(float64) : rstd;
  const auto by_channel = [&](const Tensor& v) { return v.to(x.dtype()).reshape({-1, 1}); };
  dx.sub_((x - by_channel(mean)) * by_channel(scale * rstd * sums.select(0, 0)) +
          by_channel(scale * sums.select(0, 1)));
}

/// x normalised in groups of its channels.
Tensor normalized(const char* name, const Tensor& x, const Tensor& weight, const Tensor& bias, const Moments& by,
                  double eps) {
  const Tensor& moments = by.values;
  const bool constant = by.constant;
  const int64_t groups = moments.shape()[2];
  const auto forward = [&] {
    FusedResult r{new_tensor(x.shape(), x.dtype(), x.device()), moments};
    on<NormalizationKernels>(x.device()).channel_norm(r.y, moments, {x, weight, bias, groups, eps});
    return r;
  };
  const auto backward = [by, groups, eps](Grads& g) {
    const Tensor input = g.saved(0), w = g.saved(1);
    const int64_t channels = input.shape()[2];
    const auto like = [&](bool wanted, const Shape& shape) {
      return wanted ? new_tensor(shape, input.dtype(), input.device()) : Tensor();
    };
    const bool shared = by.gather && g.needs(0);
    const Tensor dx = like(g.needs(0), input.shape()), dweight = like(g.needs(1) || shared, {channels}),
                 dbias = like(g.needs(2) || shared, {channels});
    on<NormalizationKernels>(input.device())
        .channel_norm_backward(dx, dweight, dbias, g.in().contiguous(), g.saved(3), {input, w, {}, groups, eps},
                               by.constant || shared);
    if (shared) add_by_shared_moments(dx, dweight, dbias, input, w, by, eps);
    g.give(0, dx);
    if (g.needs(1)) g.give(1, dweight);
    if (g.needs(2)) g.give(2, dbias);
  };
  const auto composed = [name, groups, eps, constant, moments,
                         shared = by.gather != nullptr](const std::array<Tensor, 3>& in) {
    if (shared) fail(name, "expected no second derivative where several processes have parts of the batch");
    const Shape& s = in[0].shape();
    const Tensor v = in[0].reshape({s[0], s[1], groups, s[2] / groups, s[3]});
    const auto given = [&](int64_t which) {
      return moments.select(0, which).to(v.dtype()).reshape({s[0], 1, groups, 1, 1});
    };
    const Tensor centered = v - (constant ? given(0) : v.mean({1, 3, 4}, true));
    const Tensor variance = constant ? given(1) : (centered * centered).mean({1, 3, 4}, true);
    Tensor y = (centered * (variance + eps).rsqrt()).reshape(s);
    if (in[1].defined()) y = y * in[1].reshape({s[2], 1});
    return in[2].defined() ? y + in[2].reshape({s[2], 1}) : y;
  };
  return fused(name, std::array{x, weight, bias}, forward, backward, composed);
}

/// x's own moments.
Moments moments_of(const Tensor& x, int64_t groups) {
  const NoGrad guard;
  const Tensor moments = new_tensor({2, x.shape()[0], groups}, float64, x.device());
  on<NormalizationKernels>(x.device()).channel_moments(moments, {x, {}, {}, groups, 0});
  const int64_t count = x.numel() == 0 ? 0 : x.numel() / (x.shape()[0] * groups);
  return {.values = moments, .constant = false, .count = static_cast<double>(count)};
}

/// Those of a batch of which everybody has a part. Source: Chan, Golub and LeVeque 1983, "Algorithms for computing the
/// sample variance".
Moments moments_of_all(const Moments& own, const GatherStatistics& gather) {
  const NoGrad guard;
  const int64_t channels = own.values.shape()[2];
  const Tensor all = gather(cat({own.values.reshape({-1}), full({1}, own.count, {.dtype = float64})}));
  const Tensor means = all.narrow(1, 0, channels), variances = all.narrow(1, channels, channels),
               counts = all.narrow(1, 2 * channels, 1);  // (processes, C), and (processes, 1)
  const double count = counts.sum().item<double>();
  const Tensor shares = counts / std::max(count, 1.0), mean = (means * shares).sum({0});
  const Tensor variance = ((variances + (means - mean).square()) * shares).sum({0});
  return {.values = stack({mean, variance}).unsqueeze(1), .constant = false, .count = count, .gather = gather};
}

// ---- running statistics

struct Running {
  const Tensor& mean;
  const Tensor& var;
  double momentum;
};

/// The running statistics as moments, of all of the batch.
Moments moments_from(const Running& running) {
  const NoGrad guard;
  return {.values = stack({running.mean.to(float64), running.var.to(float64)}).unsqueeze(1), .constant = true};
}

/// They follow the moments, averaged over the batch. Nothing changes where there are none.
void follow(const Running& running, const Moments& moments) {
  if (!running.mean.defined() || moments.count == 0) return;
  const NoGrad guard;
  const auto move = [&](const Tensor& statistic, const Tensor& next) {
    statistic.copy_(statistic.to(float64) * (1 - running.momentum) + next.mean({0}) * running.momentum);
  };
  move(running.mean, moments.values.select(0, 0));
  move(running.var, moments.values.select(0, 1) * (moments.count / (moments.count - 1)));
}

// ---- checks

/// What stands beside x: (C), on x's device, of one type, which is x's, or float32 beside half types.
void check_parameters(const char* name, const Tensor& x, std::initializer_list<std::pair<const char*, Tensor>> all) {
  check_floating_point(name, x);
  std::optional<DType> type;
  for (const auto& [what, p] : all) {
    if (!p.defined()) continue;
    check_same_device(x, p, name);
    const Shape channels{x.size(1)};
    if (p.shape() != channels)
      fail(name, "expected a {} of shape {} for an input of shape {}, got {}", what, channels.to_string(),
           x.shape().to_string(), p.shape().to_string());
    const bool half = x.dtype() == float16 || x.dtype() == bfloat16;
    if (p.dtype() != x.dtype() && !(half && p.dtype() == float32))
      fail(name, "expected a {} of type {}{}, got {}", what, x.dtype(), half ? ", as the input has, or float32" : "",
           p.dtype());
    if (type.value_or(p.dtype()) != p.dtype())
      fail(name, "expected weight, bias and running statistics of one type, got {} and {}", *type, p.dtype());
    type = p.dtype();
  }
}

void check_running(const char* name, const Running& running, bool needed) {
  if (running.mean.defined() != running.var.defined())
    fail(name, "expected both running_mean and running_var, or neither");
  if (needed && !running.mean.defined())
    fail(name, "expected running_mean and running_var, as the input's own statistics are not used");
  for (const Tensor* statistic : {&running.mean, &running.var})
    if (statistic->defined() && statistic->requires_grad())
      fail(name, "expected running statistics that do not require grad: there is no gradient by them");
}

void check_eps(const char* name, double eps, bool may_be_zero) {
  if (!(may_be_zero ? eps >= 0 : eps > 0))
    fail(name, "expected an eps {}, got {}", may_be_zero ? "of 0 or more" : "above 0 in training", eps);
}

/// f(x, weight, bias) in what x's type is computed in: half types in float, rounded once.
template <class F>
Tensor computed(const Tensor& x, const Tensor& weight, const Tensor& bias, F f) {
  const DType type = computed_type(x.dtype());
  const auto wide = [type](const Tensor& p) { return p.defined() ? as_type(p, type).contiguous() : p; };
  return as_type(f(as_type(x, type), wide(weight), wide(bias)), x.dtype());
}

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& running_mean, const Tensor& running_var, const BatchNormOptions& o) {
  constexpr const char* name = "batch_norm";
  const Running running{running_mean, running_var, o.momentum};
  if (x.dim() < 2) fail(name, "expected an input of shape (N, C, *), got {}", x.shape().to_string());
  check_parameters(
      name, x, {{"weight", o.weight}, {"bias", o.bias}, {"running_mean", running_mean}, {"running_var", running_var}});
  check_running(name, running, !o.training);
  check_eps(name, o.eps, !o.training);
  const int64_t values = x.size(0) * ByChannels::places_of(x.shape());
  const bool shared = o.training && o.gather_statistics && !x.is_meta();
  if (o.training && values == 1 && !shared)
    fail(name, "expected more than 1 value per channel in training, got an input of shape {}", x.shape().to_string());
  return computed(x, o.weight, o.bias, [&](const Tensor& wide, const Tensor& weight, const Tensor& bias) {
    const ByChannels blocks(wide, true);
    Moments moments = o.training ? moments_of(*blocks, x.size(1)) : moments_from(running);
    if (shared) moments = moments_of_all(moments, o.gather_statistics);
    if (shared && moments.count == 1)
      fail(name, "expected more than 1 value per channel in training, got 1 in all processes together");
    const Tensor y = normalized(name, *blocks, weight, bias, moments, o.eps);
    if (o.training) follow(running, moments);
    return blocks.back(y);
  });
}

Tensor instance_norm(const Tensor& x, const Tensor& running_mean, const Tensor& running_var,
                     const InstanceNormOptions& o) {
  constexpr const char* name = "instance_norm";
  const Running running{running_mean, running_var, o.momentum};
  if (x.dim() < 2) fail(name, "expected an input of shape (N, C, *), got {}", x.shape().to_string());
  check_parameters(
      name, x, {{"weight", o.weight}, {"bias", o.bias}, {"running_mean", running_mean}, {"running_var", running_var}});
  check_running(name, running, !o.use_input_stats);
  check_eps(name, o.eps, true);
  const int64_t values = ByChannels::places_of(x.shape());
  if (o.use_input_stats && values == 1)
    fail(name, "expected more than 1 spatial element in training, got an input of shape {}", x.shape().to_string());
  return computed(x, o.weight, o.bias, [&](const Tensor& wide, const Tensor& weight, const Tensor& bias) {
    const ByChannels blocks(wide.contiguous(), !o.use_input_stats);  // row by row, as PyTorch's result lies
    const Moments moments = o.use_input_stats ? moments_of(*blocks, x.size(1)) : moments_from(running);
    const Tensor y = normalized(name, *blocks, weight, bias, moments, o.eps);
    if (o.use_input_stats) follow(running, moments);
    return blocks.back(y);
  });
}

Tensor group_norm(const Tensor& x, int64_t num_groups, const Tensor& weight, const Tensor& bias, double eps) {
  constexpr const char* name = "group_norm";
  if (x.dim() < 2) fail(name, "expected an input of shape (N, C, *), got {}", x.shape().to_string());
  if (num_groups <= 0 || x.size(1) % num_groups != 0 || x.size(1) == 0)
    fail(name, "expected a number of channels that num_groups = {} divides, got an input of shape {}", num_groups,
         x.shape().to_string());
  check_parameters(name, x, {{"weight", weight}, {"bias", bias}});
  check_eps(name, eps, true);
  const int64_t places = ByChannels::places_of(x.shape());
  if (places == 0)
    fail(name, "expected one place or more for each channel, got an input of shape {}", x.shape().to_string());
  if (x.size(0) * x.size(1) / num_groups * places == 1)
    fail(name, "expected more than 1 value per group, got an input of shape {}", x.shape().to_string());
  return computed(x, weight, bias, [&](const Tensor& wide, const Tensor& w, const Tensor& b) {
    const ByChannels blocks(wide, false);
    return blocks.back(normalized(name, *blocks, w, b, moments_of(*blocks, num_groups), eps));
  });
}

}  // namespace tenon::nn::functional
