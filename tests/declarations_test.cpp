// Whatever a header declares and does not define itself, the library must hold: else a program that uses it does not
// link, and nothing here would notice. Headers are read roughly, as text; the library by nm.
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "headers.h"

namespace declarations_test {
namespace {

using namespace tenon;
using test::bare, test::function_name;

/// For each qualified name, its declarations (or symbols) as texts.
using Functions = std::map<std::string, std::set<std::string>>;

/// Reads a header's scopes, and what is declared in namespaces and in classes that are no templates.
class Header {
 public:
  explicit Header(const std::string& text) : text_(bare(text)) {}

  /// What it declares and does not define, and what it defines outside of its class.
  void read(Functions& into, Functions& inline_ones) {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '(' || c == ')') parentheses_ += c == '(' ? 1 : -1;
      if (c == '{' && parentheses_ == 0) open(inline_ones);
      else if (c == '}' && parentheses_ == 0) close();
      else if (c == ';' && parentheses_ == 0) declare(into);
      else statement_ += c;
    }
  }

 private:
  void open(Functions& inline_ones) {
    static const std::regex space(R"re(^\s*(inline\s+)?namespace\s+([\w:]+)\s*$)re"),
        a_class(R"re(^\s*(public:|private:|protected:|\s)*(class|struct)\s+(\[\[.*\]\]\s*)?([\w:]+)[^(=]*$)re");
    std::smatch found;
    if (std::regex_search(statement_, found, space)) scopes_.push_back(found[2]);
    else if (std::regex_search(statement_, found, a_class)) scopes_.push_back(found[4]);
    else return skip(inline_ones);
    statement_.clear();
  }
  void close() {
    if (!scopes_.empty()) scopes_.pop_back();
    statement_.clear();
  }
  /// A function's body, a template's members, an initial value, an anonymous namespace.
  void skip(Functions& inline_ones) {
    const bool body = statement_.find('(') != std::string::npos || statement_.find("template") != std::string::npos;
    if (const std::string name = function_name(statement_); name.find("::") != std::string::npos)
      inline_ones[within(name)].insert(statement_);
    for (int depth = 0; at_ < text_.size(); ++at_) {
      depth += (text_[at_] == '{') - (text_[at_] == '}');
      if (depth == 0) break;
    }
    if (body) statement_.clear();
  }
  void declare(Functions& into) {
    static const std::regex before(
        R"re(^\s*((public|private|protected)\s*:\s*|TENON_\w+\([^;()]*(\([^()]*\)[^;()]*)*\)\s*)*)re"),
        other(
            R"re(^(using|typedef|friend|static_assert|template|enum|class|struct|extern)\b|^[^\w\[~]|\(\*|\bauto\b)re"),
        no_definition(R"re(=\s*(default|delete|0)\s*$)re"), given_a_value(R"re(^[^(]*[^=!<>+\-*/%&|^]=[^=])re");
    std::string text = std::regex_replace(statement_, before, "", std::regex_constants::format_first_only);
    statement_.clear();
    if (std::regex_search(text, other) || std::regex_search(text, no_definition)) return;
    if (text.find("operator") == std::string::npos && std::regex_search(text, given_a_value)) return;
    const std::string name = function_name(text);
    if (name.empty() || scopes_.empty() || name.starts_with("TENON_")) return;  // that is how the compiler says why
    into[within(name)].insert(std::regex_replace(text, std::regex(R"re(\s+)re"), " "));
  }
  std::string within(const std::string& name) const {
    std::string whole;
    for (const std::string& scope : scopes_) whole += scope + "::";
    return whole + name;
  }

  std::string text_, statement_;
  std::size_t at_ = 0;
  int parentheses_ = 0;
  std::vector<std::string> scopes_;
};

void read_headers(Functions& declared, Functions& inline_ones) {
  for (const auto& file : test::files_in(TENON_INCLUDE_DIR, ".h"))
    Header(test::whole_text(file)).read(declared, inline_ones);
}

Functions defined() {
  Functions all;
  for (const auto& [kind, text] : test::symbols("--extern-only"))
    if (kind == 'T') all[function_name(text)].insert(text);
  return all;
}

TEST(Declarations, EveryFunctionOfThePublicHeadersIsInTheLibrary) {
  Functions wanted, there = defined();
  read_headers(wanted, there);
  EXPECT_GT(wanted.size(), 600U);
  for (const auto& [name, declarations] : wanted) {
    const auto found = there.find(name);
    const std::size_t n = found == there.end() ? 0 : found->second.size();
    if (n >= declarations.size()) continue;
    std::string text;
    for (const std::string& one : declarations) text += "\n  " + one;
    ADD_FAILURE() << name << " has " << declarations.size() << " declarations, and " << n << " definitions:" << text;
  }
}

TEST(Declarations, AreReadOutOfHeaders) {
  Functions found, inline_ones;
  Header(R"(
namespace tenon { int f(int a = 3);  // g();
inline int h() { return 1; }
template <class T> T t(T);
namespace nn { class A { public: A(int); ~A(); void m() const; void m(int); void d() = delete;
  bool operator<(const A&) const; int value = two(2); std::function<int(int)> call;  int body() { return 3; } TENON_M(A, x)
 private: void last(); }; }
template <class T> struct B { void member(); };
inline void nn::A::last() { return; }
})")
      .read(found, inline_ones);
  std::map<std::string, std::size_t> counts;
  for (const auto& [name, all] : found) counts[name] = all.size();
  EXPECT_EQ(counts, (std::map<std::string, std::size_t>{{"tenon::f", 1},
                                                        {"tenon::nn::A::A", 1},
                                                        {"tenon::nn::A::~A", 1},
                                                        {"tenon::nn::A::m", 2},
                                                        {"tenon::nn::A::operator<", 1},
                                                        {"tenon::nn::A::last", 1}}));
  EXPECT_EQ(inline_ones.size(), 1U);
  EXPECT_EQ(inline_ones.count("tenon::nn::A::last"), 1U);
}

}  // namespace
}  // namespace declarations_test
