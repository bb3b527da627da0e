#include "partitioner/compare/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/graph/interpreter.hpp"
#include "partitioner/passes/batch.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "partitioner/passes/parallel.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;
using kernels::ValueId;

struct Noise {
  double signal = 0;
  double noise = 0;

  void add(std::span<const float> exact, std::span<const float> got) {
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const auto wanted = static_cast<double>(exact[i]);
      const double error = static_cast<double>(got[i]) - wanted;
      signal += wanted * wanted;
      noise += error * error;
    }
  }
  void add(const Noise& other) {
    signal += other.signal;
    noise += other.noise;
  }
  [[nodiscard]] double snr_db() const {
    return noise > 0 ? 10 * std::log10(signal / noise) : std::numeric_limits<double>::infinity();
  }
};

// What one layer (or all of them) cost over the inferences so far.
struct Sums {
  Noise layer, network;
  std::size_t changed = 0;
};

Tensor as_reals(const Tensor& tensor) {
  if (tensor.type().element.is_float()) return tensor;
  if (tensor.type().element.quantisation()) return dequantise(tensor);
  Tensor reals({ElementType::float32(), tensor.shape()});  // an index
  for (std::size_t i = 0; i < reals.elements<float>().size(); ++i) {
    reals.elements<float>()[i] = static_cast<float>(tensor.integer_at(i));
  }
  return reals;
}

std::size_t largest(std::span<const float> values) {
  return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

// One inference of the float network, all tensors kept, and the same with one layer of integers.
class Inference {
 public:
  Inference(const Graph& floats, const Graph& integers, kernels::Families families)
      : floats_(floats), integers_(integers), families_(families), exact_(floats.values.size()) {}

  Result<> run(std::span<const Tensor> inputs) {
    ALGEAN_TRY(
        kernels::interpret(floats_, families_, inputs, [&](ValueId id, const Tensor& tensor) { exact_[id] = tensor; }));
    return {};
  }

  Result<> quantise_one(std::size_t index, Sums& sums) const {
    std::vector<Tensor> changed(exact_.size());  // what is not as in exact_
    ALGEAN_TRY(run_in_integers(index, changed));
    for (const ValueId id : floats_.layers[index].outputs) {
      sums.layer.add(exact_[id].elements<float>(), changed[id].elements<float>());
    }
    for (std::size_t i = index + 1; i < floats_.layers.size(); ++i) run_again(floats_.layers[i], changed);
    const auto now = [&](ValueId id) -> const Tensor& { return is_set(changed[id]) ? changed[id] : exact_[id]; };
    compare_outputs(now, sums);
    return {};
  }

  Result<> quantise_all(std::span<const Tensor> inputs, Sums& sums) const {
    std::vector<Tensor> integers;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const ValueId id = integers_.inputs[i].value;
      ALGEAN_ASSIGN(Tensor tensor, algean::quantise(inputs[i], integers_.values[id].type.element));
      integers.push_back(std::move(tensor));
    }
    ALGEAN_ASSIGN(auto outputs, kernels::interpret(integers_, families_, integers));
    std::vector<Tensor> reals(exact_.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) reals[floats_.outputs[i].value] = as_reals(outputs[i]);
    compare_outputs([&](ValueId id) -> const Tensor& { return reals[id]; }, sums);
    return {};
  }

 private:
  static bool is_set(const Tensor& tensor) { return !tensor.bytes().empty(); }
  [[nodiscard]] const kernels::Family& family(const Layer& layer) const {
    return *kernels::find_family(families_, layer.spec.operation);
  }

  Result<> run_in_integers(std::size_t index, std::vector<Tensor>& changed) const {
    const Layer& layer = integers_.layers[index];
    std::vector<Tensor> inputs, outputs;
    std::vector<const Tensor*> from;
    std::vector<Tensor*> to;
    for (const ValueId id : layer.inputs) {
      ALGEAN_ASSIGN(Tensor tensor, algean::quantise(exact_[id], integers_.values[id].type.element));
      inputs.push_back(std::move(tensor));
    }
    for (const ValueId id : layer.outputs) outputs.emplace_back(integers_.values[id].type);
    for (const Tensor& tensor : inputs) from.push_back(&tensor);
    for (Tensor& tensor : outputs) to.push_back(&tensor);
    family(layer).evaluate_integer(layer.spec, from, to);
    for (std::size_t i = 0; i < outputs.size(); ++i) changed[layer.outputs[i]] = as_reals(outputs[i]);
    return {};
  }

  // The layer in floats, where something that it reads has changed.
  void run_again(const Layer& layer, std::vector<Tensor>& changed) const {
    if (std::ranges::none_of(layer.inputs, [&](ValueId id) { return is_set(changed[id]); })) return;
    std::vector<const Tensor*> from;
    std::vector<Tensor*> to;
    for (const ValueId id : layer.inputs) from.push_back(is_set(changed[id]) ? &changed[id] : &exact_[id]);
    for (const ValueId id : layer.outputs) {
      changed[id] = Tensor(floats_.values[id].type);
      to.push_back(&changed[id]);
    }
    family(layer).evaluate_float(layer.spec, from, to);
  }

  template <class Now>
  void compare_outputs(const Now& now, Sums& sums) const {
    bool moved = false;
    for (const kernels::GraphPort& port : floats_.outputs) {
      const auto exact = exact_[port.value].elements<float>();
      const auto got = now(port.value).template elements<float>();
      sums.network.add(exact, got);
      moved = moved || largest(exact) != largest(got);
    }
    sums.changed += moved ? 1 : 0;
  }

  const Graph& floats_;
  const Graph& integers_;
  kernels::Families families_;
  std::vector<Tensor> exact_;  // by value
};

Result<> check_pair(const Graph& floats, const Graph& integers) {
  const auto same_layer = [](const Layer& a, const Layer& b) {
    return a.spec.name == b.spec.name && a.inputs == b.inputs && a.outputs == b.outputs;
  };
  const auto same_value = [](const kernels::Value& a, const kernels::Value& b) {
    return a.name == b.name && a.type.shape == b.type.shape && a.type.element.is_float() && b.type.element.is_integer();
  };
  if (std::ranges::equal(floats.layers, integers.layers, same_layer) &&
      std::ranges::equal(floats.values, integers.values, same_value)) {
    return {};
  }
  return bad_input("the network of integers is not the one that was made of the network of floats");
}

LayerSensitivity summary(const Layer* layer, const Sums& sums) {
  LayerSensitivity entry;
  if (layer != nullptr) {
    entry.layer = layer->spec.name;
    entry.operation = layer->spec.operation;
  }
  entry.network_snr_db = sums.network.snr_db();
  entry.layer_snr_db = layer != nullptr ? sums.layer.snr_db() : entry.network_snr_db;
  entry.changed = sums.changed;
  return entry;
}

}  // namespace

Result<SensitivityReport> measure_sensitivity(const Graph& float_graph, const Graph& integer_graph,
                                              kernels::Families families, std::span<const Tensor> inputs,
                                              const SensitivityProgress& progress) {
  ALGEAN_TRY(check_pair(float_graph, integer_graph));
  ALGEAN_ASSIGN(const std::size_t batch, batch_size(float_graph, inputs, "input"));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (auto finite = check_finite(inputs[i]); !finite) {
      return std::unexpected(finite.error().within(fmt::format("input '{}'", float_graph.inputs[i].name)));
    }
  }
  const std::size_t layers = float_graph.layers.size();
  // By inference, so that sums are the same whatever thread is first; the last is that of all layers.
  std::vector<std::vector<Sums>> sums(batch, std::vector<Sums>(layers + 1));
  const auto run = [&](std::size_t index, std::size_t) -> Result<> {
    const std::vector<Tensor> one = inference(float_graph, inputs, index);
    Inference inference(float_graph, integer_graph, families);
    ALGEAN_TRY(inference.run(one));
    for (std::size_t i = 0; i < layers; ++i) ALGEAN_TRY(inference.quantise_one(i, sums[index][i]));
    return inference.quantise_all(one, sums[index][layers]);
  };
  ALGEAN_TRY(for_each(batch, run, [&](std::size_t done) {
    if (progress) progress(done, batch);
  }));
  SensitivityReport report;
  report.inferences = batch;
  for (std::size_t i = 0; i <= layers; ++i) {
    Sums total;
    for (const auto& one : sums) {
      total.layer.add(one[i].layer);
      total.network.add(one[i].network);
      total.changed += one[i].changed;
    }
    if (i < layers) {
      report.layers.push_back(summary(&float_graph.layers[i], total));
    } else {
      report.all = summary(nullptr, total);
    }
  }
  return report;
}

}  // namespace algean::partitioner
