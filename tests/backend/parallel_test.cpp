// The same bits for every number of threads.
#include "backend/cpu/parallel.h"

#include <pthread.h>

#include <filesystem>
#include <thread>

#include <tenon/nn/functional.h>

#include "backend/cpu/thread_room.h"
#include "tensor/check.h"
#include "tensor/sanitizer.h"

namespace tenon::parallel_test {
namespace {

class Parallel : public testing::Test {
 protected:
  ~Parallel() override { set_num_threads(before_); }

  /// f's results for 1, 2, 3 and 7 threads are compared bit by bit.
  static void expect_same(const std::string& what, const std::function<std::vector<Tensor>()>& f) {
    std::vector<Tensor> wanted;
    for (const int threads : {1, 2, 3, 7}) {
      set_num_threads(threads);
      const std::vector<Tensor> got = f();
      if (threads == 1) wanted = got;
      for (std::size_t i = 0; i < got.size(); ++i)
        EXPECT_TRUE(test::identical(got[i], wanted[i])) << what << ", result " << i << ", " << threads << " threads";
    }
  }

 private:
  int before_ = num_threads();
};

TEST_F(Parallel, Sums) {
  for (const DType type : test::real_types)
    for (const Shape& shape : {Shape{300007}, Shape{257, 1027}, Shape{30001, 5}, Shape{3, 65537}, Shape{20, 33, 129}}) {
      const Tensor x = test::noise({shape.numel()}, type).reshape(shape);
      expect_same("sum of " + shape.to_string(), [&] {
        return std::vector{x.sum(),         x.sum({0}),       x.sum({-1}),          x.norm(),
                           x.mean(),        x.argmax(0),      x.amax({-1}),         x.argmin(),
                           x.min(0).values, x.prod(0),        x.norm(1, {0}),       x.norm(3),
                           x.var(),         x.std({0}),       x.var({-1}),          x.nansum({0}),
                           x.all({0}),      x.logsumexp({0}), x.to(int32).sum({0}), x.to(int16).amax({0})};
      });
    }
}

TEST_F(Parallel, Order) {
  const Tensor x = (test::noise({300, 2001}) * 100).round();
  expect_same("order", [&] {
    return std::vector{x.sort(1).indices, x.sort(0, true).values, x.topk(7).indices, x.median(0).indices,
                       x.mode(1).values,  x.quantile(0.3, 1),     unique(x).values,  x.cummax(1).indices};
  });
}

TEST_F(Parallel, Scans) {
  for (const Shape& shape : {Shape{300007}, Shape{257, 1027}, Shape{30001, 5}, Shape{3, 65537}}) {
    const Tensor x = test::noise({shape.numel()}).reshape(shape);
    expect_same("scans of " + shape.to_string(), [&] {
      return std::vector{x.cumsum(0), x.cumsum(-1), x.cumprod(0), x.logcumsumexp(-1), x.to(int64).cumsum(0)};
    });
  }
}

TEST_F(Parallel, Elementwise) {
  const Tensor x = test::noise({317, 523}), row = test::noise({523}, float32, 2),
               column = test::noise({317, 1}, float32, 3);
  expect_same("elementwise", [&] {
    return std::vector{x.exp(),          x + row,  x.t() * row.unsqueeze(1), x / column,
                       add(x, row, 0.3), x.tanh(), x.t().to(float64),        x > row};
  });
}

TEST_F(Parallel, Products) {
  struct Size {
    int64_t m, n, k;
  };
  for (const DType type : {float32, float64, bfloat16, float16})
    for (const Size s : {Size{1, 1, 4096}, Size{1, 10, 784}, Size{1, 300, 500}, Size{2, 3, 5000}, Size{3, 3, 20000},
                         Size{10, 4, 4096}, Size{16, 16, 8192}, Size{32, 256, 784}, Size{32, 10, 256},
                         Size{256, 784, 32}, Size{10, 256, 32}, Size{33, 65, 129}, Size{200, 7, 300}, Size{7, 200, 300},
                         Size{128, 128, 128}, Size{300, 301, 302}, Size{1000, 2, 64}, Size{64, 64, 3000}}) {
      const Tensor a = test::noise({s.m, s.k}, type, 1), b = test::noise({s.k, s.n}, type, 2),
                   bias = test::noise({s.n}, type, 3);
      const Tensor at = test::noise({s.k, s.m}, type, 4), bt = test::noise({s.n, s.k}, type, 5);
      expect_same(fmt::format("{} {}×{}×{}", type, s.m, s.n, s.k), [&] {
        return std::vector{matmul(a, b), matmul(at.t(), b), matmul(a, bt.t()), matmul(at.t(), bt.t()),
                           nn::functional::linear(a, bt, bias)};
      });
    }
}

TEST_F(Parallel, BatchesOfProducts) {
  for (const DType type : {float32, float64, bfloat16, float16})
    for (const auto& [batch, m, n, k] : std::vector<std::array<int64_t, 4>>{{1, 30, 40, 50},
                                                                            {2, 300, 200, 100},
                                                                            {3, 10, 4, 4096},
                                                                            {5, 1, 64, 128},
                                                                            {64, 32, 32, 16},
                                                                            {7, 33, 1, 65},
                                                                            {2, 64, 64, 3000},
                                                                            {500, 4, 4, 4}}) {
      const Tensor a = test::noise({batch, m, k}, type, 1), b = test::noise({batch, k, n}, type, 2);
      const Tensor at = test::noise({batch, k, m}, type, 4), bt = test::noise({batch, n, k}, type, 5);
      const Tensor apart = test::noise({k, batch, m}, type, 6).permute({1, 2, 0});
      expect_same(fmt::format("{} {}×({}×{}×{})", type, batch, m, n, k), [&] {
        return std::vector{matmul(a, b),
                           matmul(at.transpose(1, 2), b),
                           matmul(a, bt.transpose(1, 2)),
                           matmul(at.transpose(1, 2), bt.transpose(1, 2)),
                           matmul(a[0], b),
                           matmul(apart, b),
                           matmul(a.unsqueeze(1), bt[0].t())};
      });
    }
  for (const DType type : {int32, uint8}) {
    const Tensor a = test::numbers({5, 70, 80}, type, 1), b = test::numbers({5, 80, 90}, type, 2);
    expect_same("integers", [&] { return std::vector{matmul(a, b)}; });
  }
}

TEST_F(Parallel, Probabilities) {
  const Tensor x = test::noise({501, 77}) * 5, target = (test::noise({501}).abs() * 77).to(int64);
  expect_same("probabilities", [&] {
    return std::vector{softmax(x, 1),
                       log_softmax(x, 0),
                       softmax(x, 0),
                       x.logsumexp({1}),
                       nn::functional::cross_entropy(x, target, {.label_smoothing = 0.1}),
                       x.index_select(0, target)};
  });
}

TEST_F(Parallel, AStepOfTraining) {
  const Tensor x = test::noise({64, 300}), target = (test::noise({64}).abs() * 10).to(int64);
  expect_same("training", [&] {
    const Tensor w1 = test::noise({200, 300}, float32, 2).requires_grad_(),
                 b1 = test::noise({200}, float32, 3).requires_grad_();
    const Tensor w2 = test::noise({10, 200}, float32, 4).requires_grad_(),
                 b2 = test::noise({10}, float32, 5).requires_grad_();
    const Tensor h = nn::functional::linear(x, w1, b1).relu();
    const Tensor loss = nn::functional::cross_entropy(nn::functional::linear(h, w2, b2), target);
    loss.backward();
    return std::vector{loss.detach(), w1.grad(), b1.grad(), w2.grad(), b2.grad()};
  });
}

TEST_F(Parallel, EveryIndexIsVisitedOnceAndErrorsArrive) {
  for (const int threads : {1, 2, 3, 7}) {
    set_num_threads(threads);
    for (const int64_t n : {0, 1, 5, 100, 1001}) {
      std::vector<int> visits(static_cast<std::size_t>(n));
      backend::cpu::parallel_for(n, 10, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
      });
      EXPECT_EQ(std::count(visits.begin(), visits.end(), 1), n);
      std::vector<int64_t> chunk(static_cast<std::size_t>(n));
      backend::cpu::parallel_chunks(n, 7, [&](int64_t c, int64_t begin, int64_t end) {
        EXPECT_EQ(begin, 7 * c);
        EXPECT_EQ(end, std::min(n, begin + 7));
        for (int64_t i = begin; i < end; ++i) chunk[static_cast<std::size_t>(i)] = c + 1;
      });
      for (int64_t i = 0; i < n; ++i) EXPECT_EQ(chunk[static_cast<std::size_t>(i)], i / 7 + 1);
    }
    EXPECT_EQ(test::error_of([] {
                backend::cpu::parallel_for(100, 1, [](int64_t, int64_t end) {
                  if (end == 100) fail("part", "failed");
                });
              }),
              "[part] failed");
  }
}

// Of a stack that no address space has room for, OpenMP cannot start a thread either, which would end the process.
TEST(ParallelDeathTest, WhereNoThreadCanBeStartedOneComputes) {
  if (test::sanitized) GTEST_SKIP() << "sanitizers start threads of their own";
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a new process, that has no threads yet
  const auto compute = [] {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, std::size_t{1} << 46);
    pthread_setattr_default_np(&attributes);
    set_num_threads(4);
    const Tensor x = ones({1'000'000});
    std::exit(x.sum().item<double>() == 1e6 && (x + x).sum().item<double>() == 2e6 ? 0 : 2);
  };
  EXPECT_EXIT(compute(), testing::ExitedWithCode(0), "");
}

TEST(ParallelThreads, AreTriedOutAndGoneAgain) {
  const auto threads = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}); };
  std::thread([] {}).join();  // with the first one a sanitizer starts one of its own
  const auto before = threads();
  EXPECT_EQ(backend::cpu::threads_that_start(3), 3);
  EXPECT_EQ(threads(), before);
  EXPECT_EQ(backend::cpu::threads_that_start(0), 0);
}

}  // namespace
}  // namespace tenon::parallel_test
