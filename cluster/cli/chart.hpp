// Drawings of measured numbers, as SVG 1.1 files of a few kilobytes.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace algean::cluster {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // x, y; x rises; all finite
  bool dashed = false;                            // a line to compare with, without marks
};

struct Chart {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<Series> series;  // at least one point in all
  bool integer_x = true;       // a tick at each integer
};

// Lines with marks over a grid, a legend on the right. Deterministic; text is escaped.
[[nodiscard]] std::string to_svg(const Chart& chart);

}  // namespace algean::cluster
