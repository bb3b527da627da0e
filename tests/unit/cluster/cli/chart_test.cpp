#include "cluster/cli/chart.hpp"

#include <gmock/gmock.h>

#include <regex>

namespace algean::cluster {
namespace {

using ::testing::HasSubstr;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

Chart chart() {
  return {.title = "jets: 64 inferences",
          .x_label = "bits of a weight",
          .y_label = "accuracy",
          .series = {{.name = "program", .points = {{2, 0.25}, {3, 0.5}, {8, 0.75}}},
                     {.name = "float32", .points = {{2, 0.75}, {8, 0.75}}, .dashed = true}}};
}

TEST(Chart, DrawsEverySeriesInsideThePage) {
  const std::string svg = to_svg(chart());
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_EQ(count(svg, "<polyline"), 2U);
  EXPECT_EQ(count(svg, "<circle"), 3U) << "the dashed one has no marks";
  EXPECT_THAT(svg, HasSubstr(">bits of a weight</text>"));
  // x from 70 to 540 over 2..8; y from 346 up to 44 over 0.2..0.8, which whole steps of 0.1 hold.
  EXPECT_THAT(svg, HasSubstr("<polyline points=\"70.0,320.8 148.3,195.0 540.0,69.2\""));
  const std::regex point("c[xy]=\"([0-9.]+)\"");
  for (auto found = std::sregex_iterator(svg.begin(), svg.end(), point); found != std::sregex_iterator(); ++found) {
    EXPECT_LE(std::stod((*found)[1]), 720);
  }
}

TEST(Chart, EscapesText) {
  Chart odd = chart();
  odd.title = "<a & b>";
  EXPECT_THAT(to_svg(odd), HasSubstr(">&lt;a &amp; b&gt;</text>"));
}

TEST(Chart, HasRoomForOnePointAndForEqualOnes) {
  Chart one = chart();
  one.series = {{.name = "program", .points = {{8, 1}}}};
  EXPECT_THAT(to_svg(one), HasSubstr("cx=\"70.0\" cy=\"195.0\""));
  EXPECT_EQ(to_svg(one).find("nan"), std::string::npos);
}

}  // namespace
}  // namespace algean::cluster
