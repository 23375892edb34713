// A training's end, its table, and where a NaN comes from.
#include <tenon/tenon.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::training_companions_test {
namespace {

using namespace training;
using test::error_of;

// ---- signals, in processes of their own

int exit_of(int (*program)()) {
  const pid_t child = fork();
  if (child == 0) _exit(program());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

TEST(StopSignals, TheFirstIsNotedAndGivesTheShellsExitCode) {
  EXPECT_EQ(exit_of([] {
              const StopSignals stop;
              if (stop || stop.exit_code() != 0) return 1;
              raise(SIGINT);
              return stop ? stop.exit_code() : 2;
            }),
            130);
  EXPECT_EQ(exit_of([] {
              const StopSignals stop;
              raise(SIGTERM);
              return stop.exit_code();
            }),
            143);
}

TEST(StopSignals, TheSecondEndsTheProcess) {
  EXPECT_EQ(exit_of([] {
              const StopSignals stop;
              raise(SIGINT);
              raise(SIGTERM);
              return 0;
            }),
            1000 + SIGTERM);
}

TEST(StopSignals, AfterwardsSignalsAreWhatTheyWere) {
  EXPECT_EQ(exit_of([] {
              signal(SIGINT, SIG_IGN);
              {
                const StopSignals stop;
                if (error_of([] { const StopSignals second; }) != "[StopSignals] there is one already") return 1;
              }
              raise(SIGINT);
              const StopSignals again;
              return again ? 2 : 3;
            }),
            3);
}

// ---- early stopping

TEST(EarlyStopping, StopsAfterItsPatienceWithoutAnImprovement) {
  EarlyStopping stopping({.patience = 2, .min_delta = 0.1});
  EXPECT_TRUE(std::isnan(stopping.best()));
  std::vector<bool> stops;
  for (const double loss : {1.0, 0.5, 0.45, test::nan, 0.7}) stops.push_back(stopping.step(loss));
  EXPECT_EQ(stops, (std::vector<bool>{false, false, false, false, true}));
  EXPECT_EQ(stopping.best(), 0.5);
  EXPECT_EQ(stopping.best_step(), 1);
  EXPECT_FALSE(stopping.improved());
}

TEST(EarlyStopping, OfLargerValuesAndFromAState) {
  EarlyStopping stopping({.patience = 1, .maximize = true}), again({.patience = 1, .maximize = true});
  EXPECT_FALSE(stopping.step(0.5));
  EXPECT_FALSE(stopping.step(0.4));
  again.load_state_dict(stopping.state_dict());
  EXPECT_TRUE(again.step(0.45));
  EXPECT_FALSE(stopping.step(0.6));
  EXPECT_TRUE(stopping.improved());
  EXPECT_EQ(error_of([] { EarlyStopping({.patience = -1}); }),
            "[EarlyStopping] expected a patience of 0 or more, got -1");
}

// ---- the table

TEST(CsvLog, WritesAHeaderAndRowsThatAreThereAtOnce) {
  const test::Folder folder;
  const std::string table = folder("log.csv");
  CsvLog log(table);
  log.write({{"epoch", 1}, {"loss, mean", 0.1}});
  EXPECT_EQ(test::read_file(table), "epoch,\"loss, mean\"\n1,0.1\n");
  log.write({{"epoch", 2}, {"loss, mean", 1e-9}});
  EXPECT_EQ(test::read_file(table), "epoch,\"loss, mean\"\n1,0.1\n2,1e-09\n");
  EXPECT_EQ(error_of([&] {
              log.write({{"epoch", 3}});
            }),
            "[CsvLog] expected the columns epoch,\"loss, mean\", got epoch");
}

TEST(CsvLog, GoesOnWithAFileOfTheSameColumns) {
  const test::Folder folder;
  const std::string table = folder("log.csv");
  CsvLog(table).write({{"a", 1}});
  CsvLog(table, true).write({{"a", 2}});
  EXPECT_EQ(test::read_file(table), "a\n1\n2\n");
  EXPECT_EQ(error_of([&] {
              CsvLog(table, true).write({{"b", 2}});
            }),
            "[CsvLog] " + table + " has the columns a, and not b");
  EXPECT_EQ(error_of([] { CsvLog("/no/such/folder/x.csv"); }),
            "[CsvLog] /no/such/folder/x.csv cannot be written: No such file or directory");
}

// ---- NaNs

TEST(DetectNan, NamesTheModuleThatMadeOne) {
  nn::Sequential model{nn::Linear(2, 2), nn::named("log", nn::Lambda([](Tensor x) { return (x * 0 - 1).log(); })),
                       nn::ReLU()};
  model(ones({1, 2}));
  {
    const DetectNan guard(model);
    EXPECT_EQ(error_of([&] {
                model(ones({1, 2}));
              }),
              "log (Lambda): [DetectNan] Lambda made a NaN or an infinity of finite inputs: its output 0, float32 "
              "(1, 2)");
  }
  model(ones({1, 2}));
}

TEST(DetectNan, LetsThroughWhatCameInAndNamesBackwardPasses) {
  nn::Sequential model{nn::ReLU()};
  const DetectNan guard(model);
  EXPECT_EQ(error_of([&] { model(full({1}, test::infinity)); }), "");
  const Tensor x = zeros({1}).requires_grad_();
  EXPECT_NE(error_of([&] { (model(x) * 0 / x.detach()).sum().backward(); }).find("NaN"), std::string::npos);
}

}  // namespace
}  // namespace tenon::training_companions_test
