// A tensor's text, as PyTorch writes it: tensor([[1., 2.], [3., 4.]]).
#include <tenon/print.h>

#include <cmath>
#include <complex>
#include <limits>

#include <fmt/format.h>

#include <tenon/ops.h>

#include "tape/node.h"
#include "tensor/element.h"

namespace tenon {
namespace {

constexpr std::string_view opening = "tensor(";

/// How all numbers of one tensor (or all real, all imaginary parts) are written, so that they line up.
class NumberFormat {
 public:
  NumberFormat(const std::vector<double>& values, const PrintOptions& options)
      : precision_(static_cast<int>(std::min<int64_t>(options.precision, 1000))) {
    double largest = 0, smallest = std::numeric_limits<double>::infinity();
    for (const double v : values) {
      if (!std::isfinite(v) || v == 0) continue;
      largest = std::max(largest, std::abs(v));
      smallest = std::min(smallest, std::abs(v));
      whole_ = whole_ && v == std::ceil(v);
    }
    if (largest == 0) return;
    scientific_ = options.sci_mode.value_or(largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4);
    for (const double v : values)  // the others stand as they come, as in PyTorch
      if (std::isfinite(v) && v != 0) width_ = std::max(width_, plain(v).size());
  }
  std::string operator()(double v) const { return fmt::format("{:>{}}", plain(v), width_); }
  std::size_t width() const { return width_; }

 private:
  std::string plain(double v) const {
    if (std::isnan(v)) return "nan";
    if (std::isinf(v)) return v > 0 ? "inf" : "-inf";
    if (scientific_) return fmt::format("{:.{}e}", v, precision_);
    return whole_ ? fmt::format("{:.0f}.", v) : fmt::format("{:.{}f}", v, precision_);
  }
  int precision_;
  bool whole_ = true, scientific_ = false;
  std::size_t width_ = 1;
};

/// Which elements are shown, and how they are laid out.
class Layout {
 public:
  Layout(const Tensor& x, const PrintOptions& options)
      : x_(x), options_(options), summarized_(x.numel() > options.threshold) {}

  /// The elements shown, in order.
  std::vector<Scalar> elements() const {
    std::vector<Scalar> all;
    collect(all, 0, x_.impl()->data);
    return all;
  }
  /// The same elements as texts, in brackets; `width`: of the widest, for breaking lines.
  std::string text(const std::vector<std::string>& elements, std::size_t width) const {
    auto next = elements.begin();
    return text(next, 0, width);
  }

 private:
  bool shortened(std::size_t d) const { return summarized_ && options_.edgeitems <= (x_.shape()[d] - 1) / 2; }

  void collect(std::vector<Scalar>& all, std::size_t d, const std::byte* at) const {
    if (d == x_.shape().size()) return all.push_back(element_at(at, x_.dtype()));
    const int64_t n = x_.shape()[d], step = x_.strides()[d] * x_.element_size();
    for (int64_t i = 0; i < n; ++i) {
      if (shortened(d) && i == options_.edgeitems) i = n - options_.edgeitems;
      if (i < n) collect(all, d + 1, at + i * step);
    }
  }

  std::string text(std::vector<std::string>::const_iterator& next, std::size_t d, std::size_t width) const {
    const std::size_t dims = x_.shape().size(), indent = opening.size() + d;
    if (d == dims) return *next++;
    const bool row = d + 1 == dims;
    std::vector<std::string> parts;
    for (int64_t n = shortened(d) ? 2 * options_.edgeitems : x_.shape()[d]; n > 0; --n)
      parts.push_back(text(next, d + 1, width));
    if (shortened(d)) parts.insert(parts.begin() + options_.edgeitems, row && options_.edgeitems > 0 ? " ..." : "...");
    const std::size_t room =
        static_cast<std::size_t>(std::max<int64_t>(options_.linewidth - static_cast<int64_t>(indent), 0));
    const std::size_t a_line = row ? std::max<std::size_t>(room / (width + 2), 1) : 1;
    const std::string between = ',' + std::string(row ? 1 : dims - d - 1, '\n') + std::string(indent + 1, ' ');
    std::string s = "[";
    for (std::size_t k = 0; k < parts.size(); ++k) {
      if (k > 0) s += k % a_line == 0 ? between : ", ";
      s += parts[k];
    }
    return s + ']';
  }

  const Tensor& x_;
  const PrintOptions& options_;
  bool summarized_;
};

std::string contents(const Tensor& x, const PrintOptions& options) {
  const Layout layout(x, options);
  const std::vector<Scalar> elements = layout.elements();
  std::vector<std::string> texts;
  std::size_t width = 1;
  if (is_complex(x.dtype())) {
    std::vector<double> real, imag;
    for (const Scalar& e : elements) {
      const auto z = e.to<std::complex<double>>();
      real.push_back(z.real());
      imag.push_back(z.imag());
    }
    const NumberFormat real_format(real, options), imag_format(imag, options);
    for (std::size_t i = 0; i < real.size(); ++i) {
      std::string part = imag_format(imag[i]) + 'j';
      part.erase(0, part.find_first_not_of(' '));
      texts.push_back(real_format(real[i]) + (part[0] == '-' ? "" : "+") + part);
    }
    width = real_format.width() + imag_format.width() + 1;
  } else if (is_floating_point(x.dtype())) {
    std::vector<double> values;
    for (const Scalar& e : elements) values.push_back(e.to_double());
    const NumberFormat format(values, options);
    for (const double v : values) texts.push_back(format(v));
    width = format.width();
  } else {
    for (const Scalar& e : elements) {
      texts.push_back(e.kind() == boolean  ? e.to<bool>() ? "True" : "False"
                      : e.kind() == uint64 ? std::to_string(e.to<uint64_t>())
                                           : std::to_string(e.to<int64_t>()));
      width = std::max(width, texts.back().size());
    }
    for (std::string& t : texts) t.insert(0, width - t.size(), ' ');
  }
  return layout.text(texts, width);
}

/// `body`, then what is to be said besides the elements, on a new line where it does not fit.
std::string finished(const std::string& body, const std::vector<std::string>& suffixes, int64_t linewidth) {
  std::string s(opening);
  s += body;
  const auto limit = static_cast<std::size_t>(linewidth);
  std::size_t line = s.size() - s.rfind('\n') + 1;  // npos + 1 is 0
  for (const std::string& suffix : suffixes) {
    if (line + suffix.size() + 2 > limit) {
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
  const PrintOptions options = get_printoptions();
  const DType t = x.dtype();
  const bool empty = x.numel() == 0;
  // A type goes without saying where the elements show it.
  const bool evident = t == float32 || (!x.is_meta() && !empty && (t == int64 || t == boolean || t == complex64));
  std::vector<std::string> suffixes;
  if (x.device() != kCPU) suffixes.push_back(fmt::format("device='{}'", x.device()));
  if (x.is_meta() || (empty && x.dim() != 1) || (!empty && options.edgeitems == 0))
    suffixes.push_back("size=" + x.shape().to_string());
  if (!evident) suffixes.push_back(fmt::format("dtype=torch.{}", t));
  if (!x.is_leaf()) suffixes.push_back(fmt::format("grad_fn=<{}>", x.impl()->current_grad_fn()->backward_name()));
  else if (x.requires_grad()) suffixes.emplace_back("requires_grad=True");
  return finished(x.is_meta() ? "..."
                  : empty     ? "[]"
                              : contents(x.detach().cpu(), options),
                  suffixes, options.linewidth);
}

}  // namespace tenon
