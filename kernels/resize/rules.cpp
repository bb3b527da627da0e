// The rules of a resize layer: nothing that came from a file is trusted.
#include "kernels/resize/rules.hpp"

#include <cmath>

#include "kernels/family/checks.hpp"
#include "kernels/requantise/requantise.hpp"
#include "kernels/resize/resize.hpp"

namespace algean::kernels {
namespace resize {
namespace {

constexpr std::int64_t max_extent = std::int64_t{1} << 24;

// A text attribute that may be absent.
Result<std::string> text_of(const LayerSpec& layer, const char* name, const char* otherwise) {
  if (!layer.attributes.has(name)) return std::string(otherwise);
  return layer.attributes.text(name);
}

Result<std::vector<std::optional<double>>> scales_of(const LayerSpec& layer, std::size_t axes) {
  std::vector<std::optional<double>> scales(axes);
  if (!layer.attributes.has("scales")) return scales;
  const auto* reals = std::get_if<std::vector<double>>(&layer.attributes.all().at("scales"));
  if (reals == nullptr || reals->size() != axes) return bad_input("attribute 'scales' must be {} real numbers", axes);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const double scale = (*reals)[axis];
    if (!(scale >= 0x1p-24) || !(scale <= 0x1p24)) {
      return bad_input("attribute 'scales' has {}, must lie in 2^-24..2^24", scale);
    }
    scales[axis] = scale;
  }
  return scales;
}

Result<> check_tflite(const LayerSpec& layer, Coordinates coordinates, const Rules& rules) {
  const bool known = coordinates == Coordinates::asymmetric || coordinates == Coordinates::align_corners ||
                     coordinates == (rules.bilinear ? Coordinates::half_pixel : Coordinates::tf_half_pixel_for_nn);
  if (!known || layer.attributes.has("scales")) {
    return bad_input("arithmetic 'tflite' has no {} with these coordinates or with 'scales'",
                     rules.bilinear ? "bilinear" : "nearest");
  }
  return {};
}

Result<> read_axes(const LayerSpec& layer, const Shape& input, Coordinates coordinates, Rules& rules) {
  ALGEAN_ASSIGN(const std::vector<std::int64_t> size, layer.attributes.integers("size"));
  if (size.empty() || size.size() > 2 || input.rank() != size.size() + 1) {
    return bad_input("attribute 'size' has {} numbers and input {}, must be 2 and [H,W,C], or 1 and [L,C]", size.size(),
                     input.text());
  }
  ALGEAN_ASSIGN(const auto scales, scales_of(layer, size.size()));
  for (std::size_t axis = 0; axis < size.size(); ++axis) {
    if (size[axis] < 1 || size[axis] > max_extent || input[axis] > max_extent) {
      return bad_input("axis {} goes from {} to {}, must lie in 1..{}", axis, input[axis], size[axis], max_extent);
    }
    rules.axes.push_back({input[axis], size[axis], scales[axis], coordinates});
  }
  return {};
}

}  // namespace

Result<Rules> parse_rules(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const std::string mode, text_of(layer, "mode", "nearest"));
  ALGEAN_ASSIGN(const std::string coordinates, text_of(layer, "coordinates", "half_pixel"));
  ALGEAN_ASSIGN(const std::string rounding, text_of(layer, "rounding", "floor"));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  if (mode != "nearest" && mode != "bilinear") {
    return bad_input("attribute 'mode' is '{}', must be nearest or bilinear", mode);
  }
  const auto known_coordinates = parse_coordinates(coordinates);
  if (!known_coordinates) return bad_input("attribute 'coordinates' is '{}', which is unknown", coordinates);
  const auto known_rounding = parse_rounding(rounding);
  if (!known_rounding) {
    return bad_input("attribute 'rounding' is '{}', must be floor, ceil, round or round_down", rounding);
  }
  Rules rules;
  rules.bilinear = mode == "bilinear";
  rules.tflite = arithmetic != Arithmetic::scaled;
  rules.rounding = *known_rounding;
  if (rules.tflite) ALGEAN_TRY(check_tflite(layer, *known_coordinates, rules));
  ALGEAN_TRY(read_axes(layer, input, *known_coordinates, rules));
  return rules;
}

}  // namespace resize

Result<std::vector<Shape>> Resize::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, 1));
  ALGEAN_ASSIGN(const resize::Rules rules, resize::parse_rules(layer, inputs[0].shape));
  std::vector<std::int64_t> extents;
  for (const resize::AxisRule& axis : rules.axes) extents.push_back(axis.out);
  extents.push_back(inputs[0].shape.channels());
  ALGEAN_ASSIGN(Shape output, Shape::make(std::move(extents)));
  return std::vector<Shape>{std::move(output)};
}

Result<> Resize::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                        std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(check_attributes(layer, {"size", "mode", "coordinates", "rounding", "scales", "arithmetic"}));
  ALGEAN_TRY(check_constants(layer, {}));
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  if (!is_float) ALGEAN_TRY(check_quantised_int8("input", inputs[0]));
  if (outputs[0].element == inputs[0].element) return {};
  return bad_input("output must have the input's element type and quantisation");
}

}  // namespace algean::kernels
