#include <tenon/data/text_lines.h>

#include "data/folder.h"
#include "tensor/check.h"

namespace tenon::data::text_lines_test {
namespace {

using test::error_of;

class TextFiles : public test::FolderTest {
 protected:
  std::vector<std::string> lines(const std::string& text) const {
    const TextLines file(write("x.txt", text));
    std::vector<std::string> all;
    for (int64_t i = 0; i < file.size(); ++i) all.push_back(file.get(i));
    return all;
  }
};

TEST_F(TextFiles, HaveLinesThatEndInEitherWay) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(lines("one\ntwo\r\nthree"), (Lines{"one", "two", "three"}));
  EXPECT_EQ(lines("one\n"), Lines{"one"});
  EXPECT_EQ(lines("\n\r\n\n"), (Lines{"", "", ""}));
  EXPECT_EQ(lines(""), Lines{});
  EXPECT_EQ(lines("a\rb\r"), Lines{"a\rb\r"}) << "no line end stands alone";
  EXPECT_EQ(lines(std::string("a\0b\n\xff", 5)), (Lines{std::string("a\0b", 3), "\xff"}));
}

TEST_F(TextFiles, AreMappedWhereTheyAreLarge) {
  std::string text;
  while (text.size() < std::size_t{17} << 20) text += fmt::format("line {}{}\n", text.size(), std::string(2000, ' '));
  const TextLines file(write("large.txt", text)), copy = file;
  EXPECT_EQ(file.size(), std::count(text.begin(), text.end(), '\n'));
  EXPECT_EQ(file.get(0).size(), 2006U);
  EXPECT_EQ(copy.line(file.size() - 1).substr(0, 5), "line ");
  EXPECT_EQ(copy.line(1).data(), file.line(1).data());
}

TEST_F(TextFiles, RefuseWhatIsNotThere) {
  const TextLines file(write("x.txt", "one\n"));
  EXPECT_EQ(error_of([&] { file.get(1); }), "[TextLines] expected an index from 0 to 0, got 1");
  EXPECT_EQ(error_of([&] { file.get(-1); }), "[TextLines] expected an index from 0 to 0, got -1");
  EXPECT_TRUE(test::has(error_of([&] { TextLines{folder() / "missing"}; }), (folder() / "missing").string()));
  EXPECT_TRUE(test::has(error_of([&] { TextLines{folder()}; }), folder().string()));
}

}  // namespace
}  // namespace tenon::data::text_lines_test
