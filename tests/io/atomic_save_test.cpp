// A file being saved is the old one or the new one, whatever happens on the way.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tenon/io.h>
#include <tenon/ops.h>

#include "io/file_sink.h"
#include "io/files.h"
#include "tensor/check.h"

namespace tenon::atomic_save_test {
namespace {

using test::error_of;
using test::Folder;
using test::read_file;

Dict filled(double value) { return Dict{{"w", full({1 << 16}, value)}, {"n", value}}; }

/// Waits for a child, and says whether it was killed.
bool was_killed(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

TEST(AtomicSave, AKilledWriterLeavesTheOldFileOrTheNewOneWhole) {
  const Folder folder;
  const std::string file = folder("x.pt");
  save(filled(0), file);
  const std::vector<Dict> states{filled(1), filled(2)};
  const std::string zero = read_file(file);
  std::string one, two;
  save(states[0], file, {.sync = false});
  one = read_file(file);
  save(states[1], file, {.sync = false});
  two = read_file(file);
  int killed = 0;
  for (int i = 0; i < 1000; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      // The clock of the child's own processor time kills it at some moment of a save.
      const timeval moment{0, 1 + (i * 7919) % 3000};
      const itimerval timer{{0, 0}, moment};
      ::signal(SIGALRM, SIG_DFL);
      ::setitimer(ITIMER_REAL, &timer, nullptr);
      for (std::size_t k = 0;; ++k) save(states[k % 2], file, {.sync = false});
    }
    killed += was_killed(child);
    const std::string found = read_file(file);
    ASSERT_TRUE(found == zero || found == one || found == two) << i;
  }
  EXPECT_EQ(killed, 1000);
  const double n = load(file)["n"].as<double>();
  EXPECT_TRUE(n == 1 || n == 2);
}

TEST(AtomicSave, AFullDiskIsAnErrorAndTheOldFileStays) {
  const Folder folder;
  const std::string file = folder("x.pt");
  save(filled(1), file);
  const std::string before = read_file(file);
  const Dict more = filled(2);   // a child has none of its parent's threads
  const pid_t child = ::fork();  // what a process may write to a file can be lowered but not raised again
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const bool is_refused = !error_of([&] { save(more, file); }).empty();
    ::_exit(is_refused ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(read_file(file), before);
  EXPECT_EQ(folder.files(), 1U);
}

TEST(AtomicSave, AnErrorOnTheWayLeavesNothingBehind) {
  const Folder folder;
  EXPECT_NE(error_of([&] { save(Dict{{"w", Tensor()}}, folder("x.pt")); }), "");
  EXPECT_EQ(folder.files(), 0U);
}

TEST(AtomicSave, NothingIsSeenOfAFileBeforeItIsWhole) {
  const Folder folder;
  const int unnamed = ::open(folder(".").c_str(), O_TMPFILE | O_WRONLY, 0600);
  if (unnamed < 0 || ::access("/proc/self/fd", X_OK) != 0) GTEST_SKIP() << "the system knows no files without a name";
  ::close(unnamed);
  {
    io::FileSink given_up("test", folder("x.pt"));
    given_up.write("abc", 3);
  }
  io::FileSink sink("test", folder("x.pt"));
  sink.write("abc", 3);
  EXPECT_EQ(folder.files(), 0U);
  sink.finish();
  EXPECT_EQ(folder.files(), 1U);
  EXPECT_EQ(read_file(folder("x.pt")), "abc");
}

TEST(AtomicSave, ALinkStaysOneAndItsFileIsReplaced) {
  const Folder folder;
  save(filled(1), folder("x.pt"));
  std::filesystem::create_symlink(folder("x.pt"), folder("latest.pt"));
  save(filled(2), folder("latest.pt"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder("latest.pt")));
  EXPECT_EQ(load(folder("x.pt"))["n"].as<double>(), 2);
}

TEST(AtomicSave, AFileCanBeSavedOntoItselfWhileItsTensorsLieInIt) {
  const Folder folder;
  save(filled(1), folder("x.pt"));
  const Value loaded = load(folder("x.pt"));
  save(loaded, folder("x.pt"));
  EXPECT_TRUE(test::identical(load(folder("x.pt"))["w"].as<Tensor>(), full({1 << 16}, 1.0)));
  EXPECT_TRUE(test::identical(loaded["w"].as<Tensor>(), full({1 << 16}, 1.0)));
}

}  // namespace
}  // namespace tenon::atomic_save_test
