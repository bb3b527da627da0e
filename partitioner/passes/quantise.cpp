#include "partitioner/passes/quantise.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "partitioner/passes/calibrate.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;
using kernels::Range;
using kernels::ValueId;

// Everything that keeps the graph from becoming one of integers before a family is asked.
Result<> check(const Graph& graph, kernels::Families families, std::span<const Range> ranges,
               const QuantiseOptions& options) {
  ALGEAN_TRY(check_finite_constants(graph));
  ALGEAN_TRY(kernels::verify(graph, families));
  for (const kernels::Value& value : graph.values) {
    if (!value.type.element.is_float()) return bad_input("value '{}' is of integers already", value.name);
  }
  if (options.weight_bits < least_weight_bits || options.weight_bits > most_weight_bits) {
    return bad_input("weights of {} bits: {} to {} are there", options.weight_bits, least_weight_bits,
                     most_weight_bits);
  }
  ALGEAN_INVARIANT(ranges.empty() || ranges.size() == graph.values.size());
  for (ValueId id = 0; id < ranges.size(); ++id) {
    if (std::isfinite(ranges[id].low) && std::isfinite(ranges[id].high) && ranges[id].low <= ranges[id].high) continue;
    return bad_input("value '{}': range [{}, {}] must be finite", graph.values[id].name, ranges[id].low,
                     ranges[id].high);
  }
  return {};
}

// Where a function is bounded, whatever its input is.
std::optional<Range> bounds(const std::string& operation) {
  if (operation == "sigmoid" || operation == "hard_sigmoid") return Range{0, 1};
  if (operation == "tanh" || operation == "softsign" || operation == "erf") return Range{-1, 1};
  return std::nullopt;
}

// A type that no rule but "the input's" comes to.
ElementType probe() { return ElementType::int8(Quantisation::per_tensor(0x1.2345p-9, 11)); }

bool moves_codes(const kernels::Family& family, const kernels::LayerSpec& spec, std::vector<TensorType> inputs) {
  for (TensorType& input : inputs) input.element = probe();
  const auto fixed = family.fixed_output(spec, inputs);
  return fixed && *fixed == probe();
}

class Quantiser {
 public:
  Quantiser(const Graph& graph, kernels::Families families, std::span<const Range> ranges, ValueTypes types,
            const QuantiseOptions& options)
      : families_(families), ranges_(ranges), types_(std::move(types)), options_(options), result_(graph) {
    spread_types(graph, families, types_);
  }

  Result<Graph> run() {
    for (const kernels::GraphPort& port : result_.inputs) set_type(port.value, std::nullopt, std::nullopt);
    for (Layer& layer : result_.layers) quantise_layer(layer);
    if (!problems_.empty()) return bad_input("cannot quantise {}", fmt::join(problems_, "; "));
    for (auto* ports : {&result_.inputs, &result_.outputs}) {
      for (kernels::GraphPort& port : *ports) {
        if (!result_.values[port.value].type.element.quantisation()) port.form = ExternalForm::integer;
      }
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool is_typed(ValueId id) const { return result_.values[id].type.element.is_integer(); }

  void set_type(ValueId id, const std::optional<ElementType>& fixed, const std::optional<Range>& bounded) {
    kernels::Value& value = result_.values[id];
    const auto stated = types_.find(value.name);
    if (fixed) {
      value.type.element = *fixed;
    } else if (stated != types_.end()) {
      value.type.element = stated->second;
    } else if (!ranges_.empty()) {
      value.type.element = activation_type(ranges_[id]);
    } else if (bounded) {
      value.type.element = activation_type(*bounded);
    } else {
      problems_.push_back(fmt::format(
          "value '{}': nothing says what its integers stand for: the file states no scale, and there are no "
          "calibration inputs",
          value.name));
    }
  }

  void quantise_layer(Layer& layer) {
    const kernels::Family& family = *kernels::find_family(families_, layer.spec.operation);
    std::vector<TensorType> inputs = result_.types(layer.inputs);
    const bool inputs_typed = std::ranges::all_of(layer.inputs, [&](ValueId id) { return is_typed(id); });
    for (TensorType& input : inputs) {
      if (input.element.is_float()) input.element = probe();
    }
    const auto fixed = family.fixed_output(layer.spec, inputs);
    if (fixed && !inputs_typed) return;  // the input's problem alone
    for (const ValueId id : layer.outputs) set_type(id, fixed, bounds(layer.spec.operation));
    if (!inputs_typed || !std::ranges::all_of(layer.outputs, [&](ValueId id) { return is_typed(id); })) return;
    auto spec = integer_form(layer, family);
    if (spec) {
      layer.spec = *std::move(spec);
    } else {
      problems_.push_back(fmt::format("layer '{}': {}", layer.spec.name, spec.error().message));
    }
  }

  [[nodiscard]] Result<kernels::LayerSpec> integer_form(const Layer& layer, const kernels::Family& family) const {
    if (!family.hardware()) {
      return bad_input("{} has no integer form, and no pass could fold it into a layer beside it",
                       layer.spec.operation);
    }
    kernels::LayerSpec spec = layer.spec;
    const Tensor* weight = spec.constant("weight");
    if (options_.weight_bits != most_weight_bits && weight != nullptr && weight->type().element.is_float()) {
      spec.attributes.set("weight_bits", std::int64_t{options_.weight_bits});
    }
    return family.quantise(spec, result_.types(layer.inputs), result_.types(layer.outputs));
  }

  kernels::Families families_;
  std::span<const Range> ranges_;
  ValueTypes types_;
  const QuantiseOptions& options_;
  Graph result_;
  std::vector<std::string> problems_;
};

}  // namespace

ElementType activation_type(Range range) {
  const double low = std::min(range.low, 0.0);
  const double high = std::max(range.high, 0.0);
  const double scale = (high - low) / 255;
  if (!(scale > 0x1p-126)) return ElementType::int8(Quantisation::per_tensor(1.0 / 128, 0));
  const double zero_point = std::clamp(std::floor(-128 - low / scale + 0.5), -128.0, 127.0);
  return ElementType::int8(Quantisation::per_tensor(scale, static_cast<std::int32_t>(zero_point)));
}

void spread_types(const Graph& graph, kernels::Families families, ValueTypes& types) {
  if (types.empty()) return;
  for (std::size_t i = graph.layers.size(); i-- > 0;) {  // readers stand behind what they read
    const Layer& layer = graph.layers[i];
    const kernels::Family* family = kernels::find_family(families, layer.spec.operation);
    if (family == nullptr || !moves_codes(*family, layer.spec, graph.types(layer.inputs))) continue;
    const auto typed =
        std::ranges::find_if(layer.outputs, [&](ValueId id) { return types.contains(graph.values[id].name); });
    if (typed == layer.outputs.end()) continue;
    const ElementType type = types.at(graph.values[*typed].name);
    for (const ValueId id : layer.inputs) types.try_emplace(graph.values[id].name, type);
  }
}

Result<Graph> quantise(const Graph& graph, kernels::Families families, std::span<const Range> ranges,
                       const ValueTypes& types, const QuantiseOptions& options) {
  ALGEAN_TRY(check(graph, families, ranges, options));
  ALGEAN_ASSIGN(Graph result, Quantiser(graph, families, ranges, types, options).run());
  if (auto good = kernels::verify(result, families); !good) {
    return failed("quantise left a graph that is not well formed: {}", good.error().message);
  }
  return result;
}

}  // namespace algean::partitioner
