#include <tenon/training/chart.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include <fmt/format.h>

#include <tenon/error.h>

namespace tenon::training {
namespace {

constexpr double width = 720, height = 440, left = 72, right = 24, top = 48, bottom = 56;
// Okabe and Ito's colours, which those who see fewer colours tell apart, too.
constexpr std::array colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else out += c;
  }
  return out;
}

/// A range of numbers, and round ones in it.
class Axis {
 public:
  void take(const std::vector<double>& values) {
    for (const double v : values)
      if (std::isfinite(v)) {
        low_ = std::min(low_, v);
        high_ = std::max(high_, v);
      }
  }
  /// Leaves the ends at round numbers.
  void finish() {
    if (low_ > high_) low_ = 0, high_ = 1;
    if (low_ == high_) {
      const double room = low_ == 0 ? 1 : std::abs(low_) / 2;
      low_ -= room;
      high_ += room;
    }
    const double rough = high_ / 5 - low_ / 5, power = std::pow(10, std::floor(std::log10(rough)));
    step_ = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
    low_ = std::floor(low_ / step_) * step_;
    high_ = std::ceil(high_ / step_) * step_;
  }
  double part(double v) const { return (v - low_) / (high_ - low_); }  // 0 … 1
  std::vector<double> ticks() const {
    std::vector<double> all;
    const auto n = std::lround((high_ - low_) / step_);
    for (int64_t i = 0; i <= n; ++i) all.push_back(low_ + static_cast<double>(i) * step_);
    return all;
  }
  std::string label(double tick) const { return fmt::format("{:.6g}", std::abs(tick) < step_ / 2 ? 0 : tick); }

 private:
  double low_ = std::numeric_limits<double>::infinity(), high_ = -std::numeric_limits<double>::infinity(), step_ = 1;
};

}  // namespace

std::string chart_svg(const std::vector<Curve>& curves, const ChartOptions& o) {
  Axis across, up;
  for (const Curve& c : curves) {
    if (c.x.size() != c.y.size())
      fail("chart_svg", "{} has {} numbers across and {} up", c.name, c.x.size(), c.y.size());
    across.take(c.x);
    up.take(c.y);
  }
  across.finish();
  up.finish();
  const auto x_of = [&](double v) { return left + across.part(v) * (width - left - right); };
  const auto y_of = [&](double v) { return height - bottom - up.part(v) * (height - top - bottom); };

  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      width, height);
  const auto text = [&](double x, double y, const char* anchor, const std::string& words, const char* more = "") {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                       escaped(words));
  };
  const auto line = [&](double x1, double y1, double x2, double y2, const char* colour) {
    svg += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", x1, y1, x2,
                       y2, colour);
  };
  for (const double tick : up.ticks()) {
    line(left, y_of(tick), width - right, y_of(tick), "#dddddd");
    text(left - 8, y_of(tick) + 4, "end", up.label(tick));
  }
  for (const double tick : across.ticks()) {
    line(x_of(tick), height - bottom, x_of(tick), height - bottom + 5, "#444444");
    text(x_of(tick), height - bottom + 20, "middle", across.label(tick));
  }
  line(left, height - bottom, width - right, height - bottom, "#444444");
  text(width / 2, 24, "middle", o.title, " font-size=\"16\"");
  text((left + width - right) / 2, height - 14, "middle", o.x_label);
  text(18, (top + height - bottom) / 2, "middle", o.y_label,
       fmt::format(" transform=\"rotate(-90 18 {:.1f})\"", (top + height - bottom) / 2).c_str());

  for (std::size_t i = 0; i < curves.size(); ++i) {
    const char* const colour = colours[i % colours.size()];
    std::string path;
    bool draws = false;  // the pen is down
    for (std::size_t k = 0; k < curves[i].x.size(); ++k) {
      const bool is_point = std::isfinite(curves[i].x[k]) && std::isfinite(curves[i].y[k]);
      if (is_point)
        path += fmt::format("{}{:.1f} {:.1f}", draws ? "L" : "M", x_of(curves[i].x[k]), y_of(curves[i].y[k]));
      draws = is_point;
    }
    svg += fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-linejoin=\"round\" "
        "stroke-linecap=\"round\"/>\n",
        path, colour);
    const double y = top + 8 + 18 * static_cast<double>(i);
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"14\" height=\"4\" fill=\"{}\"/>\n", width - right - 150,
                       y - 6, colour);
    text(width - right - 130, y, "start", curves[i].name);
  }
  return svg + "</svg>\n";
}

void save_chart(const std::filesystem::path& file, const std::vector<Curve>& curves, const ChartOptions& options) {
  const std::string svg = chart_svg(curves, options);
  std::ofstream out(file, std::ios::binary);
  out << svg << std::flush;
  if (!out) fail("save_chart", "{} cannot be written: {}", file.string(), std::strerror(errno));
}

}  // namespace tenon::training
