#pragma once
#include <concepts>
#include <vector>

#include <tenon/nn/functional/shape.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// Its input. Source: torch.nn.Identity.
class Identity : public Module<Identity> {
 protected:
  Tensor forward(const Tensor& x) const { return x; }

  TENON_MODULE(Identity)
};

/// Dimensions start_dim to end_dim, both included, as one; by default all but the batch's. Source: torch.nn.Flatten.
class Flatten : public Module<Flatten> {
 public:
  int64_t start_dim, end_dim;

  explicit Flatten(int64_t start = 1, int64_t end = -1) : start_dim(start), end_dim(end) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Flatten, start_dim, end_dim)
};

/// One dimension as several, of which one size may be -1. Source: torch.nn.Unflatten.
class Unflatten : public Module<Unflatten> {
 public:
  int64_t dim;
  Shape unflattened_size;
  bool printed_as_list;  ///< [2, 3], as PyTorch prints sizes given as a list; else (2, 3)

  Unflatten(int64_t dim, const Shape& sizes);
  /// Sizes as a list.
  template <std::same_as<std::vector<int64_t>> List>
  Unflatten(int64_t dim_, const List& sizes) : dim(dim_), unflattened_size(sizes), printed_as_list(true) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Unflatten, dim, unflattened_size, printed_as_list)
};

/// Channels become places: (*, C·r², H, W) → (*, C, H·r, W·r). Source: torch.nn.PixelShuffle.
class PixelShuffle : public Module<PixelShuffle> {
 public:
  int64_t upscale_factor;

  explicit PixelShuffle(int64_t factor) : upscale_factor(factor) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(PixelShuffle, upscale_factor)
};

/// The inverse of PixelShuffle: (*, C, H·r, W·r) → (*, C·r², H, W). Source: torch.nn.PixelUnshuffle.
class PixelUnshuffle : public Module<PixelUnshuffle> {
 public:
  int64_t downscale_factor;

  explicit PixelUnshuffle(int64_t factor) : downscale_factor(factor) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(PixelUnshuffle, downscale_factor)
};

/// The channels of each group spread over all: (N, C, *) → the same. Source: torch.nn.ChannelShuffle.
class ChannelShuffle : public Module<ChannelShuffle> {
 public:
  int64_t groups;

  explicit ChannelShuffle(int64_t groups_) : groups(groups_) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(ChannelShuffle, groups)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
