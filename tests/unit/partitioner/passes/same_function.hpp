// What every pass must keep: the function that the graph computes.
#pragma once

#include <gtest/gtest.h>

#include "networks.hpp"
#include "partitioner/passes/batch.hpp"

namespace algean::partitioner::testing {

// Rounding of folded weights to float32: relative to the largest output.
inline constexpr double fold_tolerance = 2e-6;

// Both graphs compute the same, within `tolerance` of the largest output; both are well formed.
inline void expect_same_function(const Graph& before, const Graph& after, double tolerance) {
  ASSERT_TRUE(kernels::verify(before, library()).has_value()) << kernels::verify(before, library()).error().message;
  ASSERT_TRUE(kernels::verify(after, library()).has_value()) << kernels::verify(after, library()).error().message;
  const std::vector inputs = {sample_inputs(before, 20, 99)};
  for (std::size_t i = 0; i < 20; ++i) {
    const auto expected = kernels::interpret(before, library(), inference(before, inputs, i));
    const auto actual = kernels::interpret(after, library(), inference(after, inputs, i));
    ASSERT_TRUE(expected.has_value() && actual.has_value());
    for (std::size_t output = 0; output < expected->size(); ++output) {
      EXPECT_EQ(expected->at(output).type(), actual->at(output).type());
      const auto wanted = expected->at(output).elements<float>();
      const auto got = actual->at(output).elements<float>();
      double largest = 0;
      for (const float value : wanted) largest = std::max(largest, std::abs(static_cast<double>(value)));
      for (std::size_t e = 0; e < wanted.size(); ++e) EXPECT_NEAR(wanted[e], got[e], tolerance * largest);
    }
  }
}

inline Graph after(Result<> (*pass)(Graph&, kernels::Families), const Graph& before, double tolerance = 0) {
  Graph graph = before;
  const auto done = pass(graph, library());
  EXPECT_TRUE(done.has_value()) << done.error().message;
  expect_same_function(before, graph, tolerance);
  return graph;
}

}  // namespace algean::partitioner::testing
