// What each name of an ONNX graph stands for while its nodes are turned into layers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "partitioner/import_common/builder.hpp"
#include "partitioner/import_common/problems.hpp"
#include "partitioner/import_onnx/onnx_file.hpp"

namespace algean::partitioner {

using OnnxConstant = std::shared_ptr<const OnnxTensor>;

// A MatMul or Gemm as it stood before its layer was made, so that an Add behind it can still become its bias.
struct PendingDense {
  kernels::ValueId input = 0;
  std::vector<float> weight;  // [n_out, n_in]
  std::vector<float> bias;    // [n_out], or empty
  std::int64_t n_in = 0;
  std::int64_t n_out = 0;
  std::string layer_name;
};

// What a name stands for: a constant, a tensor of the graph, or a layer to come. Nothing: it comes from what is not
// supported. Once a reader needs the layer to come, `value` stands beside `pending`: an Add may still follow.
struct OnnxMeaning {
  OnnxConstant constant = nullptr;
  std::optional<kernels::ValueId> value = std::nullopt;
  std::shared_ptr<const PendingDense> pending = nullptr;
  std::optional<std::string> refusal = std::nullopt;  // why it cannot be used, where that must be said
};

class OnnxConverter {
 public:
  OnnxConverter(const OnnxModel& model, kernels::Families families) : model_(model), builder_(model.name, families) {}

  // Errors are of the model as a whole; what single nodes break goes to problems().
  Result<> run();
  [[nodiscard]] const Problems& problems() const { return problems_; }
  Result<kernels::Graph> finish() { return builder_.finish(); }

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
  Result<kernels::ValueId> value(const OnnxNode& node, std::size_t i);
  Result<OnnxConstant> constant(const OnnxNode& node, std::size_t i) const;
  // Counts memory that copies of constants take. Nodes can share constants, so that a small file could ask for any
  // amount.
  Result<> spend(std::size_t bytes);
  // A name for layers that stand for the node, and its first output's.
  static const std::string& layer_name(const OnnxNode& node) { return node.name.empty() ? node.outputs[0] : node.name; }

 private:
  Result<> inputs();
  Result<> outputs();
  Result<> define(const std::string& name, OnnxMeaning meaning);
  Result<kernels::ValueId> make(const std::string& name, OnnxMeaning& meaning);

  const OnnxModel& model_;
  GraphBuilder builder_;
  Problems problems_;
  std::map<std::string, OnnxMeaning> names_;
  std::int64_t opset_ = 0;
  std::optional<std::int64_t> written_batch_;
  std::size_t spent_bytes_ = 0;
  std::size_t spendable_bytes_ = std::size_t{256} << 20U;
};

// The error of a node that reads what is not supported anyway: nothing to add to the problems.
std::unexpected<Error> silent();

}  // namespace algean::partitioner
