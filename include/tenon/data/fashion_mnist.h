#pragma once
// Zalando's pictures of clothes, ten kinds of them: 60,000 to train with and 10,000 to test.
#include <filesystem>

#include <tenon/data/dataset.h>

#pragma GCC visibility push(default)

namespace tenon::data {

/// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr const char* fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";

/// Images as float32 (n, 784) in [0, 1] and labels as int64 (n), read into memory. A missing or damaged file is an
/// error that names it and what to install.
class FashionMNIST : public TensorDataset<2> {
 public:
  explicit FashionMNIST(const std::filesystem::path& folder = fashion_mnist_folder, bool train = true);

  const Tensor& images() const { return tensors()[0]; }
  const Tensor& labels() const { return tensors()[1]; }
};

}  // namespace tenon::data

#pragma GCC visibility pop
