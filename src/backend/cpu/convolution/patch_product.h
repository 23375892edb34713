#pragma once
// The inner loops of convolutions, for the best instructions that the processor has. T is float or double, the type
// that is computed in; half types become float when they are read.
#include <cstdint>

#include <tenon/dtype.h>

namespace tenon::backend::cpu {

/// Channels are taken together in panels: vectors of as many channels as are summed at a time.
struct Panels {
  int64_t count, width;
};
Panels panels_of(DType type, int64_t channels);

/// sums[r][j] (+)= Σ_l a[r][shift + offsets[l]]·b[l·width + j], l in order, for rows r and a panel of `width` channels.
template <class T>
struct PatchProduct {
  int64_t rows, k, width;
  const T* const* a;  ///< where each row's patch begins
  int64_t shift;
  const int64_t* offsets;
  const T* b;  ///< (k, width)
  T* const* sums;
  const T* bias;  ///< (width): what the sums begin with; null: with what they are
};
void add_products(const PatchProduct<float>& p);
void add_products(const PatchProduct<double>& p);

/// The same where each channel has its own numbers: sums[r·width + j] (+)= Σ_l a[r][offsets[l] + j]·b[l·width + j].
void add_channel_products(const PatchProduct<float>& p);
void add_channel_products(const PatchProduct<double>& p);
/// sums[l][j] += Σ_r a[r][offsets[l] + j]·b[r·width + j], of k sums.
void add_channel_gradients(const PatchProduct<float>& p);
void add_channel_gradients(const PatchProduct<double>& p);

/// to[l·to_row + j] = from[j·across + l] for j below `count`, l below k.
void transpose_rows(DType type, void* to, int64_t to_row, const void* from, int64_t across, int64_t count, int64_t k);
/// `count` numbers that lie together, and zeros up to `room`, which is less than a vector away.
void copy_row(DType type, void* to, const void* from, int64_t count, int64_t room);

}  // namespace tenon::backend::cpu
