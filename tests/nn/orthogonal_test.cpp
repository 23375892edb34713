// Weights and gradients of PyTorch 2.15, as orthogonal.py beside this prints them.
#include <gtest/gtest.h>

#include <tenon/autograd.h>
#include <tenon/nn.h>

#include "tensor/check.h"

namespace orthogonal_test {
using namespace tenon;
using nn::parametrizations::OrthogonalMap;
using test::error_of;
using test::expect_values;

namespace {

struct Case {
  Shape shape;
  OrthogonalMap map;
  bool use_trivialization;
  std::vector<double> weight, gradient;
};

// clang-format off
const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {{3, 3}, OrthogonalMap::matrix_exp, true, {0.5258687, -0.5684175, -0.6327431, 0.5750715, 0.7857183, -0.2279028, -0.6267018, 0.2440255, -0.7400653}, {0, 0, 0, 5.166632, 0, 0, -3.679971, -11.68298, 0}},
      {{3, 3}, OrthogonalMap::matrix_exp, false, {0.8708274, -0.3195755, 0.3735388, 0.4289004, 0.86523, -0.2596568, -0.240217, 0.3863271, 0.8905321}, {0, 0, 0, 3.535559, 0, 0, 3.32089, 0.02439356, 0}},
      {{3, 3}, OrthogonalMap::cayley, true, {0.5259118, -0.5683706, -0.6327494, 0.5750637, 0.7857442, -0.2278328, -0.6266727, 0.2440513, -0.7400813}, {0, 0, 0, 5.16719, 0, 0, -3.668717, -11.66366, 0}},
      {{3, 3}, OrthogonalMap::cayley, false, {0.8783256, -0.3128081, 0.3615179, 0.4157868, 0.8730531, -0.2547539, -0.2359352, 0.3740713, 0.8968864}, {0, 0, 0, 3.370686, 0, 0, 3.261408, 0.06589127, 0}},
      {{3, 3}, OrthogonalMap::householder, true, {0.4685213, -0.6310778, -0.6182466, 0.5892429, 0.7446349, -0.3135473, -0.6582404, 0.2173939, -0.7207353}, {0, 0, 0, 10.23871, 0, 0, -5.514704, -22.12709, 0}},
      {{3, 3}, OrthogonalMap::householder, false, {0.6041406, -0.4890384, -0.6291705, 0.6186671, 0.7854804, -0.01647909, -0.50226, 0.3792914, -0.7770926}, {0, 0, 0, 0.02197266, 0, 0, 2.147798, 23.92276, 0}},
      {{2, 4}, OrthogonalMap::matrix_exp, true, {0.4775354, -0.5305151, 0.5648478, 0.4140782, 0.4649566, -0.3747448, -0.7987582, 0.07326116}, {0, -7.248639, -2.552932, -1.624587, 0, 0, -8.685767, 0.5239145}},
      {{2, 4}, OrthogonalMap::matrix_exp, false, {0.7899799, -0.3231639, 0.444246, 0.2722912, 0.3327274, 0.8538342, -0.1873858, 0.3537603}, {0, -2.771737, 3.356304, 2.643225, 0, 0, 5.459303, 3.339949}},
      {{2, 4}, OrthogonalMap::cayley, true, {0.4775232, -0.5305048, 0.5648486, 0.4141043, 0.4649391, -0.3747306, -0.7987684, 0.0733333}, {0, -7.241582, -2.547493, -1.621036, 0, 0, -8.672756, 0.5313302}},
      {{2, 4}, OrthogonalMap::cayley, false, {0.8049937, -0.3106061, 0.4285929, 0.2679872, 0.3193177, 0.8631603, -0.1885021, 0.3427205}, {0, -2.524874, 3.078886, 2.299659, 0, 0, 5.318334, 3.243966}},
      {{2, 4}, OrthogonalMap::householder, true, {0.4963877, -0.5413313, 0.5595435, 0.3840193, 0.4791725, -0.3869848, -0.7876153, -0.0172838}, {0, -13.81392, -6.042835, -4.597805, 0, 0, -17.01698, 1.180413}},
      {{2, 4}, OrthogonalMap::householder, false, {0.4298838, -0.4951286, 0.583779, 0.4788001, 0.5418531, -0.3142076, -0.7692081, 0.1264421}, {0, 8.356212, 12.64739, 5.796082, 0, 0, 9.40436, -3.436981}},
      {{4, 2}, OrthogonalMap::matrix_exp, true, {0.4121906, -0.4346402, 0.5465507, 0.8023084, 0.5240935, -0.3962031, -0.5066627, 0.1020406}, {0, 0, -0.5127256, 0, -2.117184, -3.302183, -7.073617, -8.504552}},
      {{4, 2}, OrthogonalMap::matrix_exp, false, {0.5846522, -0.2572857, 0.6866746, 0.6590704, 0.3742725, -0.5550021, -0.2158242, 0.4374964}, {0, 0, -0.8673749, 0, 3.089168, 6.27822, 3.2476, 7.623466}},
      {{4, 2}, OrthogonalMap::cayley, true, {0.4122216, -0.4346056, 0.546551, 0.8023412, 0.5241313, -0.3961569, -0.5065982, 0.1021092}, {0, 0, -0.5079108, 0, -2.105842, -3.288332, -7.053574, -8.480042}},
      {{4, 2}, OrthogonalMap::cayley, false, {0.6514404, -0.2667417, 0.6269049, 0.7138611, 0.3693382, -0.5063071, -0.2149532, 0.4036141}, {0, 0, -0.6516811, 0, 3.190237, 5.934086, 3.526256, 7.382279}},
      {{4, 2}, OrthogonalMap::householder, true, {0.3804766, -0.4713878, 0.5529021, 0.7607533, 0.4844642, -0.4436737, -0.5610983, 0.04691892}, {0, 0, 0.1308912, 0, -4.162127, -6.618282, -13.84577, -16.91544}},
      {{4, 2}, OrthogonalMap::householder, false, {0.4247847, -0.427939, 0.565354, 0.8086264, 0.6104952, -0.2826414, -0.3566911, 0.2882804}, {0, 0, -2.217044, 0, 3.72401, 7.186912, 5.004251, 14.91933}},
  };
  return all;
}
// clang-format on

}  // namespace

TEST(Orthogonal, WeightsAndGradientsAreThoseOfPyTorch) {
  for (const Case& c : cases()) {
    manual_seed(5);
    nn::Linear layer(c.shape[1], c.shape[0], {.bias = false});
    nn::parametrizations::orthogonal(layer, "weight", {.map = c.map, .use_trivialization = c.use_trivialization});
    const nn::Parameter original = layer.get_parameter("parametrizations.weight.original");
    Tensor step = arange(static_cast<double>(c.shape.numel())).reshape(c.shape) * 0.01;
    if (c.map == OrthogonalMap::householder) step = c.shape[0] >= c.shape[1] ? step.tril(-1) : step.triu(1);
    original.detach().add_(step);
    nn::parametrize::compute(layer);
    expect_values(layer.weight, c.shape, c.weight, 1e-5);
    (layer.weight * arange(c.shape.numel()).reshape(c.shape)).sum().backward();
    for (std::size_t i = 0; i < c.gradient.size(); ++i)
      EXPECT_NEAR(original.grad().flatten().to_vector<double>()[i], c.gradient[i], 2e-4);
    const Tensor w = c.shape[0] < c.shape[1] ? layer.weight.mT() : Tensor(layer.weight);
    EXPECT_TRUE(allclose(w.mT().matmul(w), eye(w.size(1)), 1e-5, 1e-5));
    if (HasFailure()) FAIL() << c.shape.to_string() << " map " << static_cast<int>(c.map) << c.use_trivialization;
  }
}

TEST(Orthogonal, AssigningAnOrthogonalMatrixGivesIt) {
  nn::Linear layer(3, 3);
  nn::parametrizations::orthogonal(layer);
  const Tensor turned = tensor({{0.0, 1.0, 0.0}, {-1.0, 0.0, 0.0}, {0.0, 0.0, 1.0}});
  nn::parametrize::assign(layer, "weight", turned);
  EXPECT_TRUE(allclose(layer.weight, turned, 1e-6, 1e-6));
}

TEST(Orthogonal, WhatIsNoMatrixIsAnError) {
  nn::Linear layer(3, 3);
  EXPECT_EQ(error_of([&] { nn::parametrizations::orthogonal(layer, "bias"); }),
            "[orthogonal] expected a matrix or a batch of matrices as \"bias\", got shape (3,)");
}
}  // namespace orthogonal_test
