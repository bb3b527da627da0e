// Gemm, MatMul, the Add of a bias, and BatchNormalization.
#include <algorithm>

#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::ValueId;

// Without leading ones: what broadcasting ignores.
Extents significant(Extents extents) {
  const auto first = std::ranges::find_if(extents, [](std::int64_t extent) { return extent != 1; });
  extents.erase(extents.begin(), first);
  return extents;
}

// Finite elements of a constant; the error names the tensor and the element.
Result<std::vector<float>> weights(const OnnxTensor& tensor) {
  ALGEAN_ASSIGN(std::vector<float> elements, float_elements(tensor));
  ALGEAN_ASSIGN(Shape shape, Shape::make(tensor.extents));
  ALGEAN_TRY(make_constant("'" + tensor.name + "'", std::move(shape), elements));
  return elements;
}

// A constant that is added to n_out channels: one number, or one a channel.
Result<std::vector<float>> channel_bias(const OnnxTensor& tensor, std::int64_t n_out) {
  const Extents extents = significant(tensor.extents);
  ALGEAN_ASSIGN(std::vector<float> elements, weights(tensor));
  if (extents.empty()) return std::vector<float>(static_cast<std::size_t>(n_out), elements.at(0));
  if (extents != Extents{n_out}) {
    return bad_input("'{}' of shape {} added to {} channels not supported (one number a channel is)", tensor.name,
                     text(tensor.extents), n_out);
  }
  return elements;
}

// [rows, columns] as [columns, rows].
std::vector<float> transposed(const std::vector<float>& from, std::size_t rows, std::size_t columns) {
  std::vector<float> to(from.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
  }
  return to;
}

// The pending layer of input `value` and a weight [n_in, n_out], or [n_out, n_in] where `out_first`.
Result<PendingDense> make_dense(OnnxConverter& converter, const OnnxNode& node, ValueId value, const OnnxTensor& weight,
                                bool out_first) {
  const Shape& input = converter.builder().shape(value);
  if (weight.extents.size() > std::max<std::size_t>(2, input.rank() + 1)) {
    return bad_input("weight '{}' of shape {} has more axes than the input of shape {} (without batch) with its batch",
                     weight.name, text(weight.extents), input.text());
  }
  Extents extents = weight.extents;
  while (extents.size() > 2 && extents.front() == 1) extents.erase(extents.begin());
  if (extents.size() != 2)
    return bad_input("weight '{}' of shape {} not supported (two axes are)", weight.name, text(weight.extents));
  PendingDense dense{.input = value,
                     .weight = {},
                     .bias = {},
                     .n_in = extents[out_first ? 1 : 0],
                     .n_out = extents[out_first ? 0 : 1],
                     .layer_name = OnnxConverter::layer_name(node)};
  if (input.rank() == 0 || input.channels() != dense.n_in) {
    return bad_input("weight '{}' of shape {} does not fit the input's shape {} (without batch)", weight.name,
                     text(weight.extents), input.text());
  }
  ALGEAN_TRY(converter.spend(2 * weight.bytes.size()));
  ALGEAN_ASSIGN(dense.weight, weights(weight));
  if (!out_first)
    dense.weight =
        transposed(dense.weight, static_cast<std::size_t>(dense.n_in), static_cast<std::size_t>(dense.n_out));
  return dense;
}

OnnxMeaning pending(PendingDense dense) { return {.pending = std::make_shared<const PendingDense>(std::move(dense))}; }

}  // namespace

Result<OnnxMeaning> gemm(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"alpha", "beta", "transA", "transB", "broadcast"}));
  ALGEAN_TRY(must_be(node, "transA", 0));
  ALGEAN_ASSIGN(const std::int64_t out_first, integer(node, "transB", 0));
  ALGEAN_ASSIGN(const double alpha, real(node, "alpha", 1));
  ALGEAN_ASSIGN(const double beta, real(node, "beta", 1));
  ALGEAN_ASSIGN(const OnnxConstant weight, converter.constant(node, 1));
  OnnxConstant bias;
  if (OnnxConverter::has_input(node, 2)) {
    ALGEAN_ASSIGN(bias, converter.constant(node, 2));
  }
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  if (converter.builder().shape(value).rank() != 1) {
    return bad_input("input of shape {} (without batch), one axis expected", converter.builder().shape(value).text());
  }
  ALGEAN_ASSIGN(PendingDense dense, make_dense(converter, node, value, *weight, out_first != 0));
  for (float& element : dense.weight) element *= static_cast<float>(alpha);
  if (bias) {
    ALGEAN_ASSIGN(dense.bias, channel_bias(*bias, dense.n_out));
    for (float& element : dense.bias) element *= static_cast<float>(beta);
  }
  return pending(std::move(dense));
}

Result<OnnxMeaning> matmul(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const OnnxConstant weight, converter.constant(node, 1));
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  ALGEAN_ASSIGN(PendingDense dense, make_dense(converter, node, value, *weight, false));
  return pending(std::move(dense));
}

// A constant added to what a MatMul or Gemm gives; the order of the operands does not matter.
Result<OnnxMeaning> add(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const OnnxMeaning* left, converter.meaning(node, 0));
  ALGEAN_ASSIGN(const OnnxMeaning* right, converter.meaning(node, 1));
  const bool swapped = left->constant != nullptr;
  const OnnxMeaning& sum = swapped ? *right : *left;
  const OnnxConstant constant = swapped ? left->constant : right->constant;
  for (const OnnxMeaning* side : {left, right}) {
    if (!side->constant && !side->pending && !side->value && !side->refusal) return silent();
  }
  if (!constant || !sum.pending) return bad_input("not supported but for the bias of a MatMul or Gemm");
  ALGEAN_TRY(converter.spend(sum.pending->weight.size() * sizeof(float)));
  PendingDense dense = *sum.pending;
  if (constant->extents.size() > converter.builder().shape(dense.input).rank() + 1) {
    return bad_input("'{}' of shape {} has more axes than it is added to", constant->name, text(constant->extents));
  }
  ALGEAN_ASSIGN(const std::vector<float> bias, channel_bias(*constant, dense.n_out));
  if (dense.bias.empty()) {
    dense.bias = bias;
  } else {
    std::ranges::transform(dense.bias, bias, dense.bias.begin(), std::plus<>());
  }
  return pending(std::move(dense));
}

Result<OnnxMeaning> batch_norm(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"epsilon", "momentum", "spatial", "training_mode"}));
  ALGEAN_TRY(must_be(node, "training_mode", 0));
  ALGEAN_TRY(must_be(node, "spatial", 1));
  BatchNormConstants constants;
  ALGEAN_ASSIGN(constants.epsilon, real(node, "epsilon", 1e-5));
  std::vector<float>* const roles[] = {&constants.gamma, &constants.beta, &constants.mean, &constants.variance};
  for (std::size_t i = 0; i < 4; ++i) {
    ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, i + 1));
    ALGEAN_ASSIGN(*roles[i], weights(*constant));
  }
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  const Shape& shape = converter.builder().shape(value);
  if (shape.rank() == 0) return bad_input("input has no axis besides the batch");
  for (const auto* role : roles) {
    if (role->size() != static_cast<std::size_t>(shape[0])) {
      return bad_input("a constant has {} elements, the input {} channels", role->size(), shape[0]);
    }
  }
  ALGEAN_ASSIGN(const ValueId result, converter.builder().add_batch_norm(OnnxConverter::layer_name(node), value, 0,
                                                                         constants, node.outputs[0]));
  return OnnxMeaning{.value = result};
}

}  // namespace algean::partitioner::operators
