// Every model of ../shared/vectors/keras that is imported, quantised: the compiled program gives the integers of the
// reference, and they are near the floats.
#include <cmath>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "partitioner/passes/passes.hpp"
#include "partitioner/passes/quantise.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/partitioner/import_keras/vectors.hpp"

namespace algean::partitioner::testing_keras {
namespace {

Result<kernels::Graph> quantised(kernels::Graph graph, std::span<const Tensor> inputs) {
  ALGEAN_TRY(simplify(graph, kernels::library()));
  ALGEAN_ASSIGN(const auto ranges, calibrate(graph, kernels::library(), inputs, {}));
  return quantise(graph, kernels::library(), ranges);
}

// The first inference of the batches, in the integers of the graph's inputs.
Result<std::vector<Tensor>> first_inputs(const kernels::Graph& graph, std::span<const Tensor> batches) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const ElementType& type = graph.values[graph.inputs[i].value].type.element;
    ALGEAN_ASSIGN(inputs.emplace_back(), quantise(row(batches[i], 0), type));
  }
  return inputs;
}

Result<std::vector<Tensor>> run_program(const kernels::Graph& graph, const std::vector<Tensor>& inputs) {
  ALGEAN_ASSIGN(const auto program, kernels::compile(graph, kernels::library()));
  std::vector<Tensor> outputs;
  std::vector<const std::byte*> from;
  std::vector<std::byte*> to;
  for (const auto& port : program->outputs()) outputs.emplace_back(port.type);
  for (const Tensor& input : inputs) from.push_back(input.bytes().data());
  for (Tensor& output : outputs) to.push_back(output.bytes().data());
  program->run(from, to);
  return outputs;
}

// Mean distance from the floats, as a share of their largest.
double distance(const Tensor& integers, const Tensor& floats) {
  const Tensor reals = dequantise(integers);
  double sum = 0;
  double largest = 1e-9;
  for (std::size_t i = 0; i < reals.elements<float>().size(); ++i) {
    const auto wanted = static_cast<double>(floats.elements<float>()[i]);
    sum += std::abs(static_cast<double>(reals.elements<float>()[i]) - wanted);
    largest = std::max(largest, std::abs(wanted));
  }
  return sum / static_cast<double>(reals.elements<float>().size()) / largest;
}

void check_case(const std::filesystem::path& folder, const Json& entry, double& worst) {
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  ASSERT_TRUE(read_case(folder, entry.at("name"), inputs, outputs));
  auto imported = import_keras(forms(folder, entry).at(0), kernels::library());
  ASSERT_TRUE(imported) << imported.error().message;
  const auto graph = quantised(*std::move(imported), inputs);
  ASSERT_TRUE(graph) << graph.error().message;
  const auto first = first_inputs(*graph, inputs);
  ASSERT_TRUE(first) << first.error().message;
  const auto reference = kernels::interpret(*graph, kernels::library(), *first);
  const auto program = run_program(*graph, *first);
  ASSERT_TRUE(reference && program);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto expected = reference->at(i).bytes();
    const auto given = program->at(i).bytes();
    EXPECT_TRUE(std::ranges::equal(given, expected)) << "output " << i;
    const double far = distance(reference->at(i), row(outputs[i], 0));
    EXPECT_LE(far, 0.04) << "output " << i;
    worst = std::max(worst, far);
  }
}

TEST(KerasVectors, RunInIntegers) {
  const auto folder = shared("vectors/keras");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  int cases = 0;
  double worst = 0;
  for_each_case(folder, [&](const Json& entry) {
    if (is_refused(entry)) return;
    SCOPED_TRACE(entry.at("name").get<std::string>());
    check_case(folder, entry, worst);
    ++cases;
  });
  std::printf("%d models quantised; on the mean at most %.2g of the largest output from the floats\n", cases, worst);
  EXPECT_EQ(cases, 98);
}

}  // namespace
}  // namespace algean::partitioner::testing_keras
