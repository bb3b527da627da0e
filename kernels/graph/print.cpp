#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <set>

#include "kernels/graph/text.hpp"
#include "runtime/base/crc32c.hpp"
#include "runtime/base/file.hpp"

namespace algean::kernels {
namespace {

static_assert(std::endian::native == std::endian::little, "constants are copied as they lie in memory");

using Out = std::back_insert_iterator<std::string>;

struct PlacedConstant {
  const Tensor* tensor;
  std::string name;
  std::size_t offset_bytes;
};

// The constants of a graph, each once, in the order of their first use.
struct Constants {
  std::vector<PlacedConstant> placed;
  std::map<const Tensor*, std::size_t> index;
};

std::size_t aligned(std::size_t bytes) {
  return (bytes + Tensor::alignment - 1) / Tensor::alignment * Tensor::alignment;
}

Constants place(const Graph& graph) {
  Constants constants;
  std::set<std::string> names;
  std::size_t offset_bytes = 0;
  for (const Layer& layer : graph.layers) {
    for (const auto& [role, tensor] : layer.spec.constants) {
      ALGEAN_INVARIANT(tensor != nullptr);
      if (!constants.index.try_emplace(tensor.get(), constants.placed.size()).second) continue;
      std::string name = layer.spec.name + "." + role;
      for (int copy = 2; !names.insert(name).second; ++copy)
        name = fmt::format("{}.{}#{}", layer.spec.name, role, copy);
      offset_bytes = aligned(offset_bytes);
      constants.placed.push_back({tensor.get(), std::move(name), offset_bytes});
      offset_bytes += tensor->bytes().size();
    }
  }
  return constants;
}

std::string quote(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(Out(result), "\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result += '"';
}

bool is_word(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text.empty() || !letter(text.front())) return false;
  return std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string word(std::string_view text) { return is_word(text) ? std::string(text) : quote(text); }

std::string scalar(std::int64_t value) { return fmt::format("{}", value); }
std::string scalar(std::int32_t value) { return fmt::format("{}", value); }
std::string scalar(const std::string& value) { return quote(value); }
// The shortest text that reads back as the same number; always with a sign of being real.
std::string scalar(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".enai") == std::string::npos) text += ".0";
  return text;
}

template <class T>
std::string list(const std::vector<T>& values) {
  std::string text = "[";
  for (const T& value : values) {
    if (text.size() > 1) text += ',';
    text += scalar(value);
  }
  return text += ']';
}

std::string attribute(const AttributeValue& value) {
  if (const auto* reals = std::get_if<std::vector<double>>(&value); reals != nullptr && reals->empty()) return "[.]";
  return std::visit(
      [](const auto& held) {
        if constexpr (requires { scalar(held); }) {
          return scalar(held);
        } else {
          return list(held);
        }
      },
      value);
}

void put_quantisation(const ElementType& element, std::string& text) {
  if (!element.quantisation()) return;
  const Quantisation& q = *element.quantisation();
  if (q.axis == -1 && q.scales.size() == 1 && q.zero_points.size() == 1) {
    fmt::format_to(Out(text), " scale={} zero_point={}", scalar(q.scales[0]), q.zero_points[0]);
  } else {
    fmt::format_to(Out(text), " axis={} scales={} zero_points={}", q.axis, list(q.scales), list(q.zero_points));
  }
}

std::string name_of(const Graph& graph, ValueId id) { return graph.values.at(id).name; }

void put_layer(const Graph& graph, const Layer& layer, const Constants& constants, std::string& text) {
  const auto names = [&](const std::vector<ValueId>& ids) {
    std::vector<std::string> result;
    for (const ValueId id : ids) result.push_back(name_of(graph, id));
    return list(result);
  };
  const LayerSpec& spec = layer.spec;
  fmt::format_to(Out(text), "layer {} {} inputs={} outputs={}", quote(spec.name), word(spec.operation),
                 names(layer.inputs), names(layer.outputs));
  const auto put_map = [&](std::string_view key, const auto& map, auto&& put) {
    if (map.empty()) return;
    char separator = '{';
    fmt::format_to(Out(text), " {}=", key);
    for (const auto& [name, value] : map) {
      fmt::format_to(Out(text), "{}{}={}", separator, word(name), put(value));
      separator = ',';
    }
    text += '}';
  };
  put_map("attributes", spec.attributes.all(), attribute);
  put_map("constants", spec.constants, [&](const std::shared_ptr<const Tensor>& tensor) {
    return quote(constants.placed[constants.index.at(tensor.get())].name);
  });
  text += '\n';
}

std::string print(const Graph& graph, const Constants& constants) {
  std::string text(graph_magic);
  fmt::format_to(Out(text), "graph {}\n", quote(graph.name));
  for (const Value& value : graph.values) {
    fmt::format_to(Out(text), "value {} {}", quote(value.name), value.type.text());
    put_quantisation(value.type.element, text);
    text += '\n';
  }
  for (const bool is_input : {true, false}) {
    for (const GraphPort& port : is_input ? graph.inputs : graph.outputs) {
      fmt::format_to(Out(text), "{} {} value={} form={}\n", is_input ? "input" : "output", quote(port.name),
                     quote(name_of(graph, port.value)), port.form == ExternalForm::float32 ? "float32" : "integer");
    }
  }
  for (const PlacedConstant& constant : constants.placed) {
    fmt::format_to(Out(text), "constant {} {} offset={} crc32c={:08x}", quote(constant.name),
                   constant.tensor->type().text(), constant.offset_bytes, crc32c(constant.tensor->bytes()));
    put_quantisation(constant.tensor->type().element, text);
    text += '\n';
  }
  for (const Layer& layer : graph.layers) put_layer(graph, layer, constants, text);
  return text;
}

}  // namespace

std::string print(const Graph& graph) { return print(graph, place(graph)); }

std::vector<std::byte> serialise(const Graph& graph) {
  const Constants constants = place(graph);
  const std::string text = print(graph, constants) + "---\n";
  const std::size_t start = aligned(text.size());
  std::size_t size = start;
  for (const PlacedConstant& constant : constants.placed)
    size = start + constant.offset_bytes + constant.tensor->bytes().size();
  std::vector<std::byte> bytes(size);
  std::memcpy(bytes.data(), text.data(), text.size());
  for (const PlacedConstant& constant : constants.placed) {
    const auto from = constant.tensor->bytes();
    if (!from.empty()) std::memcpy(bytes.data() + start + constant.offset_bytes, from.data(), from.size());
  }
  return bytes;
}

Result<> write_graph(const std::filesystem::path& path, const Graph& graph) {
  return write_file(path, serialise(graph));
}

}  // namespace algean::kernels
