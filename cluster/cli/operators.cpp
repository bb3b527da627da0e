#include "cluster/cli/operators.hpp"

#include <fmt/ranges.h>

#include "cluster/cli/table.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "partitioner/import_onnx/import_onnx.hpp"
#include "partitioner/import_tflite/import_tflite.hpp"

namespace algean::cluster {

Json show_operators(Context& context) {
  const auto keras = partitioner::keras_layer_types();
  const auto onnx = partitioner::onnx_operators();
  const auto tflite = partitioner::tflite_operators();
  Table table({{"operation"}, {"family"}, {"in hardware"}});
  Json operations = Json::array();
  for (const kernels::Family* family : context.families) {
    for (const std::string_view operation : family->operations()) {
      table.add(
          {std::string(operation), std::string(family->name()), family->hardware() ? "yes" : "removed by passes"});
      operations.push_back({{"operation", operation}, {"family", family->name()}, {"hardware", family->hardware()}});
    }
  }
  context.console.text("Keras layers: {}\n", fmt::join(keras, ", "));
  context.console.text("ONNX operators: {}\n", fmt::join(onnx, ", "));
  context.console.text("TensorFlow Lite operators: {}\n", fmt::join(tflite, ", "));
  context.console.block(table.text());
  Json document;
  document["keras"] = keras;
  document["onnx"] = onnx;
  document["tflite"] = tflite;
  document["operations"] = std::move(operations);
  return document;
}

}  // namespace algean::cluster
