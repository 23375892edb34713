#pragma once
// The four files that MNIST and its likes have.
#include <filesystem>
#include <string_view>

#include <tenon/data/dataset.h>

namespace tenon::data {

/// Images as float32 (n, 784) in [0, 1] and labels as int64 (n), of a folder's train or t10k files, compressed by gzip
/// or not. An error is `dataset`'s, and ends with `advice`.
TensorDataset<2> read_mnist_files(std::string_view dataset, const std::filesystem::path& folder, bool train,
                                  std::string_view advice);

}  // namespace tenon::data
