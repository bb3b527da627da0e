// A plan run in this process: its kernels compiled apart, one after the other, tensors carried along its edges.
#pragma once

#include <gtest/gtest.h>

#include "kernels/graph/interpreter.hpp"
#include "kernels/program/program.hpp"
#include "partitioner/plan/plan.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::partitioner::testing {

inline std::vector<std::string> node_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("n{}", i));
  return names;
}

inline Target target_of(const std::vector<std::string>& names) {
  Target target;
  for (const std::string& name : names) target.nodes.emplace_back().name = name;
  return target;
}

inline std::vector<Tensor> random_inputs(const kernels::Graph& graph, Random& random) {
  std::vector<Tensor> inputs;
  for (const kernels::GraphPort& port : graph.inputs) {
    inputs.push_back(kernels::testing::random_int8(random, graph.values[port.value].type));
  }
  return inputs;
}

// Kernels, each once, in the order of their ids; what goes wrong on the way is a test failure.
inline std::vector<Tensor> run_plan(const Plan& plan, const kernels::Graph& graph, kernels::Families families,
                                    const std::vector<Tensor>& inputs) {
  std::vector<std::vector<Tensor>> arrived(plan.kernels.size());
  for (const PlanKernel& kernel : plan.kernels) arrived[kernel.id - 1U].resize(kernel.inputs.size());
  std::vector<Tensor> results(graph.outputs.size());
  const auto carry = [&](std::uint16_t from, std::size_t port, const Tensor& tensor) {
    for (const PlanEdge& edge : plan.edges) {
      if (edge.from != from || edge.port != port) continue;
      for (const Destination& to : edge.to) {
        (to.kernel == 0 ? results.at(to.port) : arrived.at(to.kernel - 1U).at(to.port)) = tensor;
      }
    }
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) carry(0, i, inputs[i]);
  for (const PlanKernel& kernel : plan.kernels) {
    const auto program = kernels::compile(kernel_graph(graph, kernel), families);
    if (!program) {
      ADD_FAILURE() << program.error().message;
      return results;
    }
    std::vector<const std::byte*> from;
    std::vector<std::byte*> to;
    std::vector<Tensor> outputs;
    const auto& taken = arrived[kernel.id - 1U];
    for (std::size_t i = 0; i < taken.size(); ++i) {
      EXPECT_EQ(taken[i].type().text(), (*program)->inputs()[i].type.text()) << "kernel " << kernel.id;
      from.push_back(taken[i].bytes().data());
    }
    for (const Port& port : (*program)->outputs()) outputs.emplace_back(port.type);
    for (Tensor& output : outputs) to.push_back(output.bytes().data());
    (*program)->run(from, to);
    for (std::size_t i = 0; i < outputs.size(); ++i) carry(kernel.id, i, outputs[i]);
  }
  return results;
}

}  // namespace algean::partitioner::testing
