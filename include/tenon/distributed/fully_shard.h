#pragma once
// A model of which each process keeps a part: parameters, gradients and optimizer state. Source:
// torch.distributed.fsdp.fully_shard; "ZeRO", stage 3.
#include <cstdint>

#include <tenon/distributed/world.h>
#include <tenon/nn/module_base.h>
#include <tenon/nn/utils.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::distributed {

struct FullyShardOptions {
  Group group = {};
  /// Whether parameters are whole only while the module computes, forward and again backward. false: from forward on
  /// until backward is over. The outermost module's own stay in any case: backward begins with them.
  bool reshard_after_forward = true;
};

/// From here on each process keeps some rows (of the first dimension) of each of the module's parameters, but for those
/// that a call for a module inside has already shared out: first the blocks, then the model.
///
///   for (Block& block : model.blocks) distributed::fully_shard(block);
///   distributed::fully_shard(model);
///   optim::AdamW optimizer(model.parameters(), {.lr = 1e-3});  // after that: of the rows kept here
///
/// Before a block computes, its parameters are brought together, those of the next one meanwhile; after backward the
/// average of all processes' gradients for the rows kept here is in grad(). Every process makes the same calls, with
/// the same model, whose values are rank 0's from then on. The optimizer must treat numbers one by one (not LBFGS,
/// Muon, Adafactor). The module may be moved, not cloned.
void fully_shard(nn::ModuleBase& module, const FullyShardOptions& options = {});

/// The whole model's state dict, at process `to`; the others get an empty one. Every process calls it.
Dict full_state_dict(nn::ModuleBase& model, int64_t to = 0);
/// Takes from the whole model's state dict, which process `from` gives, the rows kept here.
void load_full_state_dict(nn::ModuleBase& model, const Dict& state_dict, int64_t from = 0);

/// nn::clip_grad_norm_ by the norm of the whole gradients, of which each process has its rows; parameters that are not
/// shared out count once. Every process calls it, with the same parameters.
Tensor clip_grad_norm_(const TensorList& parameters, double max_norm, const nn::ClipGradNormOptions& options = {});

}  // namespace tenon::distributed

#pragma GCC visibility pop
