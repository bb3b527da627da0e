#include "partitioner/import_onnx/operators.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "partitioner/import_onnx/import_onnx.hpp"

namespace algean::partitioner {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;
using Extents = std::vector<std::int64_t>;

template <class T>
Result<T> attribute(const OnnxNode& node, const std::string& name, T fallback, const char* type) {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return fallback;
  const T* value = std::get_if<T>(&found->second);
  if (value == nullptr) return bad_input("attribute '{}' must be {}", name, type);
  return *value;
}

Result<std::int64_t> integer(const OnnxNode& node, const std::string& name, std::int64_t fallback) {
  return attribute<std::int64_t>(node, name, fallback, "an integer");
}

Result<double> real(const OnnxNode& node, const std::string& name, double fallback) {
  return attribute<double>(node, name, fallback, "a float");
}

Result<> must_be(const OnnxNode& node, const std::string& name, std::int64_t expected) {
  ALGEAN_ASSIGN(const std::int64_t value, integer(node, name, expected));
  if (value != expected) return bad_input("{} is {}, which is not supported ({} is)", name, value, expected);
  return {};
}

// No attributes but these.
Result<> only(const OnnxNode& node, const std::set<std::string>& known) {
  for (const auto& [name, value] : node.attributes) {
    if (!known.contains(name)) return bad_input("attribute '{}' not supported", name);
  }
  return {};
}

std::string text(const Extents& extents) { return fmt::format("[{}]", fmt::join(extents, ",")); }

std::int64_t product(std::span<const std::int64_t> extents) {
  return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
}

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

Result<OnnxMeaning> layer(OnnxConverter& converter, const OnnxNode& node, const std::string& operation,
                          kernels::Attributes attributes) {
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  LayerSpec spec{OnnxConverter::layer_name(node), operation, std::move(attributes), {}};
  ALGEAN_ASSIGN(const ValueId result, converter.builder().add_layer(std::move(spec), value, node.outputs[0]));
  return OnnxMeaning{.value = result};
}

Result<OnnxMeaning> relu(OnnxConverter& converter, const OnnxNode& node) { return layer(converter, node, "relu", {}); }
Result<OnnxMeaning> sigmoid(OnnxConverter& converter, const OnnxNode& node) {
  return layer(converter, node, "sigmoid", {});
}
Result<OnnxMeaning> tanh(OnnxConverter& converter, const OnnxNode& node) { return layer(converter, node, "tanh", {}); }

Result<OnnxMeaning> leaky_relu(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const double slope, real(node, "alpha", 0.01));
  return layer(converter, node, "leaky_relu", {{"slope", slope}});
}

// An axis that counts the batch, as index among the `rank` axes without it.
Result<std::size_t> inner_axis(std::int64_t axis, std::size_t rank) {
  const auto all = static_cast<std::int64_t>(rank) + 1;
  const std::int64_t index = axis < 0 ? axis + all : axis;
  if (index < 0 || index >= all) return bad_input("axis {} of {} axes", axis, all);
  if (index == 0) return bad_input("axis {} is the batch, which is not supported", axis);
  return static_cast<std::size_t>(index - 1);
}

// Before operator set 13 over all axes from `axis` on together (default 1), from 13 on over `axis` alone (default -1).
Result<OnnxMeaning> softmax(OnnxConverter& converter, const OnnxNode& node) {
  const bool flattens = converter.opset() < 13;
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", flattens ? 1 : -1));
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  GraphBuilder& builder = converter.builder();
  const Shape whole = builder.shape(value);
  ALGEAN_ASSIGN(const std::size_t axis, inner_axis(written, whole.rank()));
  if (axis + 1 == whole.rank()) return layer(converter, node, "softmax", {});
  if (!flattens) return bad_input("axis {} not supported (the last is)", written);
  const std::string name = OnnxConverter::layer_name(node);
  Extents extents(whole.extents().begin(), whole.extents().begin() + static_cast<std::ptrdiff_t>(axis));
  extents.push_back(product(whole.extents().subspan(axis)));
  ALGEAN_ASSIGN(const Shape folded, Shape::make(extents));
  ALGEAN_ASSIGN(const ValueId flat, builder.add_reshape(name + "/fold", value, folded, name + "/folded"));
  ALGEAN_ASSIGN(const ValueId soft, builder.add_layer({name, "softmax", {}, {}}, flat, name + "/softmax"));
  ALGEAN_ASSIGN(const ValueId result, builder.add_reshape(name + "/unfold", soft, whole, node.outputs[0]));
  return OnnxMeaning{.value = result};
}

Result<OnnxMeaning> reshape_to(OnnxConverter& converter, const OnnxNode& node, ValueId value, Extents extents) {
  ALGEAN_ASSIGN(const Shape shape, Shape::make(std::move(extents)));
  ALGEAN_ASSIGN(const ValueId result,
                converter.builder().add_reshape(OnnxConverter::layer_name(node), value, shape, node.outputs[0]));
  return OnnxMeaning{.value = result};
}

Result<OnnxMeaning> flatten(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 1));
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  const Shape& shape = converter.builder().shape(value);
  const auto all = static_cast<std::int64_t>(shape.rank()) + 1;
  const std::int64_t axis = written < 0 ? written + all : written;
  if (axis < 1 || axis > all || product(shape.extents().first(static_cast<std::size_t>(axis - 1))) != 1) {
    return bad_input("axis {} would mix the batch with other axes, which is not supported", written);
  }
  return reshape_to(converter, node, value, {shape.elements()});
}

// The target without its batch axis, -1 and 0 resolved.
Result<Extents> reshape_target(const Extents& target, const Shape& input, std::optional<std::int64_t> batch) {
  const auto refuse = [&](const char* why) {
    return bad_input("shape {} for an input of shape {} (without batch): {}", text(target), input.text(), why);
  };
  if (target.empty() || target[0] < -1) return refuse("no batch axis");
  Extents extents(target.begin() + 1, target.end());
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] == 0) extents[i] = i < input.rank() ? input[i] : -2;
    if (extents[i] < -1 || extents[i] > Shape::max_elements) return refuse("an extent is none");
  }
  const auto open = std::ranges::count(extents, -1) + (target[0] == -1 ? 1 : 0);
  if (open > 1) return refuse("more than one -1");
  std::int64_t known = 1;
  for (const std::int64_t extent : extents) {
    if (extent == -1) continue;
    if (known > Shape::max_elements / extent) return refuse("too large");
    known *= extent;
  }
  const auto rest = std::ranges::find(extents, -1);
  const bool keeps_batch = target[0] <= 0 || !batch || *batch == target[0];
  if (rest != extents.end()) {
    // the batch written in the file must be the one kept, or the -1 stands for a part of it
    if (!keeps_batch || input.elements() % known != 0)
      return refuse("mixes the batch with other axes, which is not supported");
    *rest = input.elements() / known;
  } else if (known != input.elements()) {
    return refuse("mixes the batch with other axes, which is not supported");
  }
  return extents;
}

Result<OnnxMeaning> reshape(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(must_be(node, "allowzero", 0));
  ALGEAN_ASSIGN(const OnnxConstant target, converter.constant(node, 1));
  ALGEAN_ASSIGN(const Extents wanted, integer_elements(*target));
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  ALGEAN_ASSIGN(Extents extents, reshape_target(wanted, converter.builder().shape(value), converter.written_batch()));
  return reshape_to(converter, node, value, std::move(extents));
}

// An attribute before operator set 13, an input from then on; nothing where neither is there.
Result<std::optional<Extents>> axes(OnnxConverter& converter, const OnnxNode& node) {
  if (OnnxConverter::has_input(node, 1)) {
    ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, 1));
    ALGEAN_ASSIGN(Extents values, integer_elements(*constant));
    return values;
  }
  if (!node.attributes.contains("axes")) return std::nullopt;
  ALGEAN_ASSIGN(Extents values, attribute<Extents>(node, "axes", {}, "a list of integers"));
  return values;
}

// Indices of `axes` among `rank` axes, batch among them.
Result<std::set<std::int64_t>> normalised(const Extents& axes, std::int64_t rank) {
  std::set<std::int64_t> indices;
  for (const std::int64_t axis : axes) {
    const std::int64_t index = axis < 0 ? axis + rank : axis;
    if (index < 0 || index >= rank || !indices.insert(index).second)
      return bad_input("axes {} of {} axes", text(axes), rank);
  }
  return indices;
}

Result<Extents> squeezed(const Extents& extents, const std::optional<Extents>& axes) {
  const auto rank = static_cast<std::int64_t>(extents.size());
  ALGEAN_ASSIGN(const auto indices, normalised(axes.value_or(Extents{}), rank));
  Extents result;
  for (std::int64_t i = 0; i < rank; ++i) {
    const std::int64_t extent = extents[static_cast<std::size_t>(i)];
    const bool goes = axes ? indices.contains(i) : extent == 1;
    if (goes && extent != 1) return bad_input("axis {} has extent {}, 1 expected", i, extent);
    if (!goes) result.push_back(extent);
  }
  return result;
}

Result<Extents> unsqueezed(const Extents& extents, const std::optional<Extents>& axes) {
  if (!axes) return bad_input("no axes");
  const auto rank = static_cast<std::int64_t>(extents.size() + axes->size());
  ALGEAN_ASSIGN(const auto indices, normalised(*axes, rank));
  Extents result;
  for (std::int64_t i = 0, from = 0; i < rank; ++i)
    result.push_back(indices.contains(i) ? 1 : extents[static_cast<std::size_t>(from++)]);
  return result;
}

Result<OnnxMeaning> constant_like(OnnxConverter& converter, const OnnxTensor& tensor, Extents extents) {
  ALGEAN_TRY(converter.spend(tensor.bytes.size()));
  OnnxTensor result = tensor;
  result.extents = std::move(extents);
  return OnnxMeaning{.constant = std::make_shared<const OnnxTensor>(std::move(result))};
}

// Squeeze or Unsqueeze; of a tensor of the graph the batch, which stands in front with an extent that is never 1 here,
// stays.
template <Result<Extents> (*change)(const Extents&, const std::optional<Extents>&)>
Result<OnnxMeaning> change_axes(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const auto given, axes(converter, node));
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, 0));
  if (meaning->constant) {
    ALGEAN_ASSIGN(Extents extents, change(meaning->constant->extents, given));
    return constant_like(converter, *meaning->constant, std::move(extents));
  }
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  constexpr std::int64_t batch = -1;
  Extents extents{batch};
  for (const std::int64_t extent : converter.builder().shape(value).extents()) extents.push_back(extent);
  ALGEAN_ASSIGN(Extents changed, change(extents, given));
  if (changed.empty() || changed.front() != batch) return bad_input("changes the batch axis, which is not supported");
  changed.erase(changed.begin());
  return reshape_to(converter, node, value, std::move(changed));
}

Result<OnnxMeaning> identity(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, 0));
  return *meaning;
}

Result<OnnxMeaning> dropout(OnnxConverter& converter, const OnnxNode& node) {
  if (OnnxConverter::has_input(node, 2)) {
    ALGEAN_ASSIGN(const OnnxConstant training, converter.constant(node, 2));
    const bool is_off = training->type == "bool" && training->bytes == std::vector{std::byte{0}};
    if (!is_off) return bad_input("training_mode is on, which is not supported");
  }
  return identity(converter, node);
}

// The value of a Constant as a tensor; nothing for a type that is not supported.
std::optional<OnnxTensor> constant_value(const OnnxAttribute& attribute, const std::string& name) {
  if (const auto* given = std::get_if<OnnxTensor>(&attribute)) {
    OnnxTensor tensor = *given;
    if (tensor.name.empty()) tensor.name = name;
    return tensor;
  }
  OnnxTensor tensor{.name = name, .type = "int64", .extents = {}, .bytes = {}, .external = std::nullopt};
  const auto take = [&](auto numbers) {
    const auto bytes = std::as_bytes(numbers);
    tensor.bytes.assign(bytes.begin(), bytes.end());
    return tensor;
  };
  if (const auto* one = std::get_if<std::int64_t>(&attribute)) return take(std::span(one, 1));
  if (const auto* many = std::get_if<Extents>(&attribute)) {
    tensor.extents = {static_cast<std::int64_t>(many->size())};
    return take(std::span(*many));
  }
  tensor.type = "double";
  if (const auto* one = std::get_if<double>(&attribute)) return take(std::span(one, 1));
  if (const auto* many = std::get_if<std::vector<double>>(&attribute)) {
    tensor.extents = {static_cast<std::int64_t>(many->size())};
    return take(std::span(*many));
  }
  return std::nullopt;
}

Result<OnnxMeaning> constant(OnnxConverter&, const OnnxNode& node) {
  for (const char* name : {"value", "value_float", "value_floats", "value_int", "value_ints"}) {
    const auto found = node.attributes.find(name);
    if (found == node.attributes.end()) continue;
    auto tensor = constant_value(found->second, node.outputs[0]);
    if (tensor) return OnnxMeaning{.constant = std::make_shared<const OnnxTensor>(std::move(*tensor))};
  }
  return bad_input("no value of a type that is supported");
}

// The tensor's bytes with its axes in another order.
std::vector<std::byte> reordered(const OnnxTensor& tensor, const Extents& order) {
  const std::size_t size = onnx_element_bytes(tensor.type);
  const std::size_t rank = order.size();
  Extents strides(rank, 1);
  for (std::size_t axis = rank; axis-- > 1;) strides[axis - 1] = strides[axis] * tensor.extents[axis];
  const auto source_axis = [&](std::size_t axis) { return static_cast<std::size_t>(order[axis]); };
  std::vector<std::byte> result;
  result.reserve(tensor.bytes.size());
  Extents index(rank, 0);
  while (result.size() < tensor.bytes.size()) {
    std::int64_t from = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) from += index[axis] * strides[source_axis(axis)];
    const auto* element = tensor.bytes.data() + static_cast<std::size_t>(from) * size;
    result.insert(result.end(), element, element + size);
    for (std::size_t axis = rank; axis-- > 0;) {
      if (++index[axis] < tensor.extents[source_axis(axis)]) break;
      index[axis] = 0;
    }
  }
  return result;
}

Result<OnnxMeaning> transpose(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(Extents order, attribute<Extents>(node, "perm", {}, "a list of integers"));
  ALGEAN_ASSIGN(const OnnxConstant tensor, converter.constant(node, 0));
  const std::size_t rank = tensor->extents.size();
  if (order.empty()) {
    for (std::size_t axis = rank; axis-- > 0;) order.push_back(static_cast<std::int64_t>(axis));
  }
  ALGEAN_ASSIGN(const auto all, normalised(order, static_cast<std::int64_t>(rank)));
  if (all.size() != rank || std::ranges::any_of(order, [](std::int64_t axis) { return axis < 0; })) {
    return bad_input("perm {} of {} axes", text(order), rank);
  }
  if (onnx_element_bytes(tensor->type) == 0) {
    return bad_input("'{}' of type {} not supported", tensor->name, tensor->type);
  }
  ALGEAN_TRY(converter.spend(tensor->bytes.size()));
  OnnxTensor result{.name = tensor->name,
                    .type = tensor->type,
                    .extents = {},
                    .bytes = reordered(*tensor, order),
                    .external = std::nullopt};
  for (const std::int64_t axis : order) result.extents.push_back(tensor->extents[static_cast<std::size_t>(axis)]);
  return OnnxMeaning{.constant = std::make_shared<const OnnxTensor>(std::move(result))};
}

using Operator = Result<OnnxMeaning> (*)(OnnxConverter&, const OnnxNode&);

// The operators that we import. A new one is one row here.
const std::map<std::string, Operator>& all_operators() {
  static const std::map<std::string, Operator> operators{
      {"Gemm", gemm},
      {"MatMul", matmul},
      {"Add", add},
      {"BatchNormalization", batch_norm},
      {"Relu", relu},
      {"LeakyRelu", leaky_relu},
      {"Sigmoid", sigmoid},
      {"Tanh", tanh},
      {"Softmax", softmax},
      {"Flatten", flatten},
      {"Reshape", reshape},
      {"Squeeze", change_axes<squeezed>},
      {"Unsqueeze", change_axes<unsqueezed>},
      {"Identity", identity},
      {"Dropout", dropout},
      {"Constant", constant},
      {"Transpose", transpose},
  };
  return operators;
}

Operator find_operator(const OnnxNode& node) {
  if (!node.domain.empty() && node.domain != "ai.onnx") return nullptr;
  const auto found = all_operators().find(node.operation);
  return found == all_operators().end() ? nullptr : found->second;
}

}  // namespace

std::vector<std::string> onnx_operators() {
  std::vector<std::string> names;
  for (const auto& [name, convert] : all_operators()) names.push_back(name);
  return names;
}

Result<OnnxMeaning> convert_node(OnnxConverter& converter, const OnnxNode& node) {
  const Operator convert = find_operator(node);
  if (convert == nullptr) return bad_input("operator not supported");
  return convert(converter, node);
}

}  // namespace algean::partitioner
