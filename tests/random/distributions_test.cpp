#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <numeric>
#include <set>
#include <string>

#include <tenon/tenon.h>

#include "backend/cpu/instruction_set.h"
#include "backend/random.h"

namespace distributions_test {
using namespace tenon;

namespace {

constexpr DType floating[] = {float16, bfloat16, float32, float64};
constexpr DType all_types[] = {boolean, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64};

std::vector<double> values(const Tensor& x) { return x.to_vector<double>(); }

uint64_t words_drawn(uint64_t seed, Generator& generator) {  // up to 3000
  Generator counted(seed);
  for (uint64_t n = 0; n <= 3000; ++n, counted.next32())
    if (Generator(counted).next64() == Generator(generator).next64()) return n;
  return UINT64_MAX;
}

void expect_error(const std::function<void()>& f, std::string_view operation, std::string_view words) {
  try {
    f();
    ADD_FAILURE() << "no error from " << operation;
  } catch (const Error& e) {
    EXPECT_EQ(e.operation(), operation);
    EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
  }
}

}  // namespace

// What PyTorch gives after torch.manual_seed(0).
TEST(Distributions, GivePyTorchsNumbers) {
  manual_seed(0);
  EXPECT_EQ(values(rand({3})), (std::vector<double>{0.49625658988952637, 0.7682217955589294, 0.08847743272781372}));
  manual_seed(0);
  EXPECT_EQ(randint(0, 10, {8}).to_vector<int64_t>(), (std::vector<int64_t>{4, 9, 3, 0, 3, 9, 7, 3}));
  manual_seed(0);
  EXPECT_EQ(randperm(10).to_vector<int64_t>(), (std::vector<int64_t>{4, 1, 7, 5, 3, 9, 0, 8, 6, 2}));
}

TEST(Distributions, FillWhatLiesApartInTheOrderOfMemory) {
  for (const DType dtype : all_types) {
    Generator a(6), b(6);
    const Tensor straight = zeros({12}, {.dtype = dtype});
    bernoulli_(straight, 0.5, &a);
    const Tensor turned = zeros({4, 3}, {.dtype = dtype}).t();  // (3, 4): dense, but in another order
    bernoulli_(turned, 0.5, &b);
    EXPECT_EQ(values(turned.t()), values(straight)) << name(dtype);
    EXPECT_EQ(a.next64(), b.next64());
  }
}

TEST(Distributions, LeaveWhatLiesBetweenAlone) {
  Generator a(6), b(6);
  const Tensor whole = full({2, 3, 5}, 7.0);
  uniform_(whole.narrow(2, 1, 2), 0, 1, &a);
  const auto expected = values(rand({12}, {}, &b));
  std::size_t next = 0;
  for (int64_t i = 0; i < 2; ++i)
    for (int64_t j = 0; j < 3; ++j)
      for (int64_t k = 0; k < 5; ++k) {
        const auto x = whole[i][j][k].item<double>();
        EXPECT_EQ(x, k == 1 || k == 2 ? expected[next++] : 7.0);
      }
}

TEST(Distributions, DrawNormalsApartInMemoryOneByOneHoweverMany) {
  Generator a(6), b(6);
  const Tensor column = zeros({40, 2}).select(1, 0);
  normal_(column, 1, 2, &a);
  for (const double x : values(column)) ASSERT_EQ(x, static_cast<float>(std::fma(b.next_normal(), 2, 1)));
}

TEST(Distributions, TakeTensorsWithoutDimensionsAndWithoutElements) {
  Generator generator(1);
  const Tensor one = zeros({});
  uniform_(one, 2, 3, &generator);
  EXPECT_GE(one.item<float>(), 2);
  EXPECT_EQ(words_drawn(1, generator), 1U);
  for (const DType dtype : floating) {
    const Tensor none = empty({3, 0}, {.dtype = dtype});
    uniform_(none, 0, 1, &generator);
    normal_(none, 0, 1, &generator);
    random_(none, &generator);
    bernoulli_(none, 0.5, &generator);
  }
  EXPECT_EQ(randperm(0, &generator).numel(), 0);
  EXPECT_EQ(randperm(1, &generator).to_vector<int64_t>(), std::vector<int64_t>{0});
  EXPECT_EQ(words_drawn(1, generator), 1U);
}

TEST(Distributions, OnTheMetaDeviceDrawNothing) {
  Generator generator(1);
  const Tensor x = empty({100}, {.device = kMeta});
  uniform_(x, 0, 1, &generator);
  normal_(x, 0, 1, &generator);
  random_(x, &generator);
  bernoulli_(x, 0.5, &generator);
  EXPECT_TRUE(rand({3}, {.device = kMeta}, &generator).is_meta());
  {
    const DefaultDevice meta(kMeta);
    EXPECT_TRUE(randperm(5, &generator).is_meta());
    EXPECT_EQ(Generator(3).get_state().device(), kCPU);
  }
  EXPECT_TRUE(randn({30}, {.device = kMeta}, &generator).is_meta());
  EXPECT_TRUE(randint(0, 9, {3}, {.device = kMeta}, &generator).is_meta());
  EXPECT_EQ(words_drawn(1, generator), 0U);
}

TEST(Distributions, MakeTheTypeThatIsAskedFor) {
  EXPECT_EQ(rand({2}).dtype(), float32);
  EXPECT_EQ(randn({2}).dtype(), float32);
  EXPECT_EQ(randint(0, 9, {2}).dtype(), int64);
  EXPECT_EQ(randperm(3).dtype(), int64);
  for (const DType dtype : floating) {
    EXPECT_EQ(rand({2}, {.dtype = dtype}).dtype(), dtype);
    EXPECT_EQ(randn({2}, {.dtype = dtype}).dtype(), dtype);
  }
  for (const DType dtype : all_types) EXPECT_EQ(randint(0, 2, {2}, {.dtype = dtype}).dtype(), dtype);
  EXPECT_TRUE(randn({2}, {.requires_grad = true}).requires_grad());
}

TEST(Distributions, DoNotDependOnTheNumberOfThreads) {
  const int before = num_threads();
  const auto draw = [](int threads) {
    set_num_threads(threads);
    Generator generator(3);
    const Tensor x = zeros({300, 400});
    normal_(x, 0, 1, &generator);
    return x.to_vector<float>();
  };
  EXPECT_EQ(draw(1), draw(4));
  set_num_threads(before);
}

TEST(Uniform, StaysBelowItsUpperBoundInEveryType) {
  Generator generator(1);
  for (const DType dtype : floating) {
    const Tensor x = zeros({20000}, {.dtype = dtype});
    uniform_(x, 1, 1.03125, &generator);  // few steps wide in the half types: much would round up to the bound
    const auto v = values(x);
    EXPECT_GE(*std::min_element(v.begin(), v.end()), 1) << name(dtype);
    EXPECT_LT(*std::max_element(v.begin(), v.end()), 1.03125) << name(dtype);
  }
}

TEST(Uniform, OfAnEmptyIntervalIsItsBound) {
  const Tensor x = zeros({9});
  x.uniform_(2.5, 2.5);
  EXPECT_EQ(values(x), std::vector<double>(9, 2.5));
}

TEST(Uniform, RefusesBoundsThatMakeNoInterval) {
  const Tensor x = zeros({3});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_error([&] { x.uniform_(1, 0); }, "uniform_", "from = 1 and to = 0");
  expect_error([&] { x.uniform_(nan, 0); }, "uniform_", "finite");
  expect_error([&] { x.uniform_(0, INFINITY); }, "uniform_", "finite");
  expect_error([&] { x.uniform_(-3e38, 3e38); }, "uniform_", "wider");
  expect_error([&] { zeros({3}, {.dtype = float16}).uniform_(0, 70000); }, "uniform_", "float16");
  expect_error([&] { zeros({3}, {.dtype = int64}).uniform_(); }, "uniform_", "int64");
  expect_error([] { rand({3}, {.dtype = int32}); }, "rand", "int32");
}

TEST(Normal, HasItsMeanAndStandardDeviation) {
  Generator generator(1);
  for (const DType dtype : floating) {
    const Tensor x = zeros({40000}, {.dtype = dtype});
    normal_(x, 3, 0.5, &generator);
    const auto v = values(x);
    double sum = 0, squares = 0;
    for (const double d : v) sum += d;
    const double mean = sum / 40000;
    for (const double d : v) squares += (d - mean) * (d - mean);
    EXPECT_NEAR(mean, 3, 0.01) << name(dtype);
    EXPECT_NEAR(std::sqrt(squares / 40000), 0.5, 0.01) << name(dtype);
  }
}

// torch.manual_seed(0); w = torch.randn(65536).view(torch.int32) as unsigned numbers: w.sum(), (w·(1, 2, 3, …)).sum()
// mod 2^64, of PyTorch 2.15 on a processor with AVX2 or AVX-512.
TEST(Normal, NumbersArePyTorchsToTheLastBit) {
  using backend::cpu::InstructionSet;
  const char* const limit = std::getenv("TENON_SIMD");
  if (backend::cpu::processor_instruction_set().value_or(InstructionSet::scalar) < InstructionSet::avx2 ||
      (limit && std::set<std::string>{"scalar", "sse4"}.contains(limit)))
    GTEST_SKIP() << "without fused multiply-adds the last bit is another";
  manual_seed(0);
  const Tensor x = randn({65536});
  uint64_t sum = 0, by_place = 0, place = 0;
  for (const float v : x.span<float>()) {
    const uint64_t bits = std::bit_cast<uint32_t>(v);
    sum += bits;
    by_place += bits * ++place;
  }
  EXPECT_EQ(sum, 139831104796834u);
  EXPECT_EQ(by_place, 4573617804554410828u);
}

TEST(Normal, OfNoDeviationIsItsMean) {
  const Tensor x = zeros({33});
  x.normal_(1.5, 0);
  EXPECT_EQ(values(x), std::vector<double>(33, 1.5));
}

TEST(Normal, DrawsTheLast16AnewWhere16DoesNotDivideTheirNumber) {
  Generator whole(5), part(5);
  const auto a = values(randn({32}, {}, &whole)), b = values(randn({35}, {}, &part));
  EXPECT_TRUE(std::equal(b.begin(), b.begin() + 19, a.begin()));
  EXPECT_NE(b[19], a[19]);
  EXPECT_EQ(words_drawn(5, part), 35U + 16U);
}

TEST(Normal, RefusesANegativeDeviation) {
  expect_error([] { zeros({3}).normal_(0, -1); }, "normal_", "-1");
  expect_error([] { zeros({3}).normal_(0, std::numeric_limits<double>::quiet_NaN()); }, "normal_", "nan");
  expect_error([] { zeros({3}, {.dtype = boolean}).normal_(); }, "normal_", "bool");
  expect_error([] { randn({3}, {.dtype = int64}); }, "randn", "int64");
}

TEST(RandomIntegers, LieInTheirRange) {
  Generator generator(1);
  const int64_t lowest = std::numeric_limits<int64_t>::min(), greatest = std::numeric_limits<int64_t>::max();
  for (const auto& [low, high] :
       {std::pair<int64_t, int64_t>{0, 1}, {-3, 4}, {0, int64_t{1} << 40}, {lowest, greatest}})
    for (const int64_t x : randint(low, high, {1000}, {}, &generator).to_vector<int64_t>()) {
      ASSERT_GE(x, low);
      ASSERT_LT(x, high);
    }
}

TEST(RandomIntegers, Take64BitsFromARangeOf2To28On) {
  Generator narrow(1), wide(1);
  randint(0, (int64_t{1} << 28) - 1, {10}, {}, &narrow);
  randint(0, int64_t{1} << 28, {10}, {}, &wide);
  EXPECT_EQ(words_drawn(1, narrow), 10U);
  EXPECT_EQ(words_drawn(1, wide), 20U);
}

TEST(RandomIntegers, RefuseWhatTheTypeDoesNotHold) {
  expect_error([] { randint(5, 5, {2}); }, "randint", "low = 5 and high = 5");
  expect_error([] { randint(0, 257, {2}, {.dtype = uint8}); }, "randint", "uint8");
  expect_error([] { randint(-1, 5, {2}, {.dtype = uint8}); }, "randint", "uint8");
  expect_error([] { randint(0, 3, {2}, {.dtype = boolean}); }, "randint", "bool");
  expect_error([] { randint(0, (1 << 24) + 2, {2}, {.dtype = float32}); }, "randint", "float32");
  EXPECT_NO_THROW(randint(0, (1 << 24) + 1, {2}, {.dtype = float32}));
  EXPECT_NO_THROW(randint(-128, 128, {2}, {.dtype = int8}));
}

TEST(RandomIntegers, OfAWholeTypeAreNeverNegative) {
  Generator generator(1);
  for (const DType dtype : all_types) {
    const Tensor x = zeros({500}, {.dtype = dtype});
    random_(x, &generator);
    const auto v = values(x);
    EXPECT_GE(*std::min_element(v.begin(), v.end()), 0) << name(dtype);
    EXPECT_GT(*std::max_element(v.begin(), v.end()), dtype == boolean ? 0 : 100) << name(dtype);
  }
}

TEST(Permutation, HasEveryItemOnce) {
  Generator generator(1);
  for (const int64_t n : {2, 17, 3000, 5000}) {
    auto order = randperm(n, &generator).to_vector<int64_t>();
    EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
    std::sort(order.begin(), order.end());
    std::vector<int64_t> expected(static_cast<std::size_t>(n));
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(order, expected);
  }
  expect_error([] { randperm(-1); }, "randperm", "-1");
}

TEST(Bernoulli, IsOneWithItsProbability) {
  Generator generator(1);
  for (const DType dtype : all_types) {
    const Tensor x = zeros({10000}, {.dtype = dtype});
    bernoulli_(x, 0.3, &generator);
    const auto v = values(x);
    EXPECT_EQ(std::count(v.begin(), v.end(), 0.0) + std::count(v.begin(), v.end(), 1.0), 10000);
    EXPECT_NEAR(static_cast<double>(std::count(v.begin(), v.end(), 1.0)), 3000, 200) << name(dtype);
  }
}

TEST(Bernoulli, IsCertainAtTheEnds) {
  const Tensor x = zeros({1000});
  x.bernoulli_(1);
  EXPECT_EQ(values(x), std::vector<double>(1000, 1));
  x.bernoulli_(0);
  EXPECT_EQ(values(x), std::vector<double>(1000, 0));
}

TEST(Bernoulli, RefusesWhatIsNoProbability) {
  expect_error([] { zeros({3}).bernoulli_(1.5); }, "bernoulli_", "1.5");
  expect_error([] { zeros({3}).bernoulli_(-0.1); }, "bernoulli_", "-0.1");
  expect_error([] { zeros({3}).bernoulli_(std::numeric_limits<double>::quiet_NaN()); }, "bernoulli_", "nan");
}

TEST(KeepMask, KeepsWhereADrawsFractionLiesBelowTheProbability) {
  for (const double keep : {0.9, 0.5, 0.1, 1.0 / 3, 0x1p-40}) {
    Generator singly(2);
    random::Stream stream;
    stream.seed(2);
    const Tensor mask = empty({3001});
    RandomKernels::cpu.keep_mask(mask, keep, 1.25F, stream);
    for (const float x : mask.to_vector<float>()) ASSERT_EQ(x, singly.next_uniform() < keep ? 1.25F : 0.0F);
  }
}

TEST(RandomInPlace, RefusesALeafThatIsTrained) {
  const Tensor leaf = zeros({3}, {.requires_grad = true});
  expect_error([&] { leaf.uniform_(); }, "uniform_", "leaf");
  expect_error([&] { leaf.normal_(); }, "normal_", "leaf");
  expect_error([&] { leaf.random_(); }, "random_", "leaf");
  expect_error([&] { leaf.bernoulli_(); }, "bernoulli_", "leaf");
  const NoGrad guard;
  EXPECT_NO_THROW(leaf.uniform_());
}

TEST(RandomInPlace, RefusesElementsThatShareTheirMemory) {
  expect_error([] { zeros({1}).expand({4}).uniform_(); }, "uniform_", "expanded");
  expect_error([] { zeros({3, 1}).expand({3, 2}).bernoulli_(); }, "bernoulli_", "expanded");
}

TEST(RandomInPlace, CountsAsAChange) {
  const Tensor x = zeros({3});
  const uint32_t before = x.version();
  x.uniform_().normal_().random_().bernoulli_();
  EXPECT_EQ(x.version(), before + 4);
}
}  // namespace distributions_test
