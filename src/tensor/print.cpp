// A tensor's text, as PyTorch writes it: tensor([[1., 2.], [3., 4.]]).
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <tenon/autograd.h>
#include <tenon/ops.h>

#include "autograd/node.h"

namespace tenon {
namespace {

constexpr int64_t summarize_above = 1000, edge = 3, line_width = 80;
constexpr int precision = 4;
constexpr std::string_view opening = "tensor(";

/// How all numbers of one tensor are written, so that they line up.
class NumberFormat {
 public:
  explicit NumberFormat(const std::vector<double>& values) {
    double largest = 0, smallest = std::numeric_limits<double>::infinity();
    bool whole = true;
    for (const double v : values) {
      if (!std::isfinite(v)) continue;
      if (v != 0) {
        largest = std::max(largest, std::abs(v));
        smallest = std::min(smallest, std::abs(v));
      }
      whole = whole && v == std::ceil(v);
    }
    whole_ = whole;
    if (largest > 0) scientific_ = largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4);
    for (const double v : values)  // the others stand as they come, as in PyTorch
      if (std::isfinite(v) && v != 0) width_ = std::max(width_, plain(v).size());
  }
  std::string operator()(double v) const { return fmt::format("{:>{}}", plain(v), width_); }
  std::size_t width() const { return width_; }

 private:
  std::string plain(double v) const {
    if (std::isnan(v)) return "nan";
    if (std::isinf(v)) return v > 0 ? "inf" : "-inf";
    if (scientific_) return fmt::format("{:.{}e}", v, precision);
    return whole_ ? fmt::format("{:.0f}.", v) : fmt::format("{:.{}f}", v, precision);
  }
  bool whole_ = true, scientific_ = false;
  std::size_t width_ = 1;
};

/// Which indices of a dimension are shown.
std::vector<int64_t> shown(int64_t n, bool summarized) {
  std::vector<int64_t> which;
  for (int64_t i = 0; i < n; ++i)
    if (!summarized || n <= 2 * edge || i < edge || i >= n - edge) which.push_back(i);
  return which;
}

void for_each_shown(const Tensor& x, bool summarized, const auto& f) {
  if (x.dim() == 0) f(x);
  else
    for (const int64_t i : shown(x.size(0), summarized)) for_each_shown(x[i], summarized, f);
}

std::string text(const Tensor& x, bool summarized, std::size_t indent, std::size_t width, const auto& number) {
  if (x.dim() == 0) return number(x);
  const std::vector<int64_t> which = shown(x.size(0), summarized);
  std::vector<std::string> parts;
  for (const int64_t i : which) parts.push_back(text(x[i], summarized, indent + 1, width, number));
  if (static_cast<int64_t>(which.size()) < x.size(0)) parts.insert(parts.begin() + edge, x.dim() == 1 ? " ..." : "...");
  const std::size_t a_line = x.dim() == 1 ? std::max<std::size_t>((line_width - indent) / (width + 2), 1) : 1;
  const std::string next = ',' + std::string(static_cast<std::size_t>(std::max<int64_t>(x.dim() - 1, 1)), '\n') + std::string(indent + 1, ' ');
  std::string s = "[";
  for (std::size_t k = 0; k < parts.size(); ++k) {
    if (k > 0) s += k % a_line == 0 ? next : ", ";
    s += parts[k];
  }
  return s + ']';
}

/// `body`, then what is to be said besides the elements, on a new line where it does not fit.
std::string finished(const std::string& body, const std::vector<std::string>& suffixes) {
  std::string s(opening);
  s += body;
  std::size_t line = s.size() - s.rfind('\n') + 1;  // npos + 1 is 0
  for (const std::string& suffix : suffixes) {
    if (line + suffix.size() + 2 > line_width) {
      s += ",\n" + std::string(opening.size(), ' ') + suffix;
      line = opening.size() + suffix.size();
    } else {
      s += ", " + suffix;
      line += suffix.size() + 2;
    }
  }
  return s + ')';
}

}  // namespace

std::string to_string(const Tensor& x) {
  if (!x.defined()) return "tensor(undefined)";
  const NoGrad guard;
  std::vector<std::string> suffixes;
  const bool standard = x.dtype() == float32 || x.dtype() == int64 || x.dtype() == boolean;
  if (x.is_meta()) suffixes.emplace_back("device='meta'");
  if (x.is_meta() || (x.numel() == 0 && x.dim() != 1)) suffixes.push_back("size=" + x.shape().to_string());
  if (!standard || (x.numel() == 0 && !x.is_meta() && x.dtype() != float32)) suffixes.push_back(fmt::format("dtype=tenon.{}", x.dtype()));
  if (!x.is_leaf()) suffixes.push_back(fmt::format("grad_fn=<{}>", x.grad_fn()->name()));
  else if (x.requires_grad()) suffixes.emplace_back("requires_grad=True");
  if (x.is_meta()) return finished("...", suffixes);
  if (x.numel() == 0) return finished("[]", suffixes);
  const Tensor here = x.detach().cpu();
  const bool summarized = here.numel() > summarize_above;
  if (is_floating_point(here.dtype())) {
    std::vector<double> values;
    for_each_shown(here, summarized, [&](const Tensor& e) { values.push_back(e.item<double>()); });
    const NumberFormat format(values);
    return finished(text(here, summarized, opening.size(), format.width(), [&](const Tensor& e) { return format(e.item<double>()); }), suffixes);
  }
  const auto plain = [](const Tensor& e) {
    return e.dtype() == boolean ? std::string(e.item<bool>() ? "True" : "False") : std::to_string(e.item<int64_t>());
  };
  std::size_t width = 1;
  for_each_shown(here, summarized, [&](const Tensor& e) { width = std::max(width, plain(e).size()); });
  return finished(text(here, summarized, opening.size(), width, [&](const Tensor& e) { return fmt::format("{:>{}}", plain(e), width); }), suffixes);
}

}  // namespace tenon
