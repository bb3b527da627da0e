#include "cluster/cli/command.hpp"
#include "cluster/cli/deploying.hpp"
#include "cluster/cli/deployment_view.hpp"
#include "cluster/cli/front.hpp"
#include "cluster/cli/loading.hpp"
#include "runtime/base/cores.hpp"
#include "runtime/transport/udp.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::vector<std::string> files;  // [CLUSTER] NET
  std::string name;
  std::string listen;
  std::string poll;
  std::string cores;
  bool detach = false;
  bool replace = false;
  bool dry_run = false;
  double deadline_s = 0;  // 0: what the plan says
};

constexpr std::size_t check_count = 16;

// What the options say, before anything is loaded.
Result<> check_options(const Options& options, Console& console) {
  if (!options.name.empty()) ALGEAN_TRY(check_deployment_name(options.name));
  if (!options.cores.empty()) ALGEAN_TRY(parse_cores(options.cores));
  if (options.listen.empty()) return {};
  ALGEAN_ASSIGN(const UdpAddress address, UdpAddress::parse(options.listen));
  if (!address.is_loopback()) {
    console.warn(
        fmt::format("--listen {}: whoever reaches this address can use the deployment; there is no "
                    "authentication yet",
                    options.listen));
  }
  return {};
}

Result<std::string> choose_name(const Options& options, const std::string& net, const StateRoot& states) {
  std::string name = options.name.empty() ? net : options.name;
  if (auto good = check_deployment_name(name); !good) {
    return bad_input("{}; give another with --name", good.error().message);
  }
  if (states.exists(name) && !options.replace) {
    return bad_input("the name `{}` is taken by a deployment; stop it, or give --replace or another --name", name);
  }
  return name;
}

// The plan, with what the options say of a lone node.
Result<Planned> plan_of(const Options& options, Context& context) {
  ALGEAN_ASSIGN(Planned planned, plan_to_deploy(options.files, context));
  const bool lone = !options.listen.empty() || !options.poll.empty() || !options.cores.empty();
  if (lone && (options.files.size() == 2 || planned.plan.nodes.size() > 1)) {
    return bad_input("deploy: --listen, --poll and --cores are for one node without a cluster.yaml, which says it all");
  }
  partitioner::TargetNode& node = planned.plan.nodes.front();
  if (!options.listen.empty()) node.listen = options.listen;
  if (!options.poll.empty()) node.poll = options.poll;
  if (!options.cores.empty()) node.cores = options.cores;
  return planned;
}

Result<BringUp> make_plan(const Options& options, const Planned& planned, Context& context) {
  const kernels::Graph& graph = planned.loaded.runnable();
  ALGEAN_ASSIGN(const std::string name, choose_name(options, planned.plan.name, context.states));
  ALGEAN_ASSIGN(BringUp plan, prepare(planned, name, options.deadline_s, context));
  ALGEAN_ASSIGN(plan.inferences, self_check_inputs(planned.loaded, graph.ports(graph.inputs), check_count));
  plan.replace = options.replace;
  return plan;
}

Result<Outcome> dry_run(const BringUp& plan, const Planned& planned, Context& context) {
  const Interrupts interrupts;
  ALGEAN_TRY(greet_agents(plan, context.clock, interrupts));
  context.console.clear_progress();
  return show_dry_run(plan, planned.loaded.runnable(), context.console);
}

Result<Outcome> up(const BringUp& plan, const Planned& planned, const Options& options, Context& context) {
  Interrupts interrupts;  // from here on, an interrupt undoes what was begun
  auto deployed =
      bring_up(plan, planned.loaded.runnable(), context.families, context.states, context.clock, interrupts);
  context.console.clear_progress();
  if (!deployed) return std::unexpected(deployed.error());
  Json document = show_deployed(*deployed, plan, planned.loaded.runnable(), context);
  if (options.detach) {
    context.console.text("running detached; `algean stop {}` ends it", plan.name);
    return Outcome{0, std::move(document)};
  }
  context.console.text("running; Ctrl-C stops it");
  context.console.document(document);
  ALGEAN_TRY(context.console.finish());
  ALGEAN_TRY(stay_in_front(*deployed, interrupts, context));
  return Outcome{0, std::move(document)};
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_TRY(check_options(options, context.console));
  ALGEAN_ASSIGN(const Planned planned, plan_of(options, context));
  ALGEAN_ASSIGN(const BringUp plan, make_plan(options, planned, context));
  return options.dry_run ? dry_run(plan, planned, context) : up(plan, planned, options, context);
}

}  // namespace

void add_deploy(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command =
      commands.add("deploy", "run a network as a service on the nodes of a cluster, or on one of this host",
                   "algean deploy cluster.yaml net.json --detach --name jet");
  add_cluster_and_net(command, options->files);
  command.option("--name", options->name, "name of the deployment (default: the net's)", {.not_empty = true});
  command.flag("--detach", options->detach, "return when it runs; else stay in front until Ctrl-C");
  command.flag("--replace", options->replace, "take the place of a deployment of that name, once the new one runs");
  command.flag("--dry-run", options->dry_run, "plan, check all, greet agents elsewhere; start and write nothing");
  command.option("--listen", options->listen,
                 "without CLUSTER: HOST:PORT of the node (default: any free port of loopback)", {.not_empty = true});
  command.option("--poll", options->poll, "without CLUSTER: how the node waits: auto, spin, yield or block",
                 {.one_of = {"auto", "spin", "yield", "block"}});
  command.option("--cores", options->cores, "without CLUSTER: cores that the node runs on, such as 1 or 0,2-3");
  command.option("--deadline", options->deadline_s,
                 "seconds in which it must be up, once it is planned (default: cluster.yaml's, else 60)",
                 {.low = 0.001, .high = 86400.0});
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
