#include <poll.h>

#include <algorithm>

#include "cluster/cli/build.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/cli/table.hpp"
#include "cluster/deploy/survey.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string name;
  double timeout_s = 1;
  double interval_s = 0.2;
};

std::string duration_text(double age_s) {
  const auto seconds = static_cast<std::int64_t>(age_s);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 86400) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds / 3600 % 24);
}

std::int64_t in_ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

// Seconds since the last of its parts started; none where not all run.
std::optional<double> up_s(const std::vector<NodeSurvey>& nodes) {
  std::optional<double> least;
  for (const NodeSurvey& node : nodes) {
    if (node.condition != Condition::running) return std::nullopt;
    const double up = static_cast<double>(node.part->up_ns()) / 1e9;
    least = std::min(least.value_or(up), up);
  }
  return least;
}

std::uint64_t dropped_frames(const control::NodeCounts& counts) {
  std::uint64_t sum = 0;
  for (const control::Dropped& dropped : counts.dropped()) sum += dropped.frames();
  return sum;
}

Json kernels_json(const control::PartStatus& part) {
  Json kernels = Json::array();
  for (const control::KernelStatus& kernel : part.kernels()) {
    kernels.push_back({{"kernel", kernel.kernel()},
                       {"runs", kernel.runs()},
                       {"traced", kernel.traced()},
                       {"queue_ns", kernel.queue_ns()},
                       {"compute_ns", kernel.compute_ns()}});
  }
  return kernels;
}

Json counts_json(const control::NodeCounts& counts) {
  Json dropped = Json::object();
  for (const control::Dropped& cause : counts.dropped()) dropped[std::string(cause.cause())] = cause.frames();
  return {{"datagrams", counts.datagrams()}, {"inferences", counts.inferences()},
          {"attached", counts.attached()},   {"freed", counts.freed()},
          {"errors", counts.errors()},       {"lost_replies", counts.lost_replies()},
          {"dropped", std::move(dropped)}};
}

Json node_json(const DeployedNode& node, const NodeSurvey& seen) {
  Json document{{"name", node.name}, {"state", to_text(seen.condition)}, {"host", node.host}};
  if (seen.pid != 0) document["pid"] = seen.pid;
  document["address"] = node.data;
  document["control"] = node.control;
  if (!seen.why.empty()) document["message"] = seen.why;
  if (!seen.part) return document;
  document["up_s"] = static_cast<double>(seen.part->up_ns()) / 1e9;
  document["poll"] = seen.part->poll();
  document["cores"] = seen.part->cores();
  document["counters"] = counts_json(seen.part->counts());
  document["kernels"] = kernels_json(*seen.part);
  return document;
}

Json link_json(const LinkSurvey& link) {
  return {{"from", link.from},
          {"to", link.to},
          {"state", link.state},
          {"rtt_us", static_cast<double>(link.rtt_ns) / 1e3},
          {"frames", link.frames},
          {"bytes", link.bytes},
          {"frames_per_s", link.frames_per_s},
          {"mb_per_s", link.mb_per_s},
          {"lost", link.lost},
          {"queued_bytes", link.queued_bytes},
          {"queued_most_bytes", link.queued_most_bytes},
          {"blocked_us", static_cast<double>(link.blocked_ns) / 1e3}};
}

struct Seen {
  Deployment deployment;
  std::vector<NodeSurvey> nodes;
};

Seen look(const Deployment& deployment, const Options& options, Context& context) {
  return {deployment, survey(deployment, build_version, in_ns(options.timeout_s), context.clock)};
}

Json to_json(const Seen& seen) {
  Json document{{"name", seen.deployment.name},
                {"state", to_text(worst(seen.nodes))},
                {"address", seen.deployment.address},
                {"network", seen.deployment.network}};
  if (const auto up = up_s(seen.nodes)) document["up_s"] = *up;
  document["nodes"] = Json::array();
  for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
    document["nodes"].push_back(node_json(seen.deployment.nodes[i], seen.nodes[i]));
  }
  return document;
}

std::string cores_text(const control::PartStatus& part) {
  const std::string& cores = part.cores();
  return cores.empty() ? std::string("all") : cores;
}

void show_nodes(const Seen& seen, Console& console) {
  Table table({{"node"},
               {"state"},
               {"pid", true},
               {"address"},
               {"kernels", true},
               {"cores"},
               {"poll"},
               {"inferences", true},
               {"clients", true},
               {"errors", true},
               {"dropped", true}});
  for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
    const NodeSurvey& node = seen.nodes[i];
    std::vector<std::string> row{seen.deployment.nodes[i].name, std::string(to_text(node.condition)),
                                 node.pid == 0 ? "" : std::to_string(node.pid), seen.deployment.nodes[i].data};
    if (node.part) {
      const control::NodeCounts& counts = node.part->counts();
      row.insert(row.end(),
                 {std::to_string(node.part->kernels_size()), cores_text(*node.part), std::string(node.part->poll()),
                  std::to_string(counts.inferences()), std::to_string(counts.attached() - counts.freed()),
                  std::to_string(counts.errors()), std::to_string(dropped_frames(counts))});
    }
    row.resize(11);
    table.add(std::move(row));
  }
  console.block(table.text());
  for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
    if (!seen.nodes[i].why.empty()) console.text("{}: {}", seen.deployment.nodes[i].name, seen.nodes[i].why);
  }
}

void show_links(const std::vector<LinkSurvey>& links, Console& console) {
  if (links.empty()) return;
  Table table({{"link"},
               {"state"},
               {"rtt us", true},
               {"frames", true},
               {"frames/s", true},
               {"MB/s", true},
               {"lost", true},
               {"queued", true},
               {"blocked ms", true}});
  for (const LinkSurvey& link : links) {
    table.add({link.from + " -> " + link.to, link.state, fmt::format("{:.1f}", static_cast<double>(link.rtt_ns) / 1e3),
               std::to_string(link.frames), fmt::format("{:.0f}", link.frames_per_s),
               fmt::format("{:.2f}", link.mb_per_s), std::to_string(link.lost), std::to_string(link.queued_bytes),
               fmt::format("{:.1f}", static_cast<double>(link.blocked_ns) / 1e6)});
  }
  console.text("");
  console.block(table.text());
}

// Two looks, a moment apart: rates are their difference.
Result<Outcome> run_one(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const Deployment deployment, context.states.read(options.name));
  const Seen earlier = look(deployment, options, context);
  (void)::poll(nullptr, 0, static_cast<int>(options.interval_s * 1e3));
  const Seen seen = look(deployment, options, context);
  const auto links = links_of(deployment, earlier.nodes, seen.nodes);
  const auto up = up_s(seen.nodes);
  context.console.text("{}: {} at {}, network {}{}", deployment.name, to_text(worst(seen.nodes)), deployment.address,
                       deployment.network, up ? ", up " + duration_text(*up) : std::string());
  show_nodes(seen, context.console);
  show_links(links, context.console);
  Json document = to_json(seen);
  document["links"] = Json::array();
  for (const LinkSurvey& link : links) document["links"].push_back(link_json(link));
  return Outcome{0, std::move(document)};
}

Result<Outcome> run_all(const Options& options, Context& context) {
  Table table({{"name"}, {"state"}, {"address"}, {"nodes", true}, {"up", true}, {"network"}});
  Json list = Json::array();
  for (const std::string& name : context.states.names()) {
    const auto deployment = context.states.read(name);
    if (deployment) {
      const Seen seen = look(*deployment, options, context);
      const auto up = up_s(seen.nodes);
      table.add({name, std::string(to_text(worst(seen.nodes))), deployment->address,
                 std::to_string(deployment->nodes.size()), up ? duration_text(*up) : "", deployment->network});
      list.push_back(to_json(seen));
    } else if (context.states.exists(name)) {  // not one that was stopped just now
      context.console.warn(deployment.error().message);
      table.add({name, "unreadable", "", "", "", ""});
      list.push_back({{"name", name}, {"state", "unreadable"}, {"message", deployment.error().message}});
    }
  }
  if (list.empty()) {
    context.console.text("no deployments in {}", context.states.path().string());
  } else {
    context.console.block(table.text());
  }
  return Outcome{0, {{"deployments", std::move(list)}}};
}

}  // namespace

void add_status(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command =
      commands.add("status", "list the deployments, or show one with its nodes and links", "algean status jet");
  command.option("N", options->name, "name of a deployment (default: all)");
  command.option("--timeout", options->timeout_s, "seconds in which a node must answer",
                 {.low = 0.001, .high = 3600.0});
  command.option("--interval", options->interval_s, "seconds over which rates are measured",
                 {.low = 0.001, .high = 3600.0});
  command.on([options](Context& context) {
    return options->name.empty() ? run_all(*options, context) : run_one(*options, context);
  });
}

}  // namespace algean::cluster
