// Makes a program of the C++ in a page of the documentation: lines PAGE.md PROGRAM.cpp LEAST. It only has to compile; a
// page with fewer lines of C++ than LEAST is not read as it should be.
//
// A ```cpp block stands at namespace scope. In a table, each piece of code in the last column is a statement; a row's
// statements stand in a scope of their own. Hidden beside the tables, <!-- given … --> declares what the rows until the
// next heading use.
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace {

bool begins(const std::string& line, const std::string& with) { return line.compare(0, with.size(), with) == 0; }

/// The last cell of a table's row; a | that belongs to a cell is written \|.
std::string last_cell(const std::string& row) {
  std::string cell, last;
  for (std::size_t i = 1; i < row.size(); ++i) {
    if (row[i] == '\\' && i + 1 < row.size() && row[i + 1] == '|') cell += row[++i];
    else if (row[i] != '|') cell += row[i];
    else last = std::exchange(cell, {});
  }
  return last;
}

/// What stands between backticks.
std::vector<std::string> pieces_of_code(const std::string& cell) {
  std::vector<std::string> pieces;
  for (std::size_t begin = cell.find('`'); begin != cell.npos;) {
    const std::size_t end = cell.find('`', begin + 1);
    if (end == cell.npos) break;
    pieces.push_back(cell.substr(begin + 1, end - begin - 1));
    begin = cell.find('`', end + 1);
  }
  return pieces;
}

class Program {
 public:
  Program(std::string page, const char* file) : page_(std::move(page)), out_(file) {}

  void begin() { out_ << "#include <map>\n#include <optional>\n#include <string>\n#include <vector>\n"; }
  void end() {
    close();
    out_ << "int main() {}\n";
  }
  void at(int line) { line_ = line; }
  void close() {
    if (is_open_) out_ << "}\n";
    is_open_ = false;
  }
  void open() {
    close();
    out_ << "void rows_" << ++functions_ << "() {\n";
    is_open_ = true;
  }
  void code(const std::string& text) {
    ++lines_;
    out_ << "#line " << line_ << " \"" << page_ << "\"\n" << text << "\n";
  }
  void row(const std::vector<std::string>& pieces) {
    if (!is_open_) open();
    std::string text = "{";
    for (const std::string& piece : pieces) text += " " + piece + ";";
    code(text + " }");
  }
  int lines() const { return lines_; }

 private:
  std::string page_;
  std::ofstream out_;
  int line_ = 0, functions_ = 0, lines_ = 0;
  bool is_open_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return EXIT_FAILURE;
  std::ifstream page(argv[1]);
  Program program(argv[1], argv[2]);
  program.begin();
  enum { text, block, given } where = text;
  std::string line;
  for (int number = 1; std::getline(page, line); ++number) {
    program.at(number);
    if (where == block && line == "```") where = text;
    else if (where == given && line == "-->") where = text;
    else if (where != text) program.code(line);
    else if (line == "```cpp") program.close(), where = block;
    else if (line == "<!-- given") program.open(), where = given;
    else if (begins(line, "#")) program.close();
    else if (begins(line, "| ") && !begins(line, "| PyTorch")) program.row(pieces_of_code(last_cell(line)));
  }
  program.end();
  return program.lines() >= std::atoi(argv[3]) ? EXIT_SUCCESS : EXIT_FAILURE;
}
