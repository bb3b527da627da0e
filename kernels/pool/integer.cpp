// The integer form: made, and its reference.
#include <algorithm>

#include "kernels/family/checks.hpp"
#include "kernels/pool/finish.hpp"
#include "kernels/pool/pool.hpp"
#include "kernels/pool/walk.hpp"

namespace algean::kernels {

Result<LayerSpec> Pool::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                 std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(check_quantised_int8("input", inputs[0]));
  ALGEAN_TRY(check_quantised_int8("output", outputs[0]));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  LayerSpec result = layer;
  result.attributes.erase("arithmetic");
  const TensorType real_input{ElementType::float32(), inputs[0].shape};
  const TensorType real_output{ElementType::float32(), outputs[0].shape};
  ALGEAN_TRY(verify(result, {&real_input, 1}, {&real_output, 1}));

  result.attributes.set("arithmetic", std::string(to_text(arithmetic)));
  const pool::Geometry geometry = pool::make_geometry(layer, inputs[0].shape).value();
  if (!geometry.is_max && arithmetic == Arithmetic::scaled) {
    ALGEAN_ASSIGN(const std::vector<double> ratios,
                  pool::average_ratios(geometry, inputs[0].element.quantisation()->scale(),
                                       outputs[0].element.quantisation()->scale()));
    ALGEAN_TRY(add_requantisation(result, arithmetic, ratios));
  }
  ALGEAN_TRY(verify(result, inputs, outputs));
  return result;
}

void Pool::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                            std::span<Tensor* const> outputs) const {
  const pool::Geometry geometry = pool::make_geometry(layer, inputs[0]->shape()).value();
  const auto x = inputs[0]->elements<std::int8_t>();
  const auto y = outputs[0]->elements<std::int8_t>();
  const auto channels = static_cast<std::size_t>(geometry.channels);
  const CodeRange range = activation_codes(layer, *outputs[0]->type().element.quantisation());
  std::vector<std::int32_t> acc(channels);
  std::int64_t taps = 0;
  const auto begin = [&] {
    std::ranges::fill(acc, geometry.is_max ? -128 : 0);
    taps = 0;
  };
  const auto take = [&](std::size_t tap) {
    ++taps;
    for (std::size_t c = 0; c < channels; ++c) {
      acc[c] = geometry.is_max ? std::max<std::int32_t>(acc[c], x[tap + c]) : acc[c] + x[tap + c];
    }
  };
  if (geometry.is_max) {
    return pool::walk(geometry, begin, take, [&](std::size_t at, std::int64_t) {
      for (std::size_t c = 0; c < channels; ++c) {
        y[at + c] = static_cast<std::int8_t>(std::clamp(acc[c], range.low, range.high));
      }
    });
  }
  const pool::Average average(layer, geometry, inputs[0]->type(), outputs[0]->type());
  pool::walk(geometry, begin, take, [&](std::size_t at, std::int64_t count) {
    for (std::size_t c = 0; c < channels; ++c) y[at + c] = average(acc[c], taps, count);
  });
}

}  // namespace algean::kernels
