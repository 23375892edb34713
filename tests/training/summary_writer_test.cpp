// TensorBoard's files, read back by their format.
#include <tenon/training/summary_writer.h>

#include <tenon/tenon.h>

#include <cstring>
#include <map>
#include <span>

#include "io/files.h"
#include "tensor/check.h"
#include "training/event.h"

namespace tenon::training_summary_writer_test {
namespace {

using test::error_of;
using test::Folder;
using training::SummaryWriter;

template <class T>
T take(std::string_view& from) {
  T value;
  std::memcpy(&value, from.data(), sizeof value);
  from.remove_prefix(sizeof value);
  return value;
}

/// The fields of a message: numbers of any kind as doubles, the rest as bytes.
struct Fields {
  std::multimap<int, double> numbers;
  std::multimap<int, std::string> bytes;

  explicit Fields(std::string_view from) {
    const auto varint = [&] {
      uint64_t value = 0;
      for (int shift = 0;; shift += 7) {
        const auto byte = take<uint8_t>(from);
        value |= static_cast<uint64_t>(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
      }
    };
    while (!from.empty()) {
      const uint64_t tag = varint();
      const int field = static_cast<int>(tag >> 3);
      switch (tag & 7) {
        case 0: numbers.emplace(field, static_cast<double>(varint())); break;
        case 1: numbers.emplace(field, take<double>(from)); break;
        case 5: numbers.emplace(field, take<float>(from)); break;
        default: {
          const uint64_t size = varint();
          bytes.emplace(field, from.substr(0, size));
          from.remove_prefix(size);
        }
      }
    }
  }
  double number(int field) const { return numbers.find(field)->second; }
  std::string text(int field) const { return bytes.find(field)->second; }
  Fields message(int field) const { return Fields(text(field)); }
  std::vector<double> packed(int field) const {
    const std::string all = text(field);
    std::vector<double> values(all.size() / sizeof(double));
    std::memcpy(values.data(), all.data(), all.size());
    return values;
  }
};

std::vector<Fields> events(const SummaryWriter& writer) {
  const std::string bytes = test::read_file(writer.file().string());
  std::string_view rest = bytes;
  const auto masked = [](std::string_view of) {
    const uint32_t crc = training::crc32c(of);
    return (crc >> 15 | crc << 17) + 0xA282EAD8U;
  };
  std::vector<Fields> all;
  while (!rest.empty()) {
    const std::string_view length = rest.substr(0, 8);
    const auto size = take<uint64_t>(rest);
    EXPECT_EQ(take<uint32_t>(rest), masked(length));
    const std::string_view event = rest.substr(0, size);
    rest.remove_prefix(size);
    EXPECT_EQ(take<uint32_t>(rest), masked(event));
    all.emplace_back(event);
  }
  return all;
}
/// The first value of an event's summary.
Fields value(const Fields& event) { return event.message(5).message(1); }

TEST(SummaryWriter, ChecksumsAreThoseOfRfc3720) {
  EXPECT_EQ(training::crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(training::crc32c(std::string(32, '\0')), 0x8A9136AAU);
}

TEST(SummaryWriter, WritesScalarsUnderTheirTagsAndSteps) {
  const Folder folder;
  SummaryWriter writer(folder.path() / "run");
  EXPECT_TRUE(writer.file().filename().string().starts_with("events.out.tfevents."));
  writer.add_scalar("loss/train", 0.25, 7);
  writer.add_scalars("rates", {{"a", 1}, {"b", 2}}, int64_t{1} << 40);
  const auto all = events(writer);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].text(3), "brain.Event:2");
  EXPECT_EQ(value(all[1]).text(1), "loss/train");
  EXPECT_EQ(value(all[1]).number(2), 0.25);
  EXPECT_EQ(all[1].number(2), 7);
  EXPECT_GT(all[1].number(1), 1.7e9);  // seconds since 1970
  EXPECT_EQ(value(all[3]).text(1), "rates/b");
  EXPECT_EQ(all[3].number(2), 0x1p40);
}

TEST(SummaryWriter, HistogramsHaveEveryValueInABucketUpToItsLimit) {
  const Folder folder;
  SummaryWriter writer(folder.path());
  writer.add_histogram("weights", tensor({-1.0, 0.0, 0.5, 0.5, 2.0}), 3);
  const Fields histogram = value(events(writer).at(1)).message(5);
  EXPECT_EQ(histogram.number(1), -1);
  EXPECT_EQ(histogram.number(2), 2);
  EXPECT_EQ(histogram.number(3), 5);
  EXPECT_EQ(histogram.number(4), 2);
  EXPECT_EQ(histogram.number(5), 5.5);
  const auto limits = histogram.packed(6), counts = histogram.packed(7);
  ASSERT_EQ(limits.size(), counts.size());
  std::map<double, double> filled;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) filled[limits[i]] = counts[i];
  ASSERT_EQ(filled.size(), 4u);
  EXPECT_EQ(counts[0], 0);
  EXPECT_GT(filled.begin()->first, -1);  // −1 lies below this limit
  EXPECT_LT(filled.begin()->first, -0.9);
  EXPECT_EQ(filled.upper_bound(0.5)->second, 2);
  EXPECT_EQ(error_of([&] { writer.add_histogram("w", ones({0}), 0); }), "[SummaryWriter] w: a histogram of nothing");
  EXPECT_EQ(error_of([&] { writer.add_histogram("w", tensor({test::nan}), 0); }),
            "[SummaryWriter] w: a histogram of values that are infinite or no numbers");
}

TEST(SummaryWriter, WritesImagesAsPng) {
  const Folder folder;
  SummaryWriter writer(folder.path());
  const Tensor bytes = tensor({0, 255, 128, 7, 9, 11}, {uint8}).reshape({1, 2, 3});
  writer.add_image("gray", bytes, 4);
  writer.add_image("real", tensor({-1.0, 0.5, 2.0}).reshape({3, 1, 1}), 4);
  writer.add_images("sheet", ones({3, 1, 2, 2}, {uint8}), 4, 2);
  const auto all = events(writer);
  const auto decoded = [&](std::size_t i) {
    const std::string png = value(all[i]).message(4).text(4);
    return data::decode_image(std::as_bytes(std::span(png)));
  };
  EXPECT_TRUE(test::identical(decoded(1), bytes));
  EXPECT_EQ(value(all[1]).message(4).number(1), 2);
  EXPECT_EQ(value(all[1]).message(4).number(2), 3);
  test::expect_values(decoded(2), {3, 1, 1}, {0, 128, 255});
  EXPECT_EQ(decoded(3).shape(), Shape({3, 4, 4}));
  test::expect_values(decoded(3).select(0, 2), {4, 4}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0});
  EXPECT_EQ(error_of([&] {
              writer.add_image("x", ones({2, 4, 4}), 0);
            }),
            "[SummaryWriter] x: expected an image (1, H, W), (3, H, W) or (4, H, W) of uint8 or floating-point, got "
            "float32 (2, 4, 4)");
}

TEST(SummaryWriter, WritesTextForItsPlugin) {
  const Folder folder;
  SummaryWriter writer(folder.path());
  writer.add_text("notes", "**bold**", 1);
  const Fields text = value(events(writer).at(1));
  EXPECT_EQ(text.text(1), "notes/text_summary");
  EXPECT_EQ(text.message(8).text(8), "**bold**");
  EXPECT_EQ(text.message(9).message(1).text(1), "text");
}

TEST(SummaryWriter, WritesTheTreeOfModules) {
  const Folder folder;
  SummaryWriter writer(folder.path());
  nn::Sequential model{nn::named("encoder", nn::Sequential{nn::Linear(3, 4)}), nn::ReLU()};
  writer.add_graph(model);
  const Fields graph(events(writer).at(1).text(4));
  std::vector<std::string> names;
  for (const auto& [field, node] : graph.bytes)
    if (field == 1) names.push_back(Fields(node).text(1));
  EXPECT_EQ(names,
            (std::vector<std::string>{"Sequential", "Sequential/encoder", "Sequential/encoder/0", "Sequential/1"}));
  const auto third = std::next(graph.bytes.lower_bound(1), 2);
  EXPECT_EQ(Fields(third->second).text(2), "Linear");
}

TEST(SummaryWriter, SaysWhereItCannotWrite) {
  const Folder folder;
  test::write_file(folder("file"), "");
  EXPECT_TRUE(test::has(error_of([&] { SummaryWriter writer(folder("file/below")); }), "cannot be written"));
}

}  // namespace
}  // namespace tenon::training_summary_writer_test
