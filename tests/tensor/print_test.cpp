// A tensor's text, to the letter PyTorch's: its own answers (print.py), and what is worth reading.
#include <tenon/print.h>

#include "tensor/check.h"
#include "tensor/recorded.h"

namespace tenon::tensor_print_test {
namespace {

using test::infinity;
using test::nan;

TEST(Print, WholeNumbersHaveAPointAndOthersFourDigits) {
  EXPECT_EQ(to_string(tensor({1.0, 2.0, 3.0})), "tensor([1., 2., 3.])");
  EXPECT_EQ(to_string(tensor({{1.5, -2.0}, {3.0, 4.0}})), "tensor([[ 1.5000, -2.0000],\n        [ 3.0000,  4.0000]])");
  EXPECT_EQ(to_string(tensor({0.0, -0.0})), "tensor([0., -0.])");
  EXPECT_EQ(to_string(tensor({9.99995})), "tensor([10.0000])");
  EXPECT_EQ(to_string(tensor(3.5)), "tensor(3.5000)");
}

TEST(Print, FarApartNumbersAreScientific) {
  EXPECT_EQ(to_string(tensor({1e-5, 1.0})), "tensor([1.0000e-05, 1.0000e+00])");
  EXPECT_EQ(to_string(tensor({1e9, 1.0})), "tensor([1.0000e+09, 1.0000e+00])");
  EXPECT_EQ(to_string(tensor({1e5, 0.5})), "tensor([1.0000e+05, 5.0000e-01])");
  EXPECT_EQ(to_string(tensor({-1.0, 1e-3, 1000.0})), "tensor([-1.0000e+00,  1.0000e-03,  1.0000e+03])");
  EXPECT_EQ(to_string(tensor({123456789.0})), "tensor([1.2346e+08])");
}

TEST(Print, NanAndInfinityDoNotSpoilTheRest) {
  EXPECT_EQ(to_string(tensor({infinity, 1.0, -2.5})), "tensor([    inf,  1.0000, -2.5000])");
  EXPECT_EQ(to_string(tensor({infinity, nan})), "tensor([inf, nan])");
  EXPECT_EQ(to_string(tensor({nan, 0.0})), "tensor([nan, 0.])");
}

TEST(Print, IntegersAndTruthValuesLineUp) {
  EXPECT_EQ(to_string(tensor(int64_t{7})), "tensor(7)");
  EXPECT_EQ(to_string(tensor({int64_t{1}, int64_t{-20}, int64_t{300}})), "tensor([  1, -20, 300])");
  EXPECT_EQ(to_string(tensor({int64_t{1} << 62, int64_t{1}})), "tensor([4611686018427387904,                   1])");
  EXPECT_EQ(to_string(tensor({(int64_t{1} << 53) + 1})), "tensor([9007199254740993])");
  EXPECT_EQ(to_string(tensor(true)), "tensor(True)");
  EXPECT_EQ(to_string(tensor({true, false})), "tensor([ True, False])");
}

TEST(Print, OtherTypesAreNamed) {
  EXPECT_EQ(to_string(tensor({1.0, 2.0}, {int8})), "tensor([1, 2], dtype=torch.int8)");
  EXPECT_EQ(to_string(tensor({1.0, 2.0}, {float64})), "tensor([1., 2.], dtype=torch.float64)");
  EXPECT_EQ(to_string(tensor({1.0, 2.5}, {bfloat16})), "tensor([1.0000, 2.5000], dtype=torch.bfloat16)");
}

TEST(Print, EmptyTensorsShowTheirSizes) {
  EXPECT_EQ(to_string(zeros({0})), "tensor([])");
  EXPECT_EQ(to_string(zeros({0}, {int64})), "tensor([], dtype=torch.int64)");
  EXPECT_EQ(to_string(zeros({2, 0})), "tensor([], size=(2, 0))");
  EXPECT_EQ(to_string(zeros({2, 0}, {int32})), "tensor([], size=(2, 0), dtype=torch.int32)");
}

TEST(Print, MetaTensorsShowTheirSizes) {
  EXPECT_EQ(to_string(zeros({2, 3}, {.device = kMeta})), "tensor(..., device='meta', size=(2, 3))");
  EXPECT_EQ(to_string(zeros({2, 3}, {float64, kMeta})), "tensor(..., device='meta', size=(2, 3), dtype=torch.float64)");
}

TEST(Print, MatricesOfMatricesAreSetApart) {
  EXPECT_EQ(to_string(arange(24.0).reshape({2, 3, 4})),
            "tensor([[[ 0.,  1.,  2.,  3.],\n         [ 4.,  5.,  6.,  7.],\n         [ 8.,  9., 10., 11.]],\n\n"
            "        [[12., 13., 14., 15.],\n         [16., 17., 18., 19.],\n         [20., 21., 22., 23.]]])");
}

TEST(Print, LongRowsAreBrokenAtEightyColumns) {
  EXPECT_EQ(to_string(arange(30)),
            "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
            "        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])");
  EXPECT_EQ(to_string(arange(30.0) / 3.0),
            "tensor([0.0000, 0.3333, 0.6667, 1.0000, 1.3333, 1.6667, 2.0000, 2.3333, 2.6667,\n"
            "        3.0000, 3.3333, 3.6667, 4.0000, 4.3333, 4.6667, 5.0000, 5.3333, 5.6667,\n"
            "        6.0000, 6.3333, 6.6667, 7.0000, 7.3333, 7.6667, 8.0000, 8.3333, 8.6667,\n"
            "        9.0000, 9.3333, 9.6667])");
  EXPECT_EQ(to_string(zeros({12}, {boolean})),
            "tensor([False, False, False, False, False, False, False, False, False, False,\n        False, False])");
}

TEST(Print, MoreThanAThousandElementsAreSummarised) {
  EXPECT_EQ(to_string(arange(1001)), "tensor([   0,    1,    2,  ...,  998,  999, 1000])");
  EXPECT_EQ(to_string(arange(1001.0).reshape({7, 143})),
            "tensor([[   0.,    1.,    2.,  ...,  140.,  141.,  142.],\n"
            "        [ 143.,  144.,  145.,  ...,  283.,  284.,  285.],\n"
            "        [ 286.,  287.,  288.,  ...,  426.,  427.,  428.],\n"
            "        ...,\n"
            "        [ 572.,  573.,  574.,  ...,  712.,  713.,  714.],\n"
            "        [ 715.,  716.,  717.,  ...,  855.,  856.,  857.],\n"
            "        [ 858.,  859.,  860.,  ...,  998.,  999., 1000.]])");
  const std::string text = to_string(arange(2000.0).reshape({2, 10, 100}));
  EXPECT_EQ(text.substr(0, 160),
            "tensor([[[0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 9.7000e+01,\n          9.8000e+01, 9.9000e+01],\n"
            "         [1.0000e+02, 1.0100e+02, 1.0200e+02,  ..., 1.9700e+0");
}

TEST(Print, TheTapeShows) {
  const Tensor x = ones({2}, {.requires_grad = true});
  EXPECT_EQ(to_string(x), "tensor([1., 1.], requires_grad=True)");
  EXPECT_EQ(to_string(zeros({3}, {.dtype = float64, .requires_grad = true})),
            "tensor([0., 0., 0.], dtype=torch.float64, requires_grad=True)");
  EXPECT_EQ(to_string(x.detach()), "tensor([1., 1.])");
  EXPECT_EQ(to_string(x * 2), "tensor([2., 2.], grad_fn=<MulBackward0>)");
}

TEST(Print, ASuffixThatDoesNotFitGoesToItsOwnLine) {
  EXPECT_EQ(to_string(arange(0, 20, 1, {.dtype = float64, .requires_grad = true})),
            "tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,\n"
            "        14., 15., 16., 17., 18., 19.], dtype=torch.float64, requires_grad=True)");
  EXPECT_EQ(to_string(arange(0, 26, 1, {.dtype = float64, .requires_grad = true})),
            "tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,\n"
            "        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25.],\n"
            "       dtype=torch.float64, requires_grad=True)");
}

TEST(Print, StridesDoNotShow) {
  for (const Tensor& x : test::layouts(arange(6).reshape({2, 3})))
    EXPECT_EQ(to_string(x), "tensor([[0, 1, 2],\n        [3, 4, 5]])");
}

/// The tensor that an entry of print.json describes.
Tensor described(const nlohmann::json& entry) {
  const DType type = dtype_from_name(entry["dtype"].get<std::string>());
  const Shape shape(entry["shape"].get<std::vector<int64_t>>());
  const bool requires_grad = entry.value("requires_grad", false);
  if (entry.contains("meta")) return zeros(shape, {type, kMeta, requires_grad});
  if (entry.contains("divisor")) {
    std::vector<double> values(static_cast<std::size_t>(shape.numel()));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = (static_cast<double>(i) + entry["start"].get<double>()) / entry["divisor"].get<double>();
    return tensor(values, {float64}).to(type).reshape(shape);
  }
  return test::from_bytes(entry["bytes"], type).reshape(shape).detach().requires_grad_(requires_grad);
}

PrintChanges options_of(const nlohmann::json& entry, std::string& profile) {
  PrintChanges o;
  for (const auto& [name, value] : entry.items()) {
    if (name == "precision") o.precision = value;
    else if (name == "threshold") o.threshold = value;
    else if (name == "edgeitems") o.edgeitems = value;
    else if (name == "linewidth") o.linewidth = value;
    else if (name == "sci_mode") o.sci_mode = value;
    else profile = value;
  }
  o.profile = profile;
  return o;
}

TEST(Print, EveryTextIsPyTorchsToTheLetter) {
  const auto entries = test::recorded("tensor/print.json");
  ASSERT_GT(entries.size(), 300U);
  for (const auto& entry : entries) {
    std::string profile;
    const PrintOptionsGuard guard(entry.contains("options") ? options_of(entry["options"], profile) : PrintChanges{});
    const Tensor x = described(entry);
    EXPECT_EQ(to_string(x), entry["text"].get<std::string>()) << entry.dump();
    if (x.is_meta() || x.requires_grad() || x.dim() < 2) continue;
    for (const Tensor& y :
         {x.transpose(0, -1).contiguous().transpose(0, -1), cat({x, x}).narrow(0, x.size(0), x.size(0))})
      EXPECT_EQ(to_string(y), entry["text"].get<std::string>()) << "of other strides: " << entry.dump();
  }
}

TEST(Print, OptionsHoldUntilTheEndOfTheirScope) {
  const Tensor x = tensor({0.123456});
  {
    const PrintOptionsGuard guard({.precision = 2});
    EXPECT_EQ(to_string(x), "tensor([0.12])");
    set_printoptions({.precision = 6});
    EXPECT_EQ(to_string(x), "tensor([0.123456])");
  }
  EXPECT_EQ(to_string(x), "tensor([0.1235])");
  set_printoptions({.sci_mode = true});
  EXPECT_EQ(get_printoptions().sci_mode, true);
  set_printoptions({.linewidth = 100});
  EXPECT_EQ(get_printoptions().sci_mode, std::nullopt);  // as in PyTorch
  EXPECT_EQ(get_printoptions().linewidth, 100);
  set_printoptions({.profile = "default"});
  EXPECT_EQ(get_printoptions().linewidth, 80);
}

TEST(Print, WrongOptionsChangeNothing) {
  EXPECT_EQ(test::error_of([] { set_printoptions({.precision = 2, .linewidth = -1}); }),
            "[set_printoptions] expected a linewidth of 0 or more, got -1");
  EXPECT_NE(test::error_of([] { set_printoptions({.profile = "tiny"}); }), "");
  EXPECT_EQ(get_printoptions().precision, 4);
  const PrintOptionsGuard guard({.precision = PrintOptions::unlimited,
                                 .edgeitems = PrintOptions::unlimited,
                                 .linewidth = PrintOptions::unlimited});
  EXPECT_EQ(to_string(arange(1001)).substr(0, 12), "tensor([   0");
  EXPECT_EQ(to_string(tensor({0.5})).substr(0, 12), "tensor([0.50");
}

}  // namespace
}  // namespace tenon::tensor_print_test
