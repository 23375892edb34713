#include <tenon/data/cifar.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <span>

#include <tenon/creation.h>

#include "io/named_errors.h"
#include "io/stream.h"

namespace tenon::data {
namespace {

constexpr int64_t channels = 3, side = 32, image_bytes = channels * side * side;

struct Labels {
  int64_t classes;
  Tensor numbers;  ///< int64 (n)
};

/// Records one after the other, each some labels of a byte and an image.
class Reader {
 public:
  Reader(std::string_view dataset, const std::filesystem::path& folder, std::string_view archive_folder)
      : dataset_(dataset), folder_(folder) {
    std::error_code unknown;
    if (std::filesystem::is_directory(folder / archive_folder, unknown)) folder_ /= archive_folder;
  }

  /// Files one after the other; `labels` gets a number for each image and kind of label.
  Tensor read(std::span<const std::string> names, std::span<Labels> labels) const {
    const auto label_bytes = static_cast<int64_t>(labels.size()), record = label_bytes + image_bytes;
    std::vector<std::vector<std::byte>> files;
    int64_t images = 0;
    for (const std::string& name : names) {
      files.push_back(bytes_of(folder_ / name));
      const auto size = static_cast<int64_t>(files.back().size());
      if (size == 0 || size % record != 0)
        fail(dataset_, "{}: expected records of {} bytes, found {} bytes", (folder_ / name).string(), record, size);
      images += size / record;
    }
    const Tensor pixels = empty({images, channels, side, side}, {.dtype = uint8, .device = kCPU});
    for (Labels& l : labels) l.numbers = empty({images}, {.dtype = int64, .device = kCPU});
    auto* to = reinterpret_cast<std::byte*>(pixels.data<uint8_t>());
    int64_t image = 0;
    for (std::size_t f = 0; f < files.size(); ++f)
      for (auto at = files[f].begin(); at != files[f].end(); ++image) {
        for (const Labels& l : labels) {
          const auto label = std::to_integer<int64_t>(*at++);
          if (label >= l.classes)
            fail(dataset_, "{}: expected labels from 0 to {}, found {}", (folder_ / names[f]).string(), l.classes - 1,
                 label);
          l.numbers.data<int64_t>()[image] = label;
        }
        to = std::copy_n(at, image_bytes, to);
        at += image_bytes;
      }
    return pixels;
  }

  /// One a line.
  std::vector<std::string> class_names(const char* file) const {
    std::vector<std::string> names;
    std::ifstream in(folder_ / file);
    for (std::string line; std::getline(in, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (!line.empty()) names.push_back(line);
    }
    return names;
  }

 private:
  std::vector<std::byte> bytes_of(const std::filesystem::path& file) const {
    return io::with_named_errors(dataset_, file.string(),
                                 [&] { return io::FileSource(std::string(dataset_), file).rest(); });
  }

  std::string_view dataset_;
  std::filesystem::path folder_;
};

Reader reader_10(const std::filesystem::path& folder) { return {"CIFAR10", folder, "cifar-10-batches-bin"}; }

TensorDataset<2> read_10(const std::filesystem::path& folder, bool train) {
  std::vector<std::string> files{"test_batch.bin"};
  if (train) {
    files.clear();
    for (int i = 1; i <= 5; ++i) files.push_back(fmt::format("data_batch_{}.bin", i));
  }
  std::array<Labels, 1> labels{{{10, {}}}};
  const Tensor images = reader_10(folder).read(files, labels);
  return TensorDataset(images, labels[0].numbers);
}

}  // namespace

CIFAR10::CIFAR10(const std::filesystem::path& folder, bool train)
    : TensorDataset<2>(read_10(folder, train)), classes_(reader_10(folder).class_names("batches.meta.txt")) {}

struct CIFAR100::Records {
  Tensor images, coarse, fine;
  std::vector<std::string> classes, coarse_classes;

  Records(const std::filesystem::path& folder, bool train) {
    const Reader reader("CIFAR100", folder, "cifar-100-binary");
    const std::array<std::string, 1> files{train ? "train.bin" : "test.bin"};
    std::array<Labels, 2> labels{{{20, {}}, {100, {}}}};
    images = reader.read(files, labels);
    coarse = labels[0].numbers;
    fine = labels[1].numbers;
    classes = reader.class_names("fine_label_names.txt");
    coarse_classes = reader.class_names("coarse_label_names.txt");
  }
};

CIFAR100::CIFAR100(const std::filesystem::path& folder, bool train) : CIFAR100(Records(folder, train)) {}

CIFAR100::CIFAR100(Records records)
    : TensorDataset<2>(records.images, records.fine),
      coarse_labels_(records.coarse),
      classes_(std::move(records.classes)),
      coarse_classes_(std::move(records.coarse_classes)) {}

}  // namespace tenon::data
