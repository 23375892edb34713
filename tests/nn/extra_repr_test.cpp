// The builder of extra_repr(). Expected texts are Python's repr of the same values.
#include "nn/extra_repr.h"

#include <array>
#include <limits>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

namespace tenon::nn::extra_repr_test {
namespace {

TEST(ExtraRepr, WritesValuesAsPythonDoes) {
  EXPECT_EQ(extra_repr_of({{"eps", 1e-5}, {"p", 1.0}, {"momentum", std::optional<double>{}}, {"bias", false}}),
            "eps=1e-05, p=1.0, momentum=None, bias=False");
  EXPECT_EQ(extra_repr_of({{"mode", "tanh"}, {"size", std::array<int64_t, 2>{3, 5}}, {"n", std::optional<int64_t>(7)}}),
            "mode='tanh', size=(3, 5), n=7");
  EXPECT_EQ(extra_repr_of({{"least", -std::numeric_limits<double>::infinity()}}), "least=-inf");
}

TEST(ExtraRepr, WritesAValueWithoutANameAlone) {
  EXPECT_EQ(extra_repr_of({{16}, {32}, {"stride", std::array<int64_t, 1>{2}}}), "16, 32, stride=(2,)");
  EXPECT_EQ(extra_repr_of({{Shape{4}}}), "(4,)");
  EXPECT_EQ(extra_repr_of({{Shape{4, 5}}, {"eps", 0.5}}), "(4, 5), eps=0.5");
}

TEST(ExtraRepr, LeavesOutWhatEqualsItsDefault) {
  EXPECT_EQ(extra_repr_of({{"inplace", false, false}}), "");
  EXPECT_EQ(extra_repr_of({{"inplace", true, false}, {"groups", 1, 1}, {"dilation", 2, 1}}),
            "inplace=True, dilation=2");
  EXPECT_EQ(extra_repr_of({{"groups", 1, 1}, {"output_size", std::optional<int64_t>{}, Value()}, {"p", 0.25}}),
            "p=0.25");
}

}  // namespace
}  // namespace tenon::nn::extra_repr_test
