// Statements 52 and 53: modes of the tape.
#include <thread>

#include "nn/semantics/models.h"

namespace tenon::nn::semantics::gradient_modes_test {
namespace {

TEST(semantics, 52_modes_are_scoped_nest_and_belong_to_their_thread) {
  {
    const NoGrad no_grad;
    EXPECT_FALSE(is_grad_enabled());
    {
      const EnableGrad enable;
      EXPECT_TRUE(is_grad_enabled());
    }
    EXPECT_FALSE(is_grad_enabled());
    bool elsewhere = false;
    std::thread([&] { elsewhere = is_grad_enabled(); }).join();
    EXPECT_TRUE(elsewhere);
  }
  EXPECT_TRUE(is_grad_enabled());
}

TEST(semantics, 52_a_tensor_made_under_inference_mode_refuses_to_be_recorded_and_says_what_to_do) {
  Tensor x;
  {
    const InferenceMode guard;
    x = ones({3});
  }
  const Parameter weight(ones({3}));
  std::string message;
  try {
    const Tensor y = weight * x;
  } catch (const Error& e) {
    message = e.what();
  }
  EXPECT_NE(message.find("clone() it outside inference mode first"), std::string::npos) << message;
  EXPECT_TRUE((weight * x.clone()).requires_grad());
}

TEST(semantics, 53_anomaly_mode_names_the_operation_whose_backward_made_the_first_nan) {
  const Parameter weight(zeros({2}));
  const autograd::AnomalyMode guard;
  std::string message;
  try {
    (weight.sqrt() * 0).sum().backward();  // 0 · ∞ in the backward of sqrt
  } catch (const Error& e) {
    message = e.what();
  }
  EXPECT_NE(message.find("sqrt"), std::string::npos) << message;
}

}  // namespace
}  // namespace tenon::nn::semantics::gradient_modes_test
