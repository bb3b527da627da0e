// Deployments of one and two nodes, what is sent to agents that run them, and a clock that a test moves.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "cluster/control/message.hpp"
#include "kernels/graph/text.hpp"
#include "kernels/library/library.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/bundle/bundle.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::cluster::testing_support {

inline constexpr std::int64_t ms = 1'000'000;
inline constexpr std::int64_t minute = 60'000 * ms;

// Stands still but for what a test says, unless it runs.
class MovedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ns() const override { return runs ? steady_.now_ns() : now_ns_.load(); }
  void move(std::int64_t by_ns) { now_ns_ += by_ns; }
  bool runs = false;  // set before anybody looks

 private:
  SteadyClock steady_;
  std::atomic<std::int64_t> now_ns_ = 1'000 * minute;
};

// A bundle and its files.
struct Shipment {
  Bundle bundle;
  std::vector<std::string> files;

  void add_file(const kernels::Graph& graph, BundleKernel kernel) {
    const auto bytes = kernels::serialise(graph);
    kernel.file = "kernel_" + std::to_string(kernel.id) + ".graph";
    kernel.bytes = bytes.size();
    kernel.sha256 = sha256_hex(bytes);
    bundle.kernels.push_back(std::move(kernel));
    files.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
};

inline kernels::Graph small_network(std::uint64_t seed = 5) {
  return kernels::testing::dense_network(kernels::library(), {6, 9, 4}, seed);
}

// The whole graph as one kernel of one node.
inline Shipment one_node(const kernels::Graph& graph, const std::string& deployment = "quick") {
  Shipment shipment;
  Bundle& bundle = shipment.bundle;
  bundle.deployment = deployment;
  bundle.network = graph.name;
  bundle.name = "a";
  bundle.poll = "block";
  bundle.max_clients = 4;
  bundle.max_in_flight = 4;
  bundle.places = {{1, 0}};
  bundle.client_nodes = {{0, "a"}};
  BundleKernel kernel;
  kernel.id = 1;
  for (const kernels::Layer& layer : graph.layers) kernel.layers.push_back(layer.spec.name);
  for (const kernels::Value& value : graph.values) kernel.taps.push_back(value.name);
  const auto inputs = graph.ports(graph.inputs);
  const auto outputs = graph.ports(graph.outputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    bundle.inputs.push_back({inputs[i], {{1, static_cast<std::uint8_t>(i)}}});
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    bundle.outputs.push_back({outputs[i], 1});
    kernel.routes.push_back({{0, static_cast<std::uint8_t>(i)}});
  }
  shipment.add_file(graph, std::move(kernel));
  return shipment;
}

inline control::PartId part_id(const Bundle& bundle, std::uint64_t epoch = 1) {
  control::PartId id;
  id.set_deployment(bundle.deployment);
  id.set_epoch(epoch);
  id.set_node(bundle.node);
  return id;
}

inline control::Request load_request(const Shipment& shipment, std::uint64_t epoch = 1) {
  control::Request request;
  control::Load& load = *request.mutable_load();
  *load.mutable_part() = part_id(shipment.bundle, epoch);
  load.set_bundle(to_text(shipment.bundle));
  for (std::size_t i = 0; i < shipment.files.size(); ++i) {
    control::File* file = load.add_files();
    file->set_name(shipment.bundle.kernels[i].file);
    file->set_data(shipment.files[i]);
  }
  return request;
}

// Requests that say no more than which part.
inline control::Request start_request(const control::PartId& part) {
  control::Request request;
  *request.mutable_start()->mutable_part() = part;
  return request;
}
inline control::Request commit_request(const control::PartId& part) {
  control::Request request;
  *request.mutable_commit()->mutable_part() = part;
  return request;
}
inline control::Request stop_request(const control::PartId& part) {
  control::Request request;
  *request.mutable_stop()->mutable_part() = part;
  return request;
}
inline control::Request status_request(const control::PartId& part) {
  control::Request request;
  *request.mutable_status()->mutable_part() = part;
  return request;
}
inline control::Request connect_request(const control::PartId& part, const std::vector<std::string>& addresses) {
  control::Request request;
  *request.mutable_connect()->mutable_part() = part;
  for (std::size_t node = 0; node < addresses.size(); ++node) {
    control::NodeAddress* to = request.mutable_connect()->add_nodes();
    to->set_node(static_cast<std::uint32_t>(node));
    to->set_address(addresses[node]);
  }
  return request;
}
inline control::Request tap_request(const control::PartId& part, bool on) {
  control::Request request;
  *request.mutable_tap()->mutable_part() = part;
  request.mutable_tap()->set_on(on);
  return request;
}

// A chain of dense layers as two kernels on two nodes: a computes the first layer, b the rest.
inline std::vector<Shipment> two_nodes(const kernels::Graph& graph, const std::string& deployment = "quick") {
  std::vector<kernels::Graph> halves;
  const kernels::ValueId cut = graph.layers[0].outputs[0];
  kernels::Graph first = graph;
  first.layers.resize(1);
  first.outputs = {{graph.values[cut].name, cut, ExternalForm::integer}};
  halves.push_back(kernels::compact(first));
  kernels::Graph rest = graph;
  rest.layers.erase(rest.layers.begin());
  rest.inputs = {{graph.values[cut].name, cut, ExternalForm::integer}};
  halves.push_back(kernels::compact(rest));

  std::vector<Shipment> shipments;
  for (std::uint16_t node = 0; node < 2; ++node) {
    Shipment shipment = one_node(graph, deployment);
    Bundle& bundle = shipment.bundle;
    BundleKernel kernel = bundle.kernels[0];
    bundle.kernels.clear();
    shipment.files.clear();
    bundle.node = node;
    bundle.name = node == 0 ? "a" : "b";
    bundle.places = {{1, 0}, {2, 1}};
    bundle.client_nodes = {{0, "a"}, {1, "b"}};
    bundle.outputs[0].kernel = 2;
    bundle.peers = {{static_cast<std::uint16_t>(1 - node),
                     node == 0 ? "b" : "a",
                     {static_cast<std::uint16_t>(2 - node)},
                     "udp",
                     1500}};
    kernel.id = static_cast<std::uint16_t>(node + 1);
    kernel.layers = {kernel.layers[node]};
    kernel.taps = {halves[node].values.back().name};
    kernel.routes = {{node == 0 ? Destination{2, 0} : Destination{0, 0}}};
    shipment.add_file(halves[node], kernel);
    shipments.push_back(std::move(shipment));
  }
  return shipments;
}

}  // namespace algean::cluster::testing_support
