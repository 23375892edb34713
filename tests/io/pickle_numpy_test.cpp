// NumPy's numbers and arrays among what was pickled (data/foreign/generate.py).
#include "io/pickle_numpy.h"

#include <gtest/gtest.h>

#include <tenon/io.h>
#include <tenon/ops.h>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::pickle_numpy_test {
namespace {

using test::error_of;
using test::foreign;

TEST(PickleNumPy, NumbersAreNumbersAndArraysAreTensors) {
  for (const std::string name : {"numpy.pt", "numpy5.pkl"}) {
    const Value v = load(foreign(name));
    EXPECT_EQ(v["f8"].as<double>(), 0.1) << name;
    EXPECT_EQ(v["f4"].as<double>(), 0.5);
    EXPECT_EQ(v["f2"].as<double>(), 0.25);
    EXPECT_EQ(v["i4"].as<int64_t>(), -7);
    EXPECT_EQ(v["u8"].as<BigInt>().to_string(), "9223372036854775808");
    EXPECT_EQ(v["u1"].as<int64_t>(), 200);
    EXPECT_TRUE(v["b"].as<bool>());
    EXPECT_EQ(v["c8"].as<std::complex<double>>(), std::complex<double>(1, -2));
    EXPECT_EQ(v["big"].as<int64_t>(), 3);
    EXPECT_TRUE(test::identical(v["array"].as<Tensor>(), arange(6).to(float32).view({2, 3})));
    EXPECT_TRUE(test::identical(v["column"].as<Tensor>(), arange(6).view({2, 3})));
    EXPECT_TRUE(test::identical(v["swapped"].as<Tensor>(), arange(3).to(int16)));
    EXPECT_EQ(v["none"].as<Tensor>().shape(), (Shape{0, 2}));
    EXPECT_EQ(v["mask"].as<Tensor>().dtype(), boolean);
    EXPECT_EQ(v["dtype"].as<DType>(), float16);
  }
}

TEST(PickleNumPy, ObjectsAreRefusedAndCarriedWhenAskedTo) {
  const std::string said = error_of([] { (void)load(foreign("numpy_objects.pkl")); });
  EXPECT_TRUE(said.find("numpy_objects.pkl") != said.npos && said.find("'names'") != said.npos &&
              said.find("Python objects") != said.npos)
      << said;
  const Value v = load(foreign("numpy_objects.pkl"), {.opaque = true});
  EXPECT_EQ(v["lr"].as<int>(), 1);
  EXPECT_TRUE(v["names"].is<Opaque>());
}

TEST(PickleNumPy, EveryCutAndFlippedByteIsAnErrorOrAValue) {
  const std::string whole = test::read_file(foreign("numpy5.pkl"));
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_NE(error_of([&] { (void)load(test::bytes_of(whole.substr(0, n))); }), "") << n;
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const int bit : {0x01, 0x10, 0x80}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ bit);
      try {
        (void)load(test::bytes_of(bytes)).to_string();
      } catch (const Error&) {
      }
    }
}

}  // namespace
}  // namespace tenon::pickle_numpy_test
