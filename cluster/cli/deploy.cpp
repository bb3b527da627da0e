#include <poll.h>

#include <array>
#include <tuple>

#include "cluster/cli/batch.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/cli/loading.hpp"
#include "cluster/cli/table.hpp"
#include "cluster/deploy/bring_up.hpp"
#include "cluster/deploy/log_tail.hpp"
#include "runtime/base/cores.hpp"
#include "runtime/transport/udp.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string net;
  std::string name;
  std::string listen = "127.0.0.1:0";
  std::string poll = "auto";
  std::string cores;
  bool detach = false;
  bool replace = false;
  bool dry_run = false;
  double deadline_s = 60;
};

constexpr std::size_t check_count = 16;
constexpr std::int64_t stop_grace_ns = 5'000'000'000;

// What the options say, before anything is loaded.
Result<> check_options(const Options& options, Console& console) {
  if (!options.name.empty()) ALGEAN_TRY(check_deployment_name(options.name));
  ALGEAN_ASSIGN(const UdpAddress address, UdpAddress::parse(options.listen));
  if (!address.is_loopback()) {
    console.warn(
        fmt::format("--listen {}: whoever reaches this address can use the deployment; there is no "
                    "authentication yet",
                    options.listen));
  }
  if (!options.cores.empty()) ALGEAN_TRY(parse_cores(options.cores));
  return {};
}

Result<std::string> choose_name(const Options& options, const partitioner::Loaded& loaded, const StateRoot& states) {
  std::string name = options.name.empty() ? loaded.name : options.name;
  if (auto good = check_deployment_name(name); !good) {
    return bad_input("{}; give another with --name", good.error().message);
  }
  if (states.exists(name) && !options.replace) {
    return bad_input("the name `{}` is taken by a deployment; stop it, or give --replace or another --name", name);
  }
  return name;
}

std::string ports_text(std::span<const Port> ports) {
  std::string text;
  for (const Port& port : ports) text += (text.empty() ? "" : ", ") + port.name + " " + user_type(port).text();
  return text;
}

Json ports_json(std::span<const Port> ports) {
  Json list = Json::array();
  for (const Port& port : ports) {
    const auto extents = port.type.shape.extents();
    list.push_back({{"name", port.name},
                    {"type", user_type(port).element.name()},
                    {"wire_type", port.type.element.name()},
                    {"shape", std::vector<std::int64_t>(extents.begin(), extents.end())}});
  }
  return list;
}

Json describe(const std::string& name, const kernels::Graph& graph) {
  return {{"name", name},
          {"precision", graph.is_integer() ? "integer" : "float"},
          {"layers", graph.layers.size()},
          {"inputs", ports_json(graph.ports(graph.inputs))},
          {"outputs", ports_json(graph.ports(graph.outputs))}};
}

Outcome dry_run(const BringUp& plan, const kernels::Graph& graph, Console& console) {
  Table table({{"name"}, {"listen"}, {"layers", true}, {"inputs"}, {"outputs"}});
  table.add({plan.name, plan.listen, std::to_string(graph.layers.size()), ports_text(graph.ports(graph.inputs)),
             ports_text(graph.ports(graph.outputs))});
  console.block(table.text());
  console.text("dry run: nothing was started or written; {} inferences would be checked", plan.inferences.size());
  Json document = describe(plan.name, graph);
  document["dry_run"] = true;
  return {0, std::move(document)};
}

Json announce(const Deployed& deployed, const BringUp& plan, const kernels::Graph& graph, Context& context) {
  const Deployment& deployment = deployed.deployment;
  Table table({{"name"}, {"address"}, {"pid", true}, {"layers", true}, {"inputs"}, {"outputs"}});
  table.add({deployment.name, deployment.address, std::to_string(deployment.process.pid),
             std::to_string(graph.layers.size()), ports_text(graph.ports(graph.inputs)),
             ports_text(graph.ports(graph.outputs))});
  context.console.block(table.text());
  context.console.text("checked: {} answers equal the {} reference bit for bit", plan.inferences.size(),
                       graph.is_integer() ? "integer" : "float");
  Json document = describe(deployment.name, graph);
  document["address"] = deployment.address;
  document["pid"] = deployment.process.pid;
  document["checked"] = plan.inferences.size();
  document["folder"] = context.states.folder(deployment.name).string();
  return document;
}

// In front: until a signal comes (0), somebody stops the node (0), or it dies (failed).
Result<> stay(Deployed& deployed, Interrupts& interrupts, Context& context) {
  const std::string& name = deployed.deployment.name;
  const ProcessId process = deployed.node.id();
  std::array<pollfd, 2> wait{pollfd{interrupts.fd(), POLLIN, 0}, pollfd{deployed.node.ended_fd(), POLLIN, 0}};
  while (::poll(wait.data(), wait.size(), -1) < 0 && errno == EINTR) continue;
  if (wait[1].revents != 0) {
    const auto end = deployed.node.reap();
    const std::string log = last_lines(context.states.log(name), 5);
    ALGEAN_TRY(context.states.remove(name, process));
    if (!end.clean) return failed("deployment `{}`: the node process {}; its log ends:\n{}", name, end.how, log);
    context.console.text("{}: was stopped", name);
    return {};
  }
  context.console.progress("stopping", 0, 0);
  ALGEAN_TRY(deployed.node.stop(stop_grace_ns));
  ALGEAN_TRY(context.states.remove(name, process));
  context.console.text("{}: stopped", name);
  return {};
}

Result<Outcome> up(const BringUp& plan, const kernels::Graph& graph, const Options& options, Context& context) {
  Interrupts interrupts;  // from here on, an interrupt undoes what was begun
  ALGEAN_ASSIGN(Deployed deployed, bring_up(plan, graph, context.families, context.states, context.clock, interrupts));
  context.console.clear_progress();
  Json document = announce(deployed, plan, graph, context);
  if (options.detach) {
    if (auto released = deployed.node.release(); !released) {
      std::ignore = context.states.remove(plan.name, deployed.deployment.process);
      return std::unexpected(released.error());
    }
    context.console.text("running detached; `algean stop {}` ends it", plan.name);
    return Outcome{0, std::move(document)};
  }
  context.console.text("running; Ctrl-C stops it");
  context.console.document(document);
  ALGEAN_TRY(context.console.finish());
  ALGEAN_TRY(stay(deployed, interrupts, context));
  return Outcome{0, std::move(document)};
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_TRY(check_options(options, context.console));
  ALGEAN_ASSIGN(const auto loaded, load_net(options.net, context));
  const kernels::Graph& graph = loaded.runnable();
  BringUp plan;
  ALGEAN_ASSIGN(plan.name, choose_name(options, loaded, context.states));
  ALGEAN_ASSIGN(plan.inferences, self_check_inputs(loaded, graph.ports(graph.inputs), check_count));
  plan.replace = options.replace;
  plan.listen = options.listen;
  plan.poll = options.poll;
  plan.cores = options.cores;
  plan.program = context.program;
  plan.deadline_ns = context.clock.now_ns() + static_cast<std::int64_t>(options.deadline_s * 1e9);
  plan.progress = [&](std::string_view step) { context.console.progress(step, 0, 0); };
  if (options.dry_run) return dry_run(plan, graph, context.console);
  return up(plan, graph, options, context);
}

}  // namespace

void add_deploy(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("deploy", "run a network as a service that other processes ask over UDP",
                                  "algean deploy net.json --detach --name jet");
  command.option("NET", options->net, "network to deploy", {.required = true});
  command.option("--name", options->name, "name of the deployment (default: the net's)", {.not_empty = true});
  command.flag("--detach", options->detach, "return when it runs; else stay in front until Ctrl-C");
  command.flag("--replace", options->replace, "take the place of a deployment of that name, once the new one runs");
  command.flag("--dry-run", options->dry_run, "load and check all, start and write nothing");
  command.option("--listen", options->listen, "HOST:PORT of the node, port 0 for any free one");
  command.option("--poll", options->poll, "how the node waits: auto, spin, yield or block",
                 {.one_of = {"auto", "spin", "yield", "block"}});
  command.option("--cores", options->cores, "cores that the node runs on, such as 1 or 0,2-3");
  command.option("--deadline", options->deadline_s, "seconds in which it must be up, once the network is loaded",
                 {.low = 0.001, .high = 86400.0});
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
