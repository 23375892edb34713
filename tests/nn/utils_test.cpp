// What is done to many parameters or gradients at once. Clipping by norm: tests/optim/clip_grad_test.cpp.
#include <tenon/nn/fuse.h>
#include <tenon/nn/parametrize.h>
#include <tenon/nn/prune.h>
#include <tenon/nn/skip_init.h>
#include <tenon/nn/utils.h>

#include "tensor/check.h"

namespace tenon::nn::utils_test {
namespace {

using test::error_of;

Tensor with_grad(const Tensor& grad) {
  const Tensor x = zeros(grad.shape(), {grad.dtype()}).requires_grad_();
  x.set_grad(grad);
  return x;
}

TEST(Utils, AreInPyTorchsNamespaceToo) {
  EXPECT_EQ(&nn::utils::clip_grad_norm_, &nn::clip_grad_norm_);
  EXPECT_EQ(&nn::utils::clip_grad_value_, &nn::clip_grad_value_);
  EXPECT_EQ(&nn::utils::fuse_linear_bn_eval, &nn::fuse_linear_bn_eval);
  EXPECT_EQ(&nn::utils::vector_to_parameters, &nn::vector_to_parameters);
  Linear layer = nn::utils::skip_init<Linear>(3, 2);
  nn::utils::prune::random_unstructured(layer, "weight", 2);
  nn::utils::prune::remove(layer, "weight");
  nn::utils::parametrizations::weight_norm(layer);
  EXPECT_TRUE(nn::utils::parametrize::is_parametrized(layer, "weight"));
}

TEST(ClipGradValue, BoundsEachElementAndLeavesOutWhatHasNoGradient) {
  const Tensor a = with_grad(tensor({-3.f, 0.5f, 2.f})), b = with_grad(tensor({{4.0}}, {float64}));
  clip_grad_value_({a, zeros({2}).requires_grad_(), b}, 1.5);
  test::expect_values(a.grad(), {3}, {-1.5, 0.5, 1.5});
  test::expect_values(b.grad(), {1, 1}, {1.5});
}

TEST(GetTotalNorm, WithClipGradsIsClipGradNormInTwoSteps) {
  const Tensor a = with_grad(tensor({3.f, 0.f})), b = with_grad(tensor({0.f, 4.f}));
  const Tensor norm = get_total_norm({a.grad(), b.grad()});
  EXPECT_EQ(norm.item<float>(), 5.f);
  EXPECT_EQ(get_total_norm({a.grad(), b.grad()}, {.norm_type = 1}).item<float>(), 7.f);
  EXPECT_EQ(get_total_norm({}).item<float>(), 0.f);
  clip_grads_with_norm_({a, b}, 10, norm);
  test::expect_values(a.grad(), {2}, {3, 0});
  clip_grads_with_norm_({a, b}, 1, norm);
  test::expect_values(a.grad(), {2}, {0.6, 0}, 1e-6);
  test::expect_values(b.grad(), {2}, {0, 0.8}, 1e-6);
  EXPECT_EQ(
      error_of([] { get_total_norm({tensor({test::infinity})}, {.error_if_nonfinite = true}); }),
      "[get_total_norm] the gradients' norm of order 2 is inf: they cannot be clipped (error_if_nonfinite is set)");
}

TEST(ParametersToVector, GoesThereAndBack) {
  const Tensor a = arange(6).to(float32).reshape({2, 3}).requires_grad_(), b = full({2}, 7.f).requires_grad_();
  const Tensor vector = parameters_to_vector({a.t(), b});
  test::expect_values(vector, {8}, {0, 3, 1, 4, 2, 5, 7, 7});
  vector.sum().backward();
  test::expect_values(a.grad(), {2, 3}, {1, 1, 1, 1, 1, 1});
  const float* memory = a.data<float>();
  vector_to_parameters(arange(8), {a, b});
  EXPECT_EQ(a.data<float>(), memory);
  EXPECT_TRUE(a.requires_grad() && a.is_leaf());
  test::expect_values(a, {2, 3}, {0, 1, 2, 3, 4, 5});
  test::expect_values(b, {2}, {6, 7});
  EXPECT_EQ(error_of([&] {
              vector_to_parameters(arange(7), {a, b});
            }),
            "[vector_to_parameters] expected a vector of the parameters' 8 elements, got shape (7,)");
  EXPECT_EQ(error_of([] { parameters_to_vector({}); }),
            "[parameters_to_vector] expected one parameter or more, got none");
  EXPECT_EQ(error_of([&] {
              parameters_to_vector({a, empty({1}, {.device = kMeta})});
            }),
            "[parameters_to_vector] expected parameters on one device, got cpu and meta");
}

}  // namespace
}  // namespace tenon::nn::utils_test
