// Gemm, MatMul, and BatchNormalization.
#include <algorithm>

#include "partitioner/import_onnx/operator_list.hpp"
#include "partitioner/import_onnx/operators_weighted.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;

Outputs pending(PendingDense dense) {
  return {OnnxMeaning{.pending = std::make_shared<const PendingDense>(std::move(dense))}};
}

Result<OnnxTensor> scaled(OnnxConverter& converter, const OnnxTensor& tensor, double factor) {
  if (factor == 1) return tensor;
  ALGEAN_TRY(converter.spend(tensor.bytes.size()));
  ALGEAN_ASSIGN(std::vector<float> elements, weights(tensor));
  for (float& element : elements) element *= static_cast<float>(factor);
  return float_tensor(tensor.name, tensor.extents, elements);
}

// A constant that is added to n channels: one number, or one a channel.
Result<OnnxTensor> channel_bias(const OnnxTensor& tensor, std::int64_t channels) {
  Extents extents = tensor.extents;
  while (extents.size() > 1 && extents.front() == 1) extents.erase(extents.begin());
  if (extents == Extents{channels}) return reshaped(tensor, extents);
  if (product(extents) != 1) {
    return bad_input("'{}' of shape {} added to {} channels not supported (one number a channel is)", tensor.name,
                     text(tensor.extents), channels);
  }
  ALGEAN_ASSIGN(const std::vector<float> elements, weights(tensor));
  return float_tensor(tensor.name, {channels}, std::vector<float>(static_cast<std::size_t>(channels), elements.at(0)));
}

}  // namespace

// The weight as [n_out, n_in], from [n_in, n_out] or, where `out_first`, as it is. Leading ones are left out.
Result<OnnxTensor> dense_weight(OnnxConverter& converter, const OnnxTensor& weight, const PlacedValue& input,
                                std::size_t contracted, bool out_first) {
  const Extents shape = converter.extents(input);
  if (weight.extents.size() > std::max<std::size_t>(2, shape.size() + 1)) {
    return bad_input("weight '{}' of shape {} has more axes than the input of shape {} (without batch) with its batch",
                     weight.name, text(weight.extents), text(shape));
  }
  OnnxTensor matrix = weight;
  while (matrix.extents.size() > 2 && matrix.extents.front() == 1 && !matrix.quantisation) {
    matrix.extents.erase(matrix.extents.begin());
  }
  if (matrix.extents.size() != 2)
    return bad_input("weight '{}' of shape {} not supported (two axes are)", weight.name, text(weight.extents));
  if (contracted >= shape.size() || shape[contracted] != matrix.extents[out_first ? 1 : 0]) {
    return bad_input("weight '{}' of shape {} does not fit the input's shape {} (without batch)", weight.name,
                     text(weight.extents), text(shape));
  }
  ALGEAN_TRY(weights(matrix));
  if (out_first) return matrix;
  return permuted(converter, matrix, {1, 0});
}

Result<PendingDense> make_dense(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& input,
                                std::size_t contracted, const OnnxTensor& weight) {
  AxisOrder order = input.order;
  std::erase(order, contracted);
  order.push_back(contracted);
  PendingDense dense{.input = 0, .order = order, .spec = {OnnxConverter::layer_name(node), "dense", {}, {}}};
  ALGEAN_ASSIGN(dense.input, converter.in_order(input, order));
  ALGEAN_ASSIGN(dense.spec.constants["weight"], layer_constant(converter, weight));
  return dense;
}

namespace {

Result<Outputs> gemm(OnnxConverter& converter, const OnnxNode& node) {
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
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  if (input.order.size() != 1) {
    return bad_input("input of shape {} (without batch), one axis expected", text(converter.extents(input)));
  }
  ALGEAN_ASSIGN(const OnnxTensor scaled_weight, scaled(converter, *weight, alpha));
  ALGEAN_ASSIGN(const OnnxTensor matrix, dense_weight(converter, scaled_weight, input, 0, out_first != 0));
  ALGEAN_ASSIGN(PendingDense dense, make_dense(converter, node, input, 0, matrix));
  if (bias) {
    ALGEAN_ASSIGN(const OnnxTensor scaled_bias, scaled(converter, *bias, beta));
    ALGEAN_ASSIGN(const OnnxTensor channels, channel_bias(scaled_bias, matrix.extents[0]));
    ALGEAN_ASSIGN(dense.spec.constants["bias"], layer_constant(converter, channels));
  }
  return pending(std::move(dense));
}

Result<Outputs> of_two_values(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const ValueId left, converter.value(node, 0));
  ALGEAN_ASSIGN(const ValueId right, converter.value(node, 1));
  const std::size_t rank = converter.builder().shape(left).rank();
  if (rank < 2 || rank != converter.builder().shape(right).rank()) {
    return bad_input("factors of shapes {} and {} (without batch): as many axes, two or more, are supported",
                     converter.builder().shape(left).text(), converter.builder().shape(right).text());
  }
  const std::array<ValueId, 2> both{left, right};
  LayerSpec spec{OnnxConverter::layer_name(node), "matmul", {}, {}};
  ALGEAN_ASSIGN(const auto made,
                converter.builder().add_layer(std::move(spec), both, std::span(node.outputs).first(1)));
  return one(made[0], model_order(rank));
}

// A constant factor is a dense layer's weight: on the right over the last axis, on the left over the one before it.
Result<Outputs> matmul(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const OnnxMeaning* left, converter.meaning(node, 0));
  ALGEAN_ASSIGN(const OnnxMeaning* right, converter.meaning(node, 1));
  if (left->is_nothing() || right->is_nothing()) return silent();
  if (!left->constant && !right->constant) return of_two_values(converter, node);
  const bool swapped = left->constant != nullptr;
  const OnnxConstant weight = swapped ? left->constant : right->constant;
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, swapped ? 1 : 0));
  const std::size_t rank = input.order.size();
  if (rank < (swapped ? 2U : 1U)) return bad_input("input of shape [] (without batch): no axis to multiply");
  const std::size_t contracted = rank - (swapped ? 2 : 1);
  ALGEAN_ASSIGN(const OnnxTensor matrix, dense_weight(converter, *weight, input, contracted, swapped));
  ALGEAN_ASSIGN(PendingDense dense, make_dense(converter, node, input, contracted, matrix));
  return pending(std::move(dense));
}

// Channels are the model's second axis.
Result<Outputs> batch_norm(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"epsilon", "momentum", "spatial", "training_mode"}));
  ALGEAN_TRY(must_be(node, "training_mode", 0));
  ALGEAN_TRY(must_be(node, "spatial", 1));
  BatchNormConstants constants;
  ALGEAN_ASSIGN(constants.epsilon, real(node, "epsilon", 1e-5));
  std::vector<float>* const roles[] = {&constants.gamma, &constants.beta, &constants.mean, &constants.variance};
  for (std::size_t i = 0; i < 4; ++i) {
    ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, i + 1));
    ALGEAN_TRY(converter.spend(constant->bytes.size()));
    ALGEAN_ASSIGN(*roles[i], weights(*constant));
  }
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  const Extents shape = converter.extents(input);
  if (shape.empty()) return bad_input("input has no axis besides the batch");
  for (const auto* role : roles) {
    if (role->size() != static_cast<std::size_t>(shape[0])) {
      return bad_input("a constant has {} elements, the input {} channels", role->size(), shape[0]);
    }
  }
  ALGEAN_ASSIGN(const ValueId result,
                converter.builder().add_batch_norm(OnnxConverter::layer_name(node), input.id, stored_axis(input, 0),
                                                   constants, node.outputs[0]));
  return one(result, input.order);
}

}  // namespace

std::span<const Operator> weighted_operators() {
  static constexpr std::array rows{Operator{"Gemm", gemm}, Operator{"MatMul", matmul},
                                   Operator{"BatchNormalization", batch_norm}, Operator{"Conv", conv},
                                   Operator{"ConvTranspose", conv_transpose}};
  return rows;
}

}  // namespace algean::partitioner::operators
