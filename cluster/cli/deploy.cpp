#include <optional>

#include "cluster/cli/build.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/cli/deployment_view.hpp"
#include "cluster/cli/front.hpp"
#include "cluster/cli/loading.hpp"
#include "cluster/cli/planning.hpp"
#include "cluster/deploy/bring_up.hpp"
#include "cluster/inventory/inventory.hpp"
#include "partitioner/plan/text.hpp"
#include "runtime/base/cores.hpp"
#include "runtime/transport/udp.hpp"
#include "shell/middleware/middleware.hpp"

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
constexpr std::int64_t hello_timeout_ns = 5'000'000'000;

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

// What agents elsewhere measured, where cluster.yaml does not say how fast their nodes are.
Result<partitioner::Target> measured_target(const Options& options, Context& context) {
  ALGEAN_ASSIGN(Inventory inventory, read_inventory(options.files.front()));
  partitioner::Target& target = inventory.target;
  std::vector<DeployedNode> asked;
  for (const auto& node : target.nodes) {
    if (!node.is_local() && !node.speed_gmacs) asked.push_back({node.name, node.host, node.host, "", std::nullopt});
  }
  const auto hello = [](std::size_t) {
    control::Request request;
    request.mutable_hello()->set_measure_speed(true);
    return request;
  };
  context.console.progress("greeting agents", 0, 0);
  const auto replies = ask_nodes(asked, {build_version}, hello, hello_timeout_ns, context.clock);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i]) return std::unexpected(replies[i].error());
    const double speed = replies[i]->hello().speed_gmacs();
    if (speed > 0) target.nodes[*target.find(asked[i].name)].speed_gmacs = speed;
  }
  return target;
}

// The plan, with what the options say of a lone node.
Result<Planned> plan_of(const Options& options, Context& context) {
  std::optional<partitioner::Target> target;
  if (options.files.size() == 2) {
    ALGEAN_ASSIGN(target, measured_target(options, context));
  }
  ALGEAN_ASSIGN(Planned planned, plan_net(options.files, context, target));
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

Result<std::vector<Shipment>> make_parts(const Planned& planned, const std::string& name) {
  ALGEAN_ASSIGN(auto bundles, shell::make_bundles(planned.plan, planned.loaded.runnable(), name));
  std::vector<Shipment> parts;
  for (shell::NodeBundle& bundle : bundles) {
    Shipment part;
    part.host = planned.plan.nodes[bundle.bundle.node].host;
    for (std::size_t i = 0; i < bundle.files.size(); ++i) {
      part.files.push_back({bundle.bundle.kernels[i].file, std::move(bundle.files[i])});
    }
    part.bundle = std::move(bundle.bundle);
    parts.push_back(std::move(part));
  }
  return parts;
}

Result<BringUp> make_plan(const Options& options, const Planned& planned, Context& context) {
  const kernels::Graph& graph = planned.loaded.runnable();
  BringUp plan;
  ALGEAN_ASSIGN(plan.name, choose_name(options, planned.plan.name, context.states));
  ALGEAN_ASSIGN(plan.parts, make_parts(planned, plan.name));
  ALGEAN_ASSIGN(plan.inferences, self_check_inputs(planned.loaded, graph.ports(graph.inputs), check_count));
  plan.replace = options.replace;
  plan.save = [&planned](const std::filesystem::path& folder) -> Result<> {
    partitioner::Plan copy = planned.plan;
    ALGEAN_TRY(partitioner::write_plan(folder / plan_file, copy, planned.loaded.runnable()));
    return {};
  };
  plan.program = context.program;
  plan.software = build_version;
  const double deadline_s =
      options.deadline_s > 0 ? options.deadline_s : static_cast<double>(planned.plan.limits.deploy_deadline_s);
  plan.deadline_ns = context.clock.now_ns() + static_cast<std::int64_t>(deadline_s * 1e9);
  plan.progress = [&context](std::string_view step) { context.console.progress(step, 0, 0); };
  plan.warn = [&context](std::string_view line) { context.console.warn(line); };
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
                 "without CLUSTER: HOST:PORT of the node (default: any free port of loopback)");
  command.option("--poll", options->poll, "without CLUSTER: how the node waits: auto, spin, yield or block",
                 {.one_of = {"auto", "spin", "yield", "block"}});
  command.option("--cores", options->cores, "without CLUSTER: cores that the node runs on, such as 1 or 0,2-3");
  command.option("--deadline", options->deadline_s,
                 "seconds in which it must be up, once it is planned (default: cluster.yaml's, else 60)",
                 {.low = 0.001, .high = 86400.0});
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
