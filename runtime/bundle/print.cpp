#include <nlohmann/json.hpp>

#include "runtime/bundle/bundle.hpp"

namespace algean {
namespace {

using Json = nlohmann::ordered_json;

template <class Items, class Print>
Json list(const Items& items, const Print& print) {
  Json result = Json::array();
  for (const auto& item : items) result.push_back(print(item));
  return result;
}

Json json(const Destination& to) { return {{"kernel", to.kernel}, {"port", to.port}}; }
Json json(const std::vector<Destination>& destinations) {
  return list(destinations, [](const Destination& to) { return json(to); });
}

Json json(const BundleKernel& kernel) {
  return {{"id", kernel.id},
          {"file", kernel.file},
          {"sha256", kernel.sha256},
          {"bytes", kernel.bytes},
          {"layers", kernel.layers},
          {"taps", kernel.taps},
          {"routes", list(kernel.routes, [](const auto& route) { return json(route); })}};
}

Json json(const BundlePeer& peer) {
  return {{"node", peer.node},
          {"name", peer.name},
          {"kernels", peer.kernels},
          {"transport", peer.transport},
          {"mtu", peer.mtu}};
}

Json json(const Port& port) {
  const TensorType& type = port.type;
  Json result{{"name", port.name},
              {"form", port.form == ExternalForm::integer ? "integer" : "float32"},
              {"type", type.element.name()},
              {"shape", type.shape.extents()}};
  if (const auto& quantisation = type.element.quantisation()) {
    result["scale"] = quantisation->scale();
    result["zero_point"] = quantisation->zero_point();
  }
  return result;
}

Json json(const BundleInput& input) {
  Json result = json(input.port);
  result["destinations"] = json(input.destinations);
  return result;
}

Json json(const BundleOutput& output) {
  Json result = json(output.port);
  result["kernel"] = output.kernel;
  return result;
}

Json json(const BundleNode& node) { return {{"node", node.node}, {"name", node.name}}; }
Json json(const KernelPlace& place) { return {{"kernel", place.kernel}, {"node", place.node}}; }

}  // namespace

std::string to_text(const Bundle& bundle) {
  const auto all = [](const auto& items) { return list(items, [](const auto& item) { return json(item); }); };
  Json document{{"version", bundle_version}, {"deployment", bundle.deployment},
                {"network", bundle.network}, {"node", bundle.node},
                {"name", bundle.name},       {"listen", bundle.listen},
                {"poll", bundle.poll}};
  if (!bundle.cores.empty()) document["cores"] = bundle.cores;
  document["polling_threads"] = bundle.polling_threads;
  document["home"] = bundle.home;
  document["max_clients"] = bundle.max_clients;
  document["max_in_flight"] = bundle.max_in_flight;
  document["inference_deadline_ms"] = bundle.inference_deadline_ms;
  document["kernels"] = all(bundle.kernels);
  document["peers"] = all(bundle.peers);
  document["inputs"] = all(bundle.inputs);
  document["outputs"] = all(bundle.outputs);
  document["client_nodes"] = all(bundle.client_nodes);
  document["places"] = all(bundle.places);
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace algean
