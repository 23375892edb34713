#include <tenon/device.h>

#include <charconv>

#include <fmt/format.h>

#include <tenon/error.h>

namespace tenon {

Device::Device(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  if (kind == "cpu") type = DeviceType::cpu;
  else if (kind == "cuda") type = DeviceType::cuda;
  else if (kind == "meta") type = DeviceType::meta;
  else fail("Device", "expected \"cpu\", \"cuda\", \"cuda:N\" or \"meta\", got \"{}\"", text);
  if (colon == std::string_view::npos) return;
  const std::string_view digits = text.substr(colon + 1);
  int n = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (error != std::errc() || end != digits.data() + digits.size() || n < 0 || n > 127 ||
      (type != DeviceType::cuda && n != 0))
    fail("Device", "expected a device number after the colon, got \"{}\"", text);
  index = static_cast<int8_t>(n);
}

std::string Device::to_string() const {
  switch (type) {
    case DeviceType::cpu: return "cpu";
    case DeviceType::meta: return "meta";
    case DeviceType::cuda: break;
  }
  return fmt::format("cuda:{}", index);
}

}  // namespace tenon
