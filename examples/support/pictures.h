#pragma once
// Pictures of what a model makes and mistakes.
#include <string>
#include <vector>

#include <tenon/tenon.h>

namespace support {

/// Images (N, C, H, W) between 0 and 1 as one PNG file.
inline void save_sheet(const tenon::Tensor& images, int64_t columns, const std::string& file) {
  const tenon::Tensor sheet = tenon::data::make_grid(images, {.columns = columns, .pad_value = 0.25});
  tenon::data::write_png((sheet * 255).round().clamp(0, 255).to(tenon::uint8), file);
}

/// What a classifier takes for something else, as a sheet of (1 + classes)² images of side × side: row i, column j is
/// the image of class i that it was surest to be of class j, black where there is none. The first of each row and each
/// column is the surest right one of its class.
template <class Model, class Loader>
void save_mistakes(Model& model, const Loader& loader, int64_t classes, int64_t side, const std::string& file) {
  model.eval();
  const tenon::NoGrad guard;
  const int64_t across = classes + 1;
  const tenon::Tensor cells = tenon::zeros({across * across, 1, side, side});
  std::vector<double> sureness(static_cast<std::size_t>(across * across), 0);
  for (auto& [x, y] : loader) {
    const auto [probabilities, predicted] = model(x).softmax(1).max(1);
    const auto sure = probabilities.template to_vector<float>();
    const auto is = y.template to_vector<int64_t>(), taken_for = predicted.template to_vector<int64_t>();
    for (std::size_t k = 0; k < is.size(); ++k) {
      const int64_t row = is[k] + 1, column = taken_for[k] + 1;
      const bool is_right = row == column;
      double& surest = sureness[static_cast<std::size_t>(is_right ? row : row * across + column)];
      if (sure[k] <= surest) continue;
      surest = sure[k];
      const tenon::Tensor image = x[static_cast<int64_t>(k)].reshape({1, side, side});
      cells[is_right ? row : row * across + column].copy_(image);
      if (is_right) cells[row * across].copy_(image);
    }
  }
  save_sheet(cells, across, file);
}

}  // namespace support
