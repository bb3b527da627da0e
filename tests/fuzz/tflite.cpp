// Any bytes as a TensorFlow Lite file, most of them made from files that use every operator. Whatever is accepted is a
// graph that verify() accepts and that runs, and the compiled program gives what the reference gives.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <array>
#include <string>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "partitioner/import_tflite/import_tflite.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/unit/partitioner/import_tflite/tflite_fixture.hpp"

namespace algean::partitioner {
namespace {

constexpr double most_work = 1e6;  // of a graph that is run

// One of the whole files with some bytes changed, or bytes as they are.
std::string file(FuzzedDataProvider& data) {
  static const std::array wholes{testing_tflite::convolutional_model(), testing_tflite::unsigned_model(),
                                 testing_tflite::branching_model()};
  const auto which = data.ConsumeIntegralInRange<std::size_t>(0, wholes.size());
  if (which == wholes.size()) return data.ConsumeRemainingBytesAsString();
  std::string bytes = wholes[which];
  while (data.remaining_bytes() > 0) {
    const auto at = data.ConsumeIntegralInRange<std::size_t>(0, bytes.size() - 1);
    switch (data.ConsumeIntegralInRange(0, 5)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << data.ConsumeIntegralInRange(0, 7)));
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] + data.ConsumeIntegralInRange(-3, 3));
        break;
      case 2:  // a number of the file again at another place
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at / 4 * 4),
                    std::min<std::size_t>(4, bytes.size() - at / 4 * 4),
                    bytes.begin() + static_cast<std::ptrdiff_t>(
                                        data.ConsumeIntegralInRange<std::size_t>(0, bytes.size() / 4 - 2) * 4));
        break;
      default:
        bytes[at] = static_cast<char>(data.ConsumeIntegral<std::uint8_t>());
    }
  }
  return bytes;
}

// Elements of all values and work of all layers together.
double work(const kernels::Graph& graph) {
  double sum = 0;
  for (const kernels::Value& value : graph.values) sum += static_cast<double>(value.type.shape.elements());
  for (const kernels::Layer& layer : graph.layers) {
    const kernels::Family* family = kernels::find_family(kernels::library(), layer.spec.operation);
    sum += family->work(layer.spec, graph.types(layer.inputs), graph.types(layer.outputs));
  }
  return sum;
}

void run(const kernels::Graph& graph, std::uint8_t code) {
  std::vector<Tensor> inputs;
  for (const kernels::GraphPort& port : graph.inputs) {
    Tensor& input = inputs.emplace_back(graph.values[port.value].type);
    if (input.type().element.is_integer()) std::ranges::fill(input.bytes(), std::byte{code});
  }
  const auto outputs = kernels::interpret(graph, kernels::library(), inputs);
  FUZZ_REQUIRE(outputs);
  if (!graph.is_integer()) return;
  const auto program = kernels::compile(graph, kernels::library());
  FUZZ_REQUIRE(program);
  std::vector<const std::byte*> from;
  for (const Tensor& input : inputs) from.push_back(input.bytes().data());
  std::vector<Tensor> results(outputs->begin(), outputs->end());
  std::vector<std::byte*> to;
  for (Tensor& result : results) to.push_back(result.bytes().data());
  (*program)->run(from, to);
  FUZZ_REQUIRE(results == *outputs);
}

void fuzz(FuzzedDataProvider& data) {
  const auto code = data.ConsumeIntegral<std::uint8_t>();
  const auto kind =
      data.ConsumeBool() ? TfliteOptions::FullyConnected::double_precision : TfliteOptions::FullyConnected::fixed_point;
  const std::string bytes = file(data);
  const auto imported =
      import_tflite(std::as_bytes(std::span(bytes)), "x.tflite", kernels::library(), {.fully_connected = kind});
  if (!imported) {
    FUZZ_REQUIRE(imported.error().kind == ErrorKind::bad_input);
    FUZZ_REQUIRE(imported.error().message.starts_with("x.tflite: "));
    return;
  }
  FUZZ_REQUIRE(kernels::verify(imported->graph, kernels::library()));
  if (work(imported->graph) <= most_work) run(imported->graph, code);
}

}  // namespace
}  // namespace algean::partitioner

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider(data, size);
  algean::partitioner::fuzz(provider);
  return 0;
}
