#include "data/mnist_files.h"

#include <array>
#include <string>

#include <tenon/creation.h>
#include <tenon/data/idx.h>

namespace tenon::data {
namespace {

constexpr int64_t classes = 10, side = 28;

class Files {
 public:
  Files(std::string_view dataset, const std::filesystem::path& folder, bool train, std::string_view advice)
      : dataset_(dataset), folder_(folder), part_(train ? "train" : "t10k"), advice_(advice) {}

  Tensor images() const {
    const auto [bytes, file] = read("images-idx3-ubyte");
    if (bytes.dim() != 3 || bytes.size(1) != side || bytes.size(2) != side)
      give_up(fmt::format("{}: expected images of 28 × 28, found shape {}", file.string(), bytes.shape().to_string()));
    std::array<float, 256> value;  // as PyTorch computes .float() / 255
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<float>(i) / 255.0f;
    const Tensor images = empty({bytes.size(0), side * side}, {.device = kCPU});
    const auto from = bytes.span<uint8_t>();
    const auto to = images.span<float>();
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = value[from[i]];
    return images;
  }

  Tensor labels(int64_t images) const {
    const auto [bytes, file] = read("labels-idx1-ubyte");
    if (bytes.dim() != 1 || bytes.size(0) != images)
      give_up(fmt::format("{}: expected {} labels, one for each image; found shape {}", file.string(), images,
                          bytes.shape().to_string()));
    for (const uint8_t label : bytes.span<uint8_t>())
      if (label >= classes)
        give_up(fmt::format("{}: expected labels from 0 to {}, found {}", file.string(), classes - 1, label));
    return bytes.to(int64);
  }

 private:
  struct Bytes {
    Tensor bytes;
    std::filesystem::path file;
  };

  Bytes read(std::string_view what) const {
    const std::filesystem::path plain = folder_ / fmt::format("{}-{}", part_, what);
    std::error_code unknown;  // reading it says what is wrong
    const std::filesystem::path file =
        std::filesystem::exists(plain, unknown) ? plain : std::filesystem::path(plain.string() + ".gz");
    try {
      return {read_idx(file), file};
    } catch (const Error& e) {
      // The text without the name of the function below, which the caller does not know.
      const std::string_view text = e.what();
      give_up(std::string(text.substr(text.find(' ') + 1)));
    }
  }
  [[noreturn]] void give_up(const std::string& why) const { fail(dataset_, "{}. {}", why, advice_); }

  std::string_view dataset_;
  std::filesystem::path folder_;
  std::string_view part_, advice_;
};

}  // namespace

TensorDataset<2> read_mnist_files(std::string_view dataset, const std::filesystem::path& folder, bool train,
                                  std::string_view advice) {
  const Files files(dataset, folder, train, advice);
  const Tensor images = files.images();
  return TensorDataset(images, files.labels(images.size(0)));
}

}  // namespace tenon::data
