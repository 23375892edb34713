// Operations: results in every data type and layout, shapes on the meta device, gradients in float64.
#include <fmt/format.h>

#include <tenon/autograd.h>

#include "operations/cases.h"
#include "subcommands.h"

namespace tenon::parity {
namespace {

/// The same numbers, the first dimension the fastest.
Tensor column_order(const Tensor& x) {
  Shape reversed;
  for (int64_t d = x.dim(); d-- > 0;) reversed.push_back(d);
  return x.permute(reversed).contiguous().permute(reversed);
}

Tolerance tolerance(DType type) {
  switch (type) {
    case DType::float64: return {.relative = 1e-10, .absolute = 1e-10};
    case DType::float32: return outputs;
    case DType::float16:
      return {.relative = 0x1p-9, .absolute = 1e-5};  // two units in the last place: PyTorch rounds in between
    case DType::bfloat16: return {.relative = 0x1p-6, .absolute = 1e-5};
    default: return exactly;
  }
}
constexpr Tolerance of_gradients{.relative = 1e-7, .absolute = 1e-9, .of_largest = 1e-9};

void compare_all(Case& one, const std::string& what, const std::vector<Tensor>& actual, const nlohmann::json& expected,
                 const Bundle& bundle) {
  if (actual.size() < expected.size())
    return one.check(false, fmt::format("{}: {} results instead of {}", what, actual.size(), expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Tensor wanted = bundle.tensor(expected[i]);
    one.compare(fmt::format("{} result {}", what, i), actual[i].detach(), wanted, tolerance(wanted.dtype()));
  }
}

/// The shapes and types that the meta device gives are the real ones, unless it takes data to know them.
void check_meta(Case& one, const Operation& operation, const nlohmann::json& description, const Bundle& bundle) {
  const nlohmann::json& expected = description["types"]["float32"];
  if (expected.is_null()) return;
  Arguments given = arguments_of(description, bundle, [](const Tensor& x) { return x.to(float32).to(kMeta); });
  for (Argument& a : given.in_order) {
    if (a.tensor) a.tensor = a.tensor->to(kMeta);
    for (Argument& part : a.list)
      if (part.tensor) part.tensor = part.tensor->to(kMeta);
  }
  try {
    const std::vector<Tensor> out = operation(given);
    for (std::size_t i = 0; i < out.size() && i < expected.size(); ++i) {
      const Tensor wanted = bundle.tensor(expected[i]);
      one.check(out[i].shape() == wanted.shape() && out[i].dtype() == wanted.dtype() && out[i].is_meta(),
                fmt::format("meta result {}: {} {} on {} instead of {} {}", i, out[i].dtype(), out[i].shape(),
                            out[i].device(), wanted.dtype(), wanted.shape()));
    }
  } catch (const Error& e) {
    one.check(std::string_view(e.what()).find("meta") != std::string_view::npos, fmt::format("meta: {}", e.what()));
  }
}

void check_gradients(Case& one, const Operation& operation, const nlohmann::json& description, const Bundle& bundle) {
  if (!description.contains("gradients")) return;
  std::vector<Tensor> leaves;
  const Arguments given = arguments_of(description, bundle, [&](const Tensor& x) {
    leaves.push_back(x.clone().requires_grad_());
    return leaves.back();
  });
  Tensor total = zeros({}, {float64});
  for (const Tensor& y : operation(given)) {
    if (y.dtype() != float64 || !y.requires_grad()) continue;
    const Tensor direction = (arange(y.numel(), {float64}) + 1).sin().reshape(y.shape());
    total = total + (y * direction).sum();
  }
  if (total.requires_grad()) total.backward();  // else all gradients have to be zeros
  const auto& expected = description["gradients"];
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Tensor got = leaves[i].grad();
    if (expected[i].is_null())
      one.check(!got.defined() || (got == 0).all().item<bool>(),
                fmt::format("a gradient of input {}, PyTorch has none", i));
    else
      one.compare(fmt::format("gradient of input {}", i), got.defined() ? got : zeros_like(leaves[i]),
                  bundle.tensor(expected[i]), of_gradients);
  }
}

/// What PyTorch refuses, or answers with other elements, where its tensor lies in column order.
bool needs_row_order(const std::string& operation) {
  return operation == "view" || operation == "view_as" || operation == "as_strided";
}

void check(Case& one, const Operation& operation, const nlohmann::json& description, const Bundle& bundle) {
  for (const auto& [type_name, expected] : description["types"].items()) {
    if (expected.is_null()) continue;
    for (const DType dtype : {boolean, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64}) {
      if (name(dtype) != type_name) continue;
      try {
        compare_all(one, type_name,
                    operation(arguments_of(description, bundle, [&](const Tensor& x) { return converted(x, dtype); })),
                    expected, bundle);
      } catch (const Error& e) {
        one.check(false, fmt::format("{}: {}", type_name, e.what()));
      }
    }
  }
  if (!description["types"]["float64"].is_null() && !needs_row_order(description["op"]))
    compare_all(one, "in column order,", operation(arguments_of(description, bundle, column_order)),
                description["types"]["float64"], bundle);
  check_meta(one, operation, description, bundle);
  check_gradients(one, operation, description, bundle);
}

}  // namespace

void operations(const std::filesystem::path& folder, Report& report) {
  for (const auto& file : descriptions(folder)) {
    const Bundle bundle(file);
    std::size_t number = 0;
    for (const auto& description : member(bundle.description(), "cases")) {
      const auto op = member(description, "op").get<std::string>();
      const std::string title = fmt::format("{} {} {}", file.stem().string(), number++, op);
      report.run(title, [&](Case& one) {
        const auto found = operations_by_name().find(op);
        if (found == operations_by_name().end()) throw NotYet("this operation");
        check(one, found->second, description, bundle);
      });
    }
  }
}

}  // namespace tenon::parity
