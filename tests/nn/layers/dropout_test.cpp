// Dropout as a layer. Expected numbers are PyTorch 2.15's.
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::layers_dropout_test {
namespace {

using test::error_of;

TEST(Dropout, ZeroesSomeAndScalesTheRest) {
  manual_seed(0);
  const Tensor y = Dropout(0.25)(ones({1000}));
  int64_t kept = 0;
  for (const float v : y.to_vector<float>()) {
    EXPECT_TRUE(v == 0 || v == 1 / 0.75f) << v;
    kept += v != 0;
  }
  EXPECT_NEAR(static_cast<double>(kept), 750, 60);
}

TEST(Dropout, InEvalModeGivesItsInputAndDrawsNothing) {
  Dropout dropout(0.5);
  dropout.eval();
  const Tensor x = ones({100});
  const auto before = random::get_state().to_vector<uint8_t>();
  EXPECT_EQ(dropout(x).to_vector<float>(), x.to_vector<float>());
  EXPECT_EQ(random::get_state().to_vector<uint8_t>(), before);
}

TEST(Dropout, InPlaceChangesItsInput) {
  const Tensor x = ones({100});
  EXPECT_TRUE(Dropout(0.5, {.inplace = true})(x).is_same(x));
  EXPECT_NE(x.to_vector<float>(), std::vector<float>(100, 1));
}

TEST(Dropout, RefusesWhatIsNoProbability) {
  EXPECT_EQ(error_of([] { Dropout(1.5); }), "[Dropout] expected a probability between 0 and 1, got 1.5");
  EXPECT_EQ(error_of([&] { Dropout(-0.1); }), "[Dropout] expected a probability between 0 and 1, got -0.1");
  EXPECT_EQ(error_of([&] { Dropout(std::nan("")); }), "[Dropout] expected a probability between 0 and 1, got nan");
}

}  // namespace
}  // namespace tenon::nn::layers_dropout_test
