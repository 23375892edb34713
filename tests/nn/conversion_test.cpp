// A module's tensors change their memory: what becomes of those who show the old one.
#include <tenon/nn/module.h>

#include "tensor/check.h"

namespace tenon::nn::nn_conversion_test {
namespace {

struct Holder : Module<Holder> {
  Parameter weight;
  explicit Holder(const Tensor& data) : weight(data) {}
  TENON_MODULE(Holder, weight)
};

/// A parameter on memory that tells when it goes.
struct Watched {
  std::vector<float> memory{1, 2, 3, 4};
  bool is_gone = false;
  Holder model{from_blob(memory.data(), {4}, float32, [this] { is_gone = true; })};
};

TEST(Conversion, TheOldMemoryGoesAtOnceWhereNobodyShowsIt) {
  Watched w;
  w.model.to(float64);
  EXPECT_TRUE(w.is_gone);
}

TEST(Conversion, ViewsOfAParameterKeepTheDataThatTheyShow) {
  Watched w;
  Tensor rows = w.model.weight.view({2, 2}), row = rows[1];
  w.model.to(float64).to(bfloat16);
  EXPECT_FALSE(w.is_gone);
  EXPECT_EQ(rows.dtype(), float32);
  test::expect_values(rows, {2, 2}, {1, 2, 3, 4});
  rows = Tensor();
  test::expect_values(row, {2}, {3, 4});
  test::expect_values(row.view({2, 1}), {2, 1}, {3, 4});
  EXPECT_FALSE(w.is_gone);
  row = Tensor();
  w.model.to(float32);  // there are no views any more
  EXPECT_TRUE(w.is_gone);
  test::expect_values(w.model.weight, {4}, {1, 2, 3, 4});
}

TEST(Conversion, ViewsOutliveTheirModule) {
  Tensor before, now;
  {
    Holder model(tensor({1.0, 2.0, 3.0, 4.0}));
    before = model.weight.view({2, 2})[1];
    model.to(float64);
    now = model.weight.view({2, 2})[1];
  }
  test::expect_values(before, {2}, {3, 4});
  test::expect_values(now, {2}, {3, 4});
  EXPECT_EQ(before.dtype(), float32);
  EXPECT_EQ(now.dtype(), float64);
}

TEST(Conversion, AParameterThatIsAViewLeavesItsBase) {
  std::vector<float> memory{1, 2, 3, 4};
  bool is_gone = false;
  Tensor all = from_blob(memory.data(), {4}, float32, [&] { is_gone = true; });
  Holder model(all.narrow(0, 1, 2));
  const Tensor last = model.weight.detach().narrow(0, 1, 1), tied = model.weight.narrow(0, 1, 1);
  model.to(float64);
  all = Tensor();
  EXPECT_FALSE(is_gone);
  test::expect_values(last, {1}, {3});
  test::expect_values(tied, {1}, {3});
  test::expect_values(model.weight, {2}, {2, 3});
}

}  // namespace
}  // namespace tenon::nn::nn_conversion_test
