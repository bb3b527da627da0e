#include "kernels/movement/movement.hpp"

#include <array>
#include <bit>
#include <cmath>

#include "kernels/family/checks.hpp"
#include "kernels/movement/hardware.hpp"
#include "kernels/movement/moves.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

bool is_constant_pad(const LayerSpec& layer) {
  return layer.operation == "pad" && layer.attributes.text_or("mode", "constant") == "constant";
}

// The bytes that a pad of mode constant puts around the input: its low ones are those of the element.
std::array<std::byte, 4> filler_of(const LayerSpec& layer, const ElementType& element) {
  if (element.is_float()) {
    return std::bit_cast<std::array<std::byte, 4>>(static_cast<float>(layer.attributes.real_or("value", 0)));
  }
  return std::bit_cast<std::array<std::byte, 4>>(
      static_cast<std::int32_t>(layer.attributes.integer_or("code", 0)));  // little endian
}

Copy copy_of(const LayerSpec& layer, const TensorType& input) {
  auto move = movement::move_of(layer, input.shape);
  ALGEAN_INVARIANT(move.has_value());
  const auto filler = filler_of(layer, input.element);
  return {std::move(move->axes), input.element.bytes(), std::span(filler).first(input.element.bytes())};
}

class CopyStep final : public Step {
 public:
  explicit CopyStep(Copy copy) : copy_(std::move(copy)) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    copy_.run(inputs[0], outputs[0]);
  }

 private:
  Copy copy_;
};

Result<> check_known(const LayerSpec& layer) {
  const std::string& operation = layer.operation;
  ALGEAN_TRY(arithmetic_of(layer));
  ALGEAN_TRY(operation == "gather" ? check_constants(layer, {"indices"}) : check_constants(layer, {}));
  if (operation == "slice") return check_attributes(layer, {"begin", "end", "strides", "arithmetic"});
  if (operation == "pad") return check_attributes(layer, {"before", "after", "mode", "value", "code", "arithmetic"});
  if (operation == "transpose") return check_attributes(layer, {"permutation", "arithmetic"});
  if (operation == "tile") return check_attributes(layer, {"repeats", "arithmetic"});
  if (operation == "gather") return check_attributes(layer, {"axis", "arithmetic"});
  return check_attributes(layer, {"block", "mode", "arithmetic"});
}

// `value` in floats, `code` in integers, neither where nothing constant is put in.
Result<> check_filler(const LayerSpec& layer, const ElementType& element) {
  if (layer.operation != "pad") return {};
  for (const char* name : {"value", "code"}) {
    if (layer.attributes.has(name) && !is_constant_pad(layer)) {
      return bad_input("attribute '{}' is of mode constant only", name);
    }
  }
  if (!is_constant_pad(layer)) return {};
  if (element.is_float()) {
    if (layer.attributes.has("code")) return bad_input("attribute 'code' is of the integer form");
    if (!layer.attributes.has("value")) return {};
    ALGEAN_ASSIGN(const double value, layer.attributes.real("value"));
    if (!std::isfinite(static_cast<float>(value))) return bad_input("attribute 'value' is {}, must be finite", value);
    return {};
  }
  if (layer.attributes.has("value")) return bad_input("attribute 'value' is of the float form");
  ALGEAN_ASSIGN(const std::int64_t code, layer.attributes.integer("code"));
  if (code >= element.lowest() && code <= element.highest()) return {};
  return bad_input("attribute 'code' is {}, outside {}", code, element.name());
}

// The integer that stands for a real number, or the nearest that the type has.
std::int64_t code_of(double value, const ElementType& element, bool half_up) {
  const Quantisation& q = *element.quantisation();
  const double steps = value / q.scale();
  const double code = (half_up ? std::floor(steps + 0.5) : std::round(steps)) + q.zero_point();
  const auto low = static_cast<double>(element.lowest());
  const auto high = static_cast<double>(element.highest());
  return static_cast<std::int64_t>(code < high ? (code > low ? code : low) : high);
}

}  // namespace

std::span<const std::string_view> Movement::operations() const {
  static constexpr std::array<std::string_view, 7> names{
      "slice", "pad", "transpose", "tile", "gather", "depth_to_space", "space_to_depth"};
  return names;
}

const Hardware* Movement::circuit() const {
  static const movement::MovementHardware hardware;
  return &hardware;
}

Result<std::vector<Shape>> Movement::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, 1));
  ALGEAN_ASSIGN(auto move, movement::move_of(layer, inputs[0].shape));
  return std::vector<Shape>{std::move(move.output)};
}

Result<> Movement::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                          std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(check_known(layer));
  if (outputs[0].element != inputs[0].element) {
    return bad_input("output must have the input's element type and quantisation ({}, {})", inputs[0].element.name(),
                     outputs[0].element.name());
  }
  return check_filler(layer, inputs[0].element);
}

void Movement::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                              std::span<Tensor* const> outputs) const {
  copy_of(layer, inputs[0]->type()).run(inputs[0]->bytes().data(), outputs[0]->bytes().data());
}

void Movement::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                                std::span<Tensor* const> outputs) const {
  evaluate_float(layer, inputs, outputs);
}

std::optional<ElementType> Movement::fixed_output(const LayerSpec&, std::span<const TensorType> inputs) const {
  if (inputs.empty()) return std::nullopt;
  return inputs[0].element;
}

Result<LayerSpec> Movement::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                     std::span<const TensorType> outputs) const {
  ALGEAN_TRY(check_inputs(inputs, 1));
  const TensorType real{ElementType::float32(), inputs[0].shape};
  ALGEAN_TRY(check_filler(layer, real.element));
  LayerSpec result = layer;
  if (is_constant_pad(layer)) {
    ALGEAN_TRY(check_quantised_int8("input", inputs[0]));
    ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
    result.attributes.erase("value");
    result.attributes.set(
        "code", code_of(layer.attributes.real_or("value", 0), inputs[0].element, arithmetic == Arithmetic::scaled));
  }
  ALGEAN_TRY(verify(result, inputs, outputs));
  return result;
}

Result<std::unique_ptr<Step>> Movement::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                std::span<const TensorType>, InstructionSet) const {
  return std::make_unique<CopyStep>(copy_of(layer, inputs[0]));
}

}  // namespace algean::kernels
