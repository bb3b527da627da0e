#include "partitioner/import_tflite/converter.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/family/checks.hpp"
#include "partitioner/import_tflite/operators.hpp"

namespace algean::partitioner::tflite {
namespace {

constexpr std::int32_t quantise_code = 114;

// About what a layer or a value takes besides its name and its constants.
constexpr std::size_t layer_bytes = 512;

bool is_code(TfliteType type) { return type == TfliteType::int8 || type == TfliteType::uint8; }

// Names can be as long as the file.
std::string shown(const std::string& name) {
  constexpr std::size_t most = 100;
  return name.size() <= most ? name : name.substr(0, most) + "...";
}

// The uint8 type whose codes are 128 more than those of an int8 one.
ElementType as_unsigned(const ElementType& type) {
  const Quantisation& q = *type.quantisation();
  return ElementType::integer(8, false, Quantisation::per_tensor(q.scale(), q.zero_point() + 128));
}

}  // namespace

std::unexpected<Error> silent() { return std::unexpected(Error{ErrorKind::bad_input, ""}); }

Result<> TfliteConverter::run() {
  find_kind();
  find_readers();
  ALGEAN_TRY(inputs());
  for (const TfliteOperator& op : model_.operators) {
    auto done = convert_operator(*this, op);
    if (done || done.error().message.empty()) continue;
    problems_.add(fmt::format("operator {} ({}, which makes '{}'): {}", op.index, op.name, shown(output(op).name),
                              done.error().message));
  }
  if (!problems_.empty()) return {};
  return outputs();
}

// A graph of integers has quantised tensors that are not constants.
void TfliteConverter::find_kind() {
  for (const TfliteOperator& op : model_.operators) {
    for (const std::int64_t i : op.inputs) {
      const auto* tensor = i < 0 ? nullptr : &model_.tensors[static_cast<std::size_t>(i)];
      if (tensor != nullptr && !tensor->is_constant && is_code(tensor->type)) is_integer_ = true;
    }
    for (const std::size_t i : op.outputs) {
      if (!model_.tensors[i].is_constant && is_code(model_.tensors[i].type)) is_integer_ = true;
    }
  }
}

void TfliteConverter::find_readers() {
  readers_.resize(model_.tensors.size());
  for (const TfliteOperator& op : model_.operators) {
    for (const std::int64_t i : op.inputs) {
      if (i >= 0) readers_[static_cast<std::size_t>(i)].push_back(op.index);
    }
  }
}

Result<> TfliteConverter::inputs() {
  std::set<std::int64_t> firsts;
  for (const std::size_t i : model_.inputs) {
    const Extents& dims = model_.tensors[i].dims;
    firsts.insert(dims.empty() ? 0 : dims[0]);
  }
  has_batch_ = firsts.size() == 1 && *firsts.begin() > 0;
  if (has_batch_) batch_ = *firsts.begin();
  for (const std::size_t i : model_.inputs) {
    if (auto done = add_input(i); !done) {
      return std::unexpected(done.error().within(fmt::format("input '{}'", shown(model_.tensors[i].name))));
    }
  }
  return {};
}

Result<> TfliteConverter::add_input(std::size_t tensor) {
  const TfliteTensor& from = model_.tensors[tensor];
  if (!from.refusal.empty()) return bad_input("{}", from.refusal);
  if (values_[tensor] || from.is_constant) return bad_input("is another input or a constant, too");
  for (std::size_t axis = has_batch_ ? 1 : 0; axis < from.signature.size(); ++axis) {
    if (from.signature[axis] < 0) return bad_input("axis {} is open; only the batch may be", axis);
  }
  const auto first = from.dims.begin() + (has_batch_ ? 1 : 0);
  ALGEAN_ASSIGN(Shape shape, Shape::make({first, from.dims.end()}));
  TfliteValue value{.batched = has_batch_};
  if (from.type == TfliteType::float32 && is_integer_) {
    ALGEAN_ASSIGN(ElementType type, quantised_input(tensor));
    value.id = builder_.add_input(from.name, {std::move(type), std::move(shape)}, ExternalForm::float32);
    quantised_inputs_.insert(tensor);
  } else {
    const auto type = element(from);
    if (!type) return std::unexpected(type.error());
    if (type->name() == "int32") return bad_input("is {}, must be float32, int8 or uint8", from.type_name);
    const bool is_unsigned = from.type == TfliteType::uint8;
    const auto form = is_integer_ ? ExternalForm::integer : ExternalForm::float32;
    value.id = builder_.add_input(from.name, {is_unsigned ? as_unsigned(*type) : *type, std::move(shape)}, form);
    if (is_unsigned) {
      ALGEAN_ASSIGN(value.id, requantised(value.id, from.name + "/int8", *type));
    }
  }
  values_[tensor] = value;
  return {};
}

Result<kernels::ValueId> TfliteConverter::requantised(kernels::ValueId value, const std::string& name,
                                                      const ElementType& type) {
  const TfliteOutput out{name, type};
  ALGEAN_ASSIGN(const auto ids, layer({name, "requantise", {}, {}}, {&value, 1}, {&out, 1}));
  return ids[0];
}

Result<ElementType> TfliteConverter::quantised_input(std::size_t tensor) const {
  std::optional<ElementType> result;
  for (const std::size_t reader : readers_[tensor]) {
    const TfliteOperator& op = model_.operators[reader];
    if (op.code != quantise_code) {
      return bad_input("is float32 and read by {} in a network of integers, must be read by QUANTIZE", op.name);
    }
    ALGEAN_ASSIGN(ElementType type, element(output(op)));
    if (result && *result != type) return bad_input("is quantised in two ways");
    result = std::move(type);
  }
  if (!result) return bad_input("is float32 and read by nothing");
  return *std::move(result);
}

Result<> TfliteConverter::outputs() {
  for (const std::size_t i : model_.outputs) {
    if (auto done = add_output(i); !done) {
      return std::unexpected(done.error().within(fmt::format("output '{}'", shown(model_.tensors[i].name))));
    }
  }
  return {};
}

Result<> TfliteConverter::add_output(std::size_t tensor) {
  const TfliteTensor& from = model_.tensors[tensor];
  if (!values_[tensor]) return bad_input("is made by no operator");
  if (quantised_inputs_.contains(tensor)) return bad_input("is a float input that is read by nothing");
  kernels::ValueId id = values_[tensor]->id;
  auto form = is_integer_ ? ExternalForm::integer : ExternalForm::float32;
  if (dequantised_outputs_.contains(tensor)) {
    form = ExternalForm::float32;
  } else if (from.type == TfliteType::uint8) {
    ALGEAN_ASSIGN(id, requantised(id, from.name + "/uint8", as_unsigned(builder_.type(id).element)));
  }
  builder_.add_output(from.name, id, form);
  return {};
}

Result<> TfliteConverter::quantise(const TfliteOperator& op) {
  ALGEAN_ASSIGN(const TfliteTensor* from, input(op, 0));
  ALGEAN_ASSIGN(const TfliteValue x, value(op, 0));
  if (quantised_inputs_.contains(static_cast<std::size_t>(op.inputs[0]))) {
    define(op, 0, x);
    return {};
  }
  if (!is_code(from->type))
    return bad_input("its input is {}, which only an input of the model may be", from->type_name);
  return make(op, {layer_name(op), "requantise", {}, {}}, {&x.id, 1}, x.batched);
}

Result<> TfliteConverter::dequantise(const TfliteOperator& op) {
  ALGEAN_ASSIGN(const TfliteTensor* from, input(op, 0));
  if (from->is_constant) {
    ALGEAN_ASSIGN(const Constant codes, constant(op, 0));
    if (codes->type().element.is_float()) {
      define(op, codes);
      return {};
    }
    if (!codes->type().element.quantisation()) return bad_input("its constant '{}' has no scale", from->name);
    const std::vector<float> reals = kernels::real_elements(*codes);
    ALGEAN_TRY(spend(4 * reals.size()));
    ALGEAN_ASSIGN(Constant real, make_constant(from->name, codes->shape(), reals));
    define(op, std::move(real));
    return {};
  }
  const auto tensor = op.outputs[0];
  ALGEAN_ASSIGN(const TfliteValue x, value(op, 0));
  if (!is_integer_ || !readers_[tensor].empty() || std::ranges::find(model_.outputs, tensor) == model_.outputs.end()) {
    return bad_input("its float32 output is read by an operator; in a network of integers it must be an output");
  }
  dequantised_outputs_.insert(tensor);
  define(op, 0, x);
  return {};
}

std::string TfliteConverter::layer_name(const TfliteOperator& op) const {
  const std::string& name = output(op).name;
  const std::string first = name.substr(0, name.find(';'));
  return first.empty() ? fmt::format("operator_{}", op.index) : first;
}

Result<std::vector<kernels::ValueId>> TfliteConverter::layer(kernels::LayerSpec spec,
                                                             std::span<const kernels::ValueId> inputs,
                                                             std::span<const TfliteOutput> outputs) {
  std::vector<std::string> names;
  std::vector<ElementType> types;
  ALGEAN_TRY(spend(layer_bytes + 4 * spec.name.size()));
  for (const TfliteOutput& output : outputs) {
    ALGEAN_TRY(spend(layer_bytes + 4 * output.name.size()));
    names.push_back(output.name);
    types.push_back(output.type);
  }
  if (!is_integer_) return builder_.add_layer(std::move(spec), inputs, names);
  if (spec.operation != "reshape" && !spec.attributes.has("arithmetic")) {
    spec.attributes.set("arithmetic", std::string("tflite"));
  }
  return builder_.add_quantised_layer(std::move(spec), inputs, names, types);
}

Result<kernels::ValueId> TfliteConverter::reshaped(const TfliteOperator& op, kernels::ValueId value,
                                                   const Extents& extents, const std::string& value_name) {
  if (std::ranges::equal(builder_.shape(value).extents(), extents)) return value;
  const TfliteOutput out{value_name, builder_.type(value).element};
  ALGEAN_ASSIGN(const auto ids,
                layer({layer_name(op) + "/reshape", "reshape", {{"shape", extents}}, {}}, {&value, 1}, {&out, 1}));
  return ids[0];
}

Result<std::vector<TfliteOutput>> TfliteConverter::declared(const TfliteOperator& op, std::string_view suffix) const {
  std::vector<TfliteOutput> outputs;
  for (const std::size_t i : op.outputs) {
    const auto type = element(model_.tensors[i]);
    if (!type) return std::unexpected(type.error());
    outputs.push_back({fmt::format("{}{}", model_.tensors[i].name, suffix), *type});
  }
  return outputs;
}

Result<> TfliteConverter::make(const TfliteOperator& op, kernels::LayerSpec spec,
                               std::span<const kernels::ValueId> inputs, bool batched) {
  ALGEAN_ASSIGN(const auto outputs, declared(op));
  ALGEAN_ASSIGN(const auto ids, layer(std::move(spec), inputs, outputs));
  for (std::size_t i = 0; i < ids.size(); ++i) define(op, i, {ids[i], batched});
  return {};
}

Result<> TfliteConverter::make_reshaped(const TfliteOperator& op, kernels::LayerSpec spec, kernels::ValueId input,
                                        const Extents& extents, bool batched) {
  ALGEAN_ASSIGN(const auto outputs, declared(op, "/whole"));
  ALGEAN_ASSIGN(const auto ids, layer(std::move(spec), {&input, 1}, outputs));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ALGEAN_ASSIGN(const kernels::ValueId id, reshaped(op, ids[i], extents, output(op, i).name));
    define(op, i, {id, batched});
  }
  return {};
}

void TfliteConverter::define(const TfliteOperator& op, Constant constant) {
  constants_.resize(model_.tensors.size());
  constants_[op.outputs[0]] = std::move(constant);
}

}  // namespace algean::partitioner::tflite
