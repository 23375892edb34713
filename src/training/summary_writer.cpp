#include <tenon/training/summary_writer.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>

#include <tenon/data/image.h>
#include <tenon/grad_mode.h>
#include <tenon/ops.h>

#include "training/event.h"

namespace tenon::training {
namespace {

// Fields of event.proto, summary.proto, tensor.proto, graph.proto.
namespace event {
constexpr int wall_time = 1, step = 2, file_version = 3, graph_def = 4, summary = 5;
}
namespace summary {
constexpr int value = 1, tag = 1, simple_value = 2, image = 4, histogram = 5, tensor = 8, metadata = 9;
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

/// Buckets from −1e20 to 1e20, which become wider by a tenth from 1e-12 on: those of TensorFlow and PyTorch.
const std::vector<double>& bucket_limits() {
  static const std::vector<double> limits = [] {
    std::vector<double> positive, all;
    for (double v = 1e-12; v < 1e20; v *= 1.1) positive.push_back(v);
    for (auto v = positive.rbegin(); v != positive.rend(); ++v) all.push_back(-*v);
    all.push_back(0);
    all.insert(all.end(), positive.begin(), positive.end());
    return all;
  }();
  return limits;
}

Message histogram_of(const std::vector<double>& values) {
  const std::vector<double>& limits = bucket_limits();
  std::vector<double> counts(limits.size(), 0);  // of the values up to each limit
  double sum = 0, squares = 0;
  for (const double v : values) {
    const auto at = std::ranges::upper_bound(limits, v) - limits.begin();
    ++counts[static_cast<std::size_t>(std::min<std::ptrdiff_t>(at, std::ssize(limits) - 1))];
    sum += v;
    squares += v * v;
  }
  const auto is_filled = [](double count) { return count > 0; };
  const auto first = std::ranges::find_if(counts, is_filled) - counts.begin();
  const auto last = counts.rend() - std::find_if(counts.rbegin(), counts.rend(), is_filled);
  const auto from = std::max<std::ptrdiff_t>(first - 1, 0);  // an empty one first says where the next begins
  const auto [least, greatest] = std::ranges::minmax(values);
  Message histogram;
  histogram.number(1, least).number(2, greatest).number(3, static_cast<double>(values.size()));
  histogram.number(4, sum).number(5, squares);
  histogram.numbers(6, std::vector<double>(limits.begin() + from, limits.begin() + last));
  histogram.numbers(7, std::vector<double>(counts.begin() + from, counts.begin() + last));
  return histogram;
}

}  // namespace

struct SummaryWriter::File {
  std::filesystem::path path;
  std::FILE* file = nullptr;

  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (file) std::fclose(file);
  }

  void write(Message event, std::optional<int64_t> step) {
    Message timed;
    timed.number(event::wall_time, now());
    if (step) timed.integer(event::step, static_cast<uint64_t>(*step));
    const std::string record = framed(timed.append(event));
    if (std::fwrite(record.data(), 1, record.size(), file) != record.size() || std::fflush(file) != 0)
      fail("SummaryWriter", "{} cannot be written: {}", path.string(), std::strerror(errno));
  }
  void summarise(std::string_view tag, Message value, int64_t step) {
    Message tagged;
    tagged.bytes(summary::tag, tag).append(value);
    write(Message().message(event::summary, Message().message(summary::value, tagged)), step);
  }
};

SummaryWriter::SummaryWriter(const std::filesystem::path& folder) : file_(std::make_unique<File>()) {
  static std::atomic<int> number{0};
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '-';
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  file_->path = folder / fmt::format("events.out.tfevents.{}.{}.{}.{}", static_cast<int64_t>(now()), host.data(),
                                     getpid(), number++);
  file_->file = std::fopen(file_->path.c_str(), "wb");
  if (!file_->file) fail("SummaryWriter", "{} cannot be written: {}", file_->path.string(), std::strerror(errno));
  file_->write(Message().bytes(event::file_version, "brain.Event:2"), std::nullopt);
}

SummaryWriter::~SummaryWriter() = default;
SummaryWriter::SummaryWriter(SummaryWriter&&) noexcept = default;
SummaryWriter& SummaryWriter::operator=(SummaryWriter&&) noexcept = default;

const std::filesystem::path& SummaryWriter::file() const { return file_->path; }

void SummaryWriter::add_scalar(std::string_view tag, double value, int64_t step) {
  file_->summarise(tag, Message().number(summary::simple_value, static_cast<float>(value)), step);
}

void SummaryWriter::add_scalars(std::string_view tag, const std::vector<std::pair<std::string, double>>& values,
                                int64_t step) {
  for (const auto& [name, value] : values) add_scalar(fmt::format("{}/{}", tag, name), value, step);
}

void SummaryWriter::add_histogram(std::string_view tag, const Tensor& values, int64_t step) {
  const NoGrad guard;
  if (values.numel() == 0) fail("SummaryWriter", "{}: a histogram of nothing", tag);
  const std::vector<double> all = values.detach().cpu().to(float64).reshape({-1}).to_vector<double>();
  if (!std::ranges::all_of(all, [](double v) { return std::isfinite(v); }))
    fail("SummaryWriter", "{}: a histogram of values that are infinite or no numbers", tag);
  file_->summarise(tag, Message().message(summary::histogram, histogram_of(all)), step);
}

void SummaryWriter::add_image(std::string_view tag, const Tensor& image, int64_t step) {
  const NoGrad guard;
  Tensor bytes = image.detach().cpu();
  if (is_floating_point(bytes.dtype())) bytes = (bytes.to(float32).nan_to_num().clamp(0, 1) * 255 + 0.5).to(uint8);
  if (bytes.dtype() != uint8 || bytes.dim() != 3 || (bytes.size(0) != 1 && bytes.size(0) != 3 && bytes.size(0) != 4))
    fail("SummaryWriter",
         "{}: expected an image (1, H, W), (3, H, W) or (4, H, W) of uint8 or floating-point, got {} {}", tag,
         image.dtype(), image.shape().to_string());
  const std::vector<std::byte> png = data::encode_png(bytes);
  Message shown;
  shown.integer(1, static_cast<uint64_t>(bytes.size(1))).integer(2, static_cast<uint64_t>(bytes.size(2)));
  shown.integer(3, static_cast<uint64_t>(bytes.size(0)));  // the colours are as many as the channels
  shown.bytes(4, {reinterpret_cast<const char*>(png.data()), png.size()});
  file_->summarise(tag, Message().message(summary::image, shown), step);
}

void SummaryWriter::add_images(std::string_view tag, const Tensor& images, int64_t step, int64_t columns) {
  if (images.dim() != 4 || images.size(0) == 0 || columns < 1)
    fail("SummaryWriter", "{}: expected images (N, C, H, W) in columns of 1 or more, got {} in {}", tag,
         images.shape().to_string(), columns);
  add_image(tag, data::make_grid(images, {.columns = columns, .padding = 0}), step);
}

void SummaryWriter::add_text(std::string_view tag, std::string_view text, int64_t step) {
  constexpr int of_strings = 7;                                         // DT_STRING
  const Message shape = Message().message(2, Message().integer(1, 1));  // of one dimension, which has size 1
  const Message tensor = Message().integer(1, of_strings).message(2, shape).bytes(8, text);
  const Message plugin = Message().bytes(1, "text");
  Message value;
  value.message(summary::tensor, tensor).message(summary::metadata, Message().message(1, plugin));
  file_->summarise(fmt::format("{}/text_summary", tag), value, step);
}

void SummaryWriter::add_graph(nn::ModuleBase& model) {
  Message graph;
  for (const nn::NamedModule& named : model.named_modules()) {
    std::string path(model.type_name());
    if (!named.name.empty()) path += "/" + named.name;
    std::ranges::replace(path, '.', '/');
    const Message shown = Message().bytes(2, named.module.extra_repr());
    Message node;
    node.bytes(1, path).bytes(2, named.module.type_name());
    node.message(5, Message().bytes(1, "attributes").message(2, shown));
    graph.message(1, node);
  }
  graph.message(4, Message().integer(1, 22));  // the version of the graph's format
  file_->write(Message().message(event::graph_def, graph), std::nullopt);
}

}  // namespace tenon::training
