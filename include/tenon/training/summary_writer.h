#pragma once
// What TensorBoard shows of a training.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/nn/module_base.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::training {

/// Writes a file of events into a folder, which `tensorboard --logdir FOLDER` reads, while it is being written, too:
/// every event is on its way to the disk when its function returns. `step` is what TensorBoard shows on its axis.
/// Source: torch.utils.tensorboard.SummaryWriter.
class SummaryWriter {
 public:
  /// Makes the folder, and a file of a name of its own in it: events.out.tfevents.TIME.HOST.PROCESS.NUMBER.
  explicit SummaryWriter(const std::filesystem::path& folder);
  ~SummaryWriter();
  SummaryWriter(SummaryWriter&&) noexcept;
  SummaryWriter& operator=(SummaryWriter&&) noexcept;

  void add_scalar(std::string_view tag, double value, int64_t step);
  /// Several curves of one chart: tag/name. (PyTorch writes a file for each.)
  void add_scalars(std::string_view tag, const std::vector<std::pair<std::string, double>>& values, int64_t step);
  /// How the elements are distributed, in buckets that grow by a tenth from one to the next. An error for none.
  void add_histogram(std::string_view tag, const Tensor& values, int64_t step);
  /// An image (C, H, W) of one channel, three, or four with transparency: uint8, or floating-point in [0, 1], what lies
  /// outside being cut off.
  void add_image(std::string_view tag, const Tensor& image, int64_t step);
  /// Several images (N, C, H, W) as one, in rows of up to `columns`.
  void add_images(std::string_view tag, const Tensor& images, int64_t step, int64_t columns = 8);
  /// Markdown.
  void add_text(std::string_view tag, std::string_view text, int64_t step);
  /// The tree of modules, each with its class and what it prints of itself.
  void add_graph(nn::ModuleBase& model);

  const std::filesystem::path& file() const;

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace tenon::training

#pragma GCC visibility pop
