// One object after the other from a stream.
#include <gtest/gtest.h>

#include <sstream>

#include <tenon/io.h>
#include <tenon/ops.h>

#include "io/files.h"
#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::load_stream_test {
namespace {

using test::error_of;
using test::read_file;

/// One that gives its bytes once and cannot go back, as a pipe.
class Once : public std::streambuf {
 public:
  explicit Once(std::string bytes) : bytes_(std::move(bytes)) {
    setg(bytes_.data(), bytes_.data(), bytes_.data() + bytes_.size());
  }

 private:
  std::string bytes_;
};

std::string saved(const Value& value) {
  std::ostringstream out;
  save(value, out);
  return out.str();
}
Value numbered(int n) { return Dict{{"n", n}, {"w", full({1000}, n)}}; }

TEST(LoadStream, ObjectsComeInTheOrderInWhichTheyWereSaved) {
  std::stringstream stream;
  stream << "before";
  for (int n = 0; n < 4; ++n) save(numbered(n), stream);
  stream.seekg(6);
  for (int n = 0; n < 4; ++n) {
    ASSERT_NE(stream.peek(), EOF);
    const Value value = load(stream);
    EXPECT_EQ(value["n"].as<int>(), n);
    EXPECT_TRUE(test::identical(value["w"].as<Tensor>(), full({1000}, n)));
  }
  EXPECT_EQ(stream.peek(), EOF);
  stream.clear();
  EXPECT_EQ(error_of([&] { (void)load(stream); }), "[load] the stream has no more in it");
}

TEST(LoadStream, AnArchiveWithinAnArchiveDoesNotEndIt) {
  const std::string inner = saved(numbered(1));
  const Tensor bytes = tensor(std::vector<int64_t>(inner.begin(), inner.end())).to(uint8);
  std::stringstream stream(saved(Dict{{"inner", bytes}}) + saved(2));
  EXPECT_EQ(load(stream)["inner"].as<Tensor>().numel(), static_cast<int64_t>(inner.size()));
  EXPECT_EQ(load(stream).as<int>(), 2);
}

TEST(LoadStream, AnObjectLargerThanWhatIsReadAtOnceIsFoundWhole) {
  const Value large = Dict{{"w", full({700'000}, 3)}};  // 2.8 MB
  std::stringstream stream(saved(large) + saved(2));
  EXPECT_TRUE(test::identical(load(stream)["w"].as<Tensor>(), full({700'000}, 3)));
  EXPECT_EQ(load(stream).as<int>(), 2);
}

TEST(LoadStream, WhatPyTorchBefore16AndPickleAndNumPyWroteOneAfterTheOtherIsRead) {
  std::ifstream stream(test::tests_folder() + "/io/data/foreign/several.bin", std::ios::binary);
  EXPECT_EQ(load(stream)["n"].as<int>(), 1);
  EXPECT_TRUE(test::identical(load(stream)["w"].as<Tensor>(), full({3}, 2.0)));
  EXPECT_EQ(load(stream).to_string(), "[3]");
  EXPECT_TRUE(test::identical(load(stream).as<Tensor>(), arange(4)));
  EXPECT_EQ(stream.peek(), EOF);
}

TEST(LoadStream, AStreamThatCannotGoBackHoldsOneObject) {
  for (const bool one : {true, false}) {
    Once bytes(saved(numbered(1)) + (one ? "" : saved(2)));
    std::istream stream(&bytes);
    if (one) EXPECT_EQ(load(stream)["n"].as<int>(), 1);
    else EXPECT_NE(error_of([&] { (void)load(stream); }).find("cannot be moved back"), std::string::npos);
  }
}

TEST(LoadStream, AnErrorLeavesTheStreamWhereItWas) {
  std::string bytes = saved(numbered(1));
  bytes[bytes.size() / 2] ^= 1;  // a checksum is wrong now
  std::stringstream stream(bytes + saved(2));
  EXPECT_NE(error_of([&] { (void)load(stream); }), "");
  EXPECT_EQ(stream.tellg(), std::streampos(0));
  stream.seekg(static_cast<std::streamoff>(bytes.size()));
  EXPECT_EQ(load(stream).as<int>(), 2);
}

TEST(LoadStream, AStreamThatThrowsIsAnErrorOfTheLibrary) {
  std::stringstream stream("");
  stream.exceptions(std::ios::failbit | std::ios::badbit | std::ios::eofbit);
  EXPECT_NE(error_of([&] { (void)load(stream); }), "");
  std::ostream full(nullptr);
  full.exceptions(std::ios::goodbit);
  EXPECT_NE(error_of([&] { save(1, full); }), "");
  std::ostringstream closed;
  closed.setstate(std::ios::badbit);
  try {
    closed.exceptions(std::ios::badbit);
  } catch (const std::ios_base::failure&) {
  }
  EXPECT_NE(error_of([&] { save(1, closed); }), "");
}

TEST(LoadStream, SafetensorsAreAllOfTheirStream) {
  const test::Folder folder;
  save(Dict{{"w", ones({2})}}, folder("x.safetensors"));
  std::stringstream stream(read_file(folder("x.safetensors")));
  EXPECT_EQ(load(stream).size(), 1U);
  EXPECT_EQ(stream.peek(), EOF);
}

}  // namespace
}  // namespace tenon::load_stream_test
