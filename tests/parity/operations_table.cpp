// docs/operations.md: what each operation takes and whether it can be differentiated, found out by trying it.
#include <set>

#include <fmt/format.h>

#include <tenon/autograd.h>

#include "bundle.h"
#include "operations/arguments.h"
#include "operations/cases.h"
#include "subcommands.h"

namespace tenon::parity {
namespace {

constexpr DType types[] = {boolean, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64};

struct Row {
  std::set<DType> ours, pytorch;
  bool derivative = false, pytorch_derivative = false, twice = false, pytorch_twice = false;
};

/// "all", "integers", … instead of ten names.
std::string in_words(const std::set<DType>& has) {
  static const std::vector<std::pair<std::string, std::set<DType>>> words{
      {"all", {boolean, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64}},
      {"numbers", {uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64}},
      {"real", {float16, bfloat16, float32, float64}},
      {"integers, bool", {boolean, uint8, int8, int16, int32, int64}},
      {"integers", {uint8, int8, int16, int32, int64}},
      {"f32, f64", {float32, float64}},
  };
  for (const auto& [word, set] : words)
    if (has == set) return word;
  std::string text;
  for (const DType t : has) text += fmt::format("{}{}", text.empty() ? "" : ", ", t);
  return text;
}

/// Sends a gradient back through the results, and, where that was recorded, through the gradients.
void try_derivatives(Row& row, const Operation& operation, const nlohmann::json& description, const Bundle& bundle) {
  std::vector<Tensor> leaves;
  const Arguments given = arguments_of(description, bundle, [&](const Tensor& x) {
    leaves.push_back(x.clone().requires_grad_());
    return leaves.back();
  });
  try {
    Tensor total = zeros({}, {.dtype = float64});
    for (const Tensor& y : operation(given))
      if (y.dtype() == float64 && y.requires_grad()) total = total + (y * y).sum();
    if (!total.requires_grad()) return;
    const std::vector<Tensor> first = autograd::grad({total}, leaves, {.create_graph = true, .allow_unused = true});
    row.derivative = true;
    Tensor again = zeros({}, {.dtype = float64});
    for (const Tensor& g : first)
      if (g.defined() && g.requires_grad()) again = again + (g * g).sum();
    if (again.requires_grad()) again.backward();
    row.twice = true;
  } catch (const Error&) {  // what has not been set stays so
  }
}

Row row_of(const std::string& op, const nlohmann::json& description, const Bundle& bundle) {
  Row row;
  for (const DType dtype : types) {
    const auto& types_of_case = description["types"];
    if (const auto at = types_of_case.find(std::string(name(dtype))); at != types_of_case.end() && !at->is_null())
      row.pytorch.insert(dtype);
  }
  row.pytorch_derivative = description.contains("gradients");
  row.pytorch_twice = row.pytorch_derivative && description["twice"].get<bool>();
  const auto found = operations_by_name().find(op);
  if (found == operations_by_name().end()) return row;
  for (const DType dtype : types) {
    try {
      found->second(arguments_of(description, bundle, [&](const Tensor& x) { return converted(x, dtype); }));
      row.ours.insert(dtype);
    } catch (const Error&) {  // not for this type
    }
  }
  try_derivatives(row, found->second, description, bundle);
  return row;
}

/// "yes"; "no" where PyTorch has it; a dash where there is none.
std::string_view word(bool ours, bool pytorch) { return ours ? "yes" : pytorch ? "**no**" : "–"; }

}  // namespace

void operations_table(const std::filesystem::path& folder) {
  fmt::print(
      "# Operations\n\n"
      "Made by `build/tests/parity table tests/parity/data/operations`, which tries every operation on every data "
      "type: do not edit.\n\n"
      "**Types**: *all* are bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64; *numbers* are "
      "all but bool; *real* the last\n"
      "four. Where PyTorch takes a type that is not taken here, it is named. **Derivative**, **twice**: whether "
      "gradients pass through it, and\n"
      "through those gradients again; a dash where PyTorch has none either. **In place**: the form that changes its "
      "tensor.\n\n"
      "Each is a function, and a method where PyTorch has it as one (`include/tenon/methods/`). Other names, `concat`, "
      "`clip`, `multiply` and so on,\n"
      "are in `include/tenon/ops/aliases.h` and `methods/aliases.inc`. There is no complex arithmetic yet, and so no "
      "`fft` and no `linalg.eig`:\n"
      "[what is missing](coming-from-pytorch.md#what-is-missing).\n");
  for (const auto& file : descriptions(folder)) {
    const Bundle bundle(file);
    fmt::print("\n## {}\n\n| operation | types | derivative | twice | in place |\n|---|---|---|---|---|\n",
               file.stem().string());
    std::set<std::string> seen;
    for (const auto& description : member(bundle.description(), "cases")) {
      const auto op = member(description, "op").get<std::string>();
      if (!seen.insert(op).second) continue;
      const bool changes = op.ends_with('_');
      if (changes && operations_by_name().contains(op.substr(0, op.size() - 1)))
        continue;  // has its place in the other's row
      const Row row = row_of(op, description, bundle);
      std::set<DType> lacks;
      for (const DType t : row.pytorch)
        if (!row.ours.contains(t)) lacks.insert(t);
      fmt::print("| `{}` | {}{} | {} | {} | {} |\n", op, in_words(row.ours),
                 lacks.empty() ? "" : fmt::format("; **not** {}", in_words(lacks)),
                 word(row.derivative, row.pytorch_derivative), word(row.twice, row.pytorch_twice),
                 changes                                   ? "only"
                 : operations_by_name().contains(op + "_") ? "yes"
                                                           : "");
    }
  }
}

}  // namespace tenon::parity
