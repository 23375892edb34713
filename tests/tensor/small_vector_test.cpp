#include <tenon/small_vector.h>

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace small_vector_test {
using tenon::SmallVector;

namespace {

using Strings = SmallVector<std::string, 2>;
const std::string longer = "a text too long for a string's own buffer, number ";

Strings made(int n) {
  Strings v;
  for (int i = 0; i < n; ++i) v.push_back(longer + std::to_string(i));
  return v;
}
void expect_made(const Strings& v, int n) {
  ASSERT_EQ(v.size(), static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) EXPECT_EQ(v[static_cast<std::size_t>(i)], longer + std::to_string(i));
}

TEST(SmallVector, KeepsItsElementsWhileItGrowsOutOfItsOwnMemory) {
  for (const int n : {0, 1, 2, 3, 4, 5, 17, 100}) expect_made(made(n), n);
}

TEST(SmallVector, CopiesAreIndependent) {
  for (const int n : {0, 2, 9}) {
    Strings a = made(n);
    Strings b = a;
    Strings c = made(5);
    c = a;
    for (std::string& s : a) s = "changed";
    expect_made(b, n);
    expect_made(c, n);
  }
}

TEST(SmallVector, MovesLeaveAnEmptyVectorThatCanBeUsedAgain) {
  for (const int n : {1, 2, 3, 40}) {
    Strings a = made(n);
    Strings b = std::move(a);
    expect_made(b, n);
    EXPECT_TRUE(a.empty());
    a = made(3);
    expect_made(a, 3);
    a = std::move(b);
    expect_made(a, n);
  }
}

TEST(SmallVector, AMoveFromTheHeapDoesNotCopyElements) {
  Strings a = made(3);
  const std::string* where = a.data();
  const Strings b = std::move(a);
  EXPECT_EQ(b.data(), where);
}

TEST(SmallVector, AssigningItToItselfChangesNothing) {
  for (const int n : {2, 6}) {
    Strings a = made(n);
    Strings& same = a;
    a = same;
    expect_made(a, n);
    a = std::move(same);
    expect_made(a, n);
  }
}

TEST(SmallVector, OwnElementsCanBeAddedWhileItGrows) {
  Strings v = made(2);
  v.push_back(v[0]);  // grows
  EXPECT_EQ(v[2], longer + "0");
  Strings w = made(2);
  w.resize(50, w[1]);
  EXPECT_EQ(w[49], longer + "1");
  Strings x = made(2);
  x.insert(0, x[1]);
  EXPECT_EQ(x[0], longer + "1");
  EXPECT_EQ(x[1], longer + "0");
  EXPECT_EQ(x[2], longer + "1");
}

TEST(SmallVector, InsertsAndErasesAtEitherEnd) {
  SmallVector<int, 2> v{2, 3};
  v.insert(0, 1);
  v.insert(3, 4);
  EXPECT_EQ(v, (SmallVector<int, 2>{1, 2, 3, 4}));
  v.erase(3);
  v.erase(0);
  EXPECT_EQ(v, (SmallVector<int, 2>{2, 3}));
}

TEST(SmallVector, DestroysEachElementOnce) {
  auto counted = std::make_shared<int>();
  {
    SmallVector<std::shared_ptr<int>, 2> v(7, counted);
    EXPECT_EQ(counted.use_count(), 8);
    v.resize(3);
    EXPECT_EQ(counted.use_count(), 4);
    v.erase(1);
    EXPECT_EQ(counted.use_count(), 3);
    SmallVector<std::shared_ptr<int>, 2> w = std::move(v);
    EXPECT_EQ(counted.use_count(), 3);
    w = {};
    EXPECT_EQ(counted.use_count(), 1);
  }
  EXPECT_EQ(counted.use_count(), 1);
}

TEST(SmallVector, EqualityLooksAtLengthAndElements) {
  EXPECT_EQ((SmallVector<int, 1>{1, 2}), (SmallVector<int, 1>{1, 2}));
  EXPECT_NE((SmallVector<int, 1>{1, 2}), (SmallVector<int, 1>{1, 2, 3}));
  EXPECT_NE((SmallVector<int, 1>{1, 2}), (SmallVector<int, 1>{1, 3}));
}

}  // namespace
}  // namespace small_vector_test
