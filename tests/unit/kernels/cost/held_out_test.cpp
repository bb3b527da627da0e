// Whole layers that the fit has not seen (kernels/cost/data/held_out.csv), drawn with a seed chosen after it, against
// Yosys. tests/rtl/circuit/held_out_test.cpp simulates the same layers.
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/circuit/join.hpp"
#include "kernels/cost/cost.hpp"
#include "kernels/library/library.hpp"
#include "tests/support/cost_layers.hpp"
#include "tests/support/cost_points.hpp"

namespace algean::kernels {
namespace {

struct HeldOut {
  std::string layer;
  Resources measured, predicted;
};

Result<Resources> predict(const std::string& line) {
  ALGEAN_ASSIGN(const auto layer, testing_support::cost_layer(line, library()));
  ALGEAN_ASSIGN(const Hardware* hardware, hardware_of(layer.spec, library()));
  ALGEAN_ASSIGN(const Netlist netlist, hardware->netlist(layer.spec, layer.inputs, layer.outputs,
                                                         layer.hardware.folding, layer.hardware.options));
  return resources(netlist);
}

std::vector<HeldOut> read_held_out() {
  const auto rows = testing_support::read_held_out(testing_support::cost_data("held_out.csv"));
  if (!rows) {
    ADD_FAILURE() << rows.error().message;
    return {};
  }
  std::vector<HeldOut> all;
  for (const auto& [line, measured] : *rows) {
    const auto predicted = predict(line);
    EXPECT_TRUE(predicted.has_value()) << line << ": " << predicted.error().message;
    if (predicted) all.push_back({line, measured, *predicted});
  }
  return all;
}

const std::vector<HeldOut>& held_out() {
  static const std::vector<HeldOut> all = read_held_out();
  return all;
}

TEST(HeldOutLayers, DspsAndBlockRamsAreThoseOfYosys) {
  const auto& layers = held_out();
  EXPECT_GE(layers.size(), 60U);
  for (const HeldOut& each : layers) {
    EXPECT_EQ(each.predicted.dsp(), each.measured.dsp()) << each.layer;
    EXPECT_EQ(each.predicted.bram18, each.measured.bram18) << each.layer;
    EXPECT_EQ(each.predicted.uram, each.measured.uram) << each.layer;
  }
}

struct Errors {
  int within_15 = 0, beyond_30 = 0;
  void add(std::int64_t predicted, std::int64_t measured) {
    const double error = std::abs(static_cast<double>(predicted) / static_cast<double>(measured) - 1);
    within_15 += error <= 0.15 ? 1 : 0;
    beyond_30 += error > 0.3 ? 1 : 0;
  }
};

// Of the layers above 500 LUTs nine in ten are within 15 %. Beyond 30 % lies one: of a matrix that is taken whole in
// one fold nothing is accumulated, which the model does not know.
TEST(HeldOutLayers, LutsAndFlipFlopsAreNearThoseOfYosys) {
  int large = 0;
  Errors luts, ffs;
  for (const auto& [layer, measured, predicted] : held_out()) {
    if (measured.lut <= 500) continue;
    ++large;
    luts.add(predicted.lut, measured.lut);
    ffs.add(predicted.ff, measured.ff);
  }
  std::printf("of %d layers above 500 LUTs: LUTs %d within 15 %%, %d beyond 30 %%; flip-flops %d, %d\n", large,
              luts.within_15, luts.beyond_30, ffs.within_15, ffs.beyond_30);
  EXPECT_GE(luts.within_15, 0.9 * large);
  EXPECT_GE(ffs.within_15, 0.9 * large);
  EXPECT_LE(luts.beyond_30, 1);
  EXPECT_LE(ffs.beyond_30, 1);
}

}  // namespace
}  // namespace algean::kernels
