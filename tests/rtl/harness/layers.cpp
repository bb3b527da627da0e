#include "tests/rtl/harness/layers.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "kernels/circuit/join.hpp"
#include "kernels/graph/interpreter.hpp"
#include "tests/support/random_integers.hpp"

namespace algean::rtl {

using kernels::Family;
using kernels::LayerHardware;
using kernels::LayerSpec;

LayerBench::LayerBench(std::string name, kernels::Families families)
    : name_(std::move(name)), families_(families), folder_(build_folder() / name_) {
  graph_.name = name_;
}

void LayerBench::add(const LayerSpec& layer, const std::vector<TensorType>& inputs,
                     const std::vector<TensorType>& outputs, const LayerHardware& hardware) {
  const Family* family = find_family(families_, layer.operation);
  ASSERT_NE(family, nullptr) << layer.operation;
  const auto integer = family->quantise(layer, inputs, outputs);
  ASSERT_TRUE(integer.has_value()) << layer.name << ": " << integer.error().message;
  add_integer(*integer, inputs, outputs, hardware);
}

void LayerBench::add_integer(const LayerSpec& layer, const std::vector<TensorType>& inputs,
                             const std::vector<TensorType>& outputs, const LayerHardware& hardware) {
  kernels::Layer added{layer, {}, {}};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = fmt::format("{}.in{}", layer.name, i);
    added.inputs.push_back(graph_.add_value(name, inputs[i]));
    graph_.inputs.push_back({name, added.inputs.back(), ExternalForm::integer});
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string name = fmt::format("{}.out{}", layer.name, i);
    added.outputs.push_back(graph_.add_value(name, outputs[i]));
    graph_.outputs.push_back({name, added.outputs.back(), ExternalForm::integer});
  }
  graph_.layers.push_back(std::move(added));
  hardware_.push_back(hardware);
}

std::vector<kernels::Folding> LayerBench::foldings(const LayerSpec& integer_layer,
                                                   const std::vector<TensorType>& inputs,
                                                   const std::vector<TensorType>& outputs,
                                                   const kernels::HardwareOptions& options) const {
  const auto hardware = kernels::hardware_of(integer_layer, families_);
  if (!hardware) {
    ADD_FAILURE() << hardware.error().message;
    return {};
  }
  auto list = (*hardware)->foldings(integer_layer, inputs, outputs, options);
  if (!list) {
    ADD_FAILURE() << list.error().message;
    return {};
  }
  return *std::move(list);
}

void LayerBench::build(const BuildOptions& options, std::int64_t inferences) {
  const auto verified = kernels::verify(graph_, families_);
  ASSERT_TRUE(verified.has_value()) << verified.error().message;
  auto design = kernels::join(graph_, families_, hardware_);
  ASSERT_TRUE(design.has_value()) << design.error().message;
  design_ = *std::move(design);
  const auto files =
      kernels::project_files(design_, random_vectors(graph_, families_, inferences), {"Made by a test."});
  ASSERT_TRUE(files.has_value()) << files.error().message;
  std::filesystem::create_directories(build_folder());
  const auto written = kernels::write_project(folder_, *files);
  ASSERT_TRUE(written.has_value()) << written.error().message;
  const auto built = verilate(folder_, options);
  ASSERT_TRUE(built.has_value()) << built.error().message;
  built_ = true;
}

void LayerBench::check(const Pattern& pattern) {
  if (!built_) return;
  const auto run = simulate(folder_, pattern);
  EXPECT_TRUE(run.has_value()) << run.error().message;
}

void LayerBench::check_cycles(const BuildOptions& options, double tolerance) {
  if (!built_) return;
  const auto run = simulate(folder_, {}, options);
  ASSERT_TRUE(run.has_value()) << run.error().message;
  std::size_t input = 0;
  std::size_t output = 0;
  for (const kernels::DesignLayer& layer : design_.layers) {
    std::int64_t first = run->first[input];
    for (std::size_t i = 0; i < layer.netlist.inputs.size(); ++i) first = std::min(first, run->first[input++]);
    for (std::size_t i = 0; i < layer.netlist.outputs.size(); ++i, ++output) {
      const auto& simulated = run->outputs[output];
      EXPECT_EQ(simulated.interval, static_cast<double>(layer.cycles.interval)) << layer.layer << ": interval";
      const auto latency = static_cast<double>(layer.cycles.latency);
      EXPECT_NEAR(static_cast<double>(simulated.ends.front() - first), latency, tolerance * latency)
          << layer.layer << ": latency";
    }
  }
}

Tensor random_integers(const TensorType& type, std::uint64_t seed) {
  Random random(seed);
  return testing_support::random_integers(type, random);
}

kernels::Vectors random_vectors(const kernels::Graph& graph, kernels::Families families, std::int64_t inferences,
                                std::uint64_t seed) {
  kernels::Vectors vectors;
  for (std::int64_t k = 0; k < inferences; ++k) {
    std::vector<Tensor> inputs;
    for (const kernels::GraphPort& port : graph.inputs) {
      inputs.push_back(random_integers(graph.values[port.value].type, seed++));
    }
    auto outputs = kernels::interpret(graph, families, inputs);
    if (!outputs) {
      ADD_FAILURE() << outputs.error().message;
      return {};
    }
    vectors.inputs.push_back(std::move(inputs));
    vectors.outputs.push_back(*std::move(outputs));
  }
  return vectors;
}

}  // namespace algean::rtl
