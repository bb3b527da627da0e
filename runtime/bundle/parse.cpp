// node.json: written by shell/middleware, read strictly by whoever runs a node.
#include <array>
#include <cmath>
#include <limits>

#include "runtime/base/file.hpp"
#include "runtime/bundle/bundle.hpp"
#include "runtime/document/fields.hpp"

namespace algean {
namespace {

constexpr std::int64_t highest_16 = 0xffff;

using document::list;
using document::number;
using document::text;

Result<std::string> choice(const Element& map, std::string_view key, std::initializer_list<std::string_view> choices) {
  ALGEAN_ASSIGN(const Element value, map.at(key));
  ALGEAN_TRY(value.one_of(choices));
  return value.string();
}

Result<Destination> destination(const Element& value) {
  ALGEAN_TRY(value.check_keys({"kernel", "port"}));
  Destination result;
  ALGEAN_ASSIGN(result.kernel, number<std::uint16_t>(value, "kernel", 0, highest_16));
  ALGEAN_ASSIGN(result.port, number<std::uint8_t>(value, "port", 0, highest_port));
  return result;
}

Result<std::vector<Destination>> route(const Element& value) { return list(value, destination); }

Result<BundleKernel> kernel(const Element& value) {
  ALGEAN_TRY(value.check_keys({"id", "file", "sha256", "bytes", "layers", "taps", "routes"}));
  const auto string = [](const Element& element) { return element.string(); };
  BundleKernel result;
  ALGEAN_ASSIGN(result.id, number<std::uint16_t>(value, "id", 1, highest_16));
  ALGEAN_ASSIGN(result.file, text(value, "file"));
  ALGEAN_ASSIGN(result.sha256, text(value, "sha256"));
  ALGEAN_ASSIGN(result.bytes, number<std::uint64_t>(value, "bytes", 1, static_cast<std::int64_t>(max_file_bytes)));
  ALGEAN_ASSIGN(result.layers, list(value, "layers", string));
  ALGEAN_ASSIGN(result.taps, list(value, "taps", string));
  ALGEAN_ASSIGN(result.routes, list(value, "routes", route));
  return result;
}

Result<BundlePeer> peer(const Element& value) {
  ALGEAN_TRY(value.check_keys({"node", "name", "kernels", "transport", "mtu"}));
  BundlePeer result;
  ALGEAN_ASSIGN(result.node, number<std::uint16_t>(value, "node", 0, highest_16));
  ALGEAN_ASSIGN(result.name, text(value, "name"));
  ALGEAN_ASSIGN(result.kernels, list(value, "kernels", [](const Element& element) {
                  return number<std::uint16_t>(element, 1, highest_16);
                }));
  ALGEAN_ASSIGN(result.transport, choice(value, "transport", {"udp", "tcp"}));
  ALGEAN_ASSIGN(result.mtu, number<std::size_t>(value, "mtu", lowest_mtu, highest_mtu));
  return result;
}

Result<ElementType> element_type(const Element& value) {
  ALGEAN_ASSIGN(const Element type, value.at("type"));
  ALGEAN_ASSIGN(const std::string name, type.string());
  const auto element = ElementType::parse(name);
  if (!element) return type.wrong(element.error().message);
  const auto scale = value.find("scale");
  if (!scale) {
    if (const auto zero_point = value.find("zero_point")) return zero_point->wrong("stands without a scale");
    return *element;
  }
  if (element->is_float()) return scale->wrong("quantises float32");
  ALGEAN_ASSIGN(const double factor, scale->number());
  if (!(factor > 0) || !std::isfinite(factor) || !std::isfinite(1 / factor)) {
    return scale->wrong("must be above 0, with a finite inverse");
  }
  ALGEAN_ASSIGN(
      const auto zero_point,
      number<std::int32_t>(value, "zero_point",
                           std::max<std::int64_t>(element->lowest(), std::numeric_limits<std::int32_t>::min()),
                           std::min<std::int64_t>(element->highest(), std::numeric_limits<std::int32_t>::max())));
  return element->with(Quantisation::per_tensor(factor, zero_point));
}

// The keys of a port, among others that the caller has checked.
Result<Port> port(const Element& value) {
  Port result;
  ALGEAN_ASSIGN(result.name, text(value, "name"));
  ALGEAN_ASSIGN(const std::string form, choice(value, "form", {"float32", "integer"}));
  result.form = form == "integer" ? ExternalForm::integer : ExternalForm::float32;
  ALGEAN_ASSIGN(const ElementType element, element_type(value));
  ALGEAN_ASSIGN(auto extents,
                list(value, "shape", [](const Element& extent) { return extent.integer(1, Shape::max_elements); }));
  auto shape = Shape::make(std::move(extents));
  if (!shape) {
    ALGEAN_ASSIGN(const Element place, value.at("shape"));
    return place.wrong(shape.error().message);
  }
  result.type = {element, *std::move(shape)};
  return result;
}

Result<BundleInput> input(const Element& value) {
  ALGEAN_TRY(value.check_keys({"name", "form", "type", "shape", "scale", "zero_point", "destinations"}));
  BundleInput result;
  ALGEAN_ASSIGN(result.port, port(value));
  ALGEAN_ASSIGN(result.destinations, list(value, "destinations", destination));
  return result;
}

Result<BundleOutput> output(const Element& value) {
  ALGEAN_TRY(value.check_keys({"name", "form", "type", "shape", "scale", "zero_point", "kernel"}));
  BundleOutput result;
  ALGEAN_ASSIGN(result.port, port(value));
  ALGEAN_ASSIGN(result.kernel, number<std::uint16_t>(value, "kernel", 1, highest_16));
  return result;
}

Result<BundleNode> client_node(const Element& value) {
  ALGEAN_TRY(value.check_keys({"node", "name"}));
  BundleNode result;
  ALGEAN_ASSIGN(result.node, number<std::uint16_t>(value, "node", 0, highest_16));
  ALGEAN_ASSIGN(result.name, text(value, "name"));
  return result;
}

Result<KernelPlace> place(const Element& value) {
  ALGEAN_TRY(value.check_keys({"kernel", "node"}));
  KernelPlace result;
  ALGEAN_ASSIGN(result.kernel, number<std::uint16_t>(value, "kernel", 1, highest_16));
  ALGEAN_ASSIGN(result.node, number<std::uint16_t>(value, "node", 0, highest_16));
  return result;
}

Result<> read_node(const Element& root, Bundle& bundle) {
  ALGEAN_ASSIGN(bundle.deployment, text(root, "deployment"));
  ALGEAN_ASSIGN(bundle.network, text(root, "network"));
  ALGEAN_ASSIGN(bundle.node, number<std::uint16_t>(root, "node", 0, highest_16));
  ALGEAN_ASSIGN(bundle.name, text(root, "name"));
  ALGEAN_ASSIGN(bundle.listen, text(root, "listen"));
  ALGEAN_ASSIGN(bundle.poll, choice(root, "poll", {"auto", "spin", "yield", "block"}));
  if (root.find("cores")) {
    ALGEAN_ASSIGN(bundle.cores, text(root, "cores"));
  }
  ALGEAN_ASSIGN(bundle.polling_threads, number<unsigned>(root, "polling_threads", 1, highest_16));
  ALGEAN_ASSIGN(bundle.home, number<std::uint16_t>(root, "home", 0, highest_16));
  ALGEAN_ASSIGN(bundle.max_clients, number<std::uint16_t>(root, "max_clients", 1, highest_client_slot));
  ALGEAN_ASSIGN(bundle.max_in_flight, number<std::uint16_t>(root, "max_in_flight", 1, highest_16));
  ALGEAN_ASSIGN(bundle.inference_deadline_ms,
                number<std::int64_t>(root, "inference_deadline_ms", 1, highest_deadline_ms));
  return {};
}

}  // namespace

Result<Bundle> parse_bundle(std::string_view text, const std::string& where) {
  ALGEAN_ASSIGN(const Document document, Document::parse(text, where));
  const Element root = document.root();
  ALGEAN_TRY(root.check_keys({"version", "deployment", "network", "node", "name", "listen", "poll", "cores",
                              "polling_threads", "home", "max_clients", "max_in_flight", "inference_deadline_ms",
                              "kernels", "peers", "inputs", "outputs", "client_nodes", "places"}));
  ALGEAN_TRY(number<int>(root, "version", bundle_version, bundle_version));
  Bundle bundle;
  ALGEAN_TRY(read_node(root, bundle));
  ALGEAN_ASSIGN(bundle.kernels, list(root, "kernels", kernel));
  ALGEAN_ASSIGN(bundle.peers, list(root, "peers", peer));
  ALGEAN_ASSIGN(bundle.inputs, list(root, "inputs", input));
  ALGEAN_ASSIGN(bundle.outputs, list(root, "outputs", output));
  ALGEAN_ASSIGN(bundle.client_nodes, list(root, "client_nodes", client_node));
  ALGEAN_ASSIGN(bundle.places, list(root, "places", place));
  if (auto good = check(bundle); !good) return std::unexpected(good.error().within(where));
  return bundle;
}

Result<Bundle> read_bundle(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / bundle_file;
  ALGEAN_ASSIGN(const std::string text, read_text(file, Document::max_bytes));
  return parse_bundle(text, file.string());
}

}  // namespace algean
