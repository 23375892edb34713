#include "checkpoint_holds.h"

#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

namespace tenon::parity {
namespace {

using nlohmann::json;

std::string hexadecimal(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

bool same_bits(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

/// What is written out as it is: null, true, 3, 0.5, "text".
bool agree(const Value& actual, const json& expected) {
  if (expected.is_null()) return actual.is_none();
  if (expected.is_boolean()) return actual.is<bool>() && actual.as<bool>() == expected.get<bool>();
  if (expected.is_number_integer()) return actual.is<int64_t>() && actual.as<int64_t>() == expected.get<int64_t>();
  if (expected.is_number()) return actual.is<double>() && same_bits(actual.as<double>(), expected.get<double>());
  return expected.is_string() && actual.is<std::string>() && actual.as<std::string>() == expected.get<std::string>();
}

bool agree_marked(const Value& actual, const std::string& mark, const json& expected) {
  if (mark == "size") return actual.is<Shape>() && actual.as<Shape>() == Shape(expected.get<std::vector<int64_t>>());
  if (mark == "dtype") return actual.is<DType>() && name(actual.as<DType>()) == expected.get<std::string>();
  if (mark == "device") return actual.is<Device>() && actual.as<Device>().to_string() == expected.get<std::string>();
  if (mark == "bytes") return actual.is<Bytes>() && hexadecimal(actual.as<Bytes>().data) == expected.get<std::string>();
  if (mark == "complex")
    return actual.is<std::complex<double>>() &&
           actual.as<std::complex<double>>() ==
               std::complex<double>(expected.at(0).get<double>(), expected.at(1).get<double>());
  if (mark == "float") return actual.is<double>() && same_bits(actual.as<double>(), number(expected));
  if (mark == "int")
    return (actual.is<int64_t>() || actual.is<BigInt>()) && actual.to_string() == expected.get<std::string>();
  throw BadInput(fmt::format("the description has an unknown mark '{}'", mark));
}

}  // namespace

void Holds::compare(const std::string& what, const Value& actual, const json& expected) {
  const auto differs = [&] {
    const std::string text = expected.dump();
    one_.check(false, fmt::format("{}: {} {:.80} instead of {:.80}", what, actual.type_name(),
                                  actual.is<Tensor>() ? "" : actual.to_string(), text));
  };
  if (expected.is_array()) return actual.is<Value::List>() ? list(what, actual.as<Value::List>(), expected) : differs();
  if (!expected.is_object()) return agree(actual, expected) ? void() : differs();
  if (expected.contains("tensor") || expected.contains("meta"))
    return actual.is<Tensor>() ? tensor(what, actual, expected) : differs();
  if (expected.contains("dict")) return actual.is<Dict>() ? dict(what, actual, expected) : differs();
  if (expected.contains("tuple"))
    return actual.is<Tuple>() ? list(what, actual.as<Tuple>().items, expected["tuple"]) : differs();
  if (expected.contains("set"))
    return actual.is<Set>() ? list(what, actual.as<Set>().items, expected["set"]) : differs();
  const auto mark = expected.begin();
  if (!agree_marked(actual, mark.key(), *mark)) differs();
}

void Holds::list(const std::string& what, const Value::List& actual, const json& expected) {
  one_.check(actual.size() == expected.size(),
             fmt::format("{}: {} items instead of {}", what, actual.size(), expected.size()));
  for (std::size_t i = 0; i < std::min(actual.size(), expected.size()); ++i)
    compare(fmt::format("{}[{}]", what, i), actual[i], expected[i]);
}

void Holds::dict(const std::string& what, const Value& actual, const json& expected) {
  const Dict& d = actual.as<Dict>();
  const json& entries = expected["dict"];
  if (check_order)
    one_.check(d.is_ordered() == expected["ordered"].get<bool>(),
               what + ": a dict instead of an OrderedDict, or the other way round");
  one_.check(d.size() == entries.size(), fmt::format("{}: {} keys instead of {}", what, d.size(), entries.size()));
  std::size_t i = 0;
  for (const auto& [key, value] : d) {
    if (i == entries.size()) break;
    compare(fmt::format("{}: key {}", what, i), key.value(), entries[i].at(0));
    compare(what + "[" + key.quoted() + "]", value, entries[i].at(1));
    ++i;
  }
  if (!check_order) return;
  one_.check((d.metadata() != nullptr) == expected.contains("metadata"),
             what + ": metadata is there and should not, or the other way round");
  if (d.metadata() && expected.contains("metadata")) compare(what + "._metadata", *d.metadata(), expected["metadata"]);
}

void Holds::tensor(const std::string& what, const Value& actual, const json& expected) {
  const Tensor& x = actual.as<Tensor>();
  const auto check = [&](const char* of, const auto& found, const auto& wanted) {
    one_.check(found == wanted, fmt::format("{}: {} {} instead of {}", what, of, found, wanted));
  };
  check("dtype", std::string(name(x.dtype())), expected["dtype"].get<std::string>());
  check("shape", x.shape(), Shape(expected["shape"].get<std::vector<int64_t>>()));
  check("requires_grad", x.requires_grad(), expected["requires_grad"].get<bool>());
  check("is a parameter", actual.is<nn::Parameter>(), expected["parameter"].get<bool>());
  check("is meta", x.is_meta(), expected.contains("meta"));
  if (x.is_meta()) return;
  check("strides", x.strides(), Shape(expected["stride"].get<std::vector<int64_t>>()));
  check("offset", x.storage_offset(), expected["offset"].get<int64_t>());
  check("bytes in the storage", x.impl()->storage->nbytes, expected["storage_bytes"].get<int64_t>());
  const auto number = expected["storage"].get<int64_t>();
  const Storage* storage = x.impl()->storage.get();
  for (const auto& [other, its_storage] : storages_)
    one_.check((other == number) == (its_storage == storage), what + ": shares memory with others than PyTorch's");
  storages_.emplace(number, storage);

  const Tensor elements = x.detach().contiguous(),
               wanted = bundle_.tensor(expected);  // of complex numbers: their parts
  one_.check(elements.nbytes() == wanted.nbytes() &&
                 (wanted.nbytes() == 0 ||
                  std::memcmp(elements.raw_data(), wanted.raw_data(), static_cast<std::size_t>(wanted.nbytes())) == 0),
             what + ": other elements");
}

}  // namespace tenon::parity
