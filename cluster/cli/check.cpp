#include "partitioner/pipeline/check.hpp"

#include "cluster/cli/command.hpp"
#include "cluster/cli/layers.hpp"
#include "cluster/cli/loading.hpp"
#include "cluster/cli/operators.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string net;
  bool operators = false;
};

Json describe(const partitioner::CheckReport& report) {
  Json document{{"inferences", report.inferences}, {"passed", report.passed()}, {"tolerance", report.tolerance}};
  if (report.worst) {
    document["worst"] = {{"output", report.worst->output},     {"inference", report.worst->inference},
                         {"element", report.worst->element},   {"value", report.worst->value},
                         {"expected", report.worst->expected}, {"difference", report.worst->difference}};
  }
  return document;
}

void show(const partitioner::CheckReport& report, Console& console) {
  if (!report.worst) {
    console.text("check: {} inferences ran; net.json states no outputs for them", report.inferences);
    return;
  }
  const auto& worst = *report.worst;
  console.text(
      "check: {}: of {} inferences the largest difference is {:.6g} (tolerance {:.6g}), at `{}`, inference {}, "
      "element {}: {:.6g}, expected {:.6g}",
      report.passed() ? "passed" : "FAILED", report.inferences, worst.difference, report.tolerance, worst.output,
      worst.inference, worst.element, worst.value, worst.expected);
}

Result<Outcome> run(const Options& options, Context& context) {
  if (options.operators && !options.net.empty()) return bad_input("check: --operators takes no NET");
  if (options.operators) return Outcome{0, show_operators(context)};
  if (options.net.empty()) return bad_input("check: NET is missing; see `algean check --help`");
  ALGEAN_ASSIGN(const auto loaded, load_net(options.net, context));
  const kernels::Graph& graph = loaded.runnable();
  context.console.block(layer_table(graph).text());
  context.console.text("{}: {}, {}", loaded.name, graph.is_integer() ? "integer" : "float", summary(graph));
  Json document{{"name", loaded.name},
                {"precision", graph.is_integer() ? "integer" : "float"},
                {"layers", layers_json(graph)},
                {"warnings", loaded.warnings}};
  const auto progress = [&](std::string_view step, std::size_t done, std::size_t total) {
    context.console.progress(step, done, total);
  };
  ALGEAN_ASSIGN(const auto report, partitioner::check_vectors(loaded, context.families, progress));
  if (!report) return Outcome{0, std::move(document)};
  show(*report, context.console);
  document["check"] = describe(*report);
  return Outcome{report->passed() ? 0 : 1, std::move(document)};
}

}  // namespace

void add_check(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("check", "import and verify a network, list its layers, run its check vectors",
                                  "algean check net.json");
  command.option("NET", options->net, "network to check");
  command.flag("--operators", options->operators, "list the operators that each file format may use");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
