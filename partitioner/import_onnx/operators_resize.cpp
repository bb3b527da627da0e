// Resize of operator sets 10 to 21, and Upsample, its older name.
#include <algorithm>
#include <cmath>
#include <map>

#include "partitioner/import_onnx/operators_movement.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;

struct Target {
  Extents size;                // by the model's axis, without batch
  std::vector<double> scales;  // likewise; empty where the file gives sizes
};

// The list at input `i` (or of attribute `scales`, of old Upsamples), if it is there and not empty.
Result<std::vector<double>> scales_of(OnnxConverter& converter, const OnnxNode& node, std::size_t i) {
  if (node.attributes.contains("scales")) {
    return attribute<std::vector<double>>(node, "scales", {}, "a list of floats");
  }
  if (!OnnxConverter::has_input(node, i)) return std::vector<double>{};
  ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, i));
  ALGEAN_ASSIGN(const std::vector<float> elements, float_elements(*constant));
  return std::vector<double>(elements.begin(), elements.end());
}

// One number for each axis with the batch, 1 (or the extent) for those that `axes` does not name.
template <class T>
Result<std::vector<T>> spread(const OnnxNode& node, const std::vector<T>& numbers, std::vector<T> all) {
  Extents every;
  for (std::size_t i = 0; i < all.size(); ++i) every.push_back(static_cast<std::int64_t>(i));
  ALGEAN_ASSIGN(const Extents axes, integers(node, "axes", every));
  ALGEAN_TRY(normalised(axes, static_cast<std::int64_t>(all.size())));
  if (numbers.size() != axes.size()) return bad_input("{} numbers for {} axes", numbers.size(), axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t axis = axes[i] < 0 ? axes[i] + static_cast<std::int64_t>(all.size()) : axes[i];
    all[static_cast<std::size_t>(axis)] = numbers[i];
  }
  return all;
}

Result<Target> target_of(OnnxConverter& converter, const OnnxNode& node, const Extents& extents) {
  const bool old = node.operation == "Upsample" || converter.opset() < 11;
  ALGEAN_ASSIGN(const std::vector<double> given, scales_of(converter, node, old ? 1 : 2));
  Target target;
  if (!given.empty()) {
    ALGEAN_ASSIGN(const auto scales, spread(node, given, std::vector<double>(extents.size() + 1, 1.0)));
    if (scales[0] != 1) return bad_input("scales the batch, which is not supported");
    for (std::size_t axis = 0; axis < extents.size(); ++axis) {
      const double size = std::floor(static_cast<double>(extents[axis]) * scales[axis + 1]);
      if (!(scales[axis + 1] > 0) || !(size >= 1) || !(size <= 1U << 24U)) {
        return bad_input("scale {} of extent {}", scales[axis + 1], extents[axis]);
      }
      target.size.push_back(static_cast<std::int64_t>(size));
      target.scales.push_back(scales[axis + 1]);
    }
    return target;
  }
  ALGEAN_ASSIGN(const auto sizes, integers_of(converter, node, 3, ""));
  if (!sizes) return bad_input("neither scales nor sizes");
  Extents all = extents;
  all.insert(all.begin(), onnx_batch);
  ALGEAN_ASSIGN(all, spread(node, *sizes, all));
  if (all[0] != onnx_batch && all[0] != 1 && all[0] != converter.written_batch()) {
    return bad_input("resizes the batch, which is not supported");
  }
  target.size.assign(all.begin() + 1, all.end());
  return target;
}

Result<std::string> coordinates_of(OnnxConverter& converter, const OnnxNode& node) {
  if (node.operation == "Upsample" || converter.opset() < 11) return std::string("asymmetric");
  ALGEAN_ASSIGN(std::string written, word(node, "coordinate_transformation_mode", "half_pixel"));
  if (written == "pytorch_half_pixel" || written == "half_pixel" || written == "half_pixel_symmetric" ||
      written == "tf_half_pixel_for_nn" || written == "asymmetric" || written == "align_corners") {
    return written;
  }
  return bad_input("coordinate_transformation_mode is '{}', which is not supported", written);
}

Result<std::string> rounding_of(OnnxConverter& converter, const OnnxNode& node) {
  if (node.operation == "Upsample" || converter.opset() < 11) return std::string("floor");
  static const std::map<std::string, std::string> ours{
      {"round_prefer_floor", "round_down"}, {"round_prefer_ceil", "round"}, {"floor", "floor"}, {"ceil", "ceil"}};
  ALGEAN_ASSIGN(const std::string written, word(node, "nearest_mode", "round_prefer_floor"));
  const auto found = ours.find(written);
  if (found == ours.end()) return bad_input("nearest_mode is '{}'", written);
  return found->second;
}

}  // namespace

Result<Outputs> resize(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
                         "extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode", "scales"}));
  ALGEAN_TRY(must_be(node, "antialias", 0));
  ALGEAN_TRY(must_be(node, "exclude_outside", 0));
  ALGEAN_ASSIGN(const std::string policy, word(node, "keep_aspect_ratio_policy", "stretch"));
  if (policy != "stretch") return bad_input("keep_aspect_ratio_policy is '{}', which is not supported", policy);
  ALGEAN_ASSIGN(const std::string mode, word(node, "mode", "nearest"));
  if (mode != "nearest" && mode != "linear" && mode != "bilinear") {
    return bad_input("mode is '{}', which is not supported (nearest, linear are)", mode);
  }
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  const Extents extents = converter.extents(input);
  if (extents.size() != 2 && extents.size() != 3) {
    return bad_input("input of {} axes with the batch, 3 or 4 are supported", extents.size() + 1);
  }
  ALGEAN_ASSIGN(Target target, target_of(converter, node, extents));
  if (target.size[0] != extents[0]) return bad_input("resizes the channels, which is not supported");
  ALGEAN_ASSIGN(const std::string coordinates, coordinates_of(converter, node));
  for (std::size_t axis = 0; axis < target.scales.size(); ++axis) {
    const double size = static_cast<double>(extents[axis]) * target.scales[axis];
    if (coordinates != "align_corners" || size == std::floor(size)) continue;
    // ONNX' reference puts the last corner at the size before it is cut to a whole number, ONNX Runtime after it
    return bad_input("align_corners to {} of {} elements, whose meaning is in dispute", size, extents[axis]);
  }
  LayerSpec spec{OnnxConverter::layer_name(node),
                 "resize",
                 {{"size", Extents(target.size.begin() + 1, target.size.end())},
                  {"mode", mode == "nearest" ? "nearest" : "bilinear"},
                  {"coordinates", coordinates}},
                 {}};
  if (!target.scales.empty()) {
    spec.attributes.set("scales", std::vector<double>(target.scales.begin() + 1, target.scales.end()));
  }
  if (mode == "nearest") {
    ALGEAN_ASSIGN(const std::string rounding, rounding_of(converter, node));
    spec.attributes.set("rounding", rounding);
  }
  const AxisOrder order = channel_last_order(extents.size());
  ALGEAN_ASSIGN(const ValueId channel_last, converter.in_order(input, order));
  ALGEAN_ASSIGN(PlacedValue result, layer(converter, std::move(spec), {channel_last, order}, node.outputs[0]));
  return one(std::move(result));
}

}  // namespace algean::partitioner::operators
