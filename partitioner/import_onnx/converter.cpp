#include "partitioner/import_onnx/converter.hpp"

#include <set>

#include "partitioner/import_onnx/import_onnx.hpp"
#include "partitioner/import_onnx/operators.hpp"

namespace algean::partitioner {

using kernels::ValueId;

std::unexpected<Error> silent() { return std::unexpected(Error{ErrorKind::bad_input, ""}); }

Result<> OnnxConverter::define(const std::string& name, OnnxMeaning meaning) {
  if (!names_.emplace(name, std::move(meaning)).second) return bad_input("'{}' is produced twice", name);
  return {};
}

Result<> OnnxConverter::inputs() {
  for (const OnnxTensor& constant : model_.constants) {
    spendable_bytes_ += 16 * constant.bytes.size();
    // not owned: the model outlives the converter
    ALGEAN_TRY(define(constant.name, {.constant = OnnxConstant(OnnxConstant(), &constant)}));
  }
  for (const OnnxPort& port : model_.inputs) {
    const auto known = names_.find(port.name);
    if (known != names_.end() && known->second.constant) continue;  // up to IR 3 constants are listed as inputs too
    std::vector<std::int64_t> extents;
    std::string problem;
    if (port.type != "float") problem = fmt::format("type {} not supported (float is)", port.type);
    if (!port.has_shape || port.extents.empty()) problem = "no shape with a batch axis";
    for (std::size_t axis = 1; axis < port.extents.size(); ++axis) {
      if (!port.extents[axis]) problem = fmt::format("axis {} has no fixed extent, which is not supported", axis);
      extents.push_back(port.extents[axis].value_or(1));
    }
    auto shape = Shape::make(std::move(extents));
    if (!shape && problem.empty()) problem = shape.error().message;
    if (!problem.empty()) {
      problems_.add(fmt::format("input '{}': {}", port.name, problem));
      ALGEAN_TRY(define(port.name, {}));
      continue;
    }
    if (!written_batch_) written_batch_ = port.extents[0];
    const ValueId value = builder_.add_input(port.name, std::move(*shape));
    ALGEAN_TRY(define(port.name, {.value = value}));
  }
  return {};
}

Result<> OnnxConverter::outputs() {
  if (model_.outputs.empty()) return bad_input("the graph has no outputs");
  for (const OnnxPort& port : model_.outputs) {
    const auto known = names_.find(port.name);
    if (known == names_.end()) return bad_input("output '{}' is produced by no node", port.name);
    if (known->second.constant) {
      problems_.add(fmt::format("output '{}': a constant, which is not supported", port.name));
      continue;
    }
    auto value = make(port.name, known->second);
    if (value) {
      builder_.add_output(port.name, *value);
    } else if (!value.error().message.empty()) {
      problems_.add(value.error().message);
    }
  }
  return {};
}

Result<ValueId> OnnxConverter::make(const std::string& name, OnnxMeaning& meaning) {
  if (meaning.pending && !meaning.value) {
    const PendingDense& dense = *meaning.pending;
    ALGEAN_TRY(spend(dense.weight.size() * sizeof(float)));
    DenseConstants constants;
    ALGEAN_ASSIGN(constants.weight,
                  make_constant(dense.layer_name + ": weight", Shape{dense.n_out, dense.n_in}, dense.weight));
    if (!dense.bias.empty()) {
      ALGEAN_ASSIGN(constants.bias, make_constant(dense.layer_name + ": bias", Shape{dense.n_out}, dense.bias));
    }
    ALGEAN_ASSIGN(meaning.value, builder_.add_dense(dense.layer_name, dense.input, constants, name));
  }
  if (meaning.refusal) return bad_input("'{}' is {}", name, *meaning.refusal);
  if (!meaning.value) return silent();
  return *meaning.value;
}

Result<const OnnxMeaning*> OnnxConverter::meaning(const OnnxNode& node, std::size_t i) const {
  if (!has_input(node, i)) return bad_input("input {} is missing", i);
  return &names_.at(node.inputs[i]);
}

Result<ValueId> OnnxConverter::value(const OnnxNode& node, std::size_t i) {
  if (!has_input(node, i)) return bad_input("input {} is missing", i);
  OnnxMeaning& meaning = names_.at(node.inputs[i]);
  if (meaning.constant) return bad_input("input {} ('{}') is a constant, which is not supported", i, node.inputs[i]);
  return make(node.inputs[i], meaning);
}

Result<OnnxConstant> OnnxConverter::constant(const OnnxNode& node, std::size_t i) const {
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, this->meaning(node, i));
  if (meaning->constant) return meaning->constant;
  if (!meaning->value && !meaning->pending && !meaning->refusal) return silent();
  return bad_input("input {} ('{}') is no constant, which is not supported", i, node.inputs[i]);
}

Result<> OnnxConverter::spend(std::size_t bytes) {
  spent_bytes_ += bytes;
  if (spent_bytes_ > spendable_bytes_)
    return bad_input("constants are used over and over and take more than {} MiB", spendable_bytes_ >> 20U);
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
    if (node.outputs.empty() || node.outputs[0].empty())
      return bad_input("node {} ({}) has no output", n, node.operation);
    const std::string title =
        fmt::format("{} ({}{}{})", layer_name(node), node.domain, node.domain.empty() ? "" : ".", node.operation);
    for (const std::string& input : node.inputs) {
      if (input.empty() || names_.contains(input)) continue;
      return bad_input("{} uses '{}', which nothing before it produces", title, input);
    }
    auto meaning = convert_node(*this, node);
    if (!meaning && !meaning.error().message.empty())
      problems_.add(fmt::format("{}: {}", title, meaning.error().message));
    ALGEAN_TRY(define(node.outputs[0], meaning ? std::move(*meaning) : OnnxMeaning{}));
    for (std::size_t i = 1; i < node.outputs.size(); ++i) {
      if (node.outputs[i].empty()) continue;
      ALGEAN_TRY(
          define(node.outputs[i], {.refusal = fmt::format("output {} of {}, which is not supported", i, title)}));
    }
  }
  return outputs();
}

}  // namespace algean::partitioner
