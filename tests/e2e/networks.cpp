#include "tests/e2e/networks.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "kernels/graph/interpreter.hpp"
#include "kernels/graph/text.hpp"
#include "kernels/library/library.hpp"
#include "runtime/base/random.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::e2e {

std::string example(const std::string& file) {
  const char* source = std::getenv("ALGEAN_SOURCE");  // NOLINT(concurrency-mt-unsafe)
  return std::string(source == nullptr ? "." : source) + "/examples/01_autoencoder/" + file;
}

Tensor random_rows(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  Random random(seed);
  Tensor tensor(TensorType{ElementType::float32(), {rows, columns}});
  for (float& value : tensor.elements<float>()) value = static_cast<float>(2 * random.unit() - 1);
  return tensor;
}

std::string write_array(const Place& place, const std::string& file, const Tensor& tensor) {
  const std::vector<NamedArray> arrays{{"", tensor}};
  const auto written = write_arrays(place.path(file), arrays);
  EXPECT_TRUE(written) << written.error().message;
  return place.path(file);
}

Tensor read_array(const std::string& file) {
  auto arrays = read_arrays(file);
  EXPECT_TRUE(arrays) << arrays.error().message;
  return arrays ? arrays->front().tensor : Tensor();
}

kernels::Graph small_graph() {
  kernels::Graph graph = kernels::testing::dense_network(kernels::library(), {12, 16, 8, 4}, 3);
  graph.name = "small";
  for (auto& port : graph.inputs) port.form = ExternalForm::float32;
  for (auto& port : graph.outputs) port.form = ExternalForm::float32;
  return graph;
}

std::string write_graph(const Place& place, const std::string& file, const kernels::Graph& graph) {
  const auto written = kernels::write_graph(place.path(file), graph);
  EXPECT_TRUE(written) << written.error().message;
  return place.path(file);
}

std::string small_net(const Place& place) { return write_graph(place, "small.graph", small_graph()); }

std::string four_rows(const Place& place) {
  kernels::Graph graph = small_graph();
  for (kernels::Value& value : graph.values) value.type.shape = {4, value.type.shape.channels()};
  return write_graph(place, "rows.graph", graph);
}

Tensor integer_reference(const std::string& graph_file, const Tensor& x) {
  const auto graph = kernels::read_graph(graph_file, kernels::library());
  EXPECT_TRUE(graph) << graph.error().message;
  const TensorType& input = graph->values[graph->inputs[0].value].type;
  const TensorType& output = graph->values[graph->outputs[0].value].type;
  const std::int64_t rows = x.shape()[0];
  Tensor y(TensorType{ElementType::float32(), {rows, output.shape.elements()}});
  for (std::int64_t row = 0; row < rows; ++row) {
    Tensor real(TensorType{ElementType::float32(), input.shape});
    const std::size_t bytes = real.bytes().size();
    std::memcpy(real.bytes().data(), x.bytes().data() + static_cast<std::size_t>(row) * bytes, bytes);
    const std::vector<Tensor> inputs{quantise(real, input.element).value()};
    const Tensor answer = dequantise(kernels::interpret(*graph, kernels::library(), inputs).value().front());
    std::memcpy(y.bytes().data() + static_cast<std::size_t>(row) * answer.bytes().size(), answer.bytes().data(),
                answer.bytes().size());
  }
  return y;
}

}  // namespace algean::e2e
