// summary(): a pass through a copy of the model on the meta device, watched by hooks.
#include <tenon/nn/summary.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include <tenon/creation.h>
#include <tenon/default_device.h>
#include <tenon/nn/clone.h>
#include <tenon/random.h>

#include "backend/multiply_adds.h"
#include "nn/entries.h"
#include "nn/module_hooks.h"

namespace tenon::nn {
namespace detail {

struct SummaryPass::Observer {
  explicit Observer(ModuleBase& model) {
    Cloner cloner(Cloner::What::shapes);
    copy = model.tenon_clone(cloner);
    copy->eval();
    add(*copy, "", 0);
  }
  ~Observer() { default_generator() = generator; }

  // A row for the module and each below it.
  void add(ModuleBase& module, const std::string& path, int64_t depth) {
    const std::size_t i = summary.rows.size();
    summary.rows.push_back({.name = path, .type = std::string(module.type_name()), .depth = depth});
    if (const auto [first, is_new] = row_of.try_emplace(&module, i); !is_new) {
      summary.rows[i].same_module_as = summary.rows[first->second].name;
      return;
    }
    watch(module, i);
    const Entries entries(module);
    for (const auto& [key, parameter] : entries.parameters) hold(i, key, *parameter, true);
    for (const auto& [key, buffer] : entries.buffers) hold(i, key, *buffer, false);
    for (const auto& [key, child] : entries.children) {
      if (!child) continue;
      const std::size_t at = summary.rows.size();
      add(*child, join(path, key), depth + 1);
      summary.rows[i].parameters += summary.rows[at].parameters;
      summary.rows[i].trainable += summary.rows[at].trainable;
      summary.rows[i].bytes += summary.rows[at].bytes;
    }
  }

  void hold(std::size_t i, const std::string& key, const Tensor& tensor, bool is_parameter) {
    if (!tensor.defined()) return;
    SummaryRow& row = summary.rows[i];
    const auto [first, is_new] = name_of.try_emplace(tensor.impl(), join(row.name, key));
    if (!is_new) {
      row.tied.emplace_back(key, first->second);
      return;
    }
    if (is_parameter) row.parameters += tensor.numel();
    if (is_parameter && tensor.requires_grad()) row.trainable += tensor.numel();
    row.bytes += tensor.nbytes();
  }

  void watch(ModuleBase& module, std::size_t i) {
    const bool has_children = !module.children().empty();
    module.register_forward_pre_hook([this, i](ModuleBase&, Tensors) { running.push_back({i, meta_multiply_adds()}); });
    module.register_forward_hook([this, i, has_children](ModuleBase&, Tensors, Tensors outputs) {
      const int64_t before = running.back().second;
      running.pop_back();
      SummaryRow& row = summary.rows[i];
      ++row.calls;
      // A module that is called from within itself has counted already.
      if (std::none_of(running.begin(), running.end(), [i](const auto& call) { return call.first == i; }))
        row.multiply_adds += meta_multiply_adds() - before;
      row.outputs.clear();
      for (const Tensor& output : outputs) {
        if (!output.defined()) continue;
        row.outputs.push_back(output.shape());
        if (!has_children) summary.output_bytes += output.nbytes();
      }
    });
  }

  Summary summary;
  std::unique_ptr<ModuleBase> copy;
  std::unordered_map<const ModuleBase*, std::size_t> row_of;
  std::unordered_map<const TensorImpl*, std::string> name_of;
  std::unordered_map<const TensorImpl*, Tensor> inputs;  // on the meta device; what is passed twice is one there, too
  std::vector<std::pair<std::size_t, int64_t>> running =
      {};  // the calls that are not over: rows, and what had been counted at their begin
  const int64_t counted_before = meta_multiply_adds();
  const Generator generator = default_generator();
  const DefaultDevice device{kMeta};
  const WithoutGlobalHooks without_global_hooks;
};

SummaryPass::SummaryPass(ModuleBase& model) : observer_(std::make_unique<Observer>(model)) {}
SummaryPass::~SummaryPass() = default;

ModuleBase& SummaryPass::copy() { return *observer_->copy; }

void SummaryPass::add(Tensor& input) {
  if (!input.defined()) return;
  const auto [at, is_new] = observer_->inputs.try_emplace(input.impl());
  if (is_new) {
    at->second = empty_like(input, {.device = kMeta, .requires_grad = input.requires_grad()});
    observer_->summary.input_bytes += input.nbytes();
  }
  input = at->second;
}

Tensor SummaryPass::input_of(const Shape& shape) {
  DType dtype = float32;
  for (const Parameter& p : observer_->copy->parameters())
    if (p.is_floating_point()) {
      dtype = p.dtype();
      break;
    }
  Tensor input = empty(shape, {.dtype = dtype, .device = kMeta});
  observer_->summary.input_bytes += input.nbytes();
  return input;
}

void SummaryPass::rethrow(const Error& error) { fail("summary", "the pass without data failed: {}", error.what()); }

Summary SummaryPass::result() {
  Summary& s = observer_->summary;
  s.multiply_adds = meta_multiply_adds() - observer_->counted_before;
  // A list is never called itself: its children are. From the last to the first, so that a list of lists has its parts.
  for (std::size_t i = s.rows.size(); i-- > 0;) {
    SummaryRow& row = s.rows[i];
    if (row.calls > 0) continue;
    for (std::size_t k = i + 1; k < s.rows.size() && s.rows[k].depth > row.depth; ++k)
      if (s.rows[k].depth == row.depth + 1) row.multiply_adds += s.rows[k].multiply_adds;
  }
  s.parameters = s.rows[0].parameters;
  s.trainable = s.rows[0].trainable;
  s.bytes = s.rows[0].bytes;
  return std::move(s);
}

}  // namespace detail

namespace {

std::string grouped(int64_t n) {
  std::string digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

bool called_within(const std::vector<SummaryRow>& rows, std::size_t i) {
  if (rows[i].calls > 0 || !rows[i].same_module_as.empty()) return true;
  for (std::size_t k = i + 1; k < rows.size() && rows[k].depth > rows[i].depth; ++k)
    if (rows[k].calls > 0 || !rows[k].same_module_as.empty()) return true;
  return false;
}

std::string notes(const std::vector<SummaryRow>& rows, std::size_t i) {
  const SummaryRow& row = rows[i];
  std::string text;
  const auto note = [&text](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
  if (!row.same_module_as.empty()) note("the same module as " + row.same_module_as);
  for (const auto& [key, first] : row.tied) note(fmt::format("{} is {}", key, first));
  if (row.calls > 1) note(fmt::format("called {} times", row.calls));
  const bool holds_tensors_only = row.type == "ParameterList" || row.type == "ParameterDict";
  if (!called_within(rows, i) && !holds_tensors_only) note("not called");
  return text;
}

std::string shapes(const SummaryRow& row) {
  if (row.outputs.empty()) return "-";
  return fmt::format("{}", fmt::join(row.outputs, ", "));
}

constexpr std::size_t columns = 8;
using Line = std::array<std::string, columns>;

Line line_of(const std::vector<SummaryRow>& rows, std::size_t i) {
  const SummaryRow& row = rows[i];
  const std::string key = row.name.substr(row.name.rfind('.') + 1);
  const auto indent = static_cast<std::size_t>(std::max<int64_t>(0, row.depth - 1)) * 2;
  Line line{std::string(indent, ' ') + key, row.type, shapes(row)};
  if (row.same_module_as.empty()) {
    const int64_t numbers[] = {row.parameters, row.trainable, row.multiply_adds, row.bytes};
    for (std::size_t c = 0; c < std::size(numbers); ++c) line[3 + c] = grouped(numbers[c]);
  }
  line.back() = notes(rows, i);
  return line;
}

}  // namespace

const SummaryRow& Summary::at(std::string_view name) const {
  const auto row = std::find_if(rows.begin(), rows.end(), [name](const SummaryRow& r) { return r.name == name; });
  if (row == rows.end())
    fail("summary", "there is no module \"{}\" in {}", name, rows.empty() ? "an empty summary" : rows[0].type);
  return *row;
}

std::string Summary::to_string(int64_t depth) const {
  std::vector<Line> lines{{"name", "type", "output", "parameters", "trainable", "multiply-adds", "bytes", ""}};
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].depth <= depth) lines.push_back(line_of(rows, i));

  std::array<std::size_t, columns> widths{};
  for (const Line& line : lines)
    for (std::size_t c = 0; c < columns; ++c) widths[c] = std::max(widths[c], line[c].size());
  std::string out;
  for (const Line& line : lines) {
    std::string text;
    for (std::size_t c = 0; c < columns; ++c) {
      const bool is_number = c >= 3 && c + 1 < columns;
      text += is_number ? fmt::format("{:>{}}  ", line[c], widths[c]) : fmt::format("{:<{}}  ", line[c], widths[c]);
    }
    out += text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
  }
  out += fmt::format("\n{} parameters, {} trainable, {} frozen; {} multiply-adds\n", grouped(parameters),
                     grouped(trainable), grouped(parameters - trainable), grouped(multiply_adds));
  out += fmt::format("bytes: {} of parameters and buffers, {} of inputs, {} of the layers' outputs", grouped(bytes),
                     grouped(input_bytes), grouped(output_bytes));
  return out;
}

}  // namespace tenon::nn
