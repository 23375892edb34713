#include <tenon/data/mnist.h>

#include "data/mnist_files.h"

namespace tenon::data {

MNIST::MNIST(const std::filesystem::path& folder, bool train)
    : TensorDataset<2>(read_mnist_files("MNIST", folder, train, "Give the folder that has MNIST's four files")) {}

}  // namespace tenon::data
