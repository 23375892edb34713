// NoGrad, EnableGrad and InferenceMode.
#include <thread>

#include "tensor/check.h"

namespace tenon::mode_test {
namespace {

using test::error_of;

TEST(Mode, NestsAndComesBack) {
  EXPECT_TRUE(is_grad_enabled());
  {
    const NoGrad a;
    EXPECT_FALSE(is_grad_enabled());
    {
      const EnableGrad b;
      EXPECT_TRUE(is_grad_enabled());
      const NoGrad c;
      EXPECT_FALSE(is_grad_enabled());
    }
    EXPECT_FALSE(is_grad_enabled());
  }
  EXPECT_TRUE(is_grad_enabled());
  try {
    const NoGrad a;
    throw 1;
  } catch (int) {
  }
  EXPECT_TRUE(is_grad_enabled());
}

TEST(Mode, DecidesWhatIsRecorded) {
  const Tensor x = ones({2}, {.requires_grad = true});
  const NoGrad a;
  EXPECT_FALSE((x * 2).requires_grad());
  EXPECT_FALSE(x[0].requires_grad());
  const EnableGrad b;
  EXPECT_TRUE((x * 2).requires_grad());
}

TEST(Mode, MayBeSetByAFlag) {
  const Tensor x = ones({2}, {.requires_grad = true});
  for (const bool on : {true, false}) {
    const SetGradEnabled a(!on);
    const SetGradEnabled b(on);
    EXPECT_EQ(is_grad_enabled(), on);
    EXPECT_EQ((x * 2).requires_grad(), on);
  }
  EXPECT_TRUE(is_grad_enabled());
  const InferenceMode inference;
  const SetGradEnabled inside(true);
  EXPECT_FALSE(is_grad_enabled());
}

TEST(ModeThreads, EachThreadHasItsOwn) {
  const NoGrad here;
  bool there = false, inference = true;
  std::thread([&] {
    there = is_grad_enabled();
    inference = is_inference_mode_enabled();
  }).join();
  EXPECT_TRUE(there);
  EXPECT_FALSE(inference);
}

TEST(InferenceMode, TurnsRecordingOff) {
  const Tensor x = ones({2}, {.requires_grad = true});
  const InferenceMode guard;
  EXPECT_TRUE(is_inference_mode_enabled());
  EXPECT_FALSE(is_grad_enabled());
  EXPECT_FALSE((x * 2).requires_grad());
  {
    const EnableGrad inside;
    EXPECT_FALSE((x * 2).requires_grad());  // stronger than EnableGrad, as in PyTorch
    EXPECT_TRUE(is_inference_mode_enabled());
  }
  const InferenceMode off(false);
  EXPECT_TRUE((x * 2).requires_grad());
}

TEST(InferenceMode, ItsTensorsCannotBeRecordedLater) {
  Tensor made, view;
  const Tensor x = ones({2}, {.requires_grad = true});
  {
    const InferenceMode guard;
    made = ones({2}) * 2;
    view = made[0];
  }
  const std::string text =
      "a tensor made in inference mode cannot be recorded: clone() it outside inference mode first, or use NoGrad "
      "instead of InferenceMode";
  EXPECT_EQ(error_of([&] { x* made; }), "[mul] " + text);
  EXPECT_NE(error_of([&] { x* view; }), "");
  EXPECT_EQ(error_of([&] { (x * made.clone()).sum().backward(); }), "");
  EXPECT_EQ(error_of([&] { x + made; }), "");  // nothing of it is saved
  EXPECT_EQ(error_of([&] { made * 3; }), "");
}

TEST(InferenceMode, ItsTensorsCannotBeChangedOrTrainedOutside) {
  Tensor made;
  {
    const InferenceMode guard;
    made = ones({2});
    made.add_(1);
  }
  EXPECT_EQ(error_of([&] { made.add_(1); }),
            "[add_] a tensor made in inference mode cannot be changed in place outside it: clone() it first");
  EXPECT_EQ(error_of([&] { made.requires_grad_(); }),
            "[requires_grad_] a tensor made in inference mode cannot require grad outside it: clone() it first");
  test::expect_values(made, {2}, {2, 2});
}

TEST(InferenceMode, ItsTensorsSayWhatTheyAre) {
  const Tensor outside = ones({2});
  const InferenceMode guard;
  EXPECT_TRUE(ones({2}).is_inference());
  EXPECT_TRUE((outside * 2).is_inference());
  EXPECT_FALSE(outside.is_inference());
  EXPECT_FALSE(outside[0].is_inference());  // a view of an ordinary tensor is one
  EXPECT_TRUE(ones({2})[0].is_inference());
}

TEST(InferenceMode, AnEarlierTensorStaysOrdinary) {
  const Tensor x = ones({2}, {.requires_grad = true}), y = ones({2});
  {
    const InferenceMode guard;
    y.add_(1);
  }
  (x * y).sum().backward();
  test::expect_values(x.grad(), {2}, {2, 2});
}

}  // namespace
}  // namespace tenon::mode_test
