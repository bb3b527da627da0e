#include "kernels/concat/concat.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/concat/hardware.hpp"
#include "kernels/concat/tables.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

// Pieces of the tensors on the many side that lie side by side in the tensor on the one side.
struct Pieces {
  std::size_t rows = 1;            // product of the extents before the axis
  std::vector<std::size_t> bytes;  // of one row of each tensor
};

// `many` are the inputs of a concat, the outputs of a split.
Pieces pieces_of(const LayerSpec& layer, std::span<const TensorType> many) {
  const auto axis = static_cast<std::size_t>(layer.attributes.integer_or("axis", 0));
  Pieces result;
  for (std::size_t i = 0; i < axis; ++i) result.rows *= static_cast<std::size_t>(many[0].shape[i]);
  for (const TensorType& type : many) result.bytes.push_back(type.bytes() / result.rows);
  return result;
}

void join(const Pieces& pieces, const std::byte* const* from, std::byte* to) noexcept {
  for (std::size_t row = 0; row < pieces.rows; ++row) {
    for (std::size_t i = 0; i < pieces.bytes.size(); ++i) {
      std::memcpy(to, from[i] + row * pieces.bytes[i], pieces.bytes[i]);
      to += pieces.bytes[i];
    }
  }
}

void part(const Pieces& pieces, const std::byte* from, std::byte* const* to) noexcept {
  for (std::size_t row = 0; row < pieces.rows; ++row) {
    for (std::size_t i = 0; i < pieces.bytes.size(); ++i) {
      std::memcpy(to[i] + row * pieces.bytes[i], from, pieces.bytes[i]);
      from += pieces.bytes[i];
    }
  }
}

// tables: 256 entries for each input.
void join_by_tables(const Pieces& pieces, const std::int8_t* tables, const std::byte* const* from,
                    std::byte* to) noexcept {
  for (std::size_t row = 0; row < pieces.rows; ++row) {
    for (std::size_t i = 0; i < pieces.bytes.size(); ++i) {
      const auto* x = reinterpret_cast<const std::int8_t*>(from[i]) + row * pieces.bytes[i];
      auto* y = reinterpret_cast<std::int8_t*>(to);
      const std::int8_t* table = tables + i * 256;
      for (std::size_t k = 0; k < pieces.bytes[i]; ++k) y[k] = table[x[k] + 128];
      to += pieces.bytes[i];
    }
  }
}

class JoinStep final : public Step {
 public:
  JoinStep(Pieces pieces, std::span<const std::int8_t> tables)
      : pieces_(std::move(pieces)), tables_(tables.begin(), tables.end()) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    if (tables_.empty()) return join(pieces_, inputs, outputs[0]);
    join_by_tables(pieces_, tables_.data(), inputs, outputs[0]);
  }

 private:
  Pieces pieces_;
  std::vector<std::int8_t> tables_;
};

class PartStep final : public Step {
 public:
  explicit PartStep(Pieces pieces) : pieces_(std::move(pieces)) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    part(pieces_, inputs[0], outputs);
  }

 private:
  Pieces pieces_;
};

std::span<const std::int8_t> tables_of(const LayerSpec& layer) {
  const Tensor* tables = layer.constant("tables");
  return tables == nullptr ? std::span<const std::int8_t>{} : tables->elements<std::int8_t>();
}

template <class TensorOrConst>
std::vector<TensorType> types_of(std::span<TensorOrConst* const> tensors) {
  std::vector<TensorType> types;
  for (const Tensor* tensor : tensors) types.push_back(tensor->type());
  return types;
}

Result<std::size_t> axis_of(const LayerSpec& layer, const Shape& shape) {
  ALGEAN_ASSIGN(const std::int64_t axis, layer.attributes.integer("axis"));
  if (axis >= 0 && axis < static_cast<std::int64_t>(shape.rank())) return static_cast<std::size_t>(axis);
  return bad_input("attribute 'axis' is {}, input {} has no such", axis, shape.text());
}

Shape with_extent(const Shape& shape, std::size_t axis, std::int64_t extent) {
  std::vector<std::int64_t> extents(shape.extents().begin(), shape.extents().end());
  extents[axis] = extent;
  return Shape::make(std::move(extents)).value();
}

Result<std::vector<Shape>> infer_concat(const LayerSpec& layer, std::span<const TensorType> inputs) {
  if (inputs.empty()) return bad_input("0 inputs, must be at least 1");
  const Shape& first = inputs[0].shape;
  ALGEAN_ASSIGN(const std::size_t axis, axis_of(layer, first));
  std::int64_t extent = 0;
  for (const TensorType& input : inputs) {
    if (input.shape.rank() != first.rank() || with_extent(input.shape, axis, 1) != with_extent(first, axis, 1)) {
      return bad_input("inputs {} and {} must agree but for axis {}", first.text(), input.shape.text(), axis);
    }
    if (input.shape[axis] > Shape::max_elements - extent) return bad_input("output has too many elements");
    extent += input.shape[axis];
  }
  std::vector<std::int64_t> extents(first.extents().begin(), first.extents().end());
  extents[axis] = extent;
  ALGEAN_ASSIGN(Shape output, Shape::make(std::move(extents)));
  return std::vector<Shape>{std::move(output)};
}

Result<std::vector<Shape>> infer_split(const LayerSpec& layer, std::span<const TensorType> inputs) {
  ALGEAN_TRY(check_inputs(inputs, 1));
  const Shape& input = inputs[0].shape;
  ALGEAN_ASSIGN(const std::size_t axis, axis_of(layer, input));
  ALGEAN_ASSIGN(const std::vector<std::int64_t> sizes, layer.attributes.integers("sizes"));
  std::int64_t left = input[axis];
  std::vector<Shape> outputs;
  for (const std::int64_t size : sizes) {
    if (size < 1) return bad_input("attribute 'sizes' has {}, each must be at least 1", size);
    if (size > left) return bad_input("attribute 'sizes' adds up to more than the {} of axis {}", input[axis], axis);
    left -= size;
    outputs.push_back(with_extent(input, axis, size));
  }
  if (left != 0) {
    return bad_input("attribute 'sizes' adds up to {}, axis {} has {}", input[axis] - left, axis, input[axis]);
  }
  return outputs;
}

Result<> verify_elements(const LayerSpec& layer, std::span<const TensorType> inputs,
                         std::span<const TensorType> outputs) {
  const ElementType& element = layer.operation == "split" ? inputs[0].element : outputs[0].element;
  const auto same = [&](const TensorType& type) { return type.element == element; };
  if (layer.operation == "split" || layer.constants.empty()) {
    ALGEAN_TRY(check_constants(layer, {}));
    if (std::ranges::all_of(inputs, same) && std::ranges::all_of(outputs, same)) return {};
    return bad_input("inputs and outputs must have one element type and quantisation{}",
                     layer.operation == "split" || element.is_float() ? "" : ", or constant 'tables'");
  }
  ALGEAN_TRY(check_constants(layer, {"tables"}));
  ALGEAN_TRY(check_quantised_int8("output", outputs[0]));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    ALGEAN_TRY(check_quantised_int8(fmt::format("input {}", i), inputs[i]));
  }
  ALGEAN_TRY(
      check_constant(layer, "tables", ElementType::int8(), Shape{static_cast<std::int64_t>(inputs.size()), 256}));
  return {};
}

}  // namespace

std::span<const std::string_view> Concat::operations() const {
  static constexpr std::array<std::string_view, 2> names{"concat", "split"};
  return names;
}

const Hardware* Concat::circuit() const {
  static const concat::ConcatHardware hardware;
  return &hardware;
}

Result<std::vector<Shape>> Concat::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  return layer.operation == "split" ? infer_split(layer, inputs) : infer_concat(layer, inputs);
}

Result<> Concat::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                        std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != shapes.size()) return bad_input("{} outputs, must be {}", outputs.size(), shapes.size());
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (outputs[i].shape == shapes[i]) continue;
    return bad_input("output {} is {}, must be {}", i, outputs[i].shape.text(), shapes[i].text());
  }
  ALGEAN_TRY(layer.operation == "split" ? check_attributes(layer, {"axis", "sizes", "arithmetic"})
                                        : check_attributes(layer, {"axis", "arithmetic"}));
  ALGEAN_TRY(arithmetic_of(layer));
  ALGEAN_TRY(all_float(inputs, outputs));
  return verify_elements(layer, inputs, outputs);
}

void Concat::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                            std::span<Tensor* const> outputs) const {
  if (layer.operation == "split") {
    std::vector<std::byte*> to;
    for (Tensor* output : outputs) to.push_back(output->bytes().data());
    return part(pieces_of(layer, types_of(outputs)), inputs[0]->bytes().data(), to.data());
  }
  std::vector<const std::byte*> from;
  for (const Tensor* input : inputs) from.push_back(input->bytes().data());
  const Pieces pieces = pieces_of(layer, types_of(inputs));
  const auto tables = tables_of(layer);
  if (tables.empty()) return join(pieces, from.data(), outputs[0]->bytes().data());
  join_by_tables(pieces, tables.data(), from.data(), outputs[0]->bytes().data());
}

void Concat::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                              std::span<Tensor* const> outputs) const {
  evaluate_float(layer, inputs, outputs);
}

std::optional<ElementType> Concat::fixed_output(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  if (layer.operation != "split" || inputs.empty()) return std::nullopt;
  return inputs[0].element;
}

Result<LayerSpec> Concat::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                   std::span<const TensorType> outputs) const {
  ALGEAN_TRY(check_constants(layer, {}));
  LayerSpec result = layer;
  const auto same = [&](const TensorType& type) { return !outputs.empty() && type.element == outputs[0].element; };
  if (layer.operation == "concat" && !outputs.empty() && !std::ranges::all_of(inputs, same)) {
    ALGEAN_TRY(check_quantised_int8("output", outputs[0]));
    for (const TensorType& input : inputs) ALGEAN_TRY(check_quantised_int8("input", input));
    ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
    result.constants["tables"] = concat::make_tables(inputs, outputs[0], arithmetic != Arithmetic::scaled);
  }
  ALGEAN_TRY(verify(result, inputs, outputs));
  return result;
}

Result<std::unique_ptr<Step>> Concat::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                              std::span<const TensorType> outputs, InstructionSet) const {
  if (layer.operation == "split") return std::make_unique<PartStep>(pieces_of(layer, outputs));
  return std::make_unique<JoinStep>(pieces_of(layer, inputs), tables_of(layer));
}

}  // namespace algean::kernels
