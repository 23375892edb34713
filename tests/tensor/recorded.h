#pragma once
// PyTorch's recorded answers: JSON files beside the tests, tensors as their bytes.
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tenon/creation.h>

#include "tests_folder.h"

namespace tenon::test {

/// A file under tests/.
inline nlohmann::json recorded(const std::string& path) {
  std::ifstream file(test::tests_folder() + "/" + path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return nlohmann::json::parse(file);
}

inline std::vector<unsigned char> from_hexadecimal(const std::string& text) {
  std::vector<unsigned char> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<unsigned char>(std::stoi(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

inline std::string to_hexadecimal(const Tensor& x) {
  std::string text;
  const Tensor whole = x.detach().contiguous();
  const auto* p = static_cast<const unsigned char*>(whole.raw_data());
  for (int64_t i = 0; i < whole.nbytes(); ++i) text += fmt::format("{:02x}", p[i]);
  return text;
}

/// A 1-dim tensor of these bytes.
inline Tensor from_bytes(const std::string& hexadecimal, DType type) {
  auto bytes = from_hexadecimal(hexadecimal);
  return from_blob(bytes.data(), {static_cast<int64_t>(bytes.size()) / item_size(type)}, type).clone();
}

}  // namespace tenon::test
