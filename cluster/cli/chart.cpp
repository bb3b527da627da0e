#include "cluster/cli/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "runtime/base/result.hpp"

namespace algean::cluster {
namespace {

// The plot's place on the page, in pixels.
constexpr double width = 720, height = 400;
constexpr double left = 70, right = 540, top = 44, bottom = 346;
constexpr std::array<std::string_view, 6> colours{"#1f5fa8", "#c2410c", "#2f7d32", "#7b3fa0", "#8a6d00", "#00808a"};

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

struct Axis {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  double step = 1;

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Widens to whole steps of 1, 2 or 5 times a power of ten, about five of them.
  void round() {
    if (!(high > low)) {
      low -= 0.5;
      high += 0.5;
    }
    const double rough = (high - low) / 5;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    step = rough <= power ? power : rough <= 2 * power ? 2 * power : rough <= 5 * power ? 5 * power : 10 * power;
    low = std::floor(low / step) * step;
    high = std::ceil(high / step) * step;
  }
  [[nodiscard]] int ticks() const { return static_cast<int>(std::lround((high - low) / step)); }
  [[nodiscard]] double tick(int index) const { return low + index * step; }
};

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart) {
    for (const Series& series : chart.series) {
      for (const auto& [x, y] : series.points) {
        x_.include(x);
        y_.include(y);
      }
    }
    ALGEAN_INVARIANT(x_.high >= x_.low);
    if (!chart.integer_x) x_.round();
    if (x_.high == x_.low) x_.high += 1;
    y_.round();
  }

  std::string text() {
    svg_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\"\n"
        "     font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n"
        "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n",
        width, height);
    label((left + right) / 2, 24, "middle", chart_.title, " font-size=\"14\"");
    axes();
    for (std::size_t i = 0; i < chart_.series.size(); ++i) line(chart_.series[i], i);
    return svg_ + "</svg>\n";
  }

 private:
  [[nodiscard]] double px(double x) const { return left + (x - x_.low) / (x_.high - x_.low) * (right - left); }
  [[nodiscard]] double py(double y) const { return bottom - (y - y_.low) / (y_.high - y_.low) * (bottom - top); }

  void label(double x, double y, std::string_view anchor, std::string_view text, std::string_view more = "") {
    svg_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                        escaped(text));
  }
  void stroke(double x1, double y1, double x2, double y2, std::string_view colour) {
    svg_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", x1, y1, x2,
                        y2, colour);
  }
  void axes() {
    for (int i = 0; i <= y_.ticks(); ++i) {
      const double y = py(y_.tick(i));
      stroke(left, y, right, y, "#ddd");
      label(left - 8, y + 4, "end", fmt::format("{:.6g}", std::abs(y_.tick(i)) < 1e-9 * y_.step ? 0 : y_.tick(i)));
    }
    for (int i = 0; i <= x_.ticks(); ++i) {
      const double x = px(x_.tick(i));
      stroke(x, bottom, x, bottom + 5, "#222");
      label(x, bottom + 20, "middle", fmt::format("{:.6g}", x_.tick(i)));
    }
    stroke(left, bottom, right, bottom, "#222");
    stroke(left, top, left, bottom, "#222");
    label((left + right) / 2, bottom + 42, "middle", chart_.x_label);
    const double middle = (top + bottom) / 2;
    label(18, middle, "middle", chart_.y_label, fmt::format(" transform=\"rotate(-90 18 {:.1f})\"", middle));
  }
  void line(const Series& series, std::size_t index) {
    const std::string_view colour = colours.at(index % colours.size());
    const std::string_view dashes = series.dashed ? " stroke-dasharray=\"6 4\"" : "";
    std::string points;
    for (const auto& [x, y] : series.points) {
      points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ", px(x), py(y));
    }
    svg_ += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{}/>\n", points, colour,
                        dashes);
    if (!series.dashed) {
      for (const auto& [x, y] : series.points) {
        svg_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>\n", px(x), py(y), colour);
      }
    }
    const double y = top + 20 * static_cast<double>(index);
    svg_ += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" stroke=\"{3}\" stroke-width=\"2\"{4}/>\n",
        right + 16, y, right + 44, colour, dashes);
    label(right + 50, y + 4, "start", series.name);
  }

  const Chart& chart_;
  Axis x_, y_;
  std::string svg_;
};

}  // namespace

std::string to_svg(const Chart& chart) { return Drawing(chart).text(); }

}  // namespace algean::cluster
