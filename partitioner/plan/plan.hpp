// A network cut over nodes: kernels, the tensors between them, and what a deployment needs to know of its nodes.
//
//   ALGEAN_ASSIGN(const Assignment assignment, greedy(problem));
//   ALGEAN_ASSIGN(Plan plan, make_plan(graph, families, target, speeds_gmacs, assignment.nodes));
//   for (const PlanKernel& kernel : plan.kernels) compile(kernel_graph(plan, graph, kernel), families);
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernels/graph/graph.hpp"
#include "partitioner/target/target.hpp"
#include "runtime/bundle/bundle.hpp"

namespace algean::partitioner {

// Layers of one node that run as one program. Layers and tensors (values of the graph) go by name.
struct PlanKernel {
  std::uint16_t id = 0;  // its index in the plan + 1
  std::uint16_t node = 0;
  double work_macs = 0;              // of one inference
  std::vector<std::string> layers;   // in topological order; none where it only passes an input on
  std::vector<std::string> inputs;   // tensors by input port
  std::vector<std::string> outputs;  // tensors by output port
  bool operator==(const PlanKernel&) const = default;
};

// A tensor on its way from one place to all that take it.
struct PlanEdge {
  std::string tensor;
  std::size_t bytes = 0;        // on the wire, of one inference
  std::uint16_t from = 0;       // kernel; 0: the client
  std::uint8_t port = 0;        // an output port of it; of the client, the index of the deployment's input
  std::vector<Destination> to;  // input ports of kernels; of kernel 0, outputs of the deployment
  bool operator==(const PlanEdge&) const = default;
};

struct PlanLink {
  std::uint16_t a = 0, b = 0;  // nodes, a < b
  std::string transport;       // udp, tcp; the same for all
  std::size_t mtu = 0;
  bool operator==(const PlanLink&) const = default;
};

struct PlanLimits {
  std::int64_t inference_deadline_ms = 0;
  std::int64_t deploy_deadline_s = 0;
  std::uint16_t max_clients = 1;
  std::uint16_t max_in_flight = 1;  // of one client
  bool operator==(const PlanLimits&) const = default;
};

// Where the graph lies that the plan cuts.
struct PlanGraph {
  std::string file;  // beside plan.json
  std::string sha256;
  std::uint64_t bytes = 0;
  bool operator==(const PlanGraph&) const = default;
};

struct Plan {
  std::string name;               // of the network
  PlanGraph graph;                // empty until the plan is written
  std::vector<TargetNode> nodes;  // those of the target that have a kernel, in its order; speed_gmacs is there
  std::vector<PlanLink> links;    // pairs whose kernels exchange tensors, and every node with home
  PlanLimits limits;
  std::uint16_t home = 0;                    // the node that gives out client slots; it takes an input
  std::vector<std::uint16_t> client_nodes;   // that take inputs or give outputs: home, then the others in order
  std::vector<std::string> inputs, outputs;  // the deployment's, by their ports' names
  std::vector<PlanKernel> kernels;
  std::vector<PlanEdge> edges;
  bool operator==(const Plan&) const = default;
};

// Inferences that are partly there may take this many bytes of a node: the inputs of its kernels, times clients, times
// inferences in flight.
inline constexpr std::size_t max_partial_bytes = std::size_t{1} << 30U;

// Any assignment of the layers of a verified graph to nodes of the target is cut; nodes left empty are left out. Limits
// that the target leaves open are chosen so that partial inferences fit max_partial_bytes. bad_input where those that
// it states do not, and for more kernels, ports or tensors than the wire can number. The result passes verify().
Result<Plan> make_plan(const kernels::Graph& graph, kernels::Families families, const Target& target,
                       const std::vector<double>& speeds_gmacs, const std::vector<std::size_t>& nodes_of_layers);

// Every rule of a plan for this graph (which is verified): each live layer in exactly one kernel; a kernel has all that
// its layers read, and gives out all that others need; kernels form no cycle, so each is convex; every input of a
// kernel is an input of the deployment or the output of one kernel; edges, links, client nodes and external ports are
// those that follow; ids, ports and limits are in range. bad_input names kernel, layer or tensor.
Result<> verify(const Plan& plan, const kernels::Graph& graph);

// A kernel's part of the graph. The plan passes verify().
[[nodiscard]] kernels::Graph kernel_graph(const kernels::Graph& graph, const PlanKernel& kernel);

// Bytes that a node sends for one inference, to other nodes and to clients; what stays on it does not count.
[[nodiscard]] std::size_t bytes_out(const Plan& plan, std::size_t node);

}  // namespace algean::partitioner
