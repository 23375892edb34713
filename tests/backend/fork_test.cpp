// A child of fork() computes although OpenMP's threads have stayed with its parent.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include <tenon/tenon.h>

#include "tensor/check.h"
#include "tensor/sanitizer.h"

namespace tenon::fork_test {
namespace {

/// Whether f is true in a child process, which has a minute.
testing::AssertionResult holds_in_a_child(const std::function<bool()>& f) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    bool holds = false;
    try {
      holds = f();
    } catch (...) {
    }
    _exit(holds ? 0 : 1);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return testing::AssertionFailure() << "no child";
  if (WIFSIGNALED(status)) return testing::AssertionFailure() << "ended by signal " << WTERMSIG(status);
  return WEXITSTATUS(status) == 0 ? testing::AssertionSuccess() : testing::AssertionFailure() << "it differs";
}

class ParallelFork : public testing::Test {
 protected:
  void SetUp() override {
    if (test::sanitized) GTEST_SKIP() << "sanitizers do not follow a fork of threads";
    set_num_threads(3);
  }
  void TearDown() override { set_num_threads(before_); }

 private:
  int before_ = num_threads();
};

TEST_F(ParallelFork, AChildComputesWhatItsParentDoes) {
  const Tensor x = test::noise({600, 600}), spd = x.matmul(x.t()) + eye(600);
  const auto all = [&] { return std::vector{x.sum(), x.matmul(x), x.exp().cumsum(1), linalg::cholesky(spd)}; };
  const std::vector<Tensor> wanted = all();  // on threads
  EXPECT_TRUE(holds_in_a_child([&] {
    const std::vector<Tensor> got = all();
    for (std::size_t i = 0; i < got.size(); ++i)
      if (!test::identical(got[i], wanted[i])) return false;
    return true;
  }));
  EXPECT_TRUE(test::identical(all()[1], wanted[1]));  // and the parent goes on
}

TEST_F(ParallelFork, AChildMayHaveAChild) {
  const Tensor x = test::noise({500000});
  const Tensor wanted = x.sum();
  EXPECT_TRUE(holds_in_a_child(
      [&] { return static_cast<bool>(holds_in_a_child([&] { return test::identical(x.sum(), wanted); })); }));
}

TEST_F(ParallelFork, WhileOtherThreadsTakeMemoryAndDraw) {
  std::atomic<bool> stop = false;
  std::vector<std::thread> busy;
  for (int t = 0; t < 2; ++t)
    busy.emplace_back([&] {
      while (!stop) rand({300000});  // from the shared pool
    });
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(holds_in_a_child([] { return rand({300000}).size(0) == 300000; })) << i;
  stop = true;
  for (std::thread& t : busy) t.join();
}

}  // namespace
}  // namespace tenon::fork_test
