#include "cluster/cli/deployment_view.hpp"

#include <algorithm>

#include "cluster/cli/batch.hpp"
#include "cluster/cli/table.hpp"

namespace algean::cluster {
namespace {

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

Json describe(const BringUp& plan, const kernels::Graph& graph) {
  return {{"name", plan.name},
          {"precision", graph.is_integer() ? "integer" : "float"},
          {"layers", graph.layers.size()},
          {"inputs", ports_json(graph.ports(graph.inputs))},
          {"outputs", ports_json(graph.ports(graph.outputs))}};
}

// "a, b, c", or "a .. z (26)" where they are many.
std::string layers_text(const std::vector<std::string>& layers) {
  constexpr std::size_t most = 4;
  if (layers.size() > most) return fmt::format("{} .. {} ({})", layers.front(), layers.back(), layers.size());
  return fmt::format("{}", fmt::join(layers, ", "));
}

std::string links_text(const std::vector<LinkView>& links) {
  std::string text;
  for (const LinkView& link : links) {
    text += fmt::format("{}{} {:.0f} us", text.empty() ? "" : ", ", link.peer, static_cast<double>(link.rtt_ns) / 1e3);
  }
  return text;
}

Json links_json(const Deployed& deployed) {
  Json links = Json::array();
  for (std::size_t i = 0; i < deployed.nodes.size(); ++i) {
    for (const LinkView& link : deployed.nodes[i].links) {
      links.push_back({{"from", deployed.deployment.nodes[i].name},
                       {"to", link.peer},
                       {"rtt_us", static_cast<double>(link.rtt_ns) / 1e3}});
    }
  }
  return links;
}

void show_ports(const kernels::Graph& graph, Console& console) {
  console.text("inputs: {}; outputs: {}", ports_text(graph.ports(graph.inputs)),
               ports_text(graph.ports(graph.outputs)));
}

}  // namespace

Outcome show_dry_run(const BringUp& plan, const kernels::Graph& graph, Console& console) {
  Table table({{"node"}, {"host"}, {"listen"}, {"kernels", true}, {"layers"}, {"links"}, {"ships bytes", true}});
  Json nodes = Json::array();
  for (const Shipment& part : plan.parts) {
    std::vector<std::string> peers;
    for (const BundlePeer& peer : part.bundle.peers) peers.push_back(peer.name);
    const auto layers = part.layers();
    table.add({part.bundle.name, part.host, part.bundle.listen, std::to_string(part.bundle.kernels.size()),
               layers_text(layers), fmt::format("{}", fmt::join(peers, ", ")), std::to_string(part.bytes())});
    nodes.push_back({{"name", part.bundle.name},
                     {"host", part.host},
                     {"listen", part.bundle.listen},
                     {"layers", layers},
                     {"links", peers},
                     {"bytes", part.bytes()}});
  }
  console.text("{}: network {}", plan.name, plan.parts.front().bundle.network);
  console.block(table.text());
  show_ports(graph, console);
  console.text("dry run: nothing was started or written; {} inferences would be checked", plan.inferences.size());
  Json document = describe(plan, graph);
  document["dry_run"] = true;
  document["nodes"] = std::move(nodes);
  return {0, std::move(document)};
}

Json show_deployed(const Deployed& deployed, const BringUp& plan, const kernels::Graph& graph, Context& context) {
  const Deployment& deployment = deployed.deployment;
  Table table({{"node"}, {"pid", true}, {"address"}, {"state"}, {"layers"}, {"links (round trip)"}});
  Json nodes = Json::array();
  for (std::size_t i = 0; i < deployed.nodes.size(); ++i) {
    const DeployedNode& node = deployment.nodes[i];
    const NodeView& view = deployed.nodes[i];
    table.add(
        {node.name, std::to_string(view.pid), node.data, "running", layers_text(view.layers), links_text(view.links)});
    nodes.push_back({{"name", node.name},
                     {"host", node.host},
                     {"pid", view.pid},
                     {"address", node.data},
                     {"control", node.control},
                     {"layers", view.layers}});
  }
  Console& console = context.console;
  console.text("{}: at {}, network {}", deployment.name, deployment.address, deployment.network);
  console.block(table.text());
  show_ports(graph, console);
  console.text("checked: {} answers equal the {} reference bit for bit", plan.inferences.size(),
               graph.is_integer() ? "integer" : "float");
  Json document = describe(plan, graph);
  document["address"] = deployment.address;
  document["nodes"] = std::move(nodes);
  document["links"] = links_json(deployed);
  document["checked"] = plan.inferences.size();
  document["folder"] = context.states.folder(deployment.name).string();
  return document;
}

}  // namespace algean::cluster
