#include <tenon/device.h>

#include "tensor/check.h"

namespace tenon::device_test {
namespace {

TEST(Device, ReadsAndWritesPyTorchsNames) {
  EXPECT_EQ(Device("cpu"), kCPU);
  EXPECT_EQ(Device("cuda"), kCUDA);
  EXPECT_EQ(Device("cuda:0"), kCUDA);
  EXPECT_EQ(Device("cuda:3"), Device(DeviceType::cuda, 3));
  EXPECT_NE(Device("cuda:3"), kCUDA);
  EXPECT_EQ(Device(std::string("meta")), kMeta);
  EXPECT_EQ(fmt::format("{} {} {}", kCPU, Device("cuda:3"), kMeta), "cpu cuda:3 meta");
}

TEST(Device, RefusesWhatIsNoDevice) {
  EXPECT_EQ(test::error_of([] { Device("gpu"); }),
            "[Device] expected \"cpu\", \"cuda\", \"cuda:N\" or \"meta\", got \"gpu\"");
  for (const char* text : {"", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda: 1", "cuda:128", "cuda:99999999999",
                           "meta:1", "CPU", "cuda:1:2"})
    EXPECT_NE(test::error_of([&] { Device{text}; }), "") << text;
}

TEST(Device, ThreadCountMustBePositive) {
  const int before = num_threads();
  EXPECT_EQ(test::error_of([] { set_num_threads(0); }), "[set_num_threads] expected at least 1 thread, got 0");
  EXPECT_EQ(num_threads(), before);
  set_num_threads(3);
  EXPECT_EQ(num_threads(), 3);
  set_num_threads(before);
}

}  // namespace
}  // namespace tenon::device_test
