// What each tensor of a TensorFlow Lite file stands for while its operators are turned into layers.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "partitioner/import_common/builder.hpp"
#include "partitioner/import_common/problems.hpp"
#include "partitioner/import_tflite/import_tflite.hpp"
#include "partitioner/import_tflite/tflite_file.hpp"

namespace algean::partitioner::tflite {

using Extents = std::vector<std::int64_t>;

// A tensor of the graph. batched: the file's has the batch in front of its axes.
struct TfliteValue {
  kernels::ValueId id = 0;
  bool batched = true;
};

// A layer's output on the way to the operator's: its name, and its type in graphs of integers.
struct TfliteOutput {
  std::string name;
  ElementType type;
};

class TfliteConverter {
 public:
  TfliteConverter(const TfliteModel& model, kernels::Families families, const TfliteOptions& options)
      : model_(model), options_(options), builder_("", families), values_(model.tensors.size()) {}

  // Errors are of the model as a whole; what single operators break goes to problems().
  Result<> run();
  [[nodiscard]] const Problems& problems() const { return problems_; }
  Result<kernels::Graph> finish() { return builder_.finish(); }

  // For operators:
  [[nodiscard]] const TfliteOptions& options() const { return options_; }
  [[nodiscard]] bool is_integer() const { return is_integer_; }
  [[nodiscard]] const Shape& shape(TfliteValue value) const { return builder_.shape(value.id); }
  // Of a value in a graph of integers.
  [[nodiscard]] double scale(TfliteValue value) const {
    return builder_.type(value.id).element.quantisation().value().scale();
  }
  // Extents of the file's tensor, with the batch.
  [[nodiscard]] Extents dims(TfliteValue value) const;
  // The file's outputs can be made: each once, and no constant.
  [[nodiscard]] Result<> check_outputs(const TfliteOperator& op) const;
  // Input i exists.
  static bool has_input(const TfliteOperator& op, std::size_t i) { return i < op.inputs.size() && op.inputs[i] >= 0; }
  // The file's tensor that is input or output i; bad_input if there is none.
  Result<const TfliteTensor*> input(const TfliteOperator& op, std::size_t i) const;
  [[nodiscard]] const TfliteTensor& output(const TfliteOperator& op, std::size_t i = 0) const {
    return model_.tensors[op.outputs[i]];
  }
  [[nodiscard]] bool is_constant(const TfliteOperator& op, std::size_t i) const;

  // Input i as a tensor of the graph. bad_input for a constant, silent() for what comes of something unsupported.
  Result<TfliteValue> value(const TfliteOperator& op, std::size_t i) const;
  // The same with the batch axis among its own; only where the batch is 1.
  Result<TfliteValue> whole(const TfliteOperator& op, TfliteValue value);
  // The same without the batch, of `rank` axes besides it.
  Result<TfliteValue> sample(const TfliteOperator& op, std::size_t i, std::size_t rank);

  // Input i as a constant: int32 and int64 as numbers; float32, float16 (as float32), int8, uint8 (as int8, less 128)
  // and int32 as a tensor with the file's quantisation. Counts the memory that copies take.
  Result<Extents> integers(const TfliteOperator& op, std::size_t i);
  Result<Constant> constant(const TfliteOperator& op, std::size_t i);
  Result<> spend(std::size_t bytes);

  // The graph's type for the file's tensor: int8 for int8 and uint8, int32 for int32 and int64; float32 in float
  // graphs.
  Result<ElementType> element(const TfliteTensor& tensor) const;
  // The file gives output 0 the type that this value has.
  [[nodiscard]] Result<> check_same_type(const TfliteOperator& op, TfliteValue value) const;
  // Layers' name for the operator.
  [[nodiscard]] std::string layer_name(const TfliteOperator& op) const;

  // The operator's outputs as the file names and types them, the names with `suffix` behind.
  Result<std::vector<TfliteOutput>> declared(const TfliteOperator& op, std::string_view suffix = "") const;
  // Adds a layer; in a graph of integers quantised for the types of `outputs`.
  Result<std::vector<kernels::ValueId>> layer(kernels::LayerSpec spec, std::span<const kernels::ValueId> inputs,
                                              std::span<const TfliteOutput> outputs);
  // `value` with other extents (a layer, if it has not these).
  Result<kernels::ValueId> reshaped(const TfliteOperator& op, kernels::ValueId value, const Extents& extents,
                                    const std::string& value_name);
  // Adds the layer that makes all outputs of the operator, of name and type of the file's tensors.
  Result<> make(const TfliteOperator& op, kernels::LayerSpec spec, std::span<const kernels::ValueId> inputs,
                bool batched);
  // The same of one input, each output then reshaped to these extents (those of the graph's value).
  Result<> make_reshaped(const TfliteOperator& op, kernels::LayerSpec spec, kernels::ValueId input,
                         const Extents& extents, bool batched);
  // Output i of the operator is this value.
  void define(const TfliteOperator& op, std::size_t i, TfliteValue value) { values_[op.outputs[i]] = value; }
  // A constant that an operator computes of constants.
  void define(const TfliteOperator& op, Constant constant);

  // QUANTIZE and DEQUANTIZE, which may be the form of a port.
  Result<> quantise(const TfliteOperator& op);
  Result<> dequantise(const TfliteOperator& op);

  [[nodiscard]] std::int64_t batch() const { return batch_; }

 private:
  Result<> inputs();
  Result<> outputs();
  Result<> add_input(std::size_t tensor);
  Result<> add_output(std::size_t tensor);
  // The value's codes in another type: between a port's uint8 and the int8 inside.
  Result<kernels::ValueId> requantised(kernels::ValueId value, const std::string& name, const ElementType& type);
  void find_kind();
  void find_readers();
  // The type that all QUANTIZE operators on a float input give it.
  Result<ElementType> quantised_input(std::size_t tensor) const;

  const TfliteModel& model_;
  TfliteOptions options_;
  GraphBuilder builder_;
  Problems problems_;
  std::vector<std::optional<TfliteValue>> values_;  // by the file's tensors
  std::vector<Constant> constants_;                 // computed ones, by the file's tensors; empty where there are none
  std::set<std::size_t> quantised_inputs_;          // float inputs that QUANTIZE makes integers
  std::set<std::size_t> dequantised_outputs_;       // float outputs that DEQUANTIZE makes of integers
  std::vector<std::vector<std::size_t>> readers_;   // numbers of the operators that read a tensor of the file
  bool is_integer_ = false;
  std::int64_t batch_ = 1;
  bool has_batch_ = true;
  std::size_t spent_bytes_ = 0;
};

// The error of an operator that reads what is not supported anyway: nothing to add to the problems.
std::unexpected<Error> silent();

}  // namespace algean::partitioner::tflite
