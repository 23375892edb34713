// What the library shows to the programs that it is linked with: what public headers declare, what is marked in src/
// for this project's own programs, and nothing else. Headers are read roughly, as text; the library by nm.
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "headers.h"

namespace exports_test {
namespace {

using namespace tenon;

/// For each namespace what its scopes hold, as words.
using Words = std::map<std::string, std::set<std::string>>;

/// f(namespace, word, where it stands) for each word.
template <class F>
void for_each_word(const std::string& text, F f) {
  static const std::regex token(R"re(namespace\s+([\w:]+)\s*\{|\w+|[{}])re");
  std::vector<std::string> spaces;  // "" for braces that open no namespace
  std::string space;
  for (std::sregex_iterator at(text.begin(), text.end(), token), end; at != end; ++at) {
    const std::string word = at->str();
    if ((*at)[1].matched || word == "{") spaces.push_back((*at)[1]);
    else if (word == "}" && !spaces.empty()) spaces.pop_back();
    else f(space, word, at->position());
    space.clear();
    for (const std::string& one : spaces) space += (space.empty() || one.empty() ? "" : "::") + one;
  }
}

Words of_public_headers() {
  Words all;
  for (const auto& file : test::files_in(TENON_INCLUDE_DIR, ".h"))
    for_each_word(test::bare(test::whole_text(file)), [&](const std::string& space, const std::string& word, auto) {
      if (!space.empty()) all[space].insert(word);
    });
  return all;
}

/// What TENON_INTERNAL_API marks: classes and functions.
Words marked() {
  static const std::regex a_class(R"re(^TENON_INTERNAL_API (\w+)( final)?( :| \{))re"),
      a_table(R"re(^TENON_INTERNAL_API static const (\w+) )re"),  // of the class that it is in
      a_function(R"re(^TENON_INTERNAL_API [^;({]*\b(\w+)\()re");
  Words all;
  for (const auto& file : test::files_in(TENON_SOURCE_DIR, ".h")) {
    const std::string text = test::bare(test::whole_text(file));
    for_each_word(text, [&](const std::string& space, const std::string& word, auto at) {
      std::smatch found;
      if (word == "TENON_INTERNAL_API" && (std::regex_search(text.begin() + at, text.end(), found, a_class) ||
                                           std::regex_search(text.begin() + at, text.end(), found, a_table) ||
                                           std::regex_search(text.begin() + at, text.end(), found, a_function)))
        all[space].insert(found[1]);
    });
  }
  return all;
}

/// The name that a symbol's text gives, without arguments of templates: of a function, of a variable, of the class
/// whose vtable it is. All operators are one.
std::string named(std::string text) {
  static const std::regex what(R"re(^([\w #-]+ (for|to) |decltype\(auto\) ))re");
  text = std::regex_replace(text, what, "");
  std::string name;
  int angles = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<') ++angles;
    else if (text[i] == '>') --angles;
    else if (angles > 0) continue;
    else if (text.compare(i, 8, "operator") == 0) return name + "operator";
    else if (text[i] == '(') break;
    else if (text[i] == ' ') name.clear();  // that was the type of what it returns
    else name += text[i];
  }
  return name;
}

/// Whether `words` has the first part of the name that is no namespace, in that namespace.
bool has(const Words& words, const std::string& name) {
  std::string space;
  for (std::size_t begin = 0;;) {
    const std::size_t end = name.find("::", begin);
    const std::string part = name.substr(begin, end - begin), inner = space.empty() ? part : space + "::" + part;
    const auto next = words.lower_bound(inner);
    if (end == std::string::npos || next == words.end() || !(next->first + "::").starts_with(inner + "::"))
      return words.contains(space) && words.at(space).contains(part);
    space = inner;
    begin = end + 2;
  }
}

TEST(Exports, AreWhatPublicHeadersDeclareAndWhatIsMarkedForOurOwnPrograms) {
  if (std::string(TENON_LIBRARIES).ends_with(".a'")) GTEST_SKIP() << "an archive exports nothing";
  const Words of_headers = of_public_headers(), internal = marked();
  std::set<std::string> names, used_marks;
  for (const auto& [kind, text] : test::symbols("--dynamic")) {
    const std::string name = named(text);
    names.insert(name);
    if (has(internal, name)) used_marks.insert(name);
    else EXPECT_TRUE(has(of_headers, name)) << text << "\n  is exported, and no public header declares " << name;
  }
  EXPECT_GT(names.size(), 600U);
  std::size_t marks = 0;
  for (const auto& [space, words] : internal) {
    marks += words.size();
    for (const std::string& word : words) {
      const std::string whole = space + "::" + word;
      const auto used = used_marks.lower_bound(whole);
      EXPECT_TRUE(used != used_marks.end() && (*used + "::").starts_with(whole + "::"))
          << whole << " is marked, and not exported";
    }
  }
  EXPECT_GT(marks, 20U);
  EXPECT_LT(marks, 60U) << "tests should rather go through what users call";
}

TEST(Exports, EveryPublicHeaderDeclaresInsideTheMarksAndIncludesOutside) {
  static const std::regex push(R"re(^#pragma GCC visibility push\(default\)$)re", std::regex::multiline),
      pop(R"re(^#pragma GCC visibility pop$)re", std::regex::multiline);
  for (const auto& file : test::files_in(TENON_INCLUDE_DIR, ".h")) {
    const std::string text = test::whole_text(file);
    const auto count = [&](const std::regex& line) {
      return std::distance(std::sregex_iterator(text.begin(), text.end(), line), std::sregex_iterator());
    };
    EXPECT_EQ(count(push), count(pop)) << file;
    std::smatch begin, end;
    const bool marks = std::regex_search(text, begin, push) && std::regex_search(text, end, pop);
    const std::size_t space = text.find("\nnamespace ");
    if (space == std::string::npos) continue;
    ASSERT_TRUE(marks) << file << " lacks #pragma GCC visibility push(default), or pop";
    EXPECT_LT(static_cast<std::size_t>(begin.position()), space) << file;
    EXPECT_LT(text.rfind("\nnamespace "), static_cast<std::size_t>(end.position())) << file;
    const std::string inside = text.substr(begin.position(), end.position() - begin.position());
    EXPECT_EQ(inside.find("#include"), std::string::npos) << file << ": what is included is not the library's to show";
  }
}

TEST(Exports, AreNamedBySymbols) {
  EXPECT_EQ(named("tenon::Tensor tenon::f<int, std::vector<int> >(int)::cache"), "tenon::f");
  EXPECT_EQ(named("vtable for tenon::nn::A<2>"), "tenon::nn::A");
  EXPECT_EQ(named("non-virtual thunk to tenon::nn::A::~A()"), "tenon::nn::A::~A");
  EXPECT_EQ(named("guard variable for tenon::x"), "tenon::x");
  EXPECT_EQ(named("bool tenon::operator<< <int>(tenon::A<int> const&)"), "tenon::operator");
  EXPECT_EQ(named("std::vector<tenon::Tensor>::push_back(tenon::Tensor const&)"), "std::vector::push_back");
  const Words words{{"tenon", {"f", "operator"}}, {"tenon::nn", {"A"}}};
  EXPECT_TRUE(has(words, "tenon::f") && has(words, "tenon::nn::A::~A") && has(words, "tenon::operator"));
  EXPECT_FALSE(has(words, "tenon::g") || has(words, "tenon::A") || has(words, "std::f") || has(words, "tenon::nn::f") ||
               has(words, "tenon::io::f") || has(words, "f") || has(words, "tenon"));
}

}  // namespace
}  // namespace exports_test
