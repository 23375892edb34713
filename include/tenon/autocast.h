#pragma once
// Mixed precision: products in a half type, what needs more in float. Source: torch.autocast.
#include <tenon/dtype.h>

#pragma GCC visibility push(default)

namespace tenon {

struct AutocastOptions {
  DType dtype = bfloat16;     ///< or float16
  bool enabled = true;        ///< false: as if there were none, also inside another one
  bool cache_enabled = true;  ///< a weight is converted once, and not at each use
};

/// While it lives, operations of this thread take their floating-point tensors, but those of float64, in another type:
///
///   in `dtype`: products (matmul, mm, mv, bmm, addmm, baddbmm, addbmm, linear, einsum …), convolutions, prelu,
///               scaled_dot_product_attention, LSTM and RNN;
///   in float32: losses, prod, quantile, cdist, trace, linalg's decompositions and inverses, grid_sample, padding by
///               reflection and replication, pooling in three dimensions, unpooling, GRU.
///
/// All others compute in the types that they are given. Parameters and their gradients stay float32. Backward passes
/// are not touched: they compute in the types of the forward pass. What was converted is forgotten where the outermost
/// Autocast ends. Source: torch.autocast("cpu"), whose list this is.
///
///   {
///     Autocast autocast;
///     loss = criterion(model(x), y);
///   }
///   loss.backward();
class [[nodiscard]] Autocast {
 public:
  explicit Autocast(const AutocastOptions& options = {});
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  AutocastOptions before_;
};

/// This thread's.
bool is_autocast_enabled();
DType autocast_dtype();

}  // namespace tenon

#pragma GCC visibility pop
