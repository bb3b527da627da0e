#include <cmath>

#include "partitioner/passes/edit.hpp"
#include "partitioner/passes/passes.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;
using kernels::LayerSpec;
using kernels::ValueId;

// y = factor * x + offset for each channel.
struct Affine {
  std::vector<double> factor;
  std::vector<double> offset;
};

Affine affine(const LayerSpec& batch_norm) {
  const auto gamma = batch_norm.required("gamma").elements<float>();
  const auto beta = batch_norm.required("beta").elements<float>();
  const auto mean = batch_norm.required("mean").elements<float>();
  const auto variance = batch_norm.required("variance").elements<float>();
  const double epsilon = batch_norm.attributes.real_or("epsilon", 0);
  Affine result;
  for (std::size_t i = 0; i < gamma.size(); ++i) {
    const double factor = static_cast<double>(gamma[i]) / std::sqrt(static_cast<double>(variance[i]) + epsilon);
    result.factor.push_back(factor);
    result.offset.push_back(static_cast<double>(beta[i]) - factor * static_cast<double>(mean[i]));
  }
  return result;
}

// A dense layer's weight [n_out, n_in] and bias [n_out] in binary64.
struct Weights {
  explicit Weights(const LayerSpec& dense) : shape(dense.required("weight").shape()) {
    const auto from = dense.required("weight").elements<float>();
    weight.assign(from.begin(), from.end());
    n_out = static_cast<std::size_t>(shape[0]);
    n_in = static_cast<std::size_t>(shape[1]);
    bias.assign(n_out, 0);
    if (const Tensor* given = dense.constant("bias")) {
      std::ranges::copy(given->elements<float>(), bias.begin());
    }
  }

  Shape shape;
  std::size_t n_out = 0;
  std::size_t n_in = 0;
  std::vector<double> weight;
  std::vector<double> bias;
};

Result<std::shared_ptr<const Tensor>> rounded(const std::vector<double>& values, const Shape& shape) {
  auto tensor = std::make_shared<Tensor>(TensorType{ElementType::float32(), shape});
  const auto to = tensor->elements<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    to[i] = static_cast<float>(values[i]);
    if (!std::isfinite(to[i])) return bad_input("element {} becomes {}, beyond float32", i, values[i]);
  }
  return tensor;
}

Result<> store(const Weights& weights, const std::string& batch_norm, LayerSpec& dense) {
  for (const bool is_weight : {true, false}) {
    auto tensor = is_weight ? rounded(weights.weight, weights.shape)
                            : rounded(weights.bias, Shape{static_cast<std::int64_t>(weights.n_out)});
    if (!tensor) {
      return std::unexpected(tensor.error().within(fmt::format("layer '{}': folded into the {} of '{}'", batch_norm,
                                                               is_weight ? "weight" : "bias", dense.name)));
    }
    dense.constants[is_weight ? "weight" : "bias"] = *std::move(tensor);
  }
  return {};
}

// The linear dense layer that only this batch_norm reads.
std::optional<std::size_t> dense_before(const Graph& graph, std::size_t index) {
  const ValueId value = graph.layers[index].inputs[0];
  const auto before = producer_index(graph, value);
  if (!before || sole_reader(graph, value) != index) return std::nullopt;
  const LayerSpec& spec = graph.layers[*before].spec;
  const bool is_linear = spec.operation == "dense" && spec.attributes.text_or("activation", "linear") == "linear";
  return is_linear ? before : std::nullopt;
}

Result<> fold_into_dense_before(Graph& graph, std::size_t index, std::size_t before) {
  const Layer& batch_norm = graph.layers[index];
  const Affine map = affine(batch_norm.spec);
  Layer& dense = graph.layers[before];
  Weights weights(dense.spec);
  for (std::size_t o = 0; o < weights.n_out; ++o) {
    for (std::size_t i = 0; i < weights.n_in; ++i) weights.weight[o * weights.n_in + i] *= map.factor[o];
    weights.bias[o] = map.factor[o] * weights.bias[o] + map.offset[o];
  }
  ALGEAN_TRY(store(weights, batch_norm.spec.name, dense.spec));
  dense.outputs = batch_norm.outputs;
  erase_layer(graph, index);
  return {};
}

// Adds the dense layers that read `value`, straight or through reshapes, to `found`. False if anything else uses it. A
// row of a dense layer behind reshapes must begin at channel 0: its length is a multiple of the channels.
bool find_dense_behind(const Graph& graph, ValueId value, std::size_t channels, std::vector<std::size_t>& found) {
  if (graph.is_output(value)) return false;
  for (const std::size_t reader : reader_indices(graph, value)) {
    const Layer& layer = graph.layers[reader];
    if (layer.spec.operation == "reshape") {
      if (!find_dense_behind(graph, layer.outputs[0], channels, found)) return false;
    } else if (layer.spec.operation == "dense" &&
               static_cast<std::size_t>(layer.spec.required("weight").shape()[1]) % channels == 0) {
      found.push_back(reader);
    } else {
      return false;
    }
  }
  return true;
}

Result<> fold_into_dense_behind(Graph& graph, std::size_t index, const std::vector<std::size_t>& behind) {
  const Layer& batch_norm = graph.layers[index];
  const Affine map = affine(batch_norm.spec);
  for (const std::size_t reader : behind) {
    LayerSpec& dense = graph.layers[reader].spec;
    Weights weights(dense);
    for (std::size_t o = 0; o < weights.n_out; ++o) {
      for (std::size_t i = 0; i < weights.n_in; ++i) {
        double& weight = weights.weight[o * weights.n_in + i];
        weights.bias[o] += weight * map.offset[i % map.offset.size()];
        weight *= map.factor[i % map.factor.size()];
      }
    }
    ALGEAN_TRY(store(weights, batch_norm.spec.name, dense));
  }
  rewire(graph, batch_norm.outputs[0], batch_norm.inputs[0]);
  erase_layer(graph, index);
  return {};
}

// True when the layer was folded and is gone.
Result<bool> fold(Graph& graph, std::size_t index) {
  if (const auto before = dense_before(graph, index)) {
    ALGEAN_TRY(fold_into_dense_before(graph, index, *before));
    return true;
  }
  std::vector<std::size_t> behind;
  const auto channels = static_cast<std::size_t>(graph.values[graph.layers[index].outputs[0]].type.shape.channels());
  if (!find_dense_behind(graph, graph.layers[index].outputs[0], channels, behind) || behind.empty()) return false;
  ALGEAN_TRY(fold_into_dense_behind(graph, index, behind));
  return true;
}

}  // namespace

Result<> fold_batch_norm(Graph& graph, kernels::Families) {
  for (std::size_t i = 0; i < graph.layers.size();) {
    bool folded = false;
    if (graph.layers[i].spec.operation == "batch_norm") {
      ALGEAN_ASSIGN(folded, fold(graph, i));
    }
    i = folded ? 0 : i + 1;  // of two in a row, the second may have to go first
  }
  return {};
}

}  // namespace algean::partitioner
