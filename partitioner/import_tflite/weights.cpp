#include "partitioner/import_tflite/weights.hpp"

#include <algorithm>

namespace algean::partitioner::tflite {
namespace {

// Of what a layer holds for each channel besides its weights: bias, scales, multiplier and shift.
constexpr std::size_t bytes_a_channel = 40;

// A float input with quantised weights: the kernel would quantise the input by its range at run time.
Result<> check_not_dynamic(const TfliteConverter& converter, const TfliteOperator& op, std::size_t weight) {
  if (converter.is_integer()) return {};
  ALGEAN_ASSIGN(const TfliteTensor* tensor, converter.input(op, weight));
  if (tensor->type != TfliteType::int8 && tensor->type != TfliteType::uint8) return {};
  return bad_input(
      "dynamic-range quantised (float32 activations, {} weights) is not supported; quantise the network in "
      "full, or give its float form",
      tensor->type_name);
}

// The quantised weights of `channels` outputs, whose scales, where there are several, are along axis 0.
Result<> check_weight(const Tensor& weight) {
  const auto& q = weight.type().element.quantisation();
  if (q && q->axis > 0) return bad_input("weights are quantised along axis {}, must be that of the outputs", q->axis);
  return {};
}

}  // namespace

Constant permuted(const Tensor& from, const std::vector<std::size_t>& order) {
  const Shape& shape = from.shape();
  Extents extents, strides(shape.rank(), 1);
  for (std::size_t axis = shape.rank() - 1; axis > 0; --axis) strides[axis - 1] = strides[axis] * shape[axis];
  for (const std::size_t axis : order) extents.push_back(shape[axis]);
  ElementType element = from.type().element;
  if (element.quantisation() && element.quantisation()->axis >= 0) {
    Quantisation q = *element.quantisation();
    q.axis = static_cast<int>(std::ranges::find(order, static_cast<std::size_t>(q.axis)) - order.begin());
    element = element.with(std::move(q));
  }
  auto to = std::make_shared<Tensor>(TensorType{std::move(element), Shape::make(extents).value()});
  const std::size_t bytes = from.type().element.bytes();
  Extents index(extents.size(), 0);
  for (std::size_t i = 0; i < static_cast<std::size_t>(shape.elements()); ++i) {
    std::int64_t at = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) at += index[axis] * strides[order[axis]];
    std::copy_n(from.bytes().begin() + at * static_cast<std::int64_t>(bytes), bytes,
                to->bytes().begin() + static_cast<std::int64_t>(i * bytes));
    for (std::size_t axis = index.size(); axis > 0; --axis) {
      if (++index[axis - 1] < extents[axis - 1]) break;
      index[axis - 1] = 0;
    }
  }
  return to;
}

Result<> add_constants(TfliteConverter& converter, const TfliteOperator& op, kernels::LayerSpec& spec, Constant weight,
                       std::size_t bias, TfliteValue x) {
  ALGEAN_TRY(check_weight(*weight));
  const Shape channels{weight->shape()[0]};
  ALGEAN_TRY(converter.spend(bytes_a_channel * static_cast<std::size_t>(channels.elements())));
  if (TfliteConverter::has_input(op, bias)) {
    ALGEAN_ASSIGN(Constant terms, converter.constant(op, bias));
    if (terms->shape().elements() != channels.elements()) {
      return bad_input("bias {} must have {} elements", terms->shape().text(), channels.elements());
    }
    ElementType element = terms->type().element;
    if (converter.is_integer()) {
      if (element.name() != "int32") return bad_input("bias is {}, must be int32", element.name());
      const double scale_x = converter.scale(x);
      Quantisation q = weight->type().element.quantisation().value();
      for (double& scale : q.scales) scale *= scale_x;
      std::ranges::fill(q.zero_points, 0);
      element = ElementType::int32(std::move(q));
    }
    auto copy = std::make_shared<Tensor>(*terms);
    copy->retype({std::move(element), channels});
    spec.constants["bias"] = std::move(copy);
  }
  spec.constants["weight"] = std::move(weight);
  return {};
}

void set_scale_product(kernels::LayerSpec& spec, bool is_float32) {
  if (is_float32) spec.attributes.set("scale_product", std::string("float32"));
}

Result<Constant> weight_of(TfliteConverter& converter, const TfliteOperator& op, std::size_t i, std::size_t rank) {
  ALGEAN_TRY(check_not_dynamic(converter, op, i));
  ALGEAN_ASSIGN(Constant weight, converter.constant(op, i));
  const std::string expected = converter.is_integer() ? "int8" : "float32";
  if (weight->shape().rank() == rank && weight->type().element.name() == expected) return weight;
  return bad_input("weights are {}, must be {} of {} axes", weight->type().text(), expected, rank);
}

}  // namespace algean::partitioner::tflite
