// The rules of a pooling layer: nothing that came from a file is trusted.
#include "kernels/family/checks.hpp"
#include "kernels/family/options.hpp"
#include "kernels/pool/finish.hpp"
#include "kernels/pool/pool.hpp"

namespace algean::kernels {
namespace {

Result<> verify_attributes(const LayerSpec& layer, bool is_float) {
  std::vector<std::string_view> known{"window", "strides", "dilations", "padding", "activation"};
  if (!layer.operation.starts_with("max")) known.insert(known.end(), {"count_padding", "uncounted", "rounding"});
  if (!is_float) known.emplace_back("arithmetic");
  ALGEAN_TRY(check_attributes(layer, known));
  ALGEAN_TRY(check_activation(layer));
  ALGEAN_TRY(text_option(layer, "rounding", {"half_away", "half_up"}));
  return {};
}

Result<> verify_integer(const LayerSpec& layer, const TensorType& input, const TensorType& output) {
  ALGEAN_TRY(check_quantised_int8("input", input));
  ALGEAN_TRY(check_quantised_int8("output", output));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  ALGEAN_ASSIGN(const pool::Geometry geometry, pool::make_geometry(layer, input.shape));
  const Quantisation& x = *input.element.quantisation();
  const Quantisation& y = *output.element.quantisation();
  if (!geometry.is_max) {
    ALGEAN_ASSIGN(const std::vector<double> ratios, pool::average_ratios(geometry, x.scale(), y.scale()));
    if (arithmetic == Arithmetic::scaled) {
      ALGEAN_TRY(check_constants(layer, {"multiplier", "shift"}));
      return check_requantisation(layer, arithmetic, ratios);
    }
    if (geometry.count_padding && !geometry.is_inside()) {
      return bad_input("arithmetic '{}' does not count padding", to_text(arithmetic));
    }
  }
  if (output.element != input.element) {
    return bad_input("output must have the input's quantisation: scale {} and zero point {}, is {} and {}", x.scale(),
                     x.zero_point(), y.scale(), y.zero_point());
  }
  return check_constants(layer, {});
}

}  // namespace

Result<> Pool::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                      std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  ALGEAN_TRY(verify_attributes(layer, is_float));
  return is_float ? check_constants(layer, {}) : verify_integer(layer, inputs[0], outputs[0]);
}

std::optional<ElementType> Pool::fixed_output(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  if (inputs.empty() || !layer.operation.starts_with("max")) return std::nullopt;
  return inputs[0].element;
}

}  // namespace algean::kernels
