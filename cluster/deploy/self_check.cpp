#include "cluster/deploy/self_check.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/graph/interpreter.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::cluster {
namespace {

std::string element_text(const Tensor& tensor, std::size_t index) {
  if (tensor.type().element.is_float()) return fmt::format("{:.9g}", tensor.elements<float>()[index]);
  return fmt::format("{}", tensor.integer_at(index));
}

Result<> same(const Tensor& got, const Tensor& expected, const std::string& output) {
  ALGEAN_INVARIANT(got.bytes().size() == expected.bytes().size());
  if (std::ranges::equal(got.bytes(), expected.bytes())) return {};
  const std::size_t bytes = expected.type().element.bytes();
  const auto differs = std::ranges::mismatch(got.bytes(), expected.bytes()).in1 - got.bytes().begin();
  const std::size_t index = static_cast<std::size_t>(differs) / bytes;
  return failed("output `{}`: element {} is {}, but the reference says {}", output, index, element_text(got, index),
                element_text(expected, index));
}

}  // namespace

Result<std::vector<Tensor>> reference(const kernels::Graph& graph, kernels::Families families,
                                      const Inference& inputs) {
  ALGEAN_INVARIANT(inputs.size() == graph.inputs.size());
  std::vector<Tensor> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ElementType& type = graph.values[graph.inputs[i].value].type.element;
    const bool to_integers = type.is_integer() && inputs[i].type().element.is_float();
    if (!to_integers) {
      values.push_back(inputs[i]);
      continue;
    }
    auto integers = quantise(inputs[i], type);
    if (!integers) return std::unexpected(integers.error().within("input `" + graph.inputs[i].name + "`"));
    values.push_back(*std::move(integers));
  }
  ALGEAN_ASSIGN(auto outputs, kernels::interpret(graph, families, values));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool to_reals = graph.outputs[i].form == ExternalForm::float32 && outputs[i].type().element.is_integer();
    if (to_reals) outputs[i] = dequantise(outputs[i]);
  }
  return outputs;
}

Result<> self_check(Client& client, const kernels::Graph& graph, kernels::Families families,
                    std::span<const Inference> inferences, std::int64_t timeout_ns) {
  if (!std::ranges::equal(client.inputs(), graph.ports(graph.inputs)) ||
      !std::ranges::equal(client.outputs(), graph.ports(graph.outputs))) {
    return failed("the node describes other inputs and outputs than the network has");
  }
  for (std::size_t index = 0; index < inferences.size(); ++index) {
    std::vector<NamedTensor> named;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) named.push_back({graph.inputs[i].name, inferences[index][i]});
    ALGEAN_ASSIGN(const auto expected, reference(graph, families, inferences[index]));
    ALGEAN_ASSIGN(const auto answers, client.infer(named, timeout_ns));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      auto equal = same(answers[i].tensor, expected[i], graph.outputs[i].name);
      if (!equal) return std::unexpected(equal.error().within(fmt::format("self-check: inference {}", index)));
    }
  }
  return {};
}

}  // namespace algean::cluster
