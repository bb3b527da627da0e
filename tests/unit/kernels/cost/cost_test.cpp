// Predictions against what Yosys made of single modules (kernels/cost/data/modules.csv).
#include "kernels/cost/cost.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cost_points.hpp"

namespace algean::kernels {
namespace {

using testing::HasSubstr;
using testing_support::CostPoint;

std::vector<CostPoint> points() {
  auto read = testing_support::read_cost_points(testing_support::cost_data("modules.csv"));
  if (!read) {
    ADD_FAILURE() << read.error().message;
    return {};
  }
  return *std::move(read);
}

std::string text(const ModuleInstance& instance) {
  std::string all = instance.module;
  for (const auto& each : instance.parameters) {
    all += " " + each.name + "=" + std::to_string(std::get<std::int64_t>(each.value));
  }
  return all;
}

TEST(Cost, EveryModelHasItsWeights) {
  ASSERT_EQ(cost::models().size(), cost::weights().size());
  for (std::size_t i = 0; i < cost::models().size(); ++i) {
    EXPECT_EQ(cost::models()[i].module, cost::weights()[i].module);
  }
}

TEST(Cost, EveryModelWasFittedToSeveralPoints) {
  std::map<std::string, int> count;
  for (const CostPoint& point : points()) ++count[point.instance.module];
  for (const cost::Model& model : cost::models()) EXPECT_GE(count[std::string(model.module)], 3) << model.module;
}

TEST(Cost, DspsAndBlockRamsAreThoseOfYosys) {
  for (const CostPoint& point : points()) {
    const auto predicted = resources(point.instance);
    ASSERT_TRUE(predicted.has_value()) << predicted.error().message;
    EXPECT_EQ(predicted->dsp(), point.measured.dsp()) << text(point.instance);
    EXPECT_EQ(predicted->bram18, point.measured.bram18) << text(point.instance);
    EXPECT_EQ(predicted->uram, point.measured.uram) << text(point.instance);
  }
}

// Of the points above 500: nine in ten within 15 %, all within 30 %. Gearboxes between lanes that share no divisor are
// the hardest, and are held to the first alone.
TEST(Cost, LutsAndFlipFlopsAreNearThoseOfYosys) {
  int large = 0;
  int near = 0;
  const auto hold = [&](const CostPoint& point, std::int64_t predicted, std::int64_t measured, const char* what) {
    if (measured <= 500) return;
    const double off = std::abs(static_cast<double>(predicted) / static_cast<double>(measured) - 1);
    ++large;
    if (off <= 0.15) ++near;
    if (point.instance.module == "algean_repack") return;
    EXPECT_LE(off, 0.3) << what << " of " << text(point.instance);
  };
  for (const CostPoint& point : points()) {
    const auto predicted = resources(point.instance);
    ASSERT_TRUE(predicted.has_value()) << predicted.error().message;
    hold(point, predicted->lut, point.measured.lut, "LUT");
    hold(point, predicted->ff, point.measured.ff, "FF");
  }
  EXPECT_GE(large, 100);
  EXPECT_GE(near, 0.9 * large);
}

TEST(Cost, AModuleWithoutAModelIsNamed) {
  ModuleInstance instance;
  instance.module = "algean_unheard_of";
  instance.name = "u_x";
  const auto predicted = resources(instance);
  ASSERT_FALSE(predicted.has_value());
  EXPECT_THAT(predicted.error().message, HasSubstr("u_x (algean_unheard_of) has no cost model"));
}

}  // namespace
}  // namespace algean::kernels
