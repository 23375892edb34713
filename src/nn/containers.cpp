// Indices, slices and names of the containers of modules and parameters, and how the lists and dicts of parameters
// print.
#include <algorithm>
#include <iterator>

#include <tenon/nn/module_dict.h>
#include <tenon/nn/module_list.h>
#include <tenon/nn/parameter_dict.h>
#include <tenon/nn/parameter_list.h>

namespace tenon::nn {
namespace detail {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

std::size_t checked_index(std::string_view container, int64_t index, std::size_t size, bool end_is_a_place) {
  const auto n = static_cast<int64_t>(size);
  const int64_t at = index < 0 ? index + n : index;
  if (at < 0 || at >= n + (end_is_a_place ? 1 : 0))
    fail(container, "index {} is out of range: the size is {}", index, n);
  return static_cast<std::size_t>(at);
}

std::vector<std::size_t> places(std::string_view container, const Slice& slice, std::size_t size) {
  if (slice.step < 1) fail(container, "expected a slice's step of 1 or more, got {}", slice.step);
  const auto n = static_cast<int64_t>(size);
  const auto clamped = [n](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + n : i, 0, n); };
  std::vector<std::size_t> out;
  const int64_t stop = clamped(slice.stop.value_or(n));
  for (int64_t i = clamped(slice.start.value_or(0)); i < stop; i += std::min(slice.step, n))
    out.push_back(static_cast<std::size_t>(i));
  return out;
}

void check_name(std::string_view container, std::string_view name, const std::vector<std::string>& taken) {
  if (name.empty()) fail(container, "expected a name that is not empty");
  if (name.find('.') != name.npos) fail(container, "expected a name without a dot, got \"{}\"", name);
  if (std::find(taken.begin(), taken.end(), name) != taken.end())
    fail(container, "expected a name that is not taken, got \"{}\": there are {}", name, joined(taken));
}

void fail_name(std::string_view container, std::string_view name, const std::vector<std::string>& names) {
  if (names.empty()) fail(container, "\"{}\" is not there: it is empty", name);
  fail(container, "\"{}\" is not there: there are {}", name, joined(names));
}

void renumber(std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = std::to_string(i);
}

std::vector<std::string> with_room(std::vector<std::string> names, std::size_t at,
                                   const std::optional<std::string>& name) {
  for (std::size_t i = at; i < names.size(); ++i)
    if (names[i] == std::to_string(i)) names[i] = std::to_string(i + 1);
  names.insert(names.begin() + static_cast<std::ptrdiff_t>(at), std::to_string(at));
  // In a slice that kept its names the new ones may be taken.
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) renumber(names);
  if (name) names[at] = *name;
  return names;
}

}  // namespace detail

namespace {

std::string size_of(const Tensor& t) {
  std::string out;
  for (const int64_t n : t.shape()) out += (out.empty() ? "" : "x") + std::to_string(n);
  return out + (t.device().type == DeviceType::cuda ? fmt::format(" ({})", t.device()) : "");
}

/// What torch.typename says: torch.FloatTensor, torch.cuda.LongTensor.
std::string legacy_type_name(const Tensor& t) {
  static constexpr const char* names[] = {"Bool",
                                          "Byte",
                                          "Char",
                                          "Short",
                                          "Int",
                                          "Long",
                                          "Half",
                                          "BFloat16",
                                          "Float",
                                          "Double",
                                          "UInt16",
                                          "UInt32",
                                          "UInt64",
                                          "Float8_e4m3fn",
                                          "Float8_e5m2",
                                          "Float8_e4m3fnuz",
                                          "Float8_e5m2fnuz",
                                          "Float8_e8m0fnu",
                                          "ComplexHalf",
                                          "ComplexFloat",
                                          "ComplexDouble"};
  static_assert(std::size(names) == dtype_count);
  const DeviceType device = t.device().type;
  const char* where = device == DeviceType::cuda ? "cuda." : device == DeviceType::meta ? "meta." : "";
  return fmt::format("torch.{}{}Tensor", where, names[static_cast<std::size_t>(t.dtype())]);
}

}  // namespace

// The two blanks before each line are PyTorch's: the lines are indented once more when the module is printed.
std::string ParameterList::extra_repr() const {
  std::string out;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Tensor& p = items_.handles[i];
    out += fmt::format("{}  ({}): Parameter containing: [torch.{} of size {}]", i == 0 ? "" : "\n", i, p.dtype(),
                       size_of(p));
  }
  return out;
}

std::string ParameterDict::extra_repr() const {
  std::string out;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Tensor& p = items_.handles[i];
    out += fmt::format("{}  ({}): Parameter containing: [{} of size {}]", i == 0 ? "" : "\n", items_.names[i],
                       legacy_type_name(p), size_of(p));
  }
  return out;
}

}  // namespace tenon::nn
