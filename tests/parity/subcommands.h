#pragma once
// What the program can replay, one function a kind; each in a file of its own.
#include <filesystem>

#include "report.h"

namespace tenon::parity {

void checkpoints(const std::filesystem::path& folder, Report& report);
void modules(const std::filesystem::path& folder, Report& report);
void operations(const std::filesystem::path& folder, Report& report);
void optimizers(const std::filesystem::path& folder, Report& report);
void real(const std::filesystem::path& folder, Report& report);
void resume(const std::filesystem::path& folder, Report& report);
void rng(const std::filesystem::path& folder, Report& report);
void schedulers(const std::filesystem::path& file, Report& report);
void training(const std::filesystem::path& file, Report& report);

/// The folder of Fashion-MNIST's files, for `training` and `resume`, or of weights, for `real`; --data sets it.
extern std::filesystem::path training_data;

/// Prints docs/operations.md from the same answers that `operations` replays.
void operations_table(const std::filesystem::path& folder);
/// Prints docs/layers.md, for the project in this folder.
void layers_table(const std::filesystem::path& project);

/// Loads a checkpoint and saves it, for with_pytorch.py to compare.
void again(const std::filesystem::path& from, const std::filesystem::path& to);
/// Saves a training that was interrupted, for with_pytorch.py to go on with.
void written(const std::filesystem::path& folder);

}  // namespace tenon::parity
