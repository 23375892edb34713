#include <optional>

#include "data/images/codec.h"

namespace tenon::data::images {
namespace {

class Numbers {
 public:
  Numbers(std::span<const std::byte> bytes, bool high_first) : bytes_(bytes), high_first_(high_first) {}

  std::optional<uint32_t> at(std::size_t place, std::size_t size) const {
    if (place > bytes_.size() || size > bytes_.size() - place) return {};
    uint32_t x = 0;
    for (std::size_t i = 0; i < size; ++i)
      x = x << 8 | std::to_integer<uint32_t>(bytes_[place + (high_first_ ? i : size - 1 - i)]);
    return x;
  }

 private:
  std::span<const std::byte> bytes_;
  bool high_first_;
};

}  // namespace

int exif_orientation(std::span<const std::byte> tiff) {
  constexpr uint32_t orientation = 0x0112, short_integer = 3;
  if (tiff.size() < 8 || tiff[0] != tiff[1] || (tiff[0] != std::byte{'I'} && tiff[0] != std::byte{'M'})) return 1;
  const Numbers numbers(tiff, tiff[0] == std::byte{'M'});
  if (numbers.at(2, 2) != 42U) return 1;
  const std::size_t directory = *numbers.at(4, 4);
  const uint32_t entries = numbers.at(directory, 2).value_or(0);
  for (uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    const auto tag = numbers.at(entry, 2);
    if (!tag) break;
    if (*tag != orientation) continue;
    const uint32_t value = numbers.at(entry + 8, 2).value_or(0);
    return numbers.at(entry + 2, 2) == short_integer && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace tenon::data::images
