#include "partitioner/import_onnx/converter.hpp"

#include <algorithm>
#include <ranges>

#include "partitioner/import_onnx/import_onnx.hpp"
#include "partitioner/import_onnx/operators.hpp"

namespace algean::partitioner {

using kernels::ValueId;

std::unexpected<Error> silent() { return std::unexpected(Error{ErrorKind::bad_input, ""}); }

AxisOrder model_order(std::size_t rank) {
  AxisOrder order;
  for (std::size_t axis = 0; axis < rank; ++axis) order.push_back(axis);
  return order;
}

AxisOrder channel_last_order(std::size_t rank) {
  AxisOrder order = model_order(rank);
  if (rank > 0) std::ranges::rotate(order, order.begin() + 1);
  return order;
}

ElementType OnnxCodes::element() const {
  return ElementType::int8(Quantisation::per_tensor(scale, type == "uint8" ? zero_point - 128 : zero_point));
}

Result<> OnnxConverter::define(const std::string& name, OnnxMeaning meaning) {
  if (!names_.emplace(name, std::move(meaning)).second) return bad_input("'{}' is produced twice", name);
  return {};
}

// An integer tensor's real numbers are the integers themselves, until a node says what they stand for.
Result<> OnnxConverter::input(const OnnxPort& port) {
  std::vector<std::int64_t> extents;
  std::string problem;
  const bool codes = port.type == "int8" || port.type == "uint8";
  if (port.type != "float" && !codes)
    problem = fmt::format("type {} not supported (float, int8, uint8 are)", port.type);
  if (!port.has_shape || port.extents.empty()) problem = "no shape with a batch axis";
  for (std::size_t axis = 1; axis < port.extents.size(); ++axis) {
    if (!port.extents[axis]) problem = fmt::format("axis {} has no fixed extent, which is not supported", axis);
    extents.push_back(port.extents[axis].value_or(1));
  }
  auto shape = Shape::make(std::move(extents));
  if (!shape && problem.empty()) problem = shape.error().message;
  if (!problem.empty()) {
    problems_.add(fmt::format("input '{}': {}", port.name, problem));
    return define(port.name, {});
  }
  if (!written_batch_) written_batch_ = port.extents[0];
  const std::size_t rank = shape->rank();
  const ValueId value = builder_.add_input(port.name, std::move(*shape));
  OnnxMeaning meaning{.value = PlacedValue{value, model_order(rank)}};
  if (codes) {
    meaning.codes = OnnxCodes{.type = port.type};
    types_.emplace(value, meaning.codes->element());
  }
  return define(port.name, std::move(meaning));
}

Result<> OnnxConverter::inputs() {
  for (const OnnxTensor& constant : model_.constants) {
    spendable_bytes_ += 16 * constant.bytes.size();
    if (!operators::has_fair_extents(constant.extents)) {
      problems_.add(
          fmt::format("tensor '{}': extents {} are too large", constant.name, fmt::join(constant.extents, ",")));
      ALGEAN_TRY(define(constant.name, {}));
      continue;
    }
    // not owned: the model outlives the converter
    ALGEAN_TRY(define(constant.name, {.constant = OnnxConstant(OnnxConstant(), &constant)}));
  }
  for (const OnnxPort& port : model_.inputs) {
    const auto known = names_.find(port.name);
    if (known != names_.end() && known->second.constant) continue;  // up to IR 3 constants are listed as inputs too
    ALGEAN_TRY(input(port));
  }
  return {};
}

Result<> OnnxConverter::output(const OnnxPort& port, OnnxMeaning& meaning) {
  if (meaning.constant) return bad_input("output '{}': a constant, which is not supported", port.name);
  ALGEAN_ASSIGN(PlacedValue placed, make(port.name, meaning));
  if (meaning.codes) {
    ALGEAN_ASSIGN(placed, operators::as_codes(*this, placed, *meaning.codes, {.type = meaning.codes->type}, port.name));
  }
  ALGEAN_ASSIGN(const ValueId value, in_order(placed, model_order(placed.order.size())));
  builder_.add_output(port.name, value);
  return {};
}

Result<> OnnxConverter::outputs() {
  if (model_.outputs.empty()) return bad_input("the graph has no outputs");
  for (const OnnxPort& port : model_.outputs) {
    const auto known = names_.find(port.name);
    if (known == names_.end()) return bad_input("output '{}' is produced by no node", port.name);
    auto done = output(port, known->second);
    if (!done && !done.error().message.empty()) problems_.add(done.error().message);
  }
  return {};
}

Result<PlacedValue> OnnxConverter::make(const std::string& name, OnnxMeaning& meaning) {
  if (meaning.pending && !meaning.value) {
    const PendingDense& dense = *meaning.pending;
    ALGEAN_ASSIGN(const ValueId id, builder_.add_layer(dense.spec, dense.input, name));
    meaning.value = PlacedValue{id, dense.order};
  }
  if (meaning.refusal) return bad_input("'{}' is {}", name, *meaning.refusal);
  if (!meaning.value) return silent();
  return *meaning.value;
}

Result<const OnnxMeaning*> OnnxConverter::meaning(const OnnxNode& node, std::size_t i) const {
  if (!has_input(node, i)) return bad_input("input {} is missing", i);
  return &names_.at(node.inputs[i]);
}

Result<PlacedValue> OnnxConverter::placed(const OnnxNode& node, std::size_t i) {
  if (!has_input(node, i)) return bad_input("input {} is missing", i);
  OnnxMeaning& meaning = names_.at(node.inputs[i]);
  if (meaning.constant) return bad_input("input {} ('{}') is a constant, which is not supported", i, node.inputs[i]);
  return make(node.inputs[i], meaning);
}

Result<ValueId> OnnxConverter::value(const OnnxNode& node, std::size_t i) {
  ALGEAN_ASSIGN(const PlacedValue found, placed(node, i));
  return in_order(found, model_order(found.order.size()));
}

Result<OnnxConstant> OnnxConverter::constant(const OnnxNode& node, std::size_t i) const {
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, this->meaning(node, i));
  if (meaning->constant) return meaning->constant;
  if (meaning->is_nothing()) return silent();
  return bad_input("input {} ('{}') is no constant, which is not supported", i, node.inputs[i]);
}

std::vector<std::int64_t> OnnxConverter::extents(const PlacedValue& value) const {
  const Shape& shape = builder_.shape(value.id);
  std::vector<std::int64_t> result(shape.rank());
  for (std::size_t s = 0; s < result.size(); ++s) result[value.order[s]] = shape[s];
  return result;
}

Result<ValueId> OnnxConverter::in_order(const PlacedValue& value, const AxisOrder& wanted) {
  if (value.order == wanted) return value.id;
  std::vector<std::int64_t> permutation;
  std::vector<std::int64_t> extents;
  std::vector<std::int64_t> moving;  // where the axes of more than one element come from
  const Shape shape = builder_.shape(value.id);
  for (const std::size_t axis : wanted) {
    const auto from = std::ranges::find(value.order, axis) - value.order.begin();
    permutation.push_back(from);
    extents.push_back(shape[static_cast<std::size_t>(from)]);
    if (extents.back() > 1) moving.push_back(from);
  }
  const auto key = std::pair(value.id, permutation);
  if (const auto known = transposed_.find(key); known != transposed_.end()) return known->second;
  const std::string name = builder_.name(value.id) + "/order";
  Result<ValueId> result;
  if (std::ranges::is_sorted(moving)) {
    ALGEAN_ASSIGN(const Shape same, Shape::make(extents));
    result = same == shape ? Result<ValueId>(value.id) : builder_.add_reshape(name, value.id, same, name);
  } else {
    result = builder_.add_layer({name, "transpose", {{"permutation", permutation}}, {}}, value.id, name);
  }
  if (result) transposed_.emplace(key, *result);
  return result;
}

// True for a layer that only moves numbers: what it makes is of the type of what it reads, whichever that is.
bool OnnxConverter::moves(const kernels::Layer& layer) const {
  if (layer.inputs.size() != 1) return false;
  const ElementType any = ElementType::int8(Quantisation::per_tensor(0.375, 11));
  const std::vector<TensorType> inputs{{any, builder_.shape(layer.inputs[0])}};
  return kernels::find_family(families_, layer.spec.operation)->fixed_output(layer.spec, inputs) == any;
}

// True if the value is, or can become, of that type. A layer that only moves numbers passes it on to what it reads;
// another layer whose type is fixed can only have that one.
bool OnnxConverter::settle(ValueId value, const ElementType& type) {
  std::vector<ValueId> moved{value};  // the value, and what it was moved from
  for (;;) {
    const ValueId source = moved.back();
    if (const auto known = types_.find(source); known != types_.end()) {
      const ElementType found = known->second;
      for (const ValueId one : moved) types_.emplace(one, found);
      return found == type;
    }
    const kernels::Layer* layer = builder_.producer(source);
    if (layer == nullptr || !moves(*layer)) break;
    moved.push_back(layer->inputs[0]);
  }
  if (const kernels::Layer* layer = builder_.producer(moved.back())) {
    std::vector<TensorType> inputs;
    for (const ValueId input : layer->inputs) inputs.push_back({type, builder_.shape(input)});
    const auto fixed = kernels::find_family(families_, layer->spec.operation)->fixed_output(layer->spec, inputs);
    if (fixed && *fixed != type) return false;
  }
  for (const ValueId one : moved) types_.emplace(one, type);
  return true;
}

Result<PlacedValue> OnnxConverter::with_type(const PlacedValue& value, const ElementType& type,
                                             const std::string& name) {
  if (settle(value.id, type)) return value;
  ALGEAN_ASSIGN(const ValueId id, builder_.add_layer({name, "requantise", {}, {}}, value.id, name));
  types_.emplace(id, type);
  return PlacedValue{id, value.order};
}

Result<> OnnxConverter::spend(std::size_t bytes) {
  spent_bytes_ += bytes;
  if (spent_bytes_ > spendable_bytes_)
    return bad_input("constants are used over and over and take more than {} MiB", spendable_bytes_ >> 20U);
  return {};
}

Result<> OnnxConverter::node(const OnnxNode& node, const std::string& title) {
  for (const std::string& input : node.inputs) {
    if (input.empty() || names_.contains(input)) continue;
    return bad_input("{} uses '{}', which nothing before it produces", title, input);
  }
  auto meanings = convert_node(*this, node);
  if (!meanings) {
    if (!meanings.error().message.empty()) problems_.add(fmt::format("{}: {}", title, meanings.error().message));
    meanings = std::vector<OnnxMeaning>(1);
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i].empty()) continue;
    OnnxMeaning meaning{.refusal = fmt::format("output {} of {}, which is not supported", i, title)};
    if (i < meanings->size()) meaning = std::move((*meanings)[i]);
    ALGEAN_TRY(define(node.outputs[i], std::move(meaning)));
  }
  return {};
}

Result<> OnnxConverter::run() {
  if (model_.nodes.size() > max_onnx_nodes) {
    return bad_input("{} nodes, at most {} are accepted", model_.nodes.size(), max_onnx_nodes);
  }
  const auto opset = model_.opsets.find("");
  if (opset == model_.opsets.end()) return bad_input("no version of ONNX's operator set is given");
  opset_ = opset->second;
  if (opset_ < lowest_onnx_opset || opset_ > highest_onnx_opset) {
    return bad_input("operator set {} not supported ({} to {} are)", opset_, lowest_onnx_opset, highest_onnx_opset);
  }
  if (model_.has_sparse_constants) problems_.add("sparse initialisers not supported");
  ALGEAN_TRY(inputs());
  for (std::size_t n = 0; n < model_.nodes.size(); ++n) {
    const OnnxNode& node = model_.nodes[n];
    if (node.outputs.empty()) return bad_input("node {} ({}) has no output", n, node.operation);
    const std::string name = layer_name(node).empty() ? fmt::format("node {}", n) : layer_name(node);
    ALGEAN_TRY(this->node(
        node, fmt::format("{} ({}{}{})", name, node.domain, node.domain.empty() ? "" : ".", node.operation)));
  }
  return outputs();
}

Result<Imported> OnnxConverter::finish() {
  std::map<std::string, ElementType> all;
  for (const auto& [value, type] : types_) all.emplace(builder_.name(value), type);
  ALGEAN_ASSIGN(kernels::Graph graph, builder_.finish());
  std::map<std::string, ElementType> types;
  for (const kernels::Value& value : graph.values) {
    if (const auto found = all.find(value.name); found != all.end()) types.insert(*found);
  }
  return Imported{.graph = std::move(graph), .types = std::move(types)};
}

}  // namespace algean::partitioner
