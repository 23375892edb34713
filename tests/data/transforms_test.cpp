// Transforms of images against torchvision's answers (transforms.py), the random numbers that they draw, and refusals.
#include <tenon/data/transforms.h>

#include <nlohmann/json.hpp>

#include <tenon/random.h>

#include "data/folder.h"
#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::data::transforms_test {
namespace {

using nlohmann::json;
using namespace transforms;
using test::error_of;

Shape shape_of(const json& numbers) {
  if (numbers.is_number()) return {numbers.get<int64_t>()};
  Shape shape;
  for (const int64_t n : numbers) shape.push_back(n);
  return shape;
}
IntList<2> two_of(const json& numbers) { return shape_of(numbers); }
Range range_of(const json& numbers) { return {numbers[0], numbers[1]}; }
Spread spread_of(const json& numbers) {
  if (numbers.is_number()) return numbers.get<double>();
  return {numbers[0], numbers[1]};
}
DType type_of(const std::string& name) {
  for (const DType type : test::all_types)
    if (fmt::format("{}", type) == name) return type;
  throw std::logic_error(name);
}

/// What a case's options say, by torchvision's names.
class Options {
 public:
  explicit Options(const json& options) : options_(options) {}

  template <class T>
  T get(const char* name, T otherwise) const {
    return options_.value(name, otherwise);
  }
  Fill fill(const char* name) const {
    const json x = options_.value(name, json(0));
    if (x.is_number()) return x.get<double>();
    Fill fill = 0;
    fill.clear();
    for (const double each : x) fill.push_back(each);
    return fill;
  }
  Range range(const char* name, Range otherwise) const {
    return options_.contains(name) ? range_of(options_[name]) : otherwise;
  }
  Spread spread(const char* name) const { return options_.contains(name) ? spread_of(options_[name]) : Spread(); }
  Shape shape(const char* name) const { return options_.contains(name) ? shape_of(options_[name]) : Shape(); }
  PaddingMode padding_mode() const {
    const auto mode = get<std::string>("padding_mode", "constant");
    return mode == "edge"        ? PaddingMode::edge
           : mode == "reflect"   ? PaddingMode::reflect
           : mode == "symmetric" ? PaddingMode::symmetric
                                 : PaddingMode::constant;
  }
  InterpolationMode interpolation(const char* otherwise) const {
    const auto mode = get<std::string>("interpolation", otherwise);
    return mode == "nearest"         ? InterpolationMode::nearest
           : mode == "nearest-exact" ? InterpolationMode::nearest_exact
           : mode == "bicubic"       ? InterpolationMode::bicubic
                                     : InterpolationMode::bilinear;
  }
  std::optional<int64_t> max_size() const {
    return options_.contains("max_size") ? std::optional(options_["max_size"].get<int64_t>()) : std::nullopt;
  }
  std::optional<Point> center() const {
    return options_.contains("center") ? std::optional(Point{options_["center"][0], options_["center"][1]})
                                       : std::nullopt;
  }

 private:
  const json& options_;
};

Transform made(const json& c) {
  const json& a = c["arguments"];
  const Options o(c["options"]);
  const std::map<std::string, std::function<Transform()>> makers{
      {"ToDtype", [&] { return ToDtype(type_of(a[0]), {.scale = o.get("scale", false)}); }},
      {"ConvertImageDtype", [&] { return ConvertImageDtype(); }},
      {"Normalize", [&] { return Normalize(a[0], a[1]); }},
      {"GaussianBlur",
       [&] {
         const json sigma = c["options"].value("sigma", json({0.1, 2.0}));
         return sigma.is_number() ? GaussianBlur(two_of(a[0]), sigma.get<double>())
                                  : GaussianBlur(two_of(a[0]), range_of(sigma));
       }},
      {"Resize",
       [&] {
         return Resize(a[0].is_null() ? Shape() : shape_of(a[0]), {.interpolation = o.interpolation("bilinear"),
                                                                   .max_size = o.max_size(),
                                                                   .antialias = o.get("antialias", true)});
       }},
      {"CenterCrop", [&] { return CenterCrop(two_of(a[0])); }},
      {"Pad", [&] { return Pad(shape_of(a[0]), {.fill = o.fill("fill"), .padding_mode = o.padding_mode()}); }},
      {"RandomCrop",
       [&] {
         return RandomCrop(two_of(a[0]), {.padding = o.shape("padding"),
                                          .pad_if_needed = o.get("pad_if_needed", false),
                                          .fill = o.fill("fill"),
                                          .padding_mode = o.padding_mode()});
       }},
      {"RandomResizedCrop",
       [&] {
         return RandomResizedCrop(two_of(a[0]), {.scale = o.range("scale", {0.08, 1.0}),
                                                 .ratio = o.range("ratio", {3.0 / 4.0, 4.0 / 3.0}),
                                                 .interpolation = o.interpolation("bilinear"),
                                                 .antialias = o.get("antialias", true)});
       }},
      {"RandomHorizontalFlip", [&] { return RandomHorizontalFlip(a.empty() ? 0.5 : a[0].get<double>()); }},
      {"RandomVerticalFlip", [&] { return RandomVerticalFlip(a.empty() ? 0.5 : a[0].get<double>()); }},
      {"RandomRotation",
       [&] {
         return RandomRotation(spread_of(a[0]), {.interpolation = o.interpolation("nearest"),
                                                 .expand = o.get("expand", false),
                                                 .center = o.center(),
                                                 .fill = o.fill("fill")});
       }},
      {"RandomErasing",
       [&] {
         const bool random = c["options"].value("value", json()).is_string();
         return RandomErasing({.p = a.empty() ? 0.5 : a[0].get<double>(),
                               .scale = o.range("scale", {0.02, 0.33}),
                               .ratio = o.range("ratio", {0.3, 3.3}),
                               .value = random ? Fill(0) : o.fill("value"),
                               .random_value = random});
       }},
      {"Grayscale", [&] { return Grayscale(a.empty() ? 1 : a[0].get<int64_t>()); }},
      {"RandomGrayscale", [&] { return RandomGrayscale(a.empty() ? 0.1 : a[0].get<double>()); }},
      {"ColorJitter",
       [&] {
         return ColorJitter({.brightness = o.spread("brightness"),
                             .contrast = o.spread("contrast"),
                             .saturation = o.spread("saturation"),
                             .hue = o.spread("hue")});
       }},
  };
  return makers.at(c["transform"])();
}

Tensor image(const Shape& shape, DType type) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < shape.numel(); ++i) values.push_back((17 * i + 5) % 256);
  const Tensor x = tensor(values).reshape(shape);
  return is_floating_point(type) ? (x.to(float32) / 256).to(type) : x.to(type);
}

Tensor tensor_of(const json& answer) {
  const std::string bytes = test::bytes_of_digits(answer["bytes"].get<std::string>());
  Tensor x = empty(shape_of(answer["shape"]), {type_of(answer["dtype"])});
  if (static_cast<std::size_t>(x.nbytes()) != bytes.size()) throw std::logic_error("wrong number of bytes");
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(x.raw_data()));
  return x;
}

/// The same numbers with channels last, and of leading dimensions.
std::vector<Tensor> images(const json& c) {
  const Tensor x = image(shape_of(c["shape"]), type_of(c["dtype"]));
  return {x, x.movedim(-3, -1).contiguous().movedim(-1, -3)};
}

TEST(Transforms, AreTorchvisionsAndDrawItsNumbers) {
  const json cases = json::parse(std::ifstream(test::tests_folder() + "/data/transforms.json"));
  for (const json& c : cases)
    for (const Tensor& x : images(c)) {
      SCOPED_TRACE(c["transform"].get<std::string>() + c["arguments"].dump() + c["options"].dump() + c["shape"].dump());
      const Transform transform = made(c);
      const Tensor before = x.clone();
      manual_seed(7);
      for (const json& answer : c["ys"]) {
        const Tensor y = transform(x), wanted = tensor_of(answer);
        ASSERT_EQ(y.shape(), wanted.shape());
        ASSERT_EQ(y.dtype(), wanted.dtype());
        const double near = c["near"];
        EXPECT_LE((y.to(float64) - wanted.to(float64)).abs().max().item<double>(), near) << y << wanted;
      }
      EXPECT_EQ(rand({1}).item<double>(), c["next"].get<double>());
      EXPECT_TRUE(test::identical(x, before));
    }
}

TEST(Compose, IsAFunctionOfOneAfterTheOther) {
  const Compose transform{Resize(6), CenterCrop(4), ToDtype(float32, {.scale = true}),
                          Normalize({0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}), Lambda([](const Tensor& x) { return -x; })};
  const Transform function = transform;
  const Tensor y = function(full({3, 12, 8}, 51, {uint8}));
  EXPECT_EQ(y.shape(), (Shape{3, 4, 4}));
  test::expect_values(y[0][0], {4}, {1.2, 1.2, 1.2, 1.2}, 1e-5);
  EXPECT_EQ(Compose(std::vector<Transform>{transform, transform})(zeros({3, 9, 9})).shape(), (Shape{3, 4, 4}));
}

TEST(RandomApply, AppliesAllOrNone) {
  const RandomApply transform(
      {Lambda([](const Tensor& x) { return x + 1; }), Lambda([](const Tensor& x) { return x * 2; })}, 0.3);
  manual_seed(7);
  std::vector<double> got, draws;
  for (int i = 0; i < 8; ++i) got.push_back(transform(ones({1, 1, 1})).item<double>());
  manual_seed(7);
  for (int i = 0; i < 8; ++i) draws.push_back(rand({1}).item<float>() < 0.3F ? 4 : 1);
  EXPECT_EQ(got, draws);
  EXPECT_EQ(RandomApply({Grayscale()}, 0.0)(ones({3, 2, 2})).shape(), (Shape{3, 2, 2}));
  EXPECT_EQ(RandomApply({Grayscale()}, 1.0)(ones({3, 2, 2})).shape(), (Shape{1, 2, 2}));
}

TEST(Transforms, InPlaceChangeWhatTheyAreGiven) {
  const Tensor x = ones({1, 4, 4});
  EXPECT_TRUE(Normalize({0.5}, {0.5}, {.inplace = true})(x).is_same(x));
  const Tensor y = full({1, 8, 8}, 1);
  EXPECT_TRUE(RandomErasing({.p = 1, .value = 5, .inplace = true})(y).is_same(y));
  EXPECT_GT(y.sum().item<float>(), 64);
}

TEST(Transforms, OfHalfTypesAndEmptyBatchesKeepTheType) {
  const Compose all{Resize(5),          RandomCrop(4, {.padding = 1}), RandomResizedCrop(4),
                    RandomRotation(20), RandomHorizontalFlip(1),       RandomVerticalFlip(1),
                    GaussianBlur(3),    RandomErasing({.p = 1}),       Pad(1),
                    CenterCrop(3)};
  for (const DType type : {uint8, float16, bfloat16, float32, float64}) {
    const Tensor y = all(image({3, 6, 8}, type));
    EXPECT_EQ(y.dtype(), type);
    EXPECT_EQ(y.shape(), (Shape{3, 3, 3}));
    EXPECT_EQ(all(zeros({0, 3, 6, 8}, {type})).shape(), (Shape{0, 3, 3, 3})) << type;
    const ColorJitter jitter({.brightness = 0.2, .contrast = 0.2, .saturation = 0.2, .hue = 0.1});
    EXPECT_EQ(jitter(image({3, 6, 8}, type)).dtype(), type);
    EXPECT_EQ(Grayscale(3)(image({3, 6, 8}, type)).dtype(), type);
  }
}

TEST(Transforms, RefuseWhatIsNoImage) {
  const std::vector<std::pair<std::string, Transform>> all{{"Resize", Resize(2)},
                                                           {"CenterCrop", CenterCrop(2)},
                                                           {"Pad", Pad(1)},
                                                           {"RandomCrop", RandomCrop(2)},
                                                           {"RandomResizedCrop", RandomResizedCrop(2)},
                                                           {"RandomHorizontalFlip", RandomHorizontalFlip()},
                                                           {"RandomVerticalFlip", RandomVerticalFlip()},
                                                           {"RandomRotation", RandomRotation(5)},
                                                           {"RandomErasing", RandomErasing()},
                                                           {"Grayscale", Grayscale()},
                                                           {"RandomGrayscale", RandomGrayscale()},
                                                           {"ColorJitter", ColorJitter({})},
                                                           {"GaussianBlur", GaussianBlur(3)},
                                                           {"Normalize", Normalize({0}, {1})},
                                                           {"ToDtype", ToDtype(float32)}};
  for (const auto& one : all) {
    EXPECT_EQ(error_of([&] {
                one.second(zeros({4, 5}));
              }),
              "[" + one.first + "] expected an image of shape (…, C, H, W), got (4, 5)");
    EXPECT_EQ(error_of([&] { one.second({}); }),
              "[" + one.first + "] expected an image of shape (…, C, H, W), got an undefined tensor");
  }
}

TEST(Transforms, RefuseArgumentsThatCannotBe) {
  const auto text = [](auto f) { return error_of([&] { f(); }); };
  EXPECT_EQ(text([] { Compose(std::vector<Transform>()); }), "[Compose] expected one transform or more, got none");
  EXPECT_EQ(text([] { Lambda{Transform()}; }), "[Lambda] expected a function, got an empty one");
  EXPECT_EQ(text([] { RandomHorizontalFlip(1.5); }),
            "[RandomHorizontalFlip] expected a probability p from 0 to 1, got 1.5");
  EXPECT_EQ(text([] { RandomApply({Grayscale()}, std::nan("")); }),
            "[RandomApply] expected a probability p from 0 to 1, got nan");
  EXPECT_EQ(text([] { Resize({1, 2, 3}); }), "[Resize] expected one or two numbers as size, got (1, 2, 3)");
  EXPECT_EQ(text([] { Resize(0); }), "[Resize] expected sizes of 1 or more, got (0,)");
  EXPECT_EQ(text([] { Resize(Shape{}); }), "[Resize] expected a size or a max_size, got neither");
  EXPECT_EQ(text([] {
              Resize({4, 4}, {.max_size = 9});
            }),
            "[Resize] max_size goes with the length of the shorter edge, got both edges' (4, 4)");
  EXPECT_EQ(text([] { Resize(4, {.max_size = 4}); }), "[Resize] expected max_size above 4, the shorter edge's, got 4");
  EXPECT_EQ(text([] { Resize(4, {.interpolation = InterpolationMode::area}); }),
            "[Resize] expected nearest, nearest_exact, bilinear, bicubic or lanczos as interpolation");
  EXPECT_EQ(text([] { Resize(4, {.interpolation = InterpolationMode::lanczos, .antialias = false}); }),
            "[Resize] lanczos takes antialias");
  EXPECT_EQ(text([] { CenterCrop(0); }), "[CenterCrop] expected sizes of 1 or more, got (0, 0)");
  EXPECT_EQ(text([] { Pad({1, 2, 3}); }), "[Pad] expected a padding of one, two or four numbers, got 3 of them");
  EXPECT_EQ(text([] {
              Pad(1, {.fill = {1, 2, 3}, .padding_mode = PaddingMode::edge});
            }),
            "[Pad] a fill for each channel goes with PaddingMode::constant alone");
  EXPECT_EQ(text([] {
              Pad(1, {.fill = {1, 2}})(zeros({3, 4, 4}));
            }),
            "[Pad] expected one number as fill or one for each of 3 channels, got 2");
  EXPECT_EQ(text([] {
              Pad(5, {.padding_mode = PaddingMode::symmetric})(zeros({3, 4, 4}));
            }),
            "[Pad] symmetric mirrors no more elements than there are, got a padding of 5 and 5 for a size of 4");
  EXPECT_EQ(
      text([] {
        RandomCrop(5)(zeros({3, 4, 6}));
      }),
      "[RandomCrop] expected an image of (5, 5) or larger, got (4, 6) with its padding; pad_if_needed enlarges it");
  EXPECT_EQ(text([] {
              RandomResizedCrop(5, {.scale = {0.5, 0.2}});
            }),
            "[RandomResizedCrop] expected scale as a range of 0 or more, got 0.5 to 0.2");
  EXPECT_EQ(text([] {
              RandomErasing({.scale = {0.5, 2}});
            }),
            "[RandomErasing] expected scale as a range within 0 and 1, got 0.5 to 2");
  EXPECT_EQ(text([] {
              RandomErasing({.ratio = {0, 2}});
            }),
            "[RandomErasing] expected ratio as a range above 0, got 0 to 2");
  EXPECT_EQ(text([] {
              RandomErasing({.value = {1, 2}})(zeros({3, 4, 4}));
            }),
            "[RandomErasing] expected one number as value or one for each of 3 channels, got 2");
  EXPECT_EQ(text([] { RandomRotation(-1); }), "[RandomRotation] expected degrees of 0 or more, or a range, got -1");
  EXPECT_EQ(text([] {
              RandomRotation({5, 1});
            }),
            "[RandomRotation] expected degrees as a range of finite numbers, got 5 to 1");
  EXPECT_EQ(text([] { RandomRotation(5, {.interpolation = InterpolationMode::bicubic}); }),
            "[RandomRotation] expected nearest or bilinear as interpolation");
  EXPECT_EQ(text([] { ColorJitter({.brightness = -1}); }), "[ColorJitter] expected brightness of 0 or more, got -1");
  EXPECT_EQ(text([] {
              ColorJitter({.contrast = {-1, 1}});
            }),
            "[ColorJitter] expected contrast as a range of 0 or more, got -1 to 1");
  EXPECT_EQ(text([] { ColorJitter({.hue = 0.6}); }),
            "[ColorJitter] expected hue as a range within -0.5 and 0.5, got -0.6 to 0.6");
  EXPECT_EQ(text([] {
              ColorJitter({.hue = 0.1})(zeros({2, 4, 4}));
            }),
            "[ColorJitter] expected an image of 1 or 3 channels, (…, C, H, W), got (2, 4, 4)");
  EXPECT_EQ(text([] { Grayscale(2); }), "[Grayscale] expected num_output_channels of 1 or 3, got 2");
  EXPECT_EQ(text([] { GaussianBlur(4); }), "[GaussianBlur] expected an odd kernel_size, got (4, 4)");
  EXPECT_EQ(text([] { GaussianBlur(3, 0.0); }), "[GaussianBlur] expected sigma as a range above 0, got 0 to 0");
  EXPECT_EQ(text([] {
              GaussianBlur(9)(zeros({1, 4, 9}));
            }),
            "[GaussianBlur] expected an image larger than half of the kernel, (9, 9), got (1, 4, 9)");
  EXPECT_EQ(text([] { Normalize({0}, {0}); }), "[Normalize] expected a std other than 0");
  EXPECT_EQ(text([] {
              Normalize({0, 0}, {1})(zeros({3, 4, 4}));
            }),
            "[Normalize] expected one number or one for each of 3 channels, got 2");
  EXPECT_EQ(text([] {
              Normalize({0}, {1})(zeros({3, 4, 4}, {uint8}));
            }),
            "[Normalize] expected floating-point numbers, got uint8; ToDtype(float32, {.scale = true}) makes them");
  EXPECT_EQ(text([] {
              ToDtype(int64, {.scale = true})(zeros({3, 4, 4}));
            }),
            "[ToDtype] float32 has too few digits to be scaled to int64");
  EXPECT_EQ(text([] {
              ToDtype(boolean, {.scale = true})(zeros({3, 4, 4}));
            }),
            "[ToDtype] bool has no scale: expected integers or floating-point numbers");
}

}  // namespace
}  // namespace tenon::data::transforms_test
