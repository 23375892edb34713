#pragma once
// Handwritten digits: 60,000 to train with and 10,000 to test.
#include <filesystem>

#include <tenon/data/dataset.h>

#pragma GCC visibility push(default)

namespace tenon::data {

/// Images as float32 (n, 784) in [0, 1] and labels as int64 (n), read into memory from train-images-idx3-ubyte,
/// train-labels-idx1-ubyte, or the same beginning with t10k, each compressed (.gz) or not. A missing or damaged file is
/// an error that names it. Source: torchvision.datasets.MNIST; LeCun et al. 1998.
class MNIST : public TensorDataset<2> {
 public:
  explicit MNIST(const std::filesystem::path& folder, bool train = true);

  const Tensor& images() const { return tensors()[0]; }
  const Tensor& labels() const { return tensors()[1]; }
};

}  // namespace tenon::data

#pragma GCC visibility pop
