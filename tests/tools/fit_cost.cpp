// Fits the weights of kernels/cost to synthesised modules: fit_cost MODULES.csv > kernels/cost/weights.inc
//
// Least squares of relative errors, weights at least 0: Lawson and Hanson, Solving Least Squares Problems (1974),
// chapter 23, by coordinate descent. Prints to standard error how far the fit is off, module by module.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tests/support/cost_points.hpp"

namespace {

using namespace algean;
using kernels::cost::Model;
using kernels::cost::Terms;

// Weights w >= 0 that minimise sum (terms * w / value - 1)^2 over the points, by cyclic coordinate descent.
std::vector<double> fit(const std::vector<Terms>& rows, const std::vector<double>& values) {
  const std::size_t width = rows.empty() ? 0 : rows.front().size();
  std::vector<double> weights(width, 0.0);
  std::vector<double> rest(rows.size(), 1.0);  // 1 - terms * w / value
  for (int sweep = 0; sweep < 20'000; ++sweep) {
    for (std::size_t k = 0; k < width; ++k) {
      double square = 0;
      double slope = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const double a = rows[i][k] / values[i];
        square += a * a;
        slope += a * rest[i];
      }
      if (square == 0) continue;
      const double next = std::max(0.0, weights[k] + slope / square);
      for (std::size_t i = 0; i < rows.size(); ++i) rest[i] -= rows[i][k] / values[i] * (next - weights[k]);
      weights[k] = next;
    }
  }
  return weights;
}

std::string list(std::span<const double> weights) {
  std::string text;
  for (const double weight : weights)
    text += fmt::format("{}{:.4g}", text.empty() ? "" : ", ", weight < 1e-6 ? 0 : weight);
  return text;
}

struct Fitted {
  std::vector<double> weights;
  double worst = 0, within_15 = 1;
};

Fitted fit_one(std::span<const testing_support::CostPoint> points, Terms (*terms)(const kernels::ModuleInstance&),
               std::int64_t kernels::Resources::* count) {
  std::vector<Terms> rows;
  std::vector<double> values;
  for (const auto& point : points) {
    rows.push_back(terms(point.instance));
    values.push_back(static_cast<double>(std::max<std::int64_t>(1, point.measured.*count)));
  }
  Fitted fitted{fit(rows, values)};
  std::size_t large = 0;
  std::size_t good = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (values[i] < 500) continue;
    const double off = std::abs(static_cast<double>(kernels::cost::weigh(rows[i], fitted.weights)) / values[i] - 1);
    ++large;
    good += off <= 0.15 ? 1 : 0;
    fitted.worst = std::max(fitted.worst, off);
  }
  if (large > 0) fitted.within_15 = static_cast<double>(good) / static_cast<double>(large);
  return fitted;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: fit_cost MODULES.csv\n");
    return 2;
  }
  const auto points = testing_support::read_cost_points(argv[1]);
  if (!points) {
    fmt::print(stderr, "fit_cost: {}\n", points.error().message);
    return 2;
  }
  fmt::print("// Made by fit_cost from data/modules.csv; see README.md.\n");
  for (const Model& model : kernels::cost::models()) {
    std::vector<testing_support::CostPoint> of;
    for (const auto& point : *points) {
      if (point.instance.module == model.module) of.push_back(point);
    }
    for (const auto& point : of) {
      const kernels::Resources exact = model.exact(point.instance);
      if (exact.dsp() == point.measured.dsp() && exact.bram18 == point.measured.bram18 &&
          exact.uram == point.measured.uram)
        continue;
      fmt::print(stderr, "{} not exact: DSP {} ({}), BRAM18 {} ({}):", model.module, exact.dsp(), point.measured.dsp(),
                 exact.bram18, point.measured.bram18);
      for (const auto& parameter : point.instance.parameters) {
        fmt::print(stderr, " {}={}", parameter.name, std::get<std::int64_t>(parameter.value));
      }
      fmt::print(stderr, "\n");
    }
    const Fitted luts = fit_one(of, model.luts, &kernels::Resources::lut);
    const Fitted ffs = fit_one(of, model.ffs, &kernels::Resources::ff);
    fmt::print("{{\"{}\",\n {{{}}},\n {{{}}}}},\n", model.module, list(luts.weights), list(ffs.weights));
    fmt::print(stderr,
               "{:28} {:3} points, above 500: LUT worst {:.1f} %, within 15 %: {:.0f} %; FF worst {:.1f} %, {:.0f} %\n",
               model.module, of.size(), 100 * luts.worst, 100 * luts.within_15, 100 * ffs.worst, 100 * ffs.within_15);
  }
  return 0;
}
