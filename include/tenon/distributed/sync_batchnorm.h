#pragma once
// Batch normalisation of a batch that several processes have parts of. Source: torch.nn.SyncBatchNorm.
#include <tenon/distributed/world.h>
#include <tenon/nn/module_base.h>

#pragma GCC visibility push(default)

namespace tenon::distributed {

/// From here on all BatchNorm layers in the module normalise, in training, by the mean and variance of what all
/// processes of the group have, as one process with the whole batch would; a process may have more of it than another,
/// or nothing. In eval mode, and before init(), they do as before. The layers stay what they are, with the same keys;
/// printed they say sync=True.
///
/// Every process calls each layer as often as the others, forward and backward: each takes an exchange of 2·C + 1
/// and one of 2·C numbers. With a group of its own (new_group) they do not wait for the gradients under way. There are
/// no second derivatives. Source: torch.nn.SyncBatchNorm.convert_sync_batchnorm.
///
///   distributed::convert_sync_batchnorm(net);
///   distributed::DistributedDataParallel model(std::move(net));
void convert_sync_batchnorm(nn::ModuleBase& module, const Group& group = {});

}  // namespace tenon::distributed

#pragma GCC visibility pop
