#include "cluster/cli/build_hls.hpp"
#include "cluster/cli/build_rtl.hpp"
#include "cluster/cli/hold_signals.hpp"
#include "cluster/cli/planning.hpp"
#include "cluster/deploy/state.hpp"
#include "shell/middleware/middleware.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string output;
  std::string name;
  RtlArguments rtl;
  HlsArguments hls;
};

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_TRY(check_hls(options.hls, options.rtl));
  if (options.hls.hls) {
    if (!options.name.empty()) return bad_input("build: --name is of a deployment, not of --hls");
    return build_hls(options.files, options.output, options.hls, options.rtl, context);
  }
  if (options.rtl.rtl) {
    if (!options.name.empty()) return bad_input("build: --name is of a deployment, not of --rtl");
    return build_rtl(options.files, options.output, options.rtl, context);
  }
  ALGEAN_TRY(check_without_rtl(options.rtl));
  if (!options.name.empty()) ALGEAN_TRY(check_deployment_name(options.name));
  ALGEAN_ASSIGN(const Planned planned, plan_net(options.files, context));
  const std::string name = options.name.empty() ? planned.plan.name : options.name;
  const kernels::Graph& graph = planned.loaded.runnable();
  ALGEAN_ASSIGN(const auto bundles, shell::make_bundles(planned.plan, graph, name));
  {
    const HoldSignals hold;
    ALGEAN_TRY(shell::write_bundles(options.output, bundles, planned.plan, graph));
  }
  context.console.block(plan_table(planned.plan).text());
  for (const std::string& node : planned.unused) context.console.text("node {}: no layers", node);
  context.console.text("{}: bundles of {} nodes -> {}", name, bundles.size(), options.output);
  return Outcome{
      0, {{"name", name}, {"nodes", plan_json(planned.plan)}, {"unused", planned.unused}, {"folder", options.output}}};
}

}  // namespace

void add_build(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("build", "write what each node of a cluster is sent: its part of the network",
                                  "algean build cluster.yaml net.json -o bundle/");
  add_cluster_and_net(command, options->files);
  command.option("-o,--output", options->output, "folder to write; a bundle that is there is replaced",
                 {.required = true, .not_empty = true});
  command.option("--name", options->name, "name of the deployment (default: the net's)", {.not_empty = true});
  add_rtl_options(command, options->rtl);
  add_hls_options(command, options->hls);
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
