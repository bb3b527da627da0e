#include "cluster/cli/hold_signals.hpp"
#include "cluster/cli/planning.hpp"
#include "partitioner/plan/text.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string output;
};

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_ASSIGN(Planned planned, plan_net(options.files, context));
  Json document{{"name", planned.plan.name}, {"nodes", plan_json(planned.plan)}, {"unused", planned.unused}};
  if (!options.output.empty()) {
    const HoldSignals hold;
    ALGEAN_ASSIGN(const auto graph, partitioner::write_plan(options.output, planned.plan, planned.loaded.runnable(),
                                                            options.files.back()));
    document["file"] = options.output;
    document["graph"] = graph.string();
  }
  context.console.block(plan_table(planned.plan).text());
  for (const std::string& node : planned.unused) context.console.text("node {}: no layers", node);
  if (!options.output.empty()) {
    context.console.text("{}: {} kernels on {} nodes -> {}", planned.plan.name, planned.plan.kernels.size(),
                         planned.plan.nodes.size(), options.output);
  }
  return Outcome{0, std::move(document)};
}

}  // namespace

void add_plan(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("plan", "place the layers of a network on the nodes of a cluster, and cut it",
                                  "algean plan cluster.yaml net.json -o plan.json");
  add_cluster_and_net(command, options->files);
  command.option("-o,--output", options->output, "plan to write; its graph is written beside it");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
