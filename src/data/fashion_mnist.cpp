#include <tenon/data/fashion_mnist.h>

#include "data/mnist_files.h"

namespace tenon::data {

FashionMNIST::FashionMNIST(const std::filesystem::path& folder, bool train)
    : TensorDataset<2>(read_mnist_files(
          "FashionMNIST", folder, train,
          "The files come with: apt-get install dataset-fashion-mnist; or give the folder that has them")) {}

}  // namespace tenon::data
