// Images from files and into files, against torchvision's answers (images.py).
#include <tenon/data/image.h>

#include <thread>

#include <nlohmann/json.hpp>

#include "data/folder.h"
#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::data::image_test {
namespace {

using nlohmann::json;
using test::bytes_of;
using test::error_of;
using test::has;
using Mode = ImageReadMode;

const json& answers() {
  static const json all = json::parse(std::ifstream(test::tests_folder() + "/data/images.json"));
  return all;
}
std::string file(const std::string& name) {
  return test::bytes_of_digits(answers().at(name).at("file").get<std::string>());
}
Tensor decoded(const std::string& bytes, const ReadImageOptions& options = {}) {
  return decode_image(bytes_of(bytes), options);
}
std::string error(const std::string& bytes, const ReadImageOptions& options = {}) {
  return error_of([&] { decoded(bytes, options); });
}

/// The largest difference of two images' elements.
int64_t distance(const Tensor& a, const Tensor& b) { return (a.to(int64) - b.to(int64)).abs().max().item<int64_t>(); }

TEST(DecodeImage, IsTorchvisionsInEveryMode) {
  const std::map<std::string, Mode> modes{{"unchanged", Mode::unchanged},   {"gray", Mode::gray},
                                          {"gray_alpha", Mode::gray_alpha}, {"rgb", Mode::rgb},
                                          {"rgb_alpha", Mode::rgb_alpha},   {"exif", Mode::unchanged}};
  for (const auto& [name, entry] : answers().items())
    for (const auto& [mode, answer] : entry["answers"].items()) {
      SCOPED_TRACE(name + " " + mode);
      const Tensor x = decoded(file(name), {.mode = modes.at(mode), .apply_exif_orientation = mode == "exif"});
      Shape shape;
      for (const int64_t n : answer["shape"]) shape.push_back(n);
      ASSERT_EQ(x.shape(), shape);
      const std::string bytes = test::bytes_of_digits(answer["bytes"].get<std::string>());
      const Tensor wanted = empty(shape, {.dtype = answer["dtype"] == "uint16" ? uint16 : uint8});
      ASSERT_EQ(x.dtype(), wanted.dtype());
      ASSERT_EQ(static_cast<std::size_t>(wanted.nbytes()), bytes.size());
      std::copy(bytes.begin(), bytes.end(), static_cast<char*>(wanted.raw_data()));
      EXPECT_LE(distance(x, wanted), name.ends_with(".jpg") ? 1 : 0);  // JPEG leaves roundings to the library
    }
}

TEST(DecodeImage, GivesChannelsThatLieLast) {
  const Tensor x = decoded(file("rgb.png"));
  EXPECT_EQ(x.shape(), (Shape{3, 4, 5}));
  EXPECT_EQ(x.strides(), (Shape{1, 15, 3}));
}

TEST(DecodeImage, ResolvesPalettes) {
  const Tensor x = decoded(file("palette.png")), y = decoded(file("palette_alpha.png"));
  EXPECT_EQ(distance(x, decoded(file("palette.png"), {.mode = Mode::rgb})), 0);
  EXPECT_EQ(y.shape(), (Shape{4, 4, 5}));
  EXPECT_EQ(distance(y, decoded(file("palette_alpha.png"), {.mode = Mode::rgb_alpha})), 0);
  const Tensor opaque = decoded(file("palette.png"), {.mode = Mode::rgb_alpha});
  EXPECT_EQ(distance(opaque.narrow(0, 0, 3), x), 0);
  EXPECT_EQ(opaque[3].min().item<int64_t>(), 255);
}

TEST(DecodeImage, AddsOpaqueAlphaWhateverTheFileHas) {
  for (const char* name : {"rgb.jpg", "gray.jpg", "inks.jpg", "black_and_white.png"}) {
    SCOPED_TRACE(name);
    for (const auto& [with, without] :
         {std::pair{Mode::gray_alpha, Mode::gray}, std::pair{Mode::rgb_alpha, Mode::rgb}}) {
      const Tensor x = decoded(file(name), {.mode = with}), y = decoded(file(name), {.mode = without});
      ASSERT_EQ(x.size(0), y.size(0) + 1);
      EXPECT_EQ(distance(x.narrow(0, 0, y.size(0)), y), 0);
      EXPECT_EQ(x[-1].min().item<int64_t>(), 255);
    }
  }
}

TEST(DecodeImage, RoundsSixteenBitsToEightWhereAsked) {
  const Tensor wide = decoded(file("wide.png")), x = decoded(file("wide.png"), {.keep_16_bits = false});
  EXPECT_EQ(wide.dtype(), uint16);
  EXPECT_EQ(x.dtype(), uint8);
  EXPECT_LE((wide.to(float32) / 257 - x.to(float32)).abs().max().item<double>(), 0.5);
  EXPECT_EQ(decoded(file("rgb.png"), {.keep_16_bits = false}).dtype(), uint8);
}

TEST(DecodeImage, RefusesWhatIsNoImage) {
  EXPECT_EQ(error(""), "[decode_image] memory: expected PNG or JPEG, found nothing");
  EXPECT_EQ(error("some text"), "[decode_image] memory: expected PNG or JPEG, found something else");
  EXPECT_EQ(error("GIF89a..."), "[decode_image] memory: expected PNG or JPEG, found GIF");
  EXPECT_EQ(error("RIFF....WEBPVP8 "), "[decode_image] memory: expected PNG or JPEG, found WebP");
}

TEST(DecodeImage, RefusesEveryBeginningOfAFile) {
  for (const char* name :
       {"rgb.png", "palette_alpha.png", "interlaced.png", "rgb.jpg", "progressive.jpg", "inks.jpg"}) {
    const std::string bytes = file(name);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      const std::string text = error(bytes.substr(0, n), {.apply_exif_orientation = true});
      ASSERT_TRUE(has(text, "damaged") || (n < 8 && has(text, "expected PNG or JPEG")))
          << name << " " << n << ": " << text;
    }
  }
}

TEST(DecodeImage, ReadsOrRefusesDamagedFiles) {
  for (const auto& [name, entry] : answers().items()) {
    const std::string whole = file(name);
    for (std::size_t i = 0; i < whole.size(); ++i)
      for (const int bit : {0, 5, 7}) {
        std::string bytes = whole;
        bytes[i] = static_cast<char>(bytes[i] ^ 1 << bit);
        error(bytes, {.apply_exif_orientation = true, .max_pixels = 1 << 20});  // to return is enough
      }
  }
}

TEST(DecodeImage, TakesNoMemoryForAnImageThatIsNotThere) {
  EXPECT_EQ(error(file("rgb.png"), {.max_pixels = 19}),
            "[decode_image] memory: an image of 5 × 4 has more than the 19 pixels that max_pixels allows");
  EXPECT_EQ(error(file("rgb.png"), {.max_pixels = 20}), "");
  EXPECT_TRUE(has(error(file("rgb.jpg"), {.max_pixels = 208}), "19 × 11")) << error(file("rgb.jpg"));
  // A height of 13,000 and more, in a file of a few bytes. (JPEG's stand 5 behind the marker of its frame.)
  std::string jpeg = file("rgb.jpg");
  const std::size_t frame = jpeg.find("\xff\xc0");
  ASSERT_NE(frame, jpeg.npos);
  for (const std::size_t at : {frame + 5, frame + 7}) jpeg[at] = '\x33';
  EXPECT_TRUE(has(error(jpeg), "13067 × 13075") || has(error(jpeg), "cannot be in its")) << error(jpeg);
  // A PNG whose header is right, as its checksum says, and whose pixels are missing.
  const std::string png = test::bytes_of_digits(
      "89504e470d0a1a0a0000000d494844520000300000003000080200000034e0050b"
      "000000004944415435af061e0000000049454e44ae426082");
  EXPECT_EQ(error(png), "[decode_image] memory: damaged PNG: an image of 12288 × 12288 cannot be in its 57 bytes");
}

TEST(DecodeImage, MayBeCalledByManyThreads) {
  const std::string png = file("interlaced.png"), jpeg = file("rgb.jpg");
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  const Tensor a = decoded(png), b = decoded(jpeg);
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        wrong[t] += !test::identical(decoded(png), a) || !test::identical(decoded(jpeg), b);
        wrong[t] += error(png.substr(0, 60)).empty();
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

class ImageFiles : public test::FolderTest {};

TEST_F(ImageFiles, AreReadByTheirContent) {
  const Tensor wanted = decoded(file("rgb.jpg"));
  EXPECT_TRUE(test::identical(read_image(write("a.png", file("rgb.jpg"))), wanted)) << "the name says something else";
}

TEST_F(ImageFiles, ThatCannotBeReadAreNamed) {
  const auto check = [](const std::filesystem::path& path, const std::string& part) {
    const std::string text = error_of([&] { read_image(path); });
    EXPECT_TRUE(has(text, "[read_image] ") && has(text, path.string()) && has(text, part)) << text;
  };
  check(folder() / "missing.png", "No such file");
  check(folder(), "");
  check(write("empty.png", ""), "found nothing");
  check(write("cut.png", file("rgb.png").substr(0, 70)), "damaged PNG");
  check(write("cut.jpg", file("rgb.jpg").substr(0, file("rgb.jpg").size() - 2)), "damaged JPEG: it ends too early");
}

TEST_F(ImageFiles, AreWrittenAndReadAgain) {
  for (const int64_t channels : {1, 2, 3, 4}) {
    const Tensor x = (test::numbers({channels, 7, 9}, uint8) * 15).to(uint8);
    for (const Tensor& y : test::layouts(x)) {
      write_png(y, folder() / "x.png", {.compression_level = channels});
      EXPECT_TRUE(test::identical(read_image(folder() / "x.png"), x)) << channels;
      EXPECT_TRUE(test::identical(decode_image(encode_png(y)), x));
    }
  }
}

TEST_F(ImageFiles, AreNotWrittenOfWhatIsNoImage) {
  const auto text = [](const Tensor& x, int64_t level = 6) {
    return error_of([&] { encode_png(x, {.compression_level = level}); });
  };
  const std::string expected = "[encode_png] expected a uint8 tensor of shape (C, H, W) with 1 to 4 channels, got ";
  EXPECT_EQ(text({}), expected + "an undefined one");
  EXPECT_EQ(text(zeros({3, 4, 5})), expected + "float32 (3, 4, 5)");
  EXPECT_EQ(text(zeros({4, 5}, {uint8})), expected + "uint8 (4, 5)");
  EXPECT_EQ(text(zeros({5, 4, 5}, {uint8})), expected + "uint8 (5, 4, 5)");
  EXPECT_EQ(text(zeros({3, 0, 5}, {uint8})), expected + "uint8 (3, 0, 5)");
  EXPECT_EQ(text(zeros({3, 4, 5}, {uint8}), 10), "[encode_png] expected a compression_level from 0 to 9, got 10");
  EXPECT_TRUE(has(error_of([&] {
                    write_png(zeros({3, 4, 5}, {uint8}), folder() / "no" / "x.png");
                  }),
                  "[write_png] " + (folder() / "no").string()));
}

}  // namespace
}  // namespace tenon::data::image_test
