// The layers of kernels/cost/data/held_out.csv, which nothing was fitted to, simulated whole: outputs, interval and
// latency are what was predicted. Matrix units are twins, which take the RTL's cycles (rtl.circuit.weighted).
#include <gtest/gtest.h>

#include "kernels/library/library.hpp"
#include "tests/rtl/harness/layers.hpp"
#include "tests/support/cost_layers.hpp"
#include "tests/support/cost_points.hpp"

namespace algean::rtl {
namespace {

TEST(HeldOutLayers, TakeTheCyclesThatWerePredicted) {
  const auto rows = testing_support::read_held_out(testing_support::cost_data("held_out.csv"));
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  LayerBench bench("held_out", kernels::library());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    auto layer = testing_support::cost_layer((*rows)[i].first, kernels::library());
    ASSERT_TRUE(layer.has_value()) << layer.error().message;
    layer->spec.name = "layer" + std::to_string(i);
    bench.add_integer(layer->spec, layer->inputs, layer->outputs, layer->hardware);
  }
  const BuildOptions twin{.twin = true, .optimise = "-O1"};
  bench.build(twin, 2);
  bench.check_cycles(twin, 0.02);
}

}  // namespace
}  // namespace algean::rtl
