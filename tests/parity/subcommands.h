#pragma once
// What the program can replay, one function a kind; each in a file of its own.
#include <filesystem>

#include "report.h"

namespace tenon::parity {

void rng(const std::filesystem::path& folder, Report& report);

/// Names every case of a folder or file as skipped.
void not_yet(const std::filesystem::path& path, Report& report);

}  // namespace tenon::parity
