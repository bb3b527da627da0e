// Operators that compute element by element or over axes.
#include <algorithm>

#include "partitioner/import_tflite/operators.hpp"

namespace algean::partitioner::tflite {
namespace {

// The constant without extents of 1 in front beyond `rank` axes; the broadcasting stays the same.
Result<Constant> trimmed(TfliteConverter& converter, const Constant& constant, std::size_t rank) {
  const auto extents = constant->shape().extents();
  std::size_t drop = 0;
  while (extents.size() - drop > rank && extents[drop] == 1) ++drop;
  if (drop == 0) return constant;
  ALGEAN_TRY(converter.spend(constant->bytes().size()));
  auto copy = std::make_shared<Tensor>(*constant);
  ALGEAN_ASSIGN(Shape shape, Shape::make({extents.begin() + static_cast<std::ptrdiff_t>(drop), extents.end()}));
  ElementType element = constant->type().element;
  if (element.quantisation() && element.quantisation()->axis >= 0) return bad_input("a constant per channel");
  copy->retype({std::move(element), std::move(shape)});
  return copy;
}

// A value and a constant, which broadcast as the file's tensors do: the value is made whole where the constant has
// extents along its batch.
Result<Constant> beside(TfliteConverter& converter, const TfliteOperator& op, TfliteValue& x, std::size_t constant) {
  ALGEAN_ASSIGN(const Constant given, converter.constant(op, constant));
  ALGEAN_ASSIGN(Constant operand, trimmed(converter, given, converter.shape(x).rank()));
  if (x.batched && operand->shape().rank() > converter.shape(x).rank()) {
    ALGEAN_ASSIGN(x, converter.whole(op, x));
  }
  return operand;
}

// Two values, which broadcast as the file's tensors do.
Result<> align(TfliteConverter& converter, const TfliteOperator& op, TfliteValue& a, TfliteValue& b) {
  const std::size_t rank_a = converter.dims(a).size(), rank_b = converter.dims(b).size();
  const bool one_batch = a.batched && b.batched && (rank_a == rank_b || converter.batch() == 1);
  // A whole tensor of fewer axes does not reach the other's batch.
  const bool inner = a.batched != b.batched && (a.batched ? rank_b < rank_a : rank_a < rank_b);
  if (one_batch || inner || (!a.batched && !b.batched)) return {};
  ALGEAN_ASSIGN(a, converter.whole(op, a));
  ALGEAN_ASSIGN(b, converter.whole(op, b));
  return {};
}

struct Join {
  const char* operation = nullptr;
  format::ActivationFunctionType activation = format::ActivationFunctionType_NONE;
};

// Options may be left out where they say nothing.
Join join_of(const TfliteOperator& op) {
  if (op.name == "MAXIMUM") return {"maximum"};
  if (op.name == "MINIMUM") return {"minimum"};
  if (op.name == "SUB") {
    const auto* options = op.format->builtin_options_as_SubOptions();
    return {"subtract",
            options == nullptr ? format::ActivationFunctionType_NONE : options->fused_activation_function()};
  }
  if (op.name == "MUL") {
    const auto* options = op.format->builtin_options_as_MulOptions();
    return {"multiply",
            options == nullptr ? format::ActivationFunctionType_NONE : options->fused_activation_function()};
  }
  const auto* options = op.format->builtin_options_as_AddOptions();
  return {"add", options == nullptr ? format::ActivationFunctionType_NONE : options->fused_activation_function()};
}

}  // namespace

Result<> convert_join(TfliteConverter& converter, const TfliteOperator& op) {
  const Join join = join_of(op);
  kernels::LayerSpec spec{converter.layer_name(op), join.operation, {}, {}};
  ALGEAN_ASSIGN(std::string activation, activation_text(join.activation));
  if (activation != "linear") spec.attributes.set("activation", std::move(activation));
  const bool left = converter.is_constant(op, 0);
  if (left || converter.is_constant(op, 1)) {
    ALGEAN_ASSIGN(TfliteValue x, converter.value(op, left ? 1 : 0));
    ALGEAN_ASSIGN(spec.constants["operand"], beside(converter, op, x, left ? 0 : 1));
    if (left && spec.operation == "subtract") spec.attributes.set("reversed", std::int64_t{1});
    return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
  }
  ALGEAN_ASSIGN(TfliteValue a, converter.value(op, 0));
  ALGEAN_ASSIGN(TfliteValue b, converter.value(op, 1));
  ALGEAN_TRY(align(converter, op, a, b));
  const kernels::ValueId ids[] = {a.id, b.id};
  return converter.make(op, std::move(spec), ids, a.batched || b.batched);
}

Result<> convert_function(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_ASSIGN(const TfliteValue x, converter.value(op, 0));
  kernels::LayerSpec spec{converter.layer_name(op), "relu", {}, {}};
  if (op.name == "LOGISTIC") spec.operation = "sigmoid";
  if (op.name == "TANH") spec.operation = "tanh";
  if (op.name == "HARD_SWISH") spec.operation = "hard_swish";
  if (op.name == "RELU6") spec.attributes.set("max_value", 6.0);
  if (op.name == "RELU_N1_TO_1") {
    spec.operation = "clip";
    spec.attributes.set("low", -1.0);
    spec.attributes.set("high", 1.0);
  }
  if (op.name == "LEAKY_RELU") {
    ALGEAN_TFLITE_OPTIONS(op, LeakyReluOptions);
    spec.operation = "leaky_relu";
    spec.attributes.set("slope", static_cast<double>(options->alpha()));
  }
  return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
}

Result<> convert_prelu(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, 0));
  ALGEAN_TRY(converter.spend(65536));  // of tables, one for each slope
  kernels::LayerSpec spec{converter.layer_name(op), "prelu", {}, {}};
  ALGEAN_ASSIGN(spec.constants["slope"], beside(converter, op, x, 1));
  return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
}

Result<> convert_softmax(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, SoftmaxOptions);
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, 0));
  if (converter.shape(x).rank() == 0) {
    ALGEAN_ASSIGN(x, converter.whole(op, x));
  }
  kernels::LayerSpec spec{converter.layer_name(op), "softmax", {{"beta", static_cast<double>(options->beta())}}, {}};
  return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
}

// MEAN, REDUCE_MAX, REDUCE_MIN: input 1 has the axes.
Result<> convert_reduce(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, ReducerOptions);
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, 0));
  ALGEAN_ASSIGN(Extents axes, converter.integers(op, 1));
  for (std::int64_t& axis : axes) {
    ALGEAN_ASSIGN(axis, resolved_axis(axis, converter.dims(x).size()));
  }
  std::ranges::sort(axes);
  axes.erase(std::ranges::unique(axes).begin(), axes.end());
  ALGEAN_ASSIGN(x, along(converter, op, x, axes));
  const char* operation = op.name == "MEAN" ? "reduce_mean" : op.name == "REDUCE_MAX" ? "reduce_max" : "reduce_min";
  kernels::LayerSpec spec{
      converter.layer_name(op), operation, {{"axes", axes}, {"keep_axes", options->keep_dims() ? 1 : 0}}, {}};
  return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
}

Result<> convert_arg_max(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, 0));
  ALGEAN_ASSIGN(const std::int64_t given, scalar(converter, op, 1));
  ALGEAN_ASSIGN(const std::int64_t axis, resolved_axis(given, converter.dims(x).size()));
  Extents axes{axis};
  ALGEAN_ASSIGN(x, along(converter, op, x, axes));
  kernels::LayerSpec spec{converter.layer_name(op), "arg_max", {{"axes", axes}}, {}};
  return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
}

Result<> convert_batch_matmul(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, BatchMatMulOptions);
  ALGEAN_ASSIGN(TfliteValue a, converter.value(op, 0));
  ALGEAN_ASSIGN(TfliteValue b, converter.value(op, 1));
  const std::size_t rank_a = converter.dims(a).size(), rank_b = converter.dims(b).size();
  if (rank_a < 3 || rank_a != rank_b) {  // the batch is a matrix's axis, or beside none
    ALGEAN_ASSIGN(a, converter.whole(op, a));
    ALGEAN_ASSIGN(b, converter.whole(op, b));
  }
  ALGEAN_TRY(align(converter, op, a, b));
  kernels::LayerSpec spec{converter.layer_name(op),
                          "matmul",
                          {{"transpose_a", options->adj_x() ? 1 : 0}, {"transpose_b", options->adj_y() ? 1 : 0}},
                          {}};
  const kernels::ValueId ids[] = {a.id, b.id};
  return converter.make(op, std::move(spec), ids, a.batched);
}

Result<> convert_quantise(TfliteConverter& converter, const TfliteOperator& op) { return converter.quantise(op); }

Result<> convert_dequantise(TfliteConverter& converter, const TfliteOperator& op) { return converter.dequantise(op); }

}  // namespace algean::partitioner::tflite
