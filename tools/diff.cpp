// tenon diff: where two files differ.
#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <optional>

#include <tenon/autograd.h>
#include <tenon/ops.h>

#include "command.h"
#include "entries.h"
#include "numbers.h"
#include "output.h"

namespace tenon::tool {
namespace {

struct Options {
  std::string a, b;
  double rtol = 0, atol = 0;
  bool ignore_dtype = false, quiet = false;

  bool near(Number x, Number y) const {
    if (x == y || (std::isnan(x) && std::isnan(y))) return true;
    return std::abs(x - y) <= static_cast<Number>(atol) + static_cast<Number>(rtol) * std::abs(y);  // never for a NaN
  }
};

std::string index_text(int64_t at, const Shape& shape) {
  Shape index = shape;
  for (std::size_t d = shape.size(); d-- > 0; at /= shape[d]) index[d] = at % shape[d];
  return fmt::format("{}", index);
}

std::string element_text(const Number* x, bool complex) {
  return complex ? fmt::format("{:g}{:+g}j", x[0], x[1]) : fmt::format("{:.9g}", x[0]);
}

/// Whether two tensors differ already in what is known without their elements.
bool different_kinds(const Tensor& a, const Tensor& b, const Options& options) {
  return a.defined() != b.defined() ||
         (a.defined() && (a.shape() != b.shape() || (a.dtype() != b.dtype() && !options.ignore_dtype)));
}

/// What to say of two tensors that differ.
std::optional<std::string> difference(const Tensor& a, const Tensor& b, const Options& options) {
  if (different_kinds(a, b, options)) return fmt::format("{} | {}", type_text(a), type_text(b));
  if (!a.defined()) return std::nullopt;
  if (a.device() == kMeta || b.device() == kMeta) {
    if (a.device() == b.device()) return std::nullopt;
    return fmt::format("on {} | on {}", a.device(), b.device());
  }
  if (is_complex(a.dtype()) != is_complex(b.dtype())) return fmt::format("{} | {}", type_text(a), type_text(b));
  const NoGrad guard;
  const Tensor x = a.detach().contiguous().view(-1), y = b.detach().contiguous().view(-1);
  const bool complex = is_complex(x.dtype());
  const int64_t parts = complex ? 2 : 1;
  constexpr int64_t chunk = 1 << 16;
  int64_t differing = 0, worst_at = 0;
  Number worst = -1;
  std::string worst_text;
  for (int64_t begin = 0; begin < x.numel(); begin += chunk) {
    const int64_t n = std::min(chunk, x.numel() - begin);
    const std::vector<Number> u = numbers(x, begin, n), v = numbers(y, begin, n);
    if (u == v) continue;
    for (int64_t i = 0; i < n; ++i) {
      const auto p = static_cast<std::size_t>(i * parts);
      bool near = true;
      Number by = 0;
      for (std::size_t k = p; k < p + static_cast<std::size_t>(parts); ++k) {
        near = near && options.near(u[k], v[k]);
        const Number here = u[k] == v[k] ? 0 : std::abs(u[k] - v[k]);
        by = std::isnan(here) ? (std::isnan(u[k]) && std::isnan(v[k]) ? by : std::numeric_limits<Number>::infinity())
                              : std::max(by, here);
      }
      if (near) continue;
      ++differing;
      if (by <= worst) continue;
      worst = by;
      worst_at = begin + i;
      worst_text = element_text(&u[p], complex) + " | " + element_text(&v[p], complex);
    }
  }
  if (differing == 0) return std::nullopt;
  return fmt::format("{}: {} of {} differ, by {:g} at most, at {}: {}", type_text(a),
                     count_text(static_cast<uint64_t>(differing)),
                     counted(static_cast<uint64_t>(x.numel()), "element", "elements"), worst,
                     index_text(worst_at, a.shape()), worst_text);
}

std::optional<std::string> difference(const Entry& a, const Entry& b, const Options& options) {
  const Value &x = *a.value, &y = *b.value;
  if (x.is<Tensor>() && y.is<Tensor>()) return difference(x.as<Tensor>(), y.as<Tensor>(), options);
  if (a.children > 0 && b.children > 0 && type_text(x) == type_text(y))
    return std::nullopt;  // what they hold is compared by itself
  const auto number = [](const Value& v) { return v.is<double>() || v.is<int64_t>(); };
  const bool same =
      number(x) && number(y)
          ? options.near(static_cast<Number>(x.as<double>()), static_cast<Number>(y.as<double>())) &&
                (!x.is<int64_t>() || !y.is<int64_t>() || options.rtol != 0 || options.atol != 0 || x.equals(y))
      : x.is<Opaque>() && y.is<Opaque>()
          ? type_text(x) == type_text(y)
          : a.children == 0 && b.children == 0 && x.type_name() == y.type_name() && x.equals(y);
  if (same) return std::nullopt;
  const auto text = [](const Entry& e) {
    return e.value->is<Tensor>() || e.children > 0 ? type_text(*e.value) : printable(e.value->to_string());
  };
  return text(a) + " | " + text(b);
}

/// A file's entries by their paths; a path that two of them have is told apart.
std::map<std::string, const Entry*> by_path(const std::vector<Entry>& entries) {
  std::map<std::string, const Entry*> all;
  std::map<std::string, int> given;  // how often each was, where it was more than once
  for (const Entry& entry : entries) {
    std::string path = entry.path;
    while (!all.try_emplace(path, &entry).second) {
      int& n = given.try_emplace(entry.path, 1).first->second;
      path = fmt::format("{} ({})", entry.path, ++n);
    }
  }
  return all;
}

/// Whether two files differ, without more reading than that takes: names and types stand in the headers.
bool any_difference(const std::map<std::string, const Entry*>& a, const std::map<std::string, const Entry*>& b,
                    const Options& options) {
  if (a.size() != b.size()) return true;
  const auto both = [&](const auto& differ) {
    return std::any_of(a.begin(), a.end(), [&](const auto& item) {
      const auto other = b.find(item.first);
      return other == b.end() || differ(*item.second, *other->second);
    });
  };
  const auto in_headers = [&](const Entry& x, const Entry& y) {
    if (!x.value->is<Tensor>() || !y.value->is<Tensor>()) return difference(x, y, options).has_value();
    return different_kinds(x.value->as<Tensor>(), y.value->as<Tensor>(), options);
  };
  return both(in_headers) ||
         both([&](const Entry& x, const Entry& y) { return difference(x, y, options).has_value(); });
}

int run(const Options& options, const std::string& color) {
  const Value a = load_to_look_at(options.a), b = load_to_look_at(options.b);
  const std::vector<Entry> entries_a = entries_of(a), entries_b = entries_of(b);
  const auto in_a = by_path(entries_a), in_b = by_path(entries_b);
  if (options.quiet) return any_difference(in_a, in_b, options) ? 1 : 0;
  Output out(color);
  uint64_t only_a = 0, only_b = 0, differ = 0, same = 0;
  const auto shown = [](const std::string& path) { return path.empty() ? std::string("(the whole file)") : path; };
  for (const auto& [path, entry] : in_a) {
    const auto other = in_b.find(path);
    if (other == in_b.end()) {
      ++only_a;
      out.line("{}", out.paint(Paint::red, fmt::format("- {}  {}", shown(path), type_text(*entry->value))));
    } else if (const auto text = difference(*entry, *other->second, options)) {
      ++differ;
      out.line("{} {}  {}", out.paint(Paint::yellow, "~"), shown(path), *text);
    } else if (entry->children == 0) {
      ++same;
    }
  }
  for (const auto& [path, entry] : in_b) {
    if (in_a.contains(path)) continue;
    ++only_b;
    out.line("{}", out.paint(Paint::green, fmt::format("+ {}  {}", shown(path), type_text(*entry->value))));
  }
  if (only_a + only_b + differ == 0) return 0;
  out.line("{} only in {}, {} only in {}, {} differ, {} the same", count_text(only_a), printable(options.a),
           count_text(only_b), printable(options.b), count_text(differ), count_text(same));
  out.write();
  return 1;
}

/// CLI11's own validator prints the largest double, with its 300 digits, where a number is negative.
const CLI::Validator at_least_zero(
    [](const std::string& text) {
      double number = 0;
      return CLI::detail::lexical_cast(text, number) && number >= 0
                 ? std::string()
                 : fmt::format("expected a number from 0 on, got {}", text);
    },
    "from 0 on");

}  // namespace

Command add_diff(CLI::App& app, const std::string& color) {
  const auto options = std::make_shared<Options>();
  app.add_option("A", options->a, "a checkpoint: .pt, .pth, .safetensors, index.json, .npy, .npz")->required();
  app.add_option("B", options->b, "another one, of either kind")->required();
  app.add_option("--rtol", options->rtol, "allowed: |a - b| <= atol + rtol |b|")
      ->check(at_least_zero)
      ->capture_default_str();
  app.add_option("--atol", options->atol, "see --rtol")->check(at_least_zero)->capture_default_str();
  app.add_flag("--ignore-dtype", options->ignore_dtype, "compare the numbers of tensors of different types");
  app.add_flag("-q,--quiet", options->quiet, "print nothing: only the exit code");
  app.footer("Exit code: 0 where they are the same, 1 where they differ, 2 where something goes wrong.");
  return [options, &color] { return run(*options, color); };
}

}  // namespace tenon::tool
