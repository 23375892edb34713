// Bars, as a terminal would show them.
#include <tenon/training/progress.h>

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tenon::training_progress_test {
namespace {

using training::grouped;
using training::Progress;

/// What was printed, and the lines that a terminal shows then.
class Screen {
 public:
  Screen() : file_(open_memstream(&data_, &size_)) {}
  ~Screen() {
    std::fclose(file_);
    std::free(data_);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  std::FILE* file() { return file_; }
  std::string bytes() {
    std::fflush(file_);
    return {data_, size_};
  }
  std::vector<std::string> lines() {
    std::vector<std::string> all{""};
    std::size_t row = 0, column = 0;
    const std::string text = bytes();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text.compare(i, 3, "\x1b[K") == 0) all[row].resize(column), i += 2;
      else if (text.compare(i, 3, "\x1b[A") == 0) --row, i += 2;
      else if (text[i] == '\r') column = 0;
      else if (text[i] == '\n') {
        if (++row == all.size()) all.emplace_back();
        column = 0;
      } else {
        if (all[row].size() <= column) all[row].resize(column + 1, ' ');
        all[row][column++] = text[i];
      }
    }
    while (!all.empty() && all.back().empty()) all.pop_back();
    return all;
  }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

training::ProgressOptions on(Screen& screen, const std::string& title, int columns = 80) {
  return {.title = title, .unit = "images", .to = screen.file(), .is_terminal = true, .columns = columns};
}

TEST(Progress, ShowsTitleBarPercentsAndNote) {
  Screen screen;
  Progress bar(200, on(screen, "Epoch 1"));
  bar.update(100, "loss 0.25");
  ASSERT_EQ(screen.lines().size(), 1u);
  const std::string line = screen.lines()[0];
  EXPECT_TRUE(line.starts_with("Epoch 1  [#")) << line;
  EXPECT_NE(line.find(" 50 %  loss 0.25  "), std::string::npos) << line;
  EXPECT_NE(line.find(" images/s"), std::string::npos) << line;
  EXPECT_LE(line.size(), 79u);
}

TEST(Progress, LeavesOutWhatDoesNotFit) {
  for (int columns = 1; columns < 100; ++columns) {
    Screen screen;
    Progress bar(200, on(screen, "Epoch 1", columns));
    bar.update(100, "loss 0.25");
    const auto lines = screen.lines();
    if (lines.empty()) continue;
    EXPECT_LT(lines[0].size(), static_cast<std::size_t>(columns)) << lines[0];
    EXPECT_NE(lines[0].find("50 %"), std::string::npos) << columns;
  }
}

TEST(Progress, OfBarsInsideEachOtherEachHasALine) {
  Screen screen;
  {
    Progress outer(2, on(screen, "outer"));
    outer.update(0);
    {
      Progress inner(10, on(screen, "inner"));
      inner.update(5);
      ASSERT_EQ(screen.lines().size(), 2u);
      EXPECT_TRUE(screen.lines()[0].starts_with("outer"));
      EXPECT_TRUE(screen.lines()[1].starts_with("inner"));
      inner.print("a line above");
      ASSERT_EQ(screen.lines().size(), 3u);
      EXPECT_EQ(screen.lines()[0], "a line above");
      EXPECT_TRUE(screen.lines()[1].starts_with("outer"));
      EXPECT_TRUE(screen.lines()[2].starts_with("inner"));
      EXPECT_TRUE(training::bars_are_drawn());
    }
    ASSERT_EQ(screen.lines().size(), 2u);
    EXPECT_TRUE(screen.lines()[1].starts_with("outer"));
  }
  EXPECT_EQ(screen.lines(), std::vector<std::string>{"a line above"});
  EXPECT_FALSE(training::bars_are_drawn());
}

TEST(Progress, StaysAsALineWhenTold) {
  Screen screen;
  {
    auto options = on(screen, "work");
    options.leave = true;
    Progress bar(4, options);
    bar.advance(4);
  }
  ASSERT_EQ(screen.lines().size(), 1u);
  EXPECT_NE(screen.lines()[0].find("100 %"), std::string::npos);
  EXPECT_TRUE(screen.bytes().ends_with("\n"));
}

TEST(Progress, IsQuietWhereThereIsNoTerminal) {
  Screen screen;
  {
    Progress bar(10, {.title = "work", .to = screen.file()});
    EXPECT_FALSE(bar.is_terminal());
    for (int i = 0; i < 10; ++i) bar.advance();
    EXPECT_EQ(bar.done(), 10);
    EXPECT_GT(bar.rate(), 0);
  }
  EXPECT_EQ(screen.bytes(), "");
}

TEST(Progress, OfAnUnknownTotalCounts) {
  Screen screen;
  Progress bar(-1, on(screen, "lines"));
  bar.update(1234567);
  EXPECT_TRUE(screen.lines()[0].starts_with("lines  1,234,567 images  ")) << screen.lines()[0];
}

TEST(Progress, OfNothingIsDone) {
  Screen screen;
  Progress bar(0, on(screen, "none"));
  bar.update(0);
  EXPECT_NE(screen.lines()[0].find("100 %"), std::string::npos);
}

TEST(Grouped, PutsACommaBeforeEveryThreeDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(203530), "203,530");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
}

}  // namespace
}  // namespace tenon::training_progress_test
