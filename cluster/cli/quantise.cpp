#include "cluster/cli/command.hpp"
#include "cluster/cli/hold_signals.hpp"
#include "cluster/cli/layers.hpp"
#include "cluster/cli/loading.hpp"
#include "kernels/graph/text.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string net;
  std::string output;
  std::string calibration;
  std::string method;
};

Result<Outcome> run(const Options& options, Context& context) {
  partitioner::LoadOptions load;
  load.require_integer = true;
  if (!options.calibration.empty()) load.calibration_inputs = options.calibration;
  if (!options.method.empty()) {
    ALGEAN_ASSIGN(load.calibration_method, partitioner::parse_calibration_method(options.method));
  }
  ALGEAN_ASSIGN(const auto loaded, load_net(options.net, context, load));
  const kernels::Graph& graph = *loaded.integer_graph;
  {
    const HoldSignals hold;
    ALGEAN_TRY(kernels::write_graph(options.output, graph));
  }
  context.console.block(layer_table(graph).text());
  context.console.text("{}: {} -> {}", loaded.name, summary(graph), options.output);
  return Outcome{0,
                 {{"name", loaded.name},
                  {"file", options.output},
                  {"precision", "integer"},
                  {"layers", layers_json(graph)},
                  {"warnings", loaded.warnings}}};
}

}  // namespace

void add_quantise(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("quantise", "turn a float network into one of int8, by calibration inputs",
                                  "algean quantise net.json -o int8.graph");
  command.option("NET", options->net, "network to quantise", {.required = true});
  command.option("-o,--output", options->output, "graph file to write", {.required = true});
  command.option("--calibration", options->calibration, "sample inputs, in place of net.json's `calibration`");
  command.option("--method", options->method, "minmax, percentile, percentile:99.9 or mse, in place of net.json's");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
