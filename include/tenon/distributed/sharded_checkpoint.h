#pragma once
// Checkpoints that all processes write at once, and any other number of them reads. Source:
// torch.distributed.checkpoint.
#include <filesystem>

#include <tenon/nn/module_base.h>
#include <tenon/optim/optimizer.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::distributed {

/// Each process writes what it has of the model and, if given, of the optimizer's state, into a file of its own in
/// `folder`, which is one for all processes; nothing comes together anywhere. `extra` (an epoch, a scheduler's state)
/// is rank 0's. Every process calls it, between two steps. The checkpoint that the folder held is good until the new
/// one is whole, and goes then; an error in one process is an error in all.
///
///   distributed::save_sharded("run", model, &optimizer, Dict{{"epoch", epoch}});
void save_sharded(const std::filesystem::path& folder, nn::ModuleBase& model,
                  const optim::Optimizer* optimizer = nullptr, const Dict& extra = {});

/// Takes from such a folder what this process keeps: of each parameter its rows after fully_shard(), else the whole,
/// and the optimizer's state for them, whose parameters stand in the order of those that were saved. As many processes
/// as there are now call it, with a model like the one that was saved. Gives `extra`. An error, before anything
/// changes, where names or shapes differ.
Dict load_sharded(const std::filesystem::path& folder, nn::ModuleBase& model, optim::Optimizer* optimizer = nullptr);

}  // namespace tenon::distributed

#pragma GCC visibility pop
