#include <algorithm>

#include "cluster/cli/command.hpp"
#include "cluster/cli/hold_signals.hpp"
#include "cluster/cli/layers.hpp"
#include "cluster/cli/loading.hpp"
#include "cluster/cli/sensitivity_report.hpp"
#include "cluster/cli/weight_scan.hpp"
#include "kernels/graph/text.hpp"
#include "partitioner/pipeline/samples.hpp"
#include "runtime/base/file.hpp"

namespace algean::cluster {
namespace {

using partitioner::Loaded;

struct Options {
  std::string net;
  std::string output;
  std::string calibration;
  std::string method;
  std::size_t weight_bits = partitioner::most_weight_bits;
  bool sensitivity = false;
  std::size_t samples = 0;  // 0: not given
  bool scan = false;
  std::string csv;
  std::string svg;
  ScanOptions scan_options;
};

Result<> check(const Options& options) {
  if (options.output.empty() && !options.sensitivity && !options.scan) {
    return bad_input("quantise: -o is missing (or --sensitivity, or --scan); see `algean quantise --help`");
  }
  if (!options.scan && !(options.csv.empty() && options.svg.empty() && options.scan_options.labels.empty())) {
    return bad_input("quantise: --csv, --svg and --labels go with --scan");
  }
  if (!options.scan && !options.sensitivity && !options.scan_options.inputs.empty()) {
    return bad_input("quantise: --inputs goes with --sensitivity or --scan");
  }
  if (!options.sensitivity && options.samples != 0) {
    return bad_input("quantise: --samples goes with --sensitivity");
  }
  if (options.output.empty() && !options.sensitivity && options.weight_bits != partitioner::most_weight_bits) {
    return bad_input("quantise: --scan tries every width; --weight-bits goes with -o or --sensitivity");
  }
  return {};
}

// What a network that has its integers already leaves without sense.
Result<> check(const Options& options, const Loaded& loaded) {
  const auto is_float = [](const kernels::Layer& layer) {
    const Tensor* weight = layer.spec.constant("weight");
    return weight != nullptr && weight->type().element.is_float();
  };
  const bool has_real_weights = loaded.has_float() && std::ranges::any_of(loaded.float_graph.layers, is_float);
  if (options.weight_bits != partitioner::most_weight_bits && !has_real_weights) {
    return bad_input("{}: its weights are integers already: --weight-bits has nothing to quantise", options.net);
  }
  if (loaded.has_float()) return {};
  if (!options.calibration.empty() || !options.method.empty()) {
    return bad_input("{}: integers already: --calibration and --method have nothing to quantise", options.net);
  }
  return {};
}

Result<> write(const Options& options, const Loaded& loaded, Context& context, Json& document) {
  if (options.output.empty()) return {};
  const kernels::Graph& graph = *loaded.integer_graph;
  {
    const HoldSignals hold;
    ALGEAN_TRY(kernels::write_graph(options.output, graph));
  }
  context.console.block(layer_table(graph).text());
  context.console.text("{}: {} -> {}", loaded.name, summary(graph), options.output);
  document["file"] = options.output;
  return {};
}

std::size_t wanted_samples(const Options& options) { return options.samples == 0 ? 4 : options.samples; }

// The first wanted_samples() inferences of --inputs, of the check inputs, or of those that calibrated.
Result<std::vector<Tensor>> sensitivity_inputs(const Options& options, const Loaded& loaded) {
  std::filesystem::path file = options.scan_options.inputs;
  const auto& net = loaded.net;
  if (file.empty()) file = options.calibration;
  if (file.empty() && net && net->check) file = net->check->inputs.path;
  if (file.empty() && net && net->calibration) file = net->calibration->inputs.path;
  if (file.empty()) return bad_input("{}: nothing to measure with: --inputs is missing", loaded.name);
  const kernels::Graph& graph = loaded.float_graph;
  const std::vector<Port> ports = graph.ports(graph.inputs);
  ALGEAN_ASSIGN(const auto samples, partitioner::read_samples(file, ports, "input"));
  const std::size_t count = std::min(samples.count, wanted_samples(options));
  std::vector<Tensor> tensors;
  for (const Tensor& all : samples.tensors) {
    std::vector<std::int64_t> extents(all.shape().extents().begin(), all.shape().extents().end());
    extents[0] = static_cast<std::int64_t>(count);
    ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
    const auto size = static_cast<std::size_t>(shape.elements());
    tensors.emplace_back(TensorType{ElementType::float32(), std::move(shape)}, all.elements<float>().first(size));
  }
  return tensors;
}

Result<> measure_layers(const Options& options, const Loaded& loaded, Context& context, Json& document) {
  if (!options.sensitivity) return {};
  if (!loaded.has_float()) return bad_input("{}: integers already: no float network to compare with", loaded.name);
  ALGEAN_ASSIGN(const auto inputs, sensitivity_inputs(options, loaded));
  const auto progress = [&](std::size_t done, std::size_t total) {
    context.console.progress("sensitivity", done, total);
  };
  context.console.progress("sensitivity", 0, wanted_samples(options));
  ALGEAN_ASSIGN(const auto report, partitioner::measure_sensitivity(loaded.float_graph, *loaded.integer_graph,
                                                                    context.families, inputs, progress));
  context.console.clear_progress();
  const auto elements = [&](const kernels::GraphPort& port) {
    return loaded.float_graph.values[port.value].type.shape.elements();
  };
  const bool rebuilds = elements(loaded.float_graph.inputs[0]) == elements(loaded.float_graph.outputs[0]);
  context.console.block(sensitivity_table(report, !rebuilds));
  context.console.text("each layer alone in integers, over {} inferences", report.inferences);
  document["sensitivity"] = to_json(report);
  return {};
}

Result<> scan(const Options& options, const Loaded& loaded, Context& context, Json& document) {
  if (!options.scan) return {};
  ALGEAN_ASSIGN(const Scan scan, scan_widths(loaded, options.scan_options, context));
  {
    const HoldSignals hold;
    if (!options.csv.empty()) ALGEAN_TRY(write_text(options.csv, scan_csv(scan)));
    if (!options.svg.empty()) ALGEAN_TRY(write_text(options.svg, scan_svg(scan, loaded.name)));
  }
  context.console.block(scan_table(scan));
  context.console.text("{} inferences", scan.inferences);
  document["scan"] = to_json(scan);
  return {};
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_TRY(check(options));
  partitioner::LoadOptions load;
  load.require_integer = true;
  load.quantisation.weight_bits = static_cast<int>(options.weight_bits);
  if (!options.calibration.empty()) load.calibration_inputs = options.calibration;
  if (!options.method.empty()) {
    ALGEAN_ASSIGN(load.calibration_method, partitioner::parse_calibration_method(options.method));
  }
  ALGEAN_ASSIGN(const Loaded loaded, load_net(options.net, context, load));
  ALGEAN_TRY(check(options, loaded));
  Json document{{"name", loaded.name}};
  ALGEAN_TRY(write(options, loaded, context, document));
  ALGEAN_TRY(measure_layers(options, loaded, context, document));
  ALGEAN_TRY(scan(options, loaded, context, document));
  document["precision"] = "integer";
  document["layers"] = layers_json(*loaded.integer_graph);
  document["warnings"] = loaded.warnings;
  return Outcome{0, std::move(document)};
}

}  // namespace

void add_quantise(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("quantise", "turn a float network into one of int8, by calibration inputs",
                                  "algean quantise net.json -o int8.graph");
  command.option("NET", options->net, "network to quantise", {.required = true});
  command.option("-o,--output", options->output, "graph file to write");
  command.option("--calibration", options->calibration, "sample inputs, in place of net.json's `calibration`");
  command.option("--method", options->method, "minmax, percentile, percentile:99.9 or mse, in place of net.json's");
  command.option("--weight-bits", options->weight_bits, "width of weights that are float32",
                 {.low = partitioner::least_weight_bits, .high = partitioner::most_weight_bits});
  command.flag("--sensitivity", options->sensitivity, "say which layer loses how much: each alone in integers");
  command.option("--samples", options->samples, "inferences of --sensitivity (default 4)", {.low = 1, .high = 1e6});
  command.flag("--scan", options->scan, "measure accuracy at weight widths of 2 to 8 bits");
  command.option("--inputs", options->scan_options.inputs, "what --sensitivity and --scan run, in place of net.json's");
  command.option("--labels", options->scan_options.labels, "of --scan: integers, one an inference");
  command.option("--metric", options->scan_options.metric, "of --scan, as of `evaluate`",
                 {.one_of = {"auto", "accuracy", "auc", "score"}});
  command.option("--csv", options->csv, "of --scan: the table as a file");
  command.option("--svg", options->svg, "of --scan: a drawing of it");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
