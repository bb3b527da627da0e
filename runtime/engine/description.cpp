#include "runtime/engine/description.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "runtime/wire/little_endian.hpp"

namespace algean {
namespace {

constexpr std::uint16_t description_version = 2;

enum class Kind : std::uint8_t { float32, signed_integer, unsigned_integer };

class Writer {
 public:
  template <std::integral T>
  void put(T value) {
    bytes_.resize(bytes_.size() + sizeof(T));
    wire::store(bytes_.data() + bytes_.size() - sizeof(T), value);
  }
  void put(std::string_view text) {
    text = text.substr(0, 65535);
    put(static_cast<std::uint16_t>(text.size()));
    const auto bytes = std::as_bytes(std::span(text));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <std::integral T>
  Result<T> get(std::string_view what) {
    if (bytes_.size() - at_ < sizeof(T)) return wrong("ends before {}", what);
    const T value = wire::load<T>(bytes_.data() + at_);
    at_ += sizeof(T);
    return value;
  }
  Result<std::string> text(std::string_view what) {
    ALGEAN_ASSIGN(const auto size, get<std::uint16_t>(what));
    if (bytes_.size() - at_ < size) return wrong("ends within {}", what);
    std::string result(size, ' ');
    for (char& character : result) {
      character = static_cast<char>(bytes_[at_]);
      // They are printed: no control characters.
      if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f) {
        return wrong("{} has a control character", what);
      }
      ++at_;
    }
    return result;
  }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
  template <class... Args>
  std::unexpected<Error> wrong(fmt::format_string<Args...> text, Args&&... args) const {
    return bad_input("description of the ports, byte {}: {}", at_, fmt::format(text, std::forward<Args>(args)...));
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

void put_port(Writer& writer, const Port& port) {
  const ElementType& element = port.type.element;
  writer.put(std::string_view(port.name));
  const Kind kind = element.is_float()    ? Kind::float32
                    : element.is_signed() ? Kind::signed_integer
                                          : Kind::unsigned_integer;
  writer.put(static_cast<std::uint8_t>(kind));
  writer.put(static_cast<std::uint8_t>(element.bits()));
  writer.put(static_cast<std::uint8_t>(port.form));
  const auto& quantisation = element.quantisation();
  writer.put(static_cast<std::uint8_t>(quantisation.has_value() ? 1 : 0));
  if (quantisation) {
    writer.put(std::bit_cast<std::uint64_t>(quantisation->scale()));
    writer.put(quantisation->zero_point());
  }
  writer.put(static_cast<std::uint8_t>(port.type.shape.rank()));
  for (const std::int64_t extent : port.type.shape.extents()) writer.put(extent);
}

Result<std::optional<Quantisation>> get_quantisation(Reader& reader, const ElementType& element) {
  ALGEAN_ASSIGN(const auto quantised, reader.get<std::uint8_t>("a quantisation"));
  if (quantised > 1) return reader.wrong("{} is neither 0 nor 1", quantised);
  if (quantised == 0) return std::nullopt;
  ALGEAN_ASSIGN(const auto scale_bits, reader.get<std::uint64_t>("a scale"));
  ALGEAN_ASSIGN(const auto zero_point, reader.get<std::int32_t>("a zero point"));
  const auto scale = std::bit_cast<double>(scale_bits);
  if (!(scale > 0) || !std::isfinite(scale) || !std::isfinite(1.0 / scale)) {
    return reader.wrong("scale {} is not positive, with a finite inverse", scale);
  }
  if (element.is_float()) return reader.wrong("float32 is quantised");
  if (zero_point < element.lowest() || zero_point > element.highest()) {
    return reader.wrong("zero point {} is outside {}", zero_point, element.name());
  }
  return Quantisation::per_tensor(scale, zero_point);
}

Result<ElementType> get_element(Reader& reader) {
  ALGEAN_ASSIGN(const auto kind, reader.get<std::uint8_t>("an element type"));
  ALGEAN_ASSIGN(const auto bits, reader.get<std::uint8_t>("an element type's bits"));
  if (kind > static_cast<std::uint8_t>(Kind::unsigned_integer)) return reader.wrong("kind {} is none of 0, 1, 2", kind);
  if (bits < 1 || bits > 32) return reader.wrong("{} bits are not 1 to 32", bits);
  if (static_cast<Kind>(kind) != Kind::float32) {
    return ElementType::integer(bits, static_cast<Kind>(kind) == Kind::signed_integer);
  }
  if (bits != 32) return reader.wrong("float of {} bits", bits);
  return ElementType::float32();
}

Result<Port> get_port(Reader& reader) {
  Port port;
  ALGEAN_ASSIGN(port.name, reader.text("a port's name"));
  ALGEAN_ASSIGN(const ElementType element, get_element(reader));
  ALGEAN_ASSIGN(const auto form, reader.get<std::uint8_t>("a form"));
  if (form > static_cast<std::uint8_t>(ExternalForm::integer)) return reader.wrong("form {} is neither 0 nor 1", form);
  port.form = static_cast<ExternalForm>(form);
  ALGEAN_ASSIGN(auto quantisation, get_quantisation(reader, element));
  ALGEAN_ASSIGN(const auto rank, reader.get<std::uint8_t>("a rank"));
  std::vector<std::int64_t> extents;
  for (unsigned axis = 0; axis < rank; ++axis) {
    ALGEAN_ASSIGN(const auto extent, reader.get<std::int64_t>("an extent"));
    extents.push_back(extent);
  }
  auto shape = Shape::make(std::move(extents));
  if (!shape) return reader.wrong("{}", shape.error().message);
  port.type = {element.with(std::move(quantisation)), *std::move(shape)};
  return port;
}

Result<std::vector<DescribedNode>> get_nodes(Reader& reader) {
  ALGEAN_ASSIGN(const auto count, reader.get<std::uint16_t>("the number of nodes"));
  std::vector<DescribedNode> nodes;
  for (unsigned i = 0; i < count; ++i) {
    DescribedNode node;
    ALGEAN_ASSIGN(node.name, reader.text("a node's name"));
    ALGEAN_ASSIGN(node.address, reader.text("a node's address"));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

Result<std::vector<InputDestination>> get_destinations(Reader& reader) {
  ALGEAN_ASSIGN(const auto count, reader.get<std::uint16_t>("the number of destinations"));
  std::vector<InputDestination> destinations;
  for (unsigned i = 0; i < count; ++i) {
    InputDestination destination;
    ALGEAN_ASSIGN(destination.node, reader.get<std::uint16_t>("a destination's node"));
    ALGEAN_ASSIGN(destination.kernel, reader.get<std::uint16_t>("a destination's kernel"));
    ALGEAN_ASSIGN(destination.port, reader.get<std::uint8_t>("a destination's port"));
    destinations.push_back(destination);
  }
  return destinations;
}

Result<> check_port(const Port& port) {
  const ElementType& element = port.type.element;
  if (port.type.bytes() > max_tensor_bytes) {
    return bad_input("{} bytes, at most {} can be served", port.type.bytes(), max_tensor_bytes);
  }
  if (element.quantisation() && element.quantisation()->axis >= 0) return bad_input("is quantised per channel");
  if (port.form == ExternalForm::float32 && element.is_integer() && !element.quantisation()) {
    return bad_input("has form float32 but {} has no quantisation", element.name());
  }
  return {};
}

}  // namespace

Result<> check_ports(std::string_view direction, std::span<const Port> ports) {
  if (ports.empty()) return bad_input("no {}s", direction);
  if (ports.size() > max_ports)
    return bad_input("{} {}s, at most {} can be served", ports.size(), direction, max_ports);
  std::set<std::string_view> names;
  for (const Port& port : ports) {
    const std::string where = fmt::format("{} \"{}\"", direction, port.name);
    if (!names.insert(port.name).second) return bad_input("{} is there twice", where);
    if (auto good = check_port(port); !good) return std::unexpected(good.error().within(where));
  }
  return {};
}

Description describe_one_node(std::string deployment, std::string node_version, const Engine& engine) {
  Description description;
  description.deployment = std::move(deployment);
  description.node_version = std::move(node_version);
  description.inputs.assign(engine.inputs().begin(), engine.inputs().end());
  description.outputs.assign(engine.outputs().begin(), engine.outputs().end());
  description.nodes = {{description.deployment, ""}};
  for (std::size_t i = 0; i < description.inputs.size(); ++i) {
    description.destinations.push_back({{0, wire::node_kernel, static_cast<std::uint8_t>(i)}});
  }
  description.output_nodes.assign(description.outputs.size(), 0);
  return description;
}

Result<> check_places(const Description& description) {
  const std::size_t nodes = description.nodes.size();
  if (nodes == 0 || nodes > max_nodes) return bad_input("{} nodes, must be 1 to {}", nodes, max_nodes);
  if (description.destinations.size() != description.inputs.size() ||
      description.output_nodes.size() != description.outputs.size()) {
    return bad_input("places of {} inputs and {} outputs, but there are {} and {}", description.destinations.size(),
                     description.output_nodes.size(), description.inputs.size(), description.outputs.size());
  }
  for (std::size_t i = 0; i < description.inputs.size(); ++i) {
    const std::string& name = description.inputs[i].name;
    if (description.destinations[i].empty()) return bad_input("input \"{}\" goes nowhere", name);
    for (const InputDestination& destination : description.destinations[i]) {
      if (destination.node >= nodes) {
        return bad_input("input \"{}\" goes to node {}, there are {}", name, destination.node, nodes);
      }
      if (destination.kernel == wire::client_kernel) return bad_input("input \"{}\" goes to the client", name);
    }
  }
  for (std::size_t i = 0; i < description.outputs.size(); ++i) {
    if (description.output_nodes[i] >= nodes) {
      return bad_input("output \"{}\" comes from node {}, there are {}", description.outputs[i].name,
                       description.output_nodes[i], nodes);
    }
  }
  return {};
}

std::vector<std::byte> encode(const Description& description) {
  Writer writer;
  ALGEAN_INVARIANT(check_places(description));
  writer.put(description_version);
  writer.put(description.max_in_flight);
  writer.put(description.idle_timeout_ms);
  writer.put(description.receive_window_bytes);
  writer.put(description.polling_threads);
  writer.put(std::string_view(description.deployment));
  writer.put(std::string_view(description.node_version));
  writer.put(static_cast<std::uint16_t>(description.nodes.size()));
  for (const DescribedNode& node : description.nodes) {
    writer.put(std::string_view(node.name));
    writer.put(std::string_view(node.address));
  }
  writer.put(static_cast<std::uint16_t>(description.inputs.size()));
  writer.put(static_cast<std::uint16_t>(description.outputs.size()));
  for (std::size_t i = 0; i < description.inputs.size(); ++i) {
    put_port(writer, description.inputs[i]);
    writer.put(static_cast<std::uint16_t>(description.destinations[i].size()));
    for (const InputDestination& destination : description.destinations[i]) {
      writer.put(destination.node);
      writer.put(destination.kernel);
      writer.put(destination.port);
    }
  }
  for (std::size_t i = 0; i < description.outputs.size(); ++i) {
    put_port(writer, description.outputs[i]);
    writer.put(description.output_nodes[i]);
  }
  return writer.take();
}

Result<Description> decode_description(std::span<const std::byte> bytes) {
  Reader reader(bytes);
  ALGEAN_ASSIGN(const auto version, reader.get<std::uint16_t>("the version"));
  if (version != description_version) return reader.wrong("version {}, known is {}", version, description_version);
  Description result;
  ALGEAN_ASSIGN(result.max_in_flight, reader.get<std::uint16_t>("max_in_flight"));
  if (result.max_in_flight == 0) return reader.wrong("max_in_flight is 0");
  ALGEAN_ASSIGN(result.idle_timeout_ms, reader.get<std::uint32_t>("idle_timeout_ms"));
  ALGEAN_ASSIGN(result.receive_window_bytes, reader.get<std::uint32_t>("receive_window_bytes"));
  ALGEAN_ASSIGN(result.polling_threads, reader.get<std::uint16_t>("polling_threads"));
  ALGEAN_ASSIGN(result.deployment, reader.text("the deployment's name"));
  ALGEAN_ASSIGN(result.node_version, reader.text("the node's version"));
  ALGEAN_ASSIGN(result.nodes, get_nodes(reader));
  ALGEAN_ASSIGN(const auto inputs, reader.get<std::uint16_t>("the number of inputs"));
  ALGEAN_ASSIGN(const auto outputs, reader.get<std::uint16_t>("the number of outputs"));
  for (unsigned i = 0; i < unsigned{inputs} + outputs; ++i) {
    ALGEAN_ASSIGN(Port port, get_port(reader));
    (i < inputs ? result.inputs : result.outputs).push_back(std::move(port));
    if (i < inputs) {
      ALGEAN_ASSIGN(auto destinations, get_destinations(reader));
      result.destinations.push_back(std::move(destinations));
    } else {
      ALGEAN_ASSIGN(const auto node, reader.get<std::uint16_t>("an output's node"));
      result.output_nodes.push_back(node);
    }
  }
  if (!reader.at_end()) return reader.wrong("more follows");
  if (auto good = check_ports("input", result.inputs); !good) return reader.wrong("{}", good.error().message);
  if (auto good = check_ports("output", result.outputs); !good) return reader.wrong("{}", good.error().message);
  if (auto good = check_places(result); !good) return reader.wrong("{}", good.error().message);
  return result;
}

}  // namespace algean
