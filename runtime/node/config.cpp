// Configurations: of a lone node, and whether one can be served.
#include <algorithm>

#include "runtime/node/shared.hpp"
#include "runtime/wire/elements.hpp"

namespace algean {
namespace {

constexpr std::size_t input_bytes_a_client = std::size_t{64} << 20;
constexpr std::size_t most_in_flight = 16;

}  // namespace

NodeConfig single_node(Engine& engine, std::string deployment, std::string version) {
  NodeConfig config;
  config.description = describe_one_node(std::move(deployment), std::move(version), engine);
  std::size_t bytes = 1;
  for (const Port& port : engine.inputs()) bytes += wire::wire_bytes(port.type);
  config.description.max_in_flight =
      static_cast<std::uint16_t>(std::clamp<std::size_t>(input_bytes_a_client / bytes, 1, most_in_flight));
  NodeKernel kernel;
  kernel.engine = &engine;
  for (std::size_t i = 0; i < engine.outputs().size(); ++i) {
    kernel.routes.push_back({{wire::client_kernel, static_cast<std::uint8_t>(i)}});
  }
  config.kernels.push_back(std::move(kernel));
  return config;
}

Result<> check(const NodeConfig& config, const NodeOptions& options) {
  ALGEAN_TRY(check_ports("input", config.description.inputs));
  ALGEAN_TRY(check_ports("output", config.description.outputs));
  ALGEAN_TRY(check_places(config.description));
  if (options.max_clients == 0 || options.max_clients == wire::any_slot || config.description.max_in_flight == 0) {
    return bad_input("a node needs 1 to 65534 client slots, and at least one inference in flight");
  }
  if (config.kernels.empty()) return bad_input("a node without kernels");
  if (!config.peers.empty() && config.epoch == 0) return bad_input("a deployment of several nodes needs an epoch");
  if (config.home_peer && *config.home_peer >= config.peers.size()) return bad_input("home is none of the peers");
  for (const NodePeer& peer : config.peers) {
    if (peer.kernels.empty()) return bad_input("node {} has no kernels", peer.name);
  }
  return {};
}

}  // namespace algean
