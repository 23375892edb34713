// A tensor's text, as PyTorch writes it: tensor([[1., 2.], [3., 4.]]).
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <tenon/autograd.h>
#include <tenon/ops.h>

namespace tenon {
namespace {

constexpr int64_t summarize_above = 1000, edge = 3, line_width = 80;
constexpr int precision = 4;

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
    if (largest > 0) scientific_ = whole ? largest / smallest > 1000 || largest > 1e8 : largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4;
    for (const double v : values) width_ = std::max(width_, plain(v).size());
  }
  std::string operator()(double v) const { return fmt::format("{:>{}}", plain(v), width_); }

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

void collect(const Tensor& x, bool summarized, std::vector<double>& values) {
  if (x.dim() == 0) values.push_back(x.item<double>());
  else
    for (const int64_t i : shown(x.size(0), summarized)) collect(x[i], summarized, values);
}

std::string text(const Tensor& x, bool summarized, std::size_t indent, const auto& number) {
  if (x.dim() == 0) return number(x);
  const std::vector<int64_t> which = shown(x.size(0), summarized);
  const bool gap = static_cast<int64_t>(which.size()) < x.size(0);
  std::string s = "[";
  std::size_t column = indent + 1;
  const std::string next = fmt::format(",{}{}", std::string(static_cast<std::size_t>(x.dim() - 1), '\n'), std::string(indent + 1, ' '));
  for (std::size_t k = 0; k < which.size(); ++k) {
    const std::string part = text(x[which[k]], summarized, indent + 1, number);
    if (x.dim() > 1) {
      if (k > 0) s += next;
      s += part;
      if (gap && k + 1 == edge) s.append(next).append("...");
      continue;
    }
    const auto put = [&](const std::string& item) {
      if (s.size() > 1) {
        s += ",";
        if (column + 2 + item.size() > line_width) {
          s += '\n';
          s.append(indent + 1, ' ');
          column = indent + 1;
        } else {
          s += " ";
          column += 2;
        }
      }
      s += item;
      column += item.size();
    };
    put(part);
    if (gap && k + 1 == edge) put(" ...");
  }
  return s + "]";
}

}  // namespace

std::string to_string(const Tensor& x) {
  if (!x.defined()) return "tensor(undefined)";
  const NoGrad guard;
  std::string suffix;
  const bool standard = x.dtype() == float32 || x.dtype() == int64 || x.dtype() == boolean;
  if (x.is_meta()) suffix += fmt::format(", device='meta', size={}", x.shape().to_string());
  if (x.numel() == 0 && (x.dim() != 1)) suffix += fmt::format(", size={}", x.shape().to_string());
  if (!standard || (x.numel() == 0 && x.dtype() != float32)) suffix += fmt::format(", dtype=tenon.{}", x.dtype());
  if (!x.is_leaf()) suffix += ", grad_fn";
  else if (x.requires_grad()) suffix += ", requires_grad=True";
  const auto finished = [&](const std::string& body) { return fmt::format("tensor({}{})", body, suffix); };
  if (x.is_meta()) return finished("...");
  if (x.numel() == 0) return finished("[]");
  const Tensor here = x.detach().cpu();
  const bool summarized = here.numel() > summarize_above;
  if (here.dtype() == boolean) {
    return finished(text(here, summarized, 7, [](const Tensor& e) { return std::string(e.item<bool>() ? " True" : "False"); }));
  }
  if (!is_floating_point(here.dtype())) {
    std::size_t width = 1;
    std::vector<double> values;
    collect(here, summarized, values);
    for (const double v : values) width = std::max(width, fmt::format("{:.0f}", v).size());
    return finished(text(here, summarized, 7, [width](const Tensor& e) { return fmt::format("{:>{}}", e.item<int64_t>(), width); }));
  }
  std::vector<double> values;
  collect(here, summarized, values);
  const NumberFormat format(values);
  return finished(text(here, summarized, 7, [&](const Tensor& e) { return format(e.item<double>()); }));
}

}  // namespace tenon
