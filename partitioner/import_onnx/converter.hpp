// What each name of an ONNX graph stands for while its nodes are turned into layers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "partitioner/import_common/builder.hpp"
#include "partitioner/import_common/imported.hpp"
#include "partitioner/import_common/problems.hpp"
#include "partitioner/import_onnx/onnx_file.hpp"

namespace algean::partitioner {

using OnnxConstant = std::shared_ptr<const OnnxTensor>;

// Entry s: the axis of the model that axis s of the stored tensor holds. Both count without the batch: a [N,C,H,W]
// tensor that is stored [H,W,C] has {1,2,0}. Transpose nodes change nothing but this.
using AxisOrder = std::vector<std::size_t>;

AxisOrder model_order(std::size_t rank);         // {0,1,2}
AxisOrder channel_last_order(std::size_t rank);  // {1,2,0}

struct PlacedValue {
  kernels::ValueId id = 0;
  AxisOrder order;
};

// A dense layer whose bias is still to come: an Add behind a MatMul or Gemm becomes it.
struct PendingDense {
  kernels::ValueId input = 0;
  AxisOrder order;  // of its output
  kernels::LayerSpec spec;
};

// The integers that the file has in place of a value's real numbers: real = scale * (code - zero_point).
struct OnnxCodes {
  std::string type;  // "int8", "uint8"
  double scale = 1;
  std::int32_t zero_point = 0;
  bool operator==(const OnnxCodes&) const = default;
  // The type that a value of such numbers has in a graph of ours: int8 of the same real numbers.
  [[nodiscard]] ElementType element() const;
};

// What a name stands for: a constant, a tensor of the graph, or a layer to come. Nothing: it comes from what is not
// supported. Once a reader needs the layer to come, `value` stands beside `pending`: an Add may still follow.
struct OnnxMeaning {
  OnnxConstant constant = nullptr;
  std::optional<PlacedValue> value = std::nullopt;
  std::shared_ptr<const PendingDense> pending = nullptr;
  std::optional<OnnxCodes> codes = std::nullopt;      // of `value`, where the file has integers
  std::optional<std::string> refusal = std::nullopt;  // why it cannot be used, where that must be said

  [[nodiscard]] bool is_nothing() const { return !constant && !value && !pending && !refusal; }
};

// In Shape's result: the extent of the batch, which no graph of ours has. Nodes that only move integers take it along.
inline constexpr std::int64_t onnx_batch = -(std::int64_t{1} << 62) - 0x0a19;

class OnnxConverter {
 public:
  OnnxConverter(const OnnxModel& model, kernels::Families families)
      : model_(model), families_(families), builder_(model.name, families) {}

  // Errors are of the model as a whole; what single nodes break goes to problems().
  Result<> run();
  [[nodiscard]] const Problems& problems() const { return problems_; }
  Result<Imported> finish();

  // For operators:
  [[nodiscard]] std::int64_t opset() const { return opset_; }
  [[nodiscard]] GraphBuilder& builder() { return builder_; }
  // Extent of the batch axis that the file writes, if any.
  [[nodiscard]] std::optional<std::int64_t> written_batch() const { return written_batch_; }
  // True if input i is there.
  static bool has_input(const OnnxNode& node, std::size_t i) {
    return i < node.inputs.size() && !node.inputs[i].empty();
  }
  Result<const OnnxMeaning*> meaning(const OnnxNode& node, std::size_t i) const;
  // Input i as a tensor of the graph; makes a pending layer.
  Result<PlacedValue> placed(const OnnxNode& node, std::size_t i);
  // The same, with its axes stored as the model has them.
  Result<kernels::ValueId> value(const OnnxNode& node, std::size_t i);
  Result<OnnxConstant> constant(const OnnxNode& node, std::size_t i) const;
  // The value with its axes stored in another order: by a transpose, or a reshape where only extents of 1 move.
  Result<kernels::ValueId> in_order(const PlacedValue& value, const AxisOrder& wanted);
  // Extents in the model's order, without batch.
  [[nodiscard]] std::vector<std::int64_t> extents(const PlacedValue& value) const;
  // A value of the same real numbers of which the file says that they are of this type: the value itself, or one behind
  // a requantise layer where it has another type already.
  Result<PlacedValue> with_type(const PlacedValue& value, const ElementType& type, const std::string& name);
  [[nodiscard]] bool has_type(kernels::ValueId value) const { return types_.contains(value); }
  // Counts memory that copies of constants take. Nodes can share constants, so that a small file could ask for any
  // amount.
  Result<> spend(std::size_t bytes);
  // A name for layers that stand for the node, and its first output's.
  static const std::string& layer_name(const OnnxNode& node) { return node.name.empty() ? node.outputs[0] : node.name; }

 private:
  Result<> inputs();
  Result<> input(const OnnxPort& port);
  Result<> outputs();
  Result<> output(const OnnxPort& port, OnnxMeaning& meaning);
  Result<> node(const OnnxNode& node, const std::string& title);
  Result<> define(const std::string& name, OnnxMeaning meaning);
  Result<PlacedValue> make(const std::string& name, OnnxMeaning& meaning);
  [[nodiscard]] bool moves(const kernels::Layer& layer) const;
  bool settle(kernels::ValueId value, const ElementType& type);

  const OnnxModel& model_;
  kernels::Families families_;
  GraphBuilder builder_;
  Problems problems_;
  std::map<std::string, OnnxMeaning> names_;
  std::map<std::pair<kernels::ValueId, std::vector<std::int64_t>>, kernels::ValueId> transposed_;
  std::map<kernels::ValueId, ElementType> types_;
  std::int64_t opset_ = 0;
  std::optional<std::int64_t> written_batch_;
  std::size_t spent_bytes_ = 0;
  std::size_t spendable_bytes_ = std::size_t{256} << 20U;
};

// The error of a node that reads what is not supported anyway: nothing to add to the problems.
std::unexpected<Error> silent();

}  // namespace algean::partitioner
