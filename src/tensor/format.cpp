#include <tenon/format.h>

#include <ostream>

#include <fmt/format.h>

#include <tenon/tensor.h>

namespace tenon::detail {
namespace {

template <class T>
std::string formatted_by(std::string_view spec, const T& x) {
  try {
    return fmt::vformat(fmt::format("{{:{}}}", spec), fmt::make_format_args(x));
  } catch (const fmt::format_error& error) {
    fail("format", "{{:{}}}: {}", spec, error.what());
  }
}

}  // namespace

std::string formatted(std::string_view text, std::string_view spec) { return formatted_by(spec, text); }

std::string formatted(const Tensor& x, std::string_view spec) {
  if (x.numel() != 1)
    fail("format", "{{:{}}} is for a tensor of one element, got shape {}: print it with {{}}, and see set_printoptions",
         spec, x.shape().to_string());
  const Scalar value = x.item();
  // An integer, too, may be asked for with digits after the point.
  const bool as_real = value.kind() == DType::float64 || std::string_view("aAeEfFgG").find(spec.back()) != spec.npos;
  if (value.kind() == DType::complex128) return formatted(to_string(x), spec);
  if (as_real) return formatted_by(spec, value.to<double>());
  if (value.kind() == DType::uint64) return formatted_by(spec, value.to<uint64_t>());
  return formatted_by(spec, value.to<int64_t>());
}

std::ostream& put(std::ostream& out, std::string_view text) { return out << text; }

}  // namespace tenon::detail
