// Curves as SVG.
#include <tenon/tenon.h>

#include <regex>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::training_chart_test {
namespace {

using training::chart_svg;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
std::string path_of(const std::string& svg) {
  std::smatch m;
  return std::regex_search(svg, m, std::regex("<path d=\"([^\"]*)\"")) ? m[1].str() : "none";
}

TEST(Chart, ShowsTitleLabelsAndRoundNumbersAtItsAxes) {
  const std::string svg = chart_svg({{"a < b & c", {0, 10}, {0.03, 0.98}}}, {"Loss", "epoch", "nats"});
  for (const char* part : {">Loss<", ">epoch<", ">nats<", ">a &lt; b &amp; c<", ">0<", ">2<", ">10<", ">0.2<", ">1<"})
    EXPECT_TRUE(has(svg, part)) << part;
  EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
}

TEST(Chart, DrawsFromTheLowerLeftToTheUpperRightAndLeavesGaps) {
  const std::string path = path_of(chart_svg({{"", {0, 1, 2, 3, 4}, {0, 1, test::nan, 3, 4}}}));
  EXPECT_EQ(path, "M72.0 384.0L228.0 300.0M540.0 132.0L696.0 48.0");
}

TEST(Chart, OfNothingAndOfOneNumberIsAChart) {
  EXPECT_TRUE(has(chart_svg({}), "</svg>"));
  EXPECT_EQ(path_of(chart_svg({{"", {}, {}}})), "");
  EXPECT_EQ(path_of(chart_svg({{"", {1}, {5}}})).find("nan"), std::string::npos);
}

TEST(Chart, IsSavedOrSaysWhyNot) {
  const test::Folder folder;
  training::save_chart(folder("a.svg"), {{"a", {1, 2}, {3, 4}}});
  EXPECT_EQ(test::read_file(folder("a.svg")), chart_svg({{"a", {1, 2}, {3, 4}}}));
  EXPECT_NE(test::error_of([] { training::save_chart("/no/such/folder/a.svg", {}); }).find("cannot be written"),
            std::string::npos);
  EXPECT_EQ(test::error_of([] { chart_svg({{"a", {1}, {}}}); }), "[chart_svg] a has 1 numbers across and 0 up");
}

}  // namespace
}  // namespace tenon::training_chart_test
