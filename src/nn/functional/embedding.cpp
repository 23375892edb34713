#include <tenon/nn/functional/embedding.h>

#include <algorithm>
#include <vector>

#include "backend/embedding.h"
#include "backend/index.h"
#include "ops/common.h"

namespace tenon::nn::functional {
namespace {

void check_table(const char* name, const Tensor& input, const Tensor& weight) {
  if (weight.dim() != 2) fail(name, "expected a weight of shape (rows, D), got {}", weight.shape().to_string());
  if (!is_floating_point(weight.dtype())) fail(name, "expected a floating-point weight, got {}", weight.dtype());
  refuse_carried(weight.dtype());
  if (input.dtype() != int64 && input.dtype() != int32)
    fail(name, "expected indices of type int64, got {}: convert with to(int64)", input.dtype());
  check_same_device(input, weight, name);
}

/// The indices as a vector of int64, each of them a row.
Tensor checked_rows(const char* name, const Tensor& input, int64_t rows) {
  const Tensor index = as_type(input, int64).contiguous().reshape({input.numel()});
  const auto outside = on<IndexKernels>(index.device()).range_outside(index, rows);
  if (outside)
    fail(name, "index {} is out of range: the weight has {} rows",
         outside->first < 0 ? outside->first : outside->second, rows);
  return index;
}

/// The row that does not count; −1 where there is none.
int64_t padding_row(const char* name, std::optional<int64_t> padding_idx, int64_t rows) {
  if (!padding_idx) return -1;
  if (*padding_idx < -rows || *padding_idx >= rows)
    fail(name, "expected a padding_idx between {} and {}, as the weight has {} rows, got {}", -rows, rows - 1, rows,
         *padding_idx);
  return *padding_idx < 0 ? *padding_idx + rows : *padding_idx;
}

/// Scales the rows that are read down to a norm, in the weight's own memory.
void renormalize(const Tensor& weight, const Tensor& index, double max_norm, double norm_type) {
  if (weight.is_meta() || index.numel() == 0) return;
  const NoGrad guard;
  const Tensor which = unique(index).values;
  const Tensor rows = weight.index_select(0, which), wide = is_half(rows.dtype()) ? rows.to(float32) : rows;
  const Tensor norms = wide.norm(norm_type, {1}, true);
  const Tensor scaled = where(norms > max_norm, wide * (max_norm / (norms + 1e-7)), wide);
  weight.index_copy_(0, which, as_type(scaled, weight.dtype()));
}

/// One over how often each index is there; (n).
Tensor inverse_frequencies(const Tensor& index, int64_t rows, DType type) {
  const NoGrad guard;
  const TensorOptions options{type, index.device()};
  const Tensor counts = zeros({rows}, options).index_add_(0, index, ones(index.shape(), options));
  return counts.index_select(0, index).reciprocal();
}

/// Rows times a number each, which is not of a half type.
Tensor times(const Tensor& rows, const Tensor& numbers) {
  return as_type(as_type(rows, numbers.dtype()) * numbers.unsqueeze(1), rows.dtype());
}

/// The gradient of a table from that of rows that were read: in order of the indices, whatever the number of threads.
Tensor added_up(const Tensor& grad, const Tensor& index, int64_t rows) {
  return zeros({rows, grad.size(1)}, {grad.dtype(), grad.device()}).index_add_(0, index, grad);
}

/// An input and offsets, as each index's bag.
struct Bags {
  Tensor index, begins;  ///< (n), (bags + 1)
  Tensor of;             ///< (n): which bag an index belongs to; of what belongs to none, the last
  Tensor counts;         ///< (n), of computed_type(): 1, or 0 for the padding and for what belongs to no bag
  Tensor shares = {};    ///< (n): factors of the rows' gradients, where there are any
};

std::vector<int64_t> checked_begins(const char* name, const Tensor& offsets, int64_t n, bool include_last) {
  if (offsets.dim() != 1 || (offsets.dtype() != int64 && offsets.dtype() != int32))
    fail(name, "expected offsets as a vector of int64, got {} of shape {}", offsets.dtype(),
         offsets.shape().to_string());
  std::vector<int64_t> begins = offsets.cpu().to_vector<int64_t>();
  if (include_last && begins.empty()) fail(name, "expected one offset or more with include_last_offset, got none");
  if (!begins.empty() && begins[0] != 0) fail(name, "expected the first offset to be 0, got {}", begins[0]);
  if (!include_last) begins.push_back(begins.empty() ? 0 : n);
  for (std::size_t b = 1; b < begins.size(); ++b)
    if (begins[b] < begins[b - 1] || begins[b] > n)
      fail(name, "expected offsets in ascending order and at most {}, the input's length; got {} after {}", n,
           begins[b], begins[b - 1]);
  return begins;
}

Bags bags_of(const char* name, const Tensor& input, const Tensor& weight, const EmbeddingBagOptions& o) {
  std::vector<int64_t> begins;
  if (input.dim() == 2) {
    if (o.offsets.defined()) fail(name, "expected no offsets for an input of two dimensions, whose rows are the bags");
    for (int64_t b = 0; b <= input.size(0); ++b) begins.push_back(b * input.size(1));
  } else if (input.dim() == 1) {
    if (!o.offsets.defined()) fail(name, "expected offsets for an input of one dimension");
    begins = checked_begins(name, o.offsets, input.numel(), o.include_last_offset);
  } else {
    fail(name, "expected an input of one or two dimensions, got {}", input.shape().to_string());
  }
  const int64_t padding = padding_row(name, o.padding_idx, weight.size(0)),
                bags = static_cast<int64_t>(begins.size()) - 1;
  std::vector<int64_t> of(static_cast<std::size_t>(input.numel()), std::max<int64_t>(bags - 1, 0));
  for (int64_t b = 0; b < bags; ++b)
    std::fill(of.begin() + begins[static_cast<std::size_t>(b)], of.begin() + begins[static_cast<std::size_t>(b) + 1],
              b);
  const Device device = weight.device();
  const Tensor index = checked_rows(name, input, weight.size(0));
  const Tensor counts = index != padding;
  counts.narrow(0, begins.back(), input.numel() - begins.back()).zero_();
  return {index, tensor(begins).to(device), tensor(of).to(device), as_type(counts, computed_type(weight.dtype()))};
}

/// Σ factors(i)·weight(index(i)) of each bag; the factors may get gradients, too.
Tensor summed(const Tensor& weight, const Tensor& factors, const Bags& bags) {
  const Tensor y = new_tensor({bags.begins.numel() - 1, weight.size(1)}, weight.dtype(), weight.device());
  {
    const NoGrad guard;
    on<EmbeddingKernels>(y.device()).sum_bags(y, {weight.contiguous(), bags.index, bags.begins, factors.contiguous()});
  }
  if (!needs_grad(weight, factors)) return y;
  const Tensor* read = on_tape(factors) ? &weight : nullptr;  // else the table may change in the meantime
  record("embedding_bag", y, {&weight, &factors}, {&factors, &bags.index, read},
         [of = bags.of, shares = bags.shares, rows = weight.size(0)](Grads& g) {
           const Tensor scale = g.saved(0), index = g.saved(1), each = g.in().index_select(0, of);
           if (g.needs(0)) g.give(0, added_up(times(each, shares.defined() ? scale * shares : scale), index, rows));
           if (!g.needs(1)) return;
           const Tensor samples = as_type(g.saved(2).index_select(0, index), scale.dtype());
           g.give(1, (as_type(each, scale.dtype()) * samples).sum({1}));
         });
  return y;
}

/// What each row counts in a bag's mean.
Tensor mean_factors(const Bags& bags) {
  const NoGrad guard;
  const Tensor totals = zeros({bags.begins.numel() - 1}, {bags.counts.dtype(), bags.counts.device()});
  totals.index_add_(0, bags.of, bags.counts).clamp_(1, {});
  return bags.counts / totals.index_select(0, bags.of);
}

Tensor largest(const Tensor& weight, const Bags& bags) {
  const Shape shape{bags.begins.numel() - 1, weight.size(1)};
  const Tensor y = new_tensor(shape, weight.dtype(), weight.device()),
               which = new_tensor(shape, int64, weight.device());
  {
    const NoGrad guard;
    on<EmbeddingKernels>(y.device())
        .largest_of_bags(y, which, {weight.contiguous(), bags.index, bags.begins, bags.counts});
  }
  if (needs_grad(weight))
    record("embedding_bag", y, {&weight}, {&which}, [rows = weight.size(0)](Grads& g) {
      const Tensor at = g.saved(0), none = at < 0;
      g.give(0, zeros({rows, at.size(1)}, {g.in().dtype(), g.in().device()})
                    .scatter_add(0, at.masked_fill(none, 0), g.in().masked_fill(none, 0)));
    });
  return y;
}

}  // namespace

Tensor embedding(const Tensor& input, const Tensor& weight, const EmbeddingOptions& o) {
  const char* name = "embedding";
  check_table(name, input, weight);
  const int64_t rows = weight.size(0), padding = padding_row(name, o.padding_idx, rows);
  const Tensor index = checked_rows(name, input, rows);
  if (o.max_norm) renormalize(weight, index, *o.max_norm, o.norm_type);
  Shape shape = input.shape();
  shape.push_back(weight.size(1));
  Tensor y;
  {
    const NoGrad guard;
    y = weight.detach().index_select(0, index).reshape(shape);
  }
  if (needs_grad(weight))
    record(name, y, {&weight}, {&index}, [rows, padding, by_frequency = o.scale_grad_by_freq](Grads& g) {
      const Tensor at = g.saved(0);
      Tensor grad = g.in().reshape({at.numel(), g.in().size(-1)});
      if (by_frequency) grad = times(grad, inverse_frequencies(at, rows, computed_type(grad.dtype())));
      if (padding >= 0) grad = grad.masked_fill((at == padding).unsqueeze(1), 0);
      g.give(0, added_up(grad, at, rows));
    });
  return y;
}

Tensor embedding_bag(const Tensor& input, const Tensor& weight, const EmbeddingBagOptions& o) {
  const char* name = "embedding_bag";
  check_table(name, input, weight);
  if (o.mode == BagMode::max && (o.scale_grad_by_freq || o.sparse))
    fail(name, "the largest elements of a bag have neither scale_grad_by_freq nor sparse");
  const Tensor& samples = o.per_sample_weights;
  if (samples.defined()) {
    if (o.mode != BagMode::sum) fail(name, "per_sample_weights go with BagMode::sum only");
    if (samples.shape() != input.shape())
      fail(name, "expected per_sample_weights of the input's shape {}, got {}", input.shape().to_string(),
           samples.shape().to_string());
    if (samples.dtype() != weight.dtype())
      fail(name, "expected per_sample_weights of the weight's type {}, got {}", weight.dtype(), samples.dtype());
    check_same_device(samples, weight, name);
  }
  Bags bags = bags_of(name, input, weight, o);
  if (o.max_norm) renormalize(weight, bags.index, *o.max_norm, o.norm_type);
  if (bags.begins.numel() == 1) return weight.narrow(0, 0, 0).clone();
  if (o.mode == BagMode::max) return largest(weight, bags);
  if (o.scale_grad_by_freq)
    bags.shares = inverse_frequencies(bags.index, weight.size(0), computed_type(weight.dtype()));
  if (o.mode == BagMode::mean) return summed(weight, mean_factors(bags), bags);
  if (!samples.defined()) return summed(weight, bags.counts, bags);
  return summed(weight, as_type(samples.reshape({input.numel()}), bags.counts.dtype()) * bags.counts, bags);
}

Tensor one_hot(const Tensor& x, std::optional<int64_t> num_classes) {
  const char* name = "one_hot";
  if (x.dtype() != int64) fail(name, "expected class indices of type int64, got {}: convert with to(int64)", x.dtype());
  if (!num_classes && x.is_meta())
    fail(name, "how many classes there are depends on data, which a tensor on the meta device has not");
  if (!num_classes && x.numel() == 0) fail(name, "expected num_classes, as an empty tensor tells none");
  const int64_t classes = num_classes ? *num_classes : x.max().item<int64_t>() + 1;
  const Tensor at = x.contiguous();
  const auto outside = on<IndexKernels>(x.device()).range_outside(at, std::max<int64_t>(classes, 0));
  if (outside)
    fail(name, "class {} is out of range: there are {} classes", outside->first < 0 ? outside->first : outside->second,
         classes);
  if (classes <= 0) fail(name, "expected one class or more, got {}", classes);
  Shape shape = x.shape();
  shape.push_back(classes);
  return zeros(shape, {int64, x.device()}).scatter_(-1, at.unsqueeze(-1), 1);
}

}  // namespace tenon::nn::functional
