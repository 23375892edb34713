#pragma once
// Small photographs of things: 50,000 to train with and 10,000 to test, of 10 or of 100 kinds.
#include <filesystem>
#include <string>
#include <vector>

#include <tenon/data/dataset.h>

#pragma GCC visibility push(default)

namespace tenon::data {

/// Images as uint8 (n, 3, 32, 32) and labels as int64 (n), read into memory. `folder` has the files of the binary
/// version (data_batch_1.bin … data_batch_5.bin, or test_batch.bin), or the folder cifar-10-batches-bin with them. A
/// missing or damaged file is an error that names it. Source: torchvision.datasets.CIFAR10; Krizhevsky 2009.
class CIFAR10 : public TensorDataset<2> {
 public:
  explicit CIFAR10(const std::filesystem::path& folder, bool train = true);

  const Tensor& images() const { return tensors()[0]; }
  const Tensor& labels() const { return tensors()[1]; }
  /// The kinds' names, by label; none where batches.meta.txt is missing.
  const std::vector<std::string>& classes() const { return classes_; }

 private:
  std::vector<std::string> classes_;
};

/// The same of 100 kinds in 20 groups: train.bin or test.bin, or the folder cifar-100-binary with them. An item is an
/// image and its kind. Source: torchvision.datasets.CIFAR100.
class CIFAR100 : public TensorDataset<2> {
 public:
  explicit CIFAR100(const std::filesystem::path& folder, bool train = true);

  const Tensor& images() const { return tensors()[0]; }
  const Tensor& labels() const { return tensors()[1]; }
  const Tensor& coarse_labels() const { return coarse_labels_; }  ///< the groups: int64 (n), 0 to 19
  /// The names of kinds and of groups; none where fine_label_names.txt, coarse_label_names.txt are missing.
  const std::vector<std::string>& classes() const { return classes_; }
  const std::vector<std::string>& coarse_classes() const { return coarse_classes_; }

 private:
  struct Records;
  explicit CIFAR100(Records records);

  Tensor coarse_labels_;
  std::vector<std::string> classes_, coarse_classes_;
};

}  // namespace tenon::data

#pragma GCC visibility pop
