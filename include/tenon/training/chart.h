#pragma once
// Curves as a picture.
#include <filesystem>
#include <string>
#include <vector>

#pragma GCC visibility push(default)

namespace tenon::training {

struct Curve {
  std::string name;
  std::vector<double> x, y;  ///< of one length; a NaN or an infinity leaves a gap
};

struct ChartOptions {
  std::string title = {}, x_label = {}, y_label = {};
};

/// A chart of the curves as SVG text, which browsers and most editors show. An error for curves whose x and y have
/// different lengths.
std::string chart_svg(const std::vector<Curve>& curves, const ChartOptions& options = {});
/// The same in a file.
void save_chart(const std::filesystem::path& file, const std::vector<Curve>& curves, const ChartOptions& options = {});

}  // namespace tenon::training

#pragma GCC visibility pop
