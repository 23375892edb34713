#include <tenon/data/csv.h>
#include <tenon/data/data_loader.h>

#include "data/folder.h"
#include "tensor/check.h"

namespace tenon::data::csv_test {
namespace {

using test::error_of;
using Names = std::vector<std::string>;

TEST(CsvTable, HasColumnsOfNumbersTextAndKinds) {
  const CsvTable table =
      CsvTable::from_str("height,count,name,kind\n1.5,7,Ann,dog\n -2e3 ,+8,\"Bo, jr\",cat\n,-9,,dog\n",
                         {.types = {{"count", CsvType::int64}, {"name", CsvType::text}, {"kind", CsvType::category}}});
  EXPECT_EQ(table.size(), 3);
  EXPECT_EQ(table.columns(), (Names{"height", "count", "name", "kind"}));
  EXPECT_EQ(table.column("height").dtype(), float32);
  test::expect_values(table.column("height"), {3}, {1.5, -2000, test::nan});
  EXPECT_EQ(table.column("count").dtype(), int64);
  test::expect_values(table.column("count"), {3}, {7, 8, -9});
  EXPECT_EQ(table.text("name"), (Names{"Ann", "Bo, jr", ""}));
  EXPECT_EQ(table.column("kind").dtype(), int64);
  test::expect_values(table.column("kind"), {3}, {1, 0, 1});
  EXPECT_EQ(table.categories("kind"), (Names{"cat", "dog"}));
  test::expect_values(table.stack({"kind", "count"}), {3, 2}, {1, 7, 0, 8, 1, -9});
  EXPECT_EQ(table.stack().shape(), (Shape{3, 3}));
  EXPECT_EQ(table.stack().dtype(), float32);
}

TEST(CsvTable, ReadsQuotesLineEndsAndMarksAsRFC4180) {
  const CsvTable table = CsvTable::from_str("\xef\xbb\xbf\"a \"\"b\"\"\",c\r\n\"x\r\ny\",\"1,5\"\r\n\n\r\nz \" , \"\"",
                                            {.type = CsvType::text});
  EXPECT_EQ(table.columns(), (Names{"a \"b\"", "c"}));
  EXPECT_EQ(table.text("a \"b\""), (Names{"x\r\ny", "z \" "}));
  EXPECT_EQ(table.text("c"), (Names{"1,5", " \"\""}));
}

TEST(CsvTable, NeedsNoHeaderAndTakesOtherSeparators) {
  const CsvTable table = CsvTable::from_str("1;2;3\n4;5;6", {.header = false, .separator = ';', .columns = {"2", "0"}});
  EXPECT_EQ(table.columns(), (Names{"0", "2"}));
  test::expect_values(table.stack(), {2, 2}, {1, 3, 4, 6});
  test::expect_values(table.stack({"2", "0"}), {2, 2}, {3, 1, 6, 4});
}

TEST(CsvTable, KnowsWhatIsMissing) {
  const CsvTable table = CsvTable::from_str(
      "a,b,c\n?,?,?\n1,2,x\n",
      {.types = {{"b", CsvType::int64}, {"c", CsvType::category}}, .missing = {"?"}, .missing_int64 = -100});
  test::expect_values(table.column("a"), {2}, {test::nan, 1});
  test::expect_values(table.column("b"), {2}, {-100, 2});
  test::expect_values(table.column("c"), {2}, {-1, 0});
  EXPECT_EQ(table.categories("c"), Names{"x"});
}

TEST(CsvTable, MayHaveAHeaderAlone) {
  const CsvTable table = CsvTable::from_str("a,b\n", {.types = {{"b", CsvType::category}}});
  EXPECT_EQ(table.size(), 0);
  EXPECT_EQ(table.stack().shape(), (Shape{0, 2}));
}

TEST(CsvTable, NamesLineAndColumnOfWhatIsWrong) {
  const auto error = [](std::string_view text, const CsvOptions& options = {}) {
    return error_of([&] { CsvTable::from_str(text, options); });
  };
  EXPECT_EQ(error(""), "[CsvTable] text: expected records, found none");
  EXPECT_EQ(error("a,b\n1,2\n\n3\n"), "[CsvTable] text:4: expected 2 fields as in the first record, found 1");
  EXPECT_EQ(error("a,b\n\"1\n\",2\n3,4,5\n", {.type = CsvType::text}),
            "[CsvTable] text:4: expected 2 fields as in the first record, found 3");
  EXPECT_EQ(error("a,b\n1,x\n"), "[CsvTable] text:2: column \"b\": expected a number, found \"x\"");
  EXPECT_EQ(error("a\n1.5\n", {.type = CsvType::int64}),
            "[CsvTable] text:2: column \"a\": expected an integer, found \"1.5\"");
  EXPECT_EQ(error("a,b\n1,\n", {.type = CsvType::int64}),
            "[CsvTable] text:2: column \"b\": expected an integer, found \"\"");
  EXPECT_EQ(error("a\n99999999999999999999\n", {.type = CsvType::int64}),
            "[CsvTable] text:2: column \"a\": expected an integer, found \"99999999999999999999\"");
  EXPECT_EQ(error("a\n\x1b[31m" + std::string(50, 'x')),
            "[CsvTable] text:2: column \"a\": expected a number, found \"?[31m" + std::string(35, 'x') + "…\"");
  EXPECT_EQ(error("a,b\n1,2\n3,\"4\n5,6\n"), "[CsvTable] text:3: the quotes that begin here do not end");
  EXPECT_EQ(error("a,b\n\"1\"2,3\n"), "[CsvTable] text:2: expected a separator behind the quotes, found \"2\"");
  EXPECT_EQ(error("a,a\n"), "[CsvTable] text:1: two columns have the name \"a\"");
  EXPECT_EQ(error("a,b\n", {.types = {{"c", CsvType::text}}}),
            "[CsvTable] text:1: there is no column \"c\", which the options name");
  EXPECT_EQ(error("a\n", {.separator = '"'}), "[CsvTable] expected a separator other than quotes and line ends");
}

TEST(CsvTable, NamesAColumnThatIsAskedForWrongly) {
  const CsvTable table = CsvTable::from_str("a,b\n1,x\n", {.types = {{"b", CsvType::text}}});
  EXPECT_EQ(error_of([&] { table.column("c"); }), "[CsvTable] there is no column \"c\": a, b");
  EXPECT_EQ(error_of([&] { table.column("b"); }), "[CsvTable] column \"b\" has text: text(), not column()");
  EXPECT_EQ(error_of([&] { table.text("a"); }), "[CsvTable] column \"a\" has no text: column(), not text()");
  EXPECT_EQ(error_of([&] { table.categories("a"); }), "[CsvTable] column \"a\" is no category");
}

class CsvFiles : public test::FolderTest {};

TEST_F(CsvFiles, MakeADataset) {
  std::string text = "x,y,label\n";
  for (int i = 0; i < 10; ++i) text += fmt::format("{},{},{}\n", i, 2 * i, i % 2 ? "odd" : "even");
  const CsvTable table(write("numbers.csv", text), {.types = {{"label", CsvType::category}}});
  const DataLoader loader(TensorDataset(table.stack({"x", "y"}), table.column("label")), {.batch_size = 4});
  int64_t rows = 0;
  for (auto& [x, label] : loader) {
    EXPECT_TRUE(test::identical(x.select(1, 0) * 2, x.select(1, 1)));
    rows += label.size(0);
  }
  EXPECT_EQ(rows, 10);
}

TEST_F(CsvFiles, AreNamedInErrors) {
  const auto file = write("x.csv", "a\nb\n");
  EXPECT_EQ(error_of([&] { CsvTable{file}; }),
            "[CsvTable] " + file.string() + ":2: column \"a\": expected a number, found \"b\"");
  EXPECT_TRUE(test::has(error_of([&] { CsvTable{folder() / "missing"}; }), (folder() / "missing").string()));
}

}  // namespace
}  // namespace tenon::data::csv_test
