#include <tenon/data/fashion_mnist.h>

#include <array>

#include <tenon/creation.h>
#include <tenon/data/idx.h>

namespace tenon::data {
namespace {

constexpr int64_t classes = 10;

[[noreturn]] void give_up(const std::string& why) {
  fail("FashionMNIST",
       "{}. The files come with: apt-get install dataset-fashion-mnist; or give the folder that has them", why);
}

Tensor read(const std::filesystem::path& file) {
  try {
    return read_idx(file);
  } catch (const Error& e) {
    // The text without the name of the function below, which the caller does not know.
    const std::string_view text = e.what();
    give_up(std::string(text.substr(text.find(' ') + 1)));
  }
}

Tensor read_images(const std::filesystem::path& file) {
  const Tensor bytes = read(file);
  if (bytes.dim() != 3 || bytes.size(1) != 28 || bytes.size(2) != 28)
    give_up(fmt::format("{}: expected images of 28 × 28, found shape {}", file.string(), bytes.shape().to_string()));
  std::array<float, 256> value;  // as PyTorch computes .float() / 255
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<float>(i) / 255.0f;
  const Tensor images = empty({bytes.size(0), 784}, {.device = kCPU});
  const auto from = bytes.span<uint8_t>();
  const auto to = images.span<float>();
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = value[from[i]];
  return images;
}

Tensor read_labels(const std::filesystem::path& file, int64_t images) {
  const Tensor bytes = read(file);
  if (bytes.dim() != 1 || bytes.size(0) != images)
    give_up(fmt::format("{}: expected {} labels, one for each image; found shape {}", file.string(), images,
                        bytes.shape().to_string()));
  for (const uint8_t label : bytes.span<uint8_t>())
    if (label >= classes)
      give_up(fmt::format("{}: expected labels from 0 to {}, found {}", file.string(), classes - 1, label));
  return bytes.to(int64);
}

TensorDataset<2> read_both(const std::filesystem::path& folder, std::string_view part) {
  const Tensor images = read_images(folder / fmt::format("{}-images-idx3-ubyte.gz", part));
  return TensorDataset(images, read_labels(folder / fmt::format("{}-labels-idx1-ubyte.gz", part), images.size(0)));
}

}  // namespace

FashionMNIST::FashionMNIST(const std::filesystem::path& folder, bool train)
    : TensorDataset<2>(read_both(folder, train ? "train" : "t10k")) {}

}  // namespace tenon::data
