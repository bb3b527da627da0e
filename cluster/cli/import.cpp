#include "cluster/cli/command.hpp"
#include "cluster/cli/hold_signals.hpp"
#include "cluster/cli/layers.hpp"
#include "cluster/cli/loading.hpp"
#include "kernels/graph/text.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string model;
  std::string weights;
  std::string fully_connected;
  std::string output;
};

Result<Outcome> run(const Options& options, Context& context) {
  partitioner::LoadOptions load;
  load.quantise = false;
  if (!options.weights.empty()) load.weights = options.weights;
  using Kind = partitioner::TfliteOptions::FullyConnected;
  if (!options.fully_connected.empty()) {
    load.fully_connected = options.fully_connected == "double" ? Kind::double_precision : Kind::fixed_point;
  }
  ALGEAN_ASSIGN(const auto loaded, load_net(options.model, context, load));
  const kernels::Graph& graph = loaded.integer_graph ? *loaded.integer_graph : loaded.imported;
  {
    const HoldSignals hold;
    ALGEAN_TRY(kernels::write_graph(options.output, graph));
  }
  context.console.text("{}: {} -> {}", loaded.name, summary(graph), options.output);
  return Outcome{0,
                 {{"name", loaded.name},
                  {"file", options.output},
                  {"precision", graph.is_integer() ? "integer" : "float"},
                  {"layers", layers_json(graph)},
                  {"warnings", loaded.warnings}}};
}

}  // namespace

void add_import(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("import", "turn a model file into a graph file",
                                  "algean import model.json --weights model_weights.h5 -o model.graph");
  command.option("MODEL", options->model,
                 "Keras .json, .h5 or .keras, model.json of TensorFlow.js, ONNX, TensorFlow Lite, or a net.json",
                 {.required = true});
  command.option("-o,--output", options->output, "graph file to write", {.required = true});
  command.option("--weights", options->weights, "HDF5 weights of a Keras .json (default: beside it)");
  command.option(
      "--fully-connected", options->fully_connected,
      "rule of a .tflite's fully connected layers: fixed_point (default), or double, of runtimes newer than 2.14",
      {.one_of = {"fixed_point", "double"}});
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
