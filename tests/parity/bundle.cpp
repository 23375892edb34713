#include "bundle.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include <tenon/creation.h>

namespace tenon::parity {
namespace {

std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw BadInput(fmt::format("{}: cannot be opened", file.string()));
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) throw BadInput(fmt::format("{}: cannot be read", file.string()));
  return bytes;
}

std::optional<DType> dtype_named(std::string_view name) {
  constexpr std::pair<std::string_view, DType> known[] = {
      {"BOOL", boolean}, {"U8", uint8},    {"I8", int8},       {"I16", int16},   {"I32", int32},
      {"I64", int64},    {"F16", float16}, {"BF16", bfloat16}, {"F32", float32}, {"F64", float64},
      {"U16", uint16},   {"U32", uint32},  {"U64", uint64},
  };
  for (const auto& [text, dtype] : known)
    if (text == name) return dtype;
  return std::nullopt;
}

}  // namespace

nlohmann::json read_json(const std::filesystem::path& file) {
  try {
    return nlohmann::json::parse(read_bytes(file));
  } catch (const nlohmann::json::exception& e) {
    throw BadInput(fmt::format("{}: {}", file.string(), e.what()));
  }
}

std::vector<std::filesystem::path> descriptions(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  if (files.empty()) throw BadInput(fmt::format("{}: no JSON file in it", folder.string()));
  std::sort(files.begin(), files.end());
  return files;
}

const nlohmann::json& member(const nlohmann::json& object, std::string_view key) {
  if (!object.is_object() || !object.contains(key))
    throw BadInput(fmt::format("the description lacks '{}' in {:.80}", key, object.dump()));
  return object[key];
}

double number(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  throw BadInput(fmt::format("expected a number in the description, got {:.80}", value.dump()));
}

// safetensors: 8 bytes of length, a JSON header of that length with each tensor's type, shape and place, then the data.
Bundle::Bundle(const std::filesystem::path& description) : path_(description), description_(read_json(description)) {
  auto file = description;
  file.replace_extension(".safetensors");
  bytes_ = read_bytes(file);
  const auto damaged = [&](const std::string& why) { return BadInput(fmt::format("{}: {}", file.string(), why)); };

  uint64_t header_size = 0;
  if (bytes_.size() < sizeof header_size) throw damaged("too short for a header");
  std::memcpy(&header_size, bytes_.data(), sizeof header_size);
  if (header_size > bytes_.size() - sizeof header_size) throw damaged("the header is cut off");
  const std::size_t data = sizeof header_size + header_size;
  try {
    const auto header = nlohmann::json::parse(std::string_view(bytes_).substr(sizeof header_size, header_size));
    for (const auto& [key, value] : header.items()) {
      if (key == "__metadata__") continue;
      const auto& place = value.at("data_offsets");
      Entry entry{value.at("dtype").get<std::string>(), Shape(value.at("shape").get<std::vector<int64_t>>()),
                  place.at(0).get<std::size_t>(), place.at(1).get<std::size_t>()};
      if (entry.begin > entry.end || entry.end > bytes_.size() - data) throw damaged(key + " lies outside the file");
      entry.begin += data;
      entry.end += data;
      entries_.emplace(key, std::move(entry));
    }
  } catch (const nlohmann::json::exception& e) {
    throw damaged(e.what());
  }
}

Tensor Bundle::tensor(const std::string& key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end())
    throw BadInput(fmt::format("{}: there is no tensor '{}' beside it", path_.string(), key));
  const Entry& entry = found->second;
  const auto dtype = dtype_named(entry.dtype);
  if (!dtype) throw NotYet(fmt::format("tensors of {} do not exist yet", entry.dtype));
  Tensor x = empty(entry.shape, {.dtype = *dtype});
  if (static_cast<std::size_t>(x.nbytes()) != entry.end - entry.begin)
    throw BadInput(fmt::format("{}: tensor '{}' of shape {} has {} bytes", path_.string(), key, entry.shape.to_string(),
                               entry.end - entry.begin));
  if (x.nbytes() > 0) std::memcpy(x.raw_data(), bytes_.data() + entry.begin, entry.end - entry.begin);
  return x;
}

Tensor Bundle::tensor(const nlohmann::json& reference) const {
  const auto& key = member(reference, "tensor");
  if (!key.is_string()) throw BadInput(fmt::format("{}: '{:.80}' names no tensor", path_.string(), reference.dump()));
  return tensor(key.get<std::string>());
}

}  // namespace tenon::parity
