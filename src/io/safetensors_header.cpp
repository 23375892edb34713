#include "io/safetensors_header.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "backend/new_tensor.h"
#include "io/safetensors.h"
#include "io/zip_format.h"

namespace tenon::io {
namespace {

using nlohmann::json;

constexpr uint64_t longest_header = 100'000'000;  // what the format allows
constexpr int deepest = 64;                       // levels, in what is passed over; the format itself has 4
constexpr std::string_view metadata_name = "__metadata__";

struct Named {
  std::string_view name;
  DType dtype;
};
// In the order in which the usual writer puts them into a file.
constexpr std::array<Named, 19> types{{{"U64", uint64},
                                       {"I64", int64},
                                       {"F64", float64},
                                       {"C64", complex64},
                                       {"F32", float32},
                                       {"U32", uint32},
                                       {"I32", int32},
                                       {"BF16", bfloat16},
                                       {"F16", float16},
                                       {"U16", uint16},
                                       {"I16", int16},
                                       {"F8_E5M2FNUZ", float8_e5m2fnuz},
                                       {"F8_E4M3FNUZ", float8_e4m3fnuz},
                                       {"F8_E8M0", float8_e8m0fnu},
                                       {"F8_E4M3", float8_e4m3fn},
                                       {"F8_E5M2", float8_e5m2},
                                       {"I8", int8},
                                       {"U8", uint8},
                                       {"BOOL", boolean}}};

std::string not_json(std::size_t at) { return fmt::format("its header is not JSON (at byte {} of it)", at); }

/// Takes the object apart as it is read, so that a large header takes little memory and a deep one no stack.
class Parser final : public nlohmann::json_sax<json> {
 public:
  explicit Parser(const Source& source) : source_(source) {}
  SafetensorsHeader header;

  bool start_object(std::size_t) override {
    const bool expected = depth_ == 0 || depth_ == 1;
    if (!passing_over() && !expected) unexpected("an object");
    deeper();
    if (depth_ == 2 && !in_metadata_) {
      header.tensors.emplace_back().name = key_;
      fields_.clear();
      dtype_.clear();
      shape_.clear();
      place_.clear();
    }
    return true;
  }
  bool key(std::string& name) override {
    if (depth_ == 1) {
      if (!names_.insert(name).second) damaged("the name {} is given twice", Key(name).quoted());
      in_metadata_ = name == metadata_name;
      key_ = std::move(name);
    } else if (depth_ == 2 && in_metadata_) {
      if (header.metadata.contains(name)) damaged("the name {} is given twice in its metadata", Key(name).quoted());
      key_ = std::move(name);
    } else if (depth_ == 2) {
      if (!fields_.insert(name).second) damaged("the tensor {} has its {} twice", Key(key_).quoted(), name);
      field_ = name == "dtype"          ? Field::dtype
               : name == "shape"        ? Field::shape
               : name == "data_offsets" ? Field::place
                                        : Field::other;
    }
    return true;
  }
  bool end_object() override {
    if (--depth_ == 1 && !in_metadata_) finish_tensor();
    return true;
  }
  bool start_array(std::size_t) override {
    if (!passing_over() && !(in_tensor() && (field_ == Field::shape || field_ == Field::place))) unexpected("an array");
    deeper();
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool string(std::string& text) override {
    if (passing_over()) return true;
    if (depth_ == 2 && in_metadata_) header.metadata.set(key_, std::move(text));
    else if (in_tensor() && field_ == Field::dtype) dtype_ = std::move(text);
    else unexpected("a text");
    return true;
  }
  bool number_unsigned(uint64_t n) override {
    if (passing_over()) return true;
    if (depth_ != 3) unexpected("a number");
    (field_ == Field::shape ? shape_ : place_).push_back(n);
    return true;
  }
  bool number_integer(int64_t) override { return other("a negative number"); }
  bool number_float(double, const std::string&) override { return other("a number that is not whole or too large"); }
  bool boolean(bool) override { return other("true or false"); }
  bool binary(json::binary_t&) override { return other("bytes"); }
  bool null() override { return (depth_ == 1 && in_metadata_) || other("null"); }
  bool parse_error(std::size_t at, const std::string&, const json::exception&) override {
    source_.damaged(not_json(at));
  }

 private:
  enum class Field { none, dtype, shape, place, other };

  template <class... A>
  [[noreturn]] void damaged(fmt::format_string<A...> format, A&&... arguments) const {
    source_.damaged(fmt::format(format, std::forward<A>(arguments)...));
  }
  [[noreturn]] void unexpected(std::string_view what) const {
    if (depth_ == 0) damaged("its header is {}, not an object", what);
    damaged("its header has {} where none belongs, in {}", what, Key(key_).quoted());
  }
  bool other(std::string_view what) {
    if (!passing_over()) unexpected(what);
    return true;
  }
  bool in_tensor() const { return depth_ == 2 && !in_metadata_; }
  /// In a field that later versions of the format may have, as the usual reader does.
  bool passing_over() const { return depth_ >= 2 && !in_metadata_ && field_ == Field::other; }
  void deeper() {
    if (++depth_ > deepest) damaged("its header is nested too deeply");
  }

  void finish_tensor() {
    SafetensorsEntry& tensor = header.tensors.back();
    const std::string name = Key(tensor.name).quoted();
    field_ = Field::none;
    for (const char* const field : {"dtype", "shape", "data_offsets"})
      if (!fields_.contains(field)) damaged("the tensor {} has no {}", name, field);
    const auto type = std::find_if(types.begin(), types.end(), [&](const Named& t) { return t.name == dtype_; });
    if (type == types.end()) damaged("the tensor {} is of the type {}, which is not known", name, Key(dtype_).quoted());
    tensor.dtype = type->dtype;
    if (place_.size() != 2 || place_[0] > place_[1])
      damaged("the tensor {} does not say where it begins and ends", name);
    tensor.begin = place_[0];
    tensor.end = place_[1];
    uint64_t elements = 1;
    for (const uint64_t size : shape_) {
      if (__builtin_mul_overflow(elements, std::max<uint64_t>(size, 1), &elements) ||
          elements > static_cast<uint64_t>(most_elements))
        damaged("the tensor {} has more elements than memory has addresses", name);
      tensor.shape.push_back(static_cast<int64_t>(size));
    }
    const auto bytes = static_cast<uint64_t>(tensor.shape.numel() * item_size(tensor.dtype));
    if (bytes != tensor.end - tensor.begin)
      damaged("the tensor {} of shape {} and type {} has {} bytes, but {} are given to it", name,
              tensor.shape.to_string(), tensor.dtype, bytes, tensor.end - tensor.begin);
  }

  const Source& source_;
  int depth_ = 0;
  bool in_metadata_ = false;
  Field field_ = Field::none;
  std::string key_;               // the tensor, or the text in the metadata
  std::set<std::string> names_;   // of tensors
  std::set<std::string> fields_;  // of the tensor that is being read
  std::string dtype_;
  std::vector<uint64_t> shape_, place_;
};

/// No holes, no overlaps, and the end where the file ends.
void check_places(const std::vector<SafetensorsEntry>& tensors, const Source& source) {
  std::vector<const SafetensorsEntry*> by_place;
  for (const SafetensorsEntry& tensor : tensors) by_place.push_back(&tensor);
  std::sort(by_place.begin(), by_place.end(),
            [](const auto* a, const auto* b) { return std::pair(a->begin, a->end) < std::pair(b->begin, b->end); });
  uint64_t end = 0;
  for (const SafetensorsEntry* tensor : by_place) {
    if (tensor->begin != end)
      source.damaged(fmt::format("the tensor {} {}", Key(tensor->name).quoted(),
                                 tensor->begin < end ? "shares its bytes with another one" : "comes after a gap"));
    end = tensor->end;
  }
  if (end > source.left())
    source.damaged(fmt::format("it ends too early: its tensors need {} bytes, {} are there", end, source.left()));
  if (end < source.left()) source.damaged("there is more in it than its tensors");
}

}  // namespace

SafetensorsHeader read_safetensors_header(Source& source) {
  std::array<std::byte, 8> length;
  source.read(length.data(), length.size());
  const auto size = zip::get<uint64_t>(length, 0);
  if (size > longest_header)
    source.damaged(fmt::format("its header claims {} bytes, {} are allowed", size, longest_header));
  if (size > source.left())
    source.damaged(fmt::format("it ends too early: its header claims {} bytes, {} are there", size, source.left()));
  std::string text(static_cast<std::size_t>(size), '\0');
  source.read(text.data(), text.size());
  if (!text.starts_with('{')) source.damaged("its header does not begin with {");
  // For the parser a zero would be the end of the text.
  if (const auto zero = text.find('\0'); zero != text.npos) source.damaged(not_json(zero + 1));
  Parser parser(source);
  json::sax_parse(text, &parser);
  SafetensorsHeader header = std::move(parser.header);
  check_places(header.tensors, source);
  std::sort(header.tensors.begin(), header.tensors.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return header;
}

bool begins_as_safetensors(std::span<const std::byte> begin) {
  return begin.size() > 8 && zip::get<uint64_t>(begin, 0) <= longest_header && begin[8] == std::byte{'{'};
}

std::string safetensors_header(std::string_view operation, const SafetensorsHeader& header) {
  const auto quoted = [&](const std::string& text) {
    try {
      return json(text).dump();
    } catch (const json::exception&) {
      fail(operation, "names and texts must be UTF-8, which {} is not", Key(text).quoted());
    }
  };
  std::string text(8, '\0');  // for the length
  const auto add = [&](const std::string& name, const std::string& value) {
    text += (text.size() == 8 ? '{' : ',') + quoted(name) + ':' + value;
  };
  if (!header.metadata.empty()) {
    std::string texts;
    for (const auto& [name, value] : header.metadata)
      texts += (texts.empty() ? '{' : ',') + quoted(name.string()) + ':' + quoted(value.as<std::string>());
    add(std::string(metadata_name), texts + '}');
  }
  for (const SafetensorsEntry& t : header.tensors) {
    const Named& type = types[static_cast<std::size_t>(*safetensors_rank(t.dtype))];
    add(t.name, fmt::format(R"({{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", type.name,
                            fmt::join(t.shape, ","), t.begin, t.end));
  }
  if (text.size() == 8) text += '{';
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');
  for (std::size_t i = 0; i < 8; ++i) text[i] = static_cast<char>((text.size() - 8) >> (8 * i));
  return text;
}

std::optional<int> safetensors_rank(DType dtype) {
  for (std::size_t i = 0; i < types.size(); ++i)
    if (types[i].dtype == dtype) return static_cast<int>(i);
  return std::nullopt;
}

}  // namespace tenon::io
