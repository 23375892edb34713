#include <tenon/data/subset.h>

#include <cmath>
#include <numeric>

#include <tenon/ops.h>

namespace tenon::data::detail {

Tensor checked_subset(const Tensor& indices, int64_t size) {
  if (indices.dim() != 1 || indices.dtype() != int64)
    fail("Subset", "expected indices of type int64 and shape (n,), got {} {}", indices.dtype(),
         indices.shape().to_string());
  if (indices.numel() > 0) {
    const auto [least, greatest] = aminmax(indices);
    for (const int64_t i : {least.item<int64_t>(), greatest.item<int64_t>()}) checked_item("Subset", i, size);
  }
  return where(indices < 0, indices + size, indices);
}

Tensor picked(const Tensor& indices, const Tensor& places) { return indices.index_select(0, places); }

std::vector<int64_t> split_lengths(const std::vector<double>& lengths, int64_t items) {
  const double sum = std::accumulate(lengths.begin(), lengths.end(), 0.0);
  const auto is = [&](auto wanted) { return std::ranges::all_of(lengths, wanted); };
  std::vector<int64_t> sizes;
  if (std::abs(sum - 1) < 1e-6 && sum <= 1 + 1e-6 && is([](double x) { return x >= 0 && x <= 1; })) {
    int64_t left = items;
    for (const double share : lengths) {
      sizes.push_back(static_cast<int64_t>(std::floor(static_cast<double>(items) * share)));
      left -= sizes.back();
    }
    for (std::size_t i = 0; left > 0; ++i, --left) ++sizes[i % sizes.size()];
    return sizes;
  }
  if (!is([](double x) { return x >= 0 && x == std::floor(x); }) || sum != static_cast<double>(items))
    fail("random_split", "expected sizes that sum to the dataset's {}, or shares that sum to 1; these sum to {}", items,
         sum);
  for (const double n : lengths) sizes.push_back(static_cast<int64_t>(n));
  return sizes;
}

}  // namespace tenon::data::detail
