// Fully connected layers.
#include "partitioner/import_tflite/operators.hpp"
#include "partitioner/import_tflite/weights.hpp"

namespace algean::partitioner::tflite {

// Weights [n_out, n_in]; the input is rows of n_in elements, whatever its axes.
Result<> convert_fully_connected(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, FullyConnectedOptions);
  if (options->weights_format() != 0)
    return bad_input("weights in format {} are not supported", options->weights_format());
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, 0));
  ALGEAN_ASSIGN(Constant weight, weight_of(converter, op, 1, 2));
  const std::int64_t n_in = weight->shape()[1];
  const std::int64_t elements = converter.shape(x).elements();
  if (elements % n_in != 0) return bad_input("{} elements are no rows of {}", elements, n_in);
  Extents rows(converter.shape(x).extents().begin(), converter.shape(x).extents().end());
  if (options->keep_num_dims()) {
    if (rows.empty() || rows.back() != n_in) return bad_input("the last axis must have {} elements", n_in);
  } else if (x.batched && elements == n_in) {
    rows = {n_in};
  } else {
    ALGEAN_ASSIGN(x, converter.whole(op, x));
    x.batched = elements == n_in;
    rows = x.batched ? Extents{n_in} : Extents{elements / n_in, n_in};
  }
  ALGEAN_ASSIGN(x.id, converter.reshaped(op, x.id, rows, converter.output(op).name + "/rows"));
  kernels::LayerSpec spec{converter.layer_name(op), "dense", {}, {}};
  ALGEAN_ASSIGN(std::string activation, activation_text(options->fused_activation_function()));
  spec.attributes.set("activation", std::move(activation));
  if (converter.is_integer()) {
    using Kind = TfliteOptions::FullyConnected;
    const bool fixed_point = converter.options().fully_connected == Kind::fixed_point;
    const bool per_tensor = weight->type().element.quantisation()->scales.size() == 1;
    set_scale_product(spec, fixed_point && per_tensor);
    if (!fixed_point) spec.attributes.set("arithmetic", std::string("tflite_double"));
  }
  ALGEAN_TRY(add_constants(converter, op, spec, std::move(weight), 2, x));
  return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
}

}  // namespace algean::partitioner::tflite
