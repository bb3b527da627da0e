#include "cluster/inventory/inventory.hpp"

#include <algorithm>
#include <charconv>

#include "runtime/document/document.hpp"

namespace algean::cluster {
namespace {

using partitioner::LinkProperties;
using partitioner::Target;
using partitioner::TargetNode;

constexpr std::int64_t version = 1;
constexpr std::size_t max_nodes = 256;

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// A node's name; a cluster's may hold dots, too.
Result<std::string> read_name(const Element& element, bool may_have_dots) {
  ALGEAN_ASSIGN(std::string name, element.string());
  std::string without_dots = name;
  if (may_have_dots) std::ranges::replace(without_dots, '.', '_');
  if (!partitioner::is_node_name(without_dots)) {
    return element.wrong(fmt::format("must be letters, digits, {}'_' and '-', first a letter or digit, at most {}",
                                     may_have_dots ? "'.', " : "", partitioner::max_node_name_characters));
  }
  return name;
}

// HOST and PORT; HOST of letters, digits, '.' and '-'.
struct Address {
  std::string host;
  std::int64_t port = 0;
  [[nodiscard]] bool is_loopback() const { return host == "localhost" || host.starts_with("127."); }
};

std::optional<Address> split(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Address address{std::string(text.substr(0, colon)), 0};
  const auto fits = [](char c) { return is_word(c) || c == '.' || c == '-' || c == '_'; };
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  const bool whole = error == std::errc() && end == port.data() + port.size() && port.front() != '-';
  if (!whole || address.port > 65535 || !std::ranges::all_of(address.host, fits)) return std::nullopt;
  return address;
}

Result<double> read_number(const Element& element, bool or_zero) {
  ALGEAN_ASSIGN(const double value, element.number());
  if (value > 0 || (or_zero && value == 0)) return value;
  return element.wrong(or_zero ? "must not be negative" : "must be above 0");
}

Result<> read_kind(const Element& node) {
  ALGEAN_ASSIGN(const Element kind, node.at("kind"));
  ALGEAN_ASSIGN(const std::size_t choice, kind.one_of({"cpu", "fpga"}));
  if (choice == 0) return {};
  return kind.wrong("is fpga, which is not supported yet; cpu is");
}

Result<std::string> read_host(const Element& element) {
  constexpr std::string_view scheme = "tcp://";
  ALGEAN_ASSIGN(std::string host, element.string());
  if (host == partitioner::local_host) return host;
  const auto address = host.starts_with(scheme) ? split(std::string_view(host).substr(scheme.size())) : std::nullopt;
  if (address && address->port > 0) return host;
  return element.wrong("must be local, or tcp://HOST:PORT where its agent listens");
}

Result<std::string> read_listen(const Element& element) {
  ALGEAN_ASSIGN(std::string listen, element.string());
  const auto address = split(listen);
  if (!address) return element.wrong("must be HOST:PORT, port 0 for any free one");
  if (address->host == "0.0.0.0") return element.wrong("names no address that the other nodes can send to");
  return listen;
}

// "0", "0,2", "1-3", or a plain number.
Result<std::string> read_cores(const Element& element) {
  constexpr std::int64_t highest_core = 1023;
  if (const auto core = element.integer(0, highest_core)) return std::to_string(*core);
  const std::string_view rule = "must be numbers of cores from 0 to 1023, as in \"0\", \"0,2\" or \"1-3\"";
  const auto text = element.string();
  if (!text) return element.wrong(rule);
  for (std::size_t begin = 0; begin <= text->size();) {
    const std::size_t comma = std::min(text->find(',', begin), text->size());
    const std::string_view part = std::string_view(*text).substr(begin, comma - begin);
    const std::size_t dash = part.find('-');
    const auto number = [](std::string_view digits) {
      std::int64_t value = -1;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      const bool whole = error == std::errc() && end == digits.data() + digits.size() && digits.size() <= 4;
      return whole ? value : -1;
    };
    const std::int64_t first = number(part.substr(0, dash));
    const std::int64_t last = dash == std::string_view::npos ? first : number(part.substr(dash + 1));
    if (first < 0 || last < 0 || last > highest_core) return element.wrong(rule);
    if (last < first) return element.wrong("holds a range that ends before it begins");
    begin = comma + 1;
  }
  return *text;
}

class Reader {
 public:
  explicit Reader(std::filesystem::path file) { inventory_.file = std::move(file); }

  Result<Inventory> read(const Element& root) {
    // A file of a later version is named as such, not by its first key that is unknown here.
    ALGEAN_ASSIGN(const Element of_version, root.at("version"));
    ALGEAN_TRY(of_version.integer(version, version));
    ALGEAN_TRY(root.check_keys({"version", "name", "nodes", "links", "limits"}));
    ALGEAN_ASSIGN(const Element name, root.at("name"));
    ALGEAN_ASSIGN(inventory_.name, read_name(name, true));
    ALGEAN_ASSIGN(const Element nodes, root.at("nodes"));
    ALGEAN_TRY(read_nodes(nodes));
    if (const auto links = root.find("links")) ALGEAN_TRY(read_links(*links));
    if (const auto limits = root.find("limits")) ALGEAN_TRY(read_limits(*limits));
    return std::move(inventory_);
  }

 private:
  Result<TargetNode> read_node(const Element& element) const;
  Result<> read_nodes(const Element& nodes);
  Result<> check_reach(const std::vector<Element>& elements) const;
  Result<LinkProperties> read_link(const Element& element, LinkProperties properties);
  Result<> read_transport(const Element& element, LinkProperties& properties);
  Result<std::pair<std::size_t, std::size_t>> read_ends(const std::string& key, const Element& element) const;
  Result<> read_links(const Element& links);
  Result<> read_limits(const Element& limits);

  Inventory inventory_;
  Target& target_ = inventory_.target;
  std::optional<Element> transport_;  // the first that says which
};

Result<TargetNode> Reader::read_node(const Element& element) const {
  ALGEAN_TRY(element.at("name"));
  ALGEAN_TRY(read_kind(element));
  ALGEAN_TRY(element.check_keys({"name", "kind", "host", "listen", "cores", "poll", "speed_gmacs"}));
  TargetNode node;
  ALGEAN_ASSIGN(const Element name, element.at("name"));
  ALGEAN_ASSIGN(node.name, read_name(name, false));
  if (target_.find(node.name)) return name.wrong(fmt::format("is '{}', as another node's", node.name));
  if (const auto host = element.find("host")) {
    ALGEAN_ASSIGN(node.host, read_host(*host));
  }
  if (const auto listen = element.find("listen")) {
    ALGEAN_ASSIGN(node.listen, read_listen(*listen));
    const auto clashes = [&](const TargetNode& other) {
      return other.host == node.host && other.listen == node.listen;
    };
    const auto other = std::ranges::find_if(target_.nodes, clashes);
    if (other != target_.nodes.end() && !node.listen.ends_with(":0")) {
      return listen->wrong(fmt::format("is {}, as node {}'s of the same host", node.listen, other->name));
    }
  }
  if (const auto cores = element.find("cores")) {
    ALGEAN_ASSIGN(node.cores, read_cores(*cores));
  }
  if (const auto poll = element.find("poll")) {
    ALGEAN_TRY(poll->one_of({"auto", "spin", "yield", "block"}));
    ALGEAN_ASSIGN(node.poll, poll->string());
  }
  if (const auto speed = element.find("speed_gmacs")) {
    ALGEAN_ASSIGN(node.speed_gmacs, read_number(*speed, false));
  }
  return node;
}

Result<> Reader::read_nodes(const Element& nodes) {
  ALGEAN_ASSIGN(const auto elements, nodes.list());
  if (elements.empty() || elements.size() > max_nodes) {
    return nodes.wrong(fmt::format("must hold 1 to {} nodes; it holds {}", max_nodes, elements.size()));
  }
  for (const Element& element : elements) {
    ALGEAN_ASSIGN(TargetNode node, read_node(element));
    target_.nodes.push_back(std::move(node));
  }
  return check_reach(elements);
}

// Loopback reaches no other host.
Result<> Reader::check_reach(const std::vector<Element>& elements) const {
  const auto is_far = [](const TargetNode& node) {
    return !node.is_local() && !split(std::string_view(node.host).substr(6))->is_loopback();
  };
  const auto far = std::ranges::find_if(target_.nodes, is_far);
  if (far == target_.nodes.end()) return {};
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const TargetNode& node = target_.nodes[i];
    if (!split(node.listen)->is_loopback()) continue;
    const std::string rule = fmt::format(
        "{} is another host's, from where {} reaches nothing: give an address of its own", far->name, node.listen);
    if (const auto listen = elements[i].find("listen")) return listen->wrong("must be reachable: node " + rule);
    return elements[i].wrong("needs the key 'listen': node " + rule);
  }
  return {};
}

// A node has one listener, so that all its links are of one kind; and every node is linked with the client.
Result<> Reader::read_transport(const Element& element, LinkProperties& properties) {
  ALGEAN_ASSIGN(const std::size_t choice, element.one_of({"auto", "udp", "tcp", "shm"}));
  if (choice == 3) return element.wrong("is shm, which is not supported yet; udp and tcp are");
  if (choice == 0) return {};
  const std::string transport = choice == 1 ? "udp" : "tcp";
  if (transport_) {
    ALGEAN_ASSIGN(const std::string other, transport_->string());
    if (other != transport) {
      return element.wrong(fmt::format("is {}, but '{}' is {}; links of two transports are not supported yet",
                                       transport, transport_->path(), other));
    }
  }
  if (!transport_) transport_ = element;
  properties.transport = transport;
  return {};
}

Result<LinkProperties> Reader::read_link(const Element& element, LinkProperties properties) {
  ALGEAN_TRY(element.check_keys({"transport", "mtu", "bandwidth_gbps", "latency_us"}));
  if (const auto transport = element.find("transport")) ALGEAN_TRY(read_transport(*transport, properties));
  if (const auto mtu = element.find("mtu")) {
    ALGEAN_ASSIGN(const std::int64_t bytes, mtu->integer(576, 65535));
    properties.mtu = static_cast<std::size_t>(bytes);
  }
  if (const auto bandwidth = element.find("bandwidth_gbps")) {
    ALGEAN_ASSIGN(properties.bandwidth_gbps, read_number(*bandwidth, false));
  }
  if (const auto latency = element.find("latency_us")) {
    ALGEAN_ASSIGN(properties.latency_us, read_number(*latency, true));
  }
  return properties;
}

// "A-B", where names may hold '-' too.
Result<std::pair<std::size_t, std::size_t>> Reader::read_ends(const std::string& key, const Element& element) const {
  std::optional<std::pair<std::size_t, std::size_t>> ends;
  for (std::size_t dash = key.find('-'); dash != std::string::npos; dash = key.find('-', dash + 1)) {
    const auto a = target_.find(key.substr(0, dash));
    const auto b = target_.find(key.substr(dash + 1));
    if (!a || !b) continue;
    if (ends) return element.wrong("can be read as two links; name the nodes otherwise");
    ends = std::minmax(*a, *b);
  }
  if (!ends) return element.wrong("names no link: default, or A-B of two nodes");
  if (ends->first == ends->second) return element.wrong("links a node with itself");
  return *ends;
}

Result<> Reader::read_links(const Element& links) {
  ALGEAN_ASSIGN(const auto entries, links.entries());
  if (const auto element = links.find("default")) {
    ALGEAN_ASSIGN(target_.default_link, read_link(*element, {}));
  }
  for (const auto& [key, element] : entries) {
    if (key == "default") continue;
    ALGEAN_ASSIGN(const auto ends, read_ends(key, element));
    const auto is_it = [&](const auto& link) { return std::pair(link.a, link.b) == ends; };
    if (std::ranges::any_of(target_.links, is_it)) return element.wrong("is there already, the other way round");
    ALGEAN_ASSIGN(LinkProperties properties, read_link(element, target_.default_link));
    target_.links.push_back({ends.first, ends.second, std::move(properties)});
  }
  if (transport_) {
    ALGEAN_ASSIGN(target_.default_link.transport, transport_->string());
  }
  for (auto& link : target_.links) link.properties.transport = target_.default_link.transport;
  return {};
}

Result<> Reader::read_limits(const Element& limits) {
  constexpr std::int64_t day_s = 86'400;
  const auto count = [](const Element& element) -> Result<std::uint16_t> {
    ALGEAN_ASSIGN(const std::int64_t value, element.integer(1, 65534));
    return static_cast<std::uint16_t>(value);
  };
  ALGEAN_TRY(limits.check_keys({"inference_deadline_ms", "deploy_deadline_s", "max_clients", "max_in_flight"}));
  if (const auto element = limits.find("inference_deadline_ms")) {
    ALGEAN_ASSIGN(target_.limits.inference_deadline_ms, element->integer(1, day_s * 1000));
  }
  if (const auto element = limits.find("deploy_deadline_s")) {
    ALGEAN_ASSIGN(target_.limits.deploy_deadline_s, element->integer(1, day_s));
  }
  if (const auto element = limits.find("max_clients")) {
    ALGEAN_ASSIGN(target_.limits.max_clients, count(*element));
  }
  if (const auto element = limits.find("max_in_flight")) {
    ALGEAN_ASSIGN(target_.limits.max_in_flight, count(*element));
  }
  return {};
}

}  // namespace

Result<Inventory> read_inventory(const std::filesystem::path& path) {
  ALGEAN_ASSIGN(const Document document, Document::read(path));
  return Reader(path).read(document.root());
}

Inventory local_inventory() { return {{}, "local", partitioner::local_target()}; }

}  // namespace algean::cluster
