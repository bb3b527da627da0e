#include <algorithm>
#include <array>
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

constexpr std::array<std::string_view, 3> convolutions = {"dense", "conv1d", "conv2d"};
constexpr std::array<std::string_view, 2> transposed = {"conv1d_transpose", "conv2d_transpose"};

bool is_one_of(std::span<const std::string_view> operations, const LayerSpec& spec) {
  return std::ranges::find(operations, spec.operation) != operations.end();
}

// Weights that the file quantised stay the integers that they are.
bool has_float_weights(const LayerSpec& spec) {
  const Tensor* bias = spec.constant("bias");
  return spec.required("weight").type().element.is_float() && (bias == nullptr || bias->type().element.is_float());
}

// A layer's weight [n_out, ...] and bias [n_out] in binary64; n_in weights for each output channel.
struct Weights {
  explicit Weights(const LayerSpec& layer) : shape(layer.required("weight").shape()) {
    const auto from = layer.required("weight").elements<float>();
    weight.assign(from.begin(), from.end());
    n_out = static_cast<std::size_t>(shape[0]);
    n_in = weight.size() / n_out;
    bias.assign(n_out, 0);
    if (const Tensor* given = layer.constant("bias")) {
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

Result<> store(const Weights& weights, const std::string& batch_norm, LayerSpec& layer) {
  for (const bool is_weight : {true, false}) {
    auto tensor = is_weight ? rounded(weights.weight, weights.shape)
                            : rounded(weights.bias, Shape{static_cast<std::int64_t>(weights.n_out)});
    if (!tensor) {
      return std::unexpected(tensor.error().within(fmt::format("layer '{}': folded into the {} of '{}'", batch_norm,
                                                               is_weight ? "weight" : "bias", layer.name)));
    }
    layer.constants[is_weight ? "weight" : "bias"] = *std::move(tensor);
  }
  return {};
}

// The linear layer with weights that only this batch_norm reads.
std::optional<std::size_t> weights_before(const Graph& graph, const Wires& wires, std::size_t index) {
  const ValueId value = graph.layers[index].inputs[0];
  const auto before = wires.producer(value);
  if (!before || wires.sole_reader(value) != index) return std::nullopt;
  const LayerSpec& spec = graph.layers[*before].spec;
  if (!is_one_of(convolutions, spec) && !is_one_of(transposed, spec)) return std::nullopt;
  const bool is_linear = spec.attributes.text_or("activation", "linear") == "linear";
  return is_linear && has_float_weights(spec) ? before : std::nullopt;
}

Result<> fold_before(Graph& graph, Wires& wires, std::size_t index, std::size_t before) {
  const Layer& batch_norm = graph.layers[index];
  const Affine map = affine(batch_norm.spec);
  Layer& layer = graph.layers[before];
  Weights weights(layer.spec);
  for (std::size_t o = 0; o < weights.n_out; ++o) {
    for (std::size_t i = 0; i < weights.n_in; ++i) weights.weight[o * weights.n_in + i] *= map.factor[o];
    weights.bias[o] = map.factor[o] * weights.bias[o] + map.offset[o];
  }
  ALGEAN_TRY(store(weights, batch_norm.spec.name, layer.spec));
  wires.erase(index);
  wires.produce(before, batch_norm.outputs[0]);
  return {};
}

// A layer into which a batch_norm of so many channels in front of it can be folded. A row of a dense layer must begin
// at channel 0: its length is a multiple of the channels. A convolution must not pad, for padding is 0 behind the
// batch_norm and would be another number in front of it; reshapes in between take its axes from it.
bool takes_from_before(const LayerSpec& spec, std::size_t channels, bool reshaped) {
  if (!is_one_of(convolutions, spec) || !has_float_weights(spec)) return false;
  if (spec.operation == "dense") {
    return static_cast<std::size_t>(spec.required("weight").shape()[1]) % channels == 0;
  }
  const auto padding = spec.attributes.integers("padding");
  return !reshaped && (!padding || std::ranges::all_of(*padding, [](std::int64_t pad) { return pad == 0; }));
}

// The layers that read `value` and take a batch_norm; none if anything else uses it. Dense ones may stand behind
// reshapes.
std::vector<std::size_t> weights_behind(const Graph& graph, const Wires& wires, ValueId value, std::size_t channels) {
  std::vector<std::size_t> found;
  std::vector<ValueId> open = {value};
  while (!open.empty()) {
    const ValueId at = open.back();
    open.pop_back();
    if (wires.is_output(at)) return {};
    for (const std::size_t reader : wires.readers(at)) {
      const Layer& layer = graph.layers[reader];
      if (layer.spec.operation == "reshape") {
        open.push_back(layer.outputs[0]);
      } else if (takes_from_before(layer.spec, channels, at != value)) {
        found.push_back(reader);
      } else {
        return {};
      }
    }
  }
  return found;
}

Result<> fold_behind(Graph& graph, Wires& wires, std::size_t index, const std::vector<std::size_t>& behind) {
  const Layer& batch_norm = graph.layers[index];
  const Affine map = affine(batch_norm.spec);
  for (const std::size_t reader : behind) {
    LayerSpec& layer = graph.layers[reader].spec;
    Weights weights(layer);
    const auto groups = static_cast<std::size_t>(layer.attributes.integer_or("groups", 1));
    const std::size_t channels = map.factor.size() / groups;  // that an output channel reads
    for (std::size_t o = 0; o < weights.n_out; ++o) {
      const std::size_t first = o / (weights.n_out / groups) * channels;
      for (std::size_t i = 0; i < weights.n_in; ++i) {
        double& weight = weights.weight[o * weights.n_in + i];
        weights.bias[o] += weight * map.offset[first + i % channels];
        weight *= map.factor[first + i % channels];
      }
    }
    ALGEAN_TRY(store(weights, batch_norm.spec.name, layer));
  }
  wires.erase(index);
  wires.rewire(batch_norm.outputs[0], batch_norm.inputs[0]);
  return {};
}

// True when the layer was folded and is gone.
Result<bool> fold(Graph& graph, Wires& wires, std::size_t index) {
  if (const auto before = weights_before(graph, wires, index)) {
    ALGEAN_TRY(fold_before(graph, wires, index, *before));
    return true;
  }
  const ValueId output = graph.layers[index].outputs[0];
  const auto channels = static_cast<std::size_t>(graph.values[output].type.shape.channels());
  const auto behind = weights_behind(graph, wires, output, channels);
  if (behind.empty()) return false;
  ALGEAN_TRY(fold_behind(graph, wires, index, behind));
  return true;
}

bool is_batch_norm(const Graph& graph, std::size_t index) {
  return graph.layers[index].spec.operation == "batch_norm" && is_float(graph, graph.layers[index]);
}

// The batch_norm that a layer reads, straight or through reshapes.
std::optional<std::size_t> batch_norm_before(const Graph& graph, const Wires& wires, std::size_t index) {
  auto before = wires.producer(graph.layers[index].inputs[0]);
  while (before && graph.layers[*before].spec.operation == "reshape") {
    before = wires.producer(graph.layers[*before].inputs[0]);
  }
  return before && is_batch_norm(graph, *before) ? before : std::nullopt;
}

}  // namespace

Result<> fold_batch_norm(Graph& graph, kernels::Families) {
  Wires wires(graph);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (!is_batch_norm(graph, i)) continue;
    // Of two in a row, the second may have to go first: then it is the first one's turn again.
    for (std::optional<std::size_t> next = i; next && !wires.is_erased(*next);) {
      const std::size_t index = *next;
      next = batch_norm_before(graph, wires, index);
      ALGEAN_ASSIGN(const bool folded, fold(graph, wires, index));
      if (!folded) break;
    }
  }
  wires.finish();
  return {};
}

}  // namespace algean::partitioner
