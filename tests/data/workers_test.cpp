// Batches that threads make ahead of the loop.
#include <tenon/data/data_loader.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "tensor/check.h"
#include "tensor/sanitizer.h"

namespace tenon::data::workers_test {
namespace {

using test::error_of;

/// Item i is i and three random numbers.
struct Noisy {
  int64_t n;
  int64_t size() const { return n; }
  std::pair<int64_t, Tensor> get(int64_t i) const { return {i, rand({3})}; }
};

/// All numbers of two passes, and one more from the default generator.
std::vector<float> noise(int64_t workers, int64_t prefetch = 2) {
  manual_seed(5);
  const DataLoader loader(Noisy{23},
                          {.batch_size = 4, .shuffle = true, .num_workers = workers, .prefetch_factor = prefetch});
  std::vector<float> all;
  for (int pass = 0; pass < 2; ++pass)
    for (auto& [i, x] : loader) {
      for (const float v : i.to(float32).to_vector<float>()) all.push_back(v);
      for (const float v : x.to_vector<float>()) all.push_back(v);
    }
  all.push_back(rand({1}).item<float>());
  return all;
}

TEST(WorkerThreads, TheirNumberChangesNoOrderAndNoDraw) {
  const std::vector<float> alone = noise(0);
  EXPECT_EQ(std::set(alone.begin() + 4, alone.begin() + 16).size(), 12u);  // and they do draw
  for (const int64_t workers : {1, 2, 3, 8}) EXPECT_EQ(noise(workers), alone) << workers;
  EXPECT_EQ(noise(3, 1), alone);
}

/// Counts to n; the items draw as well.
struct Counting {
  int64_t n;
  struct Stream {
    int64_t n, i = 0;
    std::optional<std::pair<int64_t, float>> next() {
      if (i == n) return std::nullopt;
      return std::pair(i++, rand({}).item<float>());
    }
  };
  Stream stream() const { return {n}; }
};

std::vector<float> streamed(int64_t n, const DataLoaderOptions& options) {
  manual_seed(5);
  std::vector<float> all;
  const DataLoader loader(Counting{n}, options);
  for (auto& [i, x] : loader) {
    for (const float v : i.to(float32).to_vector<float>()) all.push_back(v);
    for (const float v : x.to_vector<float>()) all.push_back(v);
    all.push_back(-1);
  }
  return all;
}

TEST(WorkerThreads, OfAStreamKeepItsOrder) {
  const std::vector<float> alone = streamed(11, {.batch_size = 4});
  EXPECT_EQ(alone.size(), 25u);
  for (const int64_t workers : {1, 3})
    EXPECT_EQ(streamed(11, {.batch_size = 4, .num_workers = workers}), alone) << workers;
  EXPECT_EQ(streamed(11, {.batch_size = 4, .drop_last = true, .num_workers = 2}).size(), 18u);
  EXPECT_TRUE(streamed(0, {.batch_size = 4, .num_workers = 2}).empty());
  EXPECT_EQ(error_of([] { streamed(3, {.shuffle = true}); }),
            "[DataLoader] a stream has its own order: leave out shuffle, sampler and batch_sampler");
}

/// Counts the items that were asked for.
struct Counted {
  std::shared_ptr<std::atomic<int64_t>> asked = std::make_shared<std::atomic<int64_t>>(0);
  int64_t size() const { return 1000; }
  int64_t get(int64_t i) const {
    ++*asked;
    return i;
  }
};

TEST(WorkerThreads, AreNoFurtherAheadThanTheyMay) {
  const Counted dataset;
  const DataLoader loader(dataset, {.batch_size = 5, .num_workers = 2, .prefetch_factor = 3});
  auto it = loader.begin();
  for (int64_t b = 0; b < 10; ++b, ++it) {
    EXPECT_EQ((*it)[0].item<int64_t>(), 5 * b);
    EXPECT_LE(dataset.asked->load(), 5 * (b + 6));  // the one that is taken among them
  }
}

TEST(WorkerThreads, EndWithALoopThatEndsEarly) {
  const Counted dataset;
  {
    const DataLoader loader(dataset, {.batch_size = 5, .num_workers = 3});
    for (auto& x : loader)
      if (x[0].item<int64_t>() == 10) break;
  }
  const int64_t asked = dataset.asked->load();
  EXPECT_LE(asked, 5 * (3 + 6));
  std::this_thread::yield();
  EXPECT_EQ(dataset.asked->load(), asked);
}

struct Faulty {
  int64_t bad;
  int64_t size() const { return 20; }
  int64_t get(int64_t i) const {
    if (i == bad) throw std::out_of_range("no such row");
    return i;
  }
};

TEST(WorkerThreads, WhatAnItemThrowsIsThrownByTheLoopWhenItsBatchIsDue) {
  for (const int64_t workers : {0, 1, 3}) {
    const DataLoader loader(Faulty{9}, {.batch_size = 4, .num_workers = workers});
    int64_t batches = 0;
    try {
      for ([[maybe_unused]] auto& batch : loader) ++batches;
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& e) {
      EXPECT_STREQ(e.what(), "[DataLoader] item 9: no such row");
      EXPECT_THROW(std::rethrow_if_nested(e), std::out_of_range);
    }
    EXPECT_EQ(batches, 2) << workers;
  }
}

TEST(WorkerThreads, ALoopMayGoOnAfterABatchThatFailed) {
  const DataLoader loader(Faulty{9}, {.batch_size = 4, .num_workers = 2});
  std::vector<int64_t> firsts;
  auto it = loader.begin();
  for (int64_t b = 0; b < 5; ++b) {
    try {
      firsts.push_back((*it)[0].item<int64_t>());
    } catch (const Error&) {
      firsts.push_back(-1);
    }
    try {
      ++it;
    } catch (const Error&) {  // it looks whether there is a next one
    }
  }
  EXPECT_EQ(firsts, (std::vector<int64_t>{0, 4, -1, 12, 16}));
}

/// Each item waits until two threads are in get().
struct Meeting {
  struct Place {
    std::mutex mutex;
    std::condition_variable came;
    int64_t here = 0;
  };
  std::shared_ptr<Place> place = std::make_shared<Place>();
  int64_t size() const { return 2; }
  int64_t get(int64_t i) const {
    std::unique_lock lock(place->mutex);
    ++place->here;
    place->came.notify_all();
    place->came.wait(lock, [&] { return place->here == 2; });
    return i;
  }
};

TEST(WorkerThreads, MakeSeveralBatchesAtOnce) {
  int64_t batches = 0;
  const DataLoader loader(Meeting(), {.num_workers = 2});
  for ([[maybe_unused]] auto& x : loader) ++batches;
  EXPECT_EQ(batches, 2);
}

TEST(WorkerThreads, ASavedPassGoesOnWithTheSameBatches) {
  const auto pass = [](auto& loader, auto it, int64_t from) {
    std::vector<float> rest;
    for (int64_t b = from; it != loader.end(); ++it, ++b)
      for (const float v : std::get<1>(*it).template to_vector<float>()) rest.push_back(v);
    return rest;
  };
  for (const int64_t before : {0, 2})
    for (const int64_t after : {0, 3}) {
      manual_seed(9);
      const DataLoader loader(Noisy{23}, {.batch_size = 4, .shuffle = true, .num_workers = before});
      auto it = loader.begin();
      for (int64_t b = 0; b < 2; ++b) {
        *it;
        if (b == 0) ++it;
      }
      const Dict state = loader.state_dict();
      const Tensor random_state = random::get_state();
      ++it;
      const std::vector<float> expected = pass(loader, std::move(it), 2);
      ASSERT_FALSE(expected.empty());
      manual_seed(1);
      random::set_state(random_state);
      DataLoader again(Noisy{23}, {.batch_size = 4, .shuffle = true, .num_workers = after});
      again.load_state_dict(state);
      EXPECT_EQ(pass(again, again.begin(), 2), expected) << before << " workers, then " << after;
    }
}

TEST(WorkerThreads, AStreamThatWasSavedGoesOn) {
  for (const int64_t workers : {0, 2}) {
    const DataLoaderOptions options{.batch_size = 3, .num_workers = workers};
    manual_seed(9);
    const DataLoader loader(Counting{10}, options);
    auto it = loader.begin();
    *it;
    const Dict state = loader.state_dict();
    std::vector<float> expected, rest;
    for (++it; it != loader.end(); ++it)
      for (const float v : std::get<1>(*it).to_vector<float>()) expected.push_back(v);
    DataLoader again(Counting{10}, options);
    again.load_state_dict(state);
    for (auto& [i, x] : again)
      for (const float v : x.to_vector<float>()) rest.push_back(v);
    EXPECT_EQ(rest, expected);
    EXPECT_EQ(rest.size(), 7u);
  }
}

TEST(WorkerThreads, AChildOfForkEndsAPassWithoutThemAndBeginsItsOwn) {
  if (test::thread_sanitized) GTEST_SKIP() << "ThreadSanitizer ends a child that starts threads";
  const DataLoader loader(Faulty{-1}, {.batch_size = 4, .num_workers = 2});
  auto it = loader.begin();
  *it;
  const pid_t child = fork();
  if (child == 0) {
    int64_t batches = 0;
    {
      auto mine = std::move(it);
      const bool refused = error_of([&] { ++mine; }).find("begun before fork()") != std::string::npos;
      if (!refused) _exit(1);
    }
    for ([[maybe_unused]] auto& x : loader) ++batches;
    _exit(batches == 5 ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace tenon::data::workers_test
