#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

#include "kernels/graph/cursor.hpp"
#include "kernels/graph/text.hpp"
#include "runtime/base/crc32c.hpp"
#include "runtime/base/file.hpp"

namespace algean::kernels {
namespace {

constexpr std::string_view end_of_text = "---\n";
// The kinds of lines, in the order in which they come.
constexpr std::array<std::string_view, 6> kinds = {"graph", "value", "input", "output", "constant", "layer"};

// What may stand behind the type of a value or a constant.
struct Fields {
  std::optional<double> scale;
  std::optional<std::int64_t> zero_point;
  std::optional<std::int64_t> axis;
  std::optional<std::vector<double>> scales;
  std::optional<std::vector<std::int32_t>> zero_points;
  std::optional<std::int64_t> offset_bytes;
  std::optional<std::uint64_t> crc;
};

Result<std::int32_t> narrow(std::int64_t value) {
  const auto result = static_cast<std::int32_t>(value);
  if (result != value) return bad_input("{} does not fit 32 bits", value);
  return result;
}

Result<std::optional<Quantisation>> quantisation(const Fields& fields) {
  const bool single = fields.scale || fields.zero_point;
  const bool several = fields.axis || fields.scales || fields.zero_points;
  if (!single && !several) return std::nullopt;
  if (single && !several && fields.scale && fields.zero_point) {
    ALGEAN_ASSIGN(const std::int32_t zero_point, narrow(*fields.zero_point));
    return Quantisation::per_tensor(*fields.scale, zero_point);
  }
  if (several && !single && fields.axis && fields.scales && fields.zero_points) {
    ALGEAN_ASSIGN(const std::int32_t axis, narrow(*fields.axis));
    return Quantisation{*fields.scales, *fields.zero_points, axis};
  }
  return bad_input("a quantisation is scale and zero_point, or axis, scales and zero_points");
}

class Parser {
 public:
  // `data`: the constants' bytes.
  explicit Parser(std::span<const std::byte> data) : data_(data) {}

  Result<> line(std::string_view text);
  Result<Graph> finish();

 private:
  struct Constant {
    std::string name;
    std::shared_ptr<const Tensor> tensor;
    bool used = false;
  };

  Result<> graph(Cursor& cursor);
  Result<> value(Cursor& cursor);
  Result<> port(Cursor& cursor, std::vector<GraphPort>& ports);
  Result<> constant(Cursor& cursor);
  Result<> layer(Cursor& cursor);
  Result<> load_constant(const std::string& name, const TensorType& type, std::int64_t offset_bytes, std::uint64_t crc);
  Result<TensorType> type(Cursor& cursor, bool is_constant, Fields& fields);
  Result<ValueId> value_id(Cursor& cursor);

  std::span<const std::byte> data_;
  std::size_t data_end_ = 0;  // of the constants so far
  std::size_t kind_ = 0;      // of the line before
  bool started_ = false;
  Graph graph_;
  std::unordered_map<std::string, ValueId> value_ids_;
  std::vector<Constant> constants_;
  std::unordered_map<std::string, std::size_t> constant_ids_;
};

Result<> Parser::line(std::string_view text) {
  const std::string_view kind = text.substr(0, text.find(' '));
  const auto found = static_cast<std::size_t>(std::ranges::find(kinds, kind) - kinds.begin());
  if (found == kinds.size()) return bad_input("a line starts with graph, value, input, output, constant or layer");
  if (!started_ && found != 0) return bad_input("the first line is 'graph', found '{}'", kind);
  if (started_ && found == 0) return bad_input("a second line 'graph'");
  if (found < kind_) return bad_input("'{}' comes before '{}'", kind, kinds.at(kind_));
  started_ = true;
  kind_ = found;
  Cursor cursor(text.substr(kind.size()));
  ALGEAN_TRY(cursor.expect(" "));
  switch (found) {
    case 0:
      return graph(cursor);
    case 1:
      return value(cursor);
    case 2:
      return port(cursor, graph_.inputs);
    case 3:
      return port(cursor, graph_.outputs);
    case 4:
      return constant(cursor);
    default:
      return layer(cursor);
  }
}

Result<> Parser::graph(Cursor& cursor) {
  ALGEAN_ASSIGN(graph_.name, cursor.string());
  return cursor.fields([](const std::string& key) -> Result<> { return bad_input("unknown key '{}'", key); });
}

Result<TensorType> Parser::type(Cursor& cursor, bool is_constant, Fields& fields) {
  ALGEAN_ASSIGN(const std::string_view name, cursor.until('['));
  ALGEAN_ASSIGN(const ElementType element, ElementType::parse(name));
  std::vector<std::int64_t> extents;
  ALGEAN_TRY(cursor.list([&]() -> Result<> {
    ALGEAN_ASSIGN(const std::int64_t extent, cursor.integer());
    extents.push_back(extent);
    return {};
  }));
  ALGEAN_ASSIGN(const Shape shape, Shape::make(std::move(extents)));
  const auto set = [](auto& field, auto result) -> Result<> {
    ALGEAN_ASSIGN(field, std::move(result));
    return {};
  };
  ALGEAN_TRY(cursor.fields([&](const std::string& key) -> Result<> {
    if (key == "scale") return set(fields.scale, cursor.real());
    if (key == "zero_point") return set(fields.zero_point, cursor.integer());
    if (key == "axis") return set(fields.axis, cursor.integer());
    if (key == "scales") {
      fields.scales.emplace();
      return cursor.list([&]() -> Result<> { return set(fields.scales->emplace_back(), cursor.real()); });
    }
    if (key == "zero_points") {
      fields.zero_points.emplace();
      return cursor.list([&]() -> Result<> {
        ALGEAN_ASSIGN(const std::int64_t zero_point, cursor.integer());
        return set(fields.zero_points->emplace_back(), narrow(zero_point));
      });
    }
    if (is_constant && key == "offset") return set(fields.offset_bytes, cursor.integer());
    if (is_constant && key == "crc32c") return set(fields.crc, cursor.hexadecimal());
    return bad_input("unknown key '{}'", key);
  }));
  ALGEAN_ASSIGN(std::optional<Quantisation> q, quantisation(fields));
  return TensorType{element.with(std::move(q)), shape};
}

Result<> Parser::value(Cursor& cursor) {
  ALGEAN_ASSIGN(std::string name, cursor.string());
  ALGEAN_TRY(cursor.expect(" "));
  Fields fields;
  ALGEAN_ASSIGN(TensorType value_type, type(cursor, false, fields));
  if (!value_ids_.try_emplace(name, graph_.values.size()).second) return bad_input("a second value '{}'", name);
  graph_.add_value(std::move(name), std::move(value_type));
  return {};
}

Result<ValueId> Parser::value_id(Cursor& cursor) {
  ALGEAN_ASSIGN(const std::string name, cursor.string());
  const auto found = value_ids_.find(name);
  if (found == value_ids_.end()) return bad_input("no value '{}'", name);
  return found->second;
}

Result<> Parser::port(Cursor& cursor, std::vector<GraphPort>& ports) {
  GraphPort result;
  std::optional<ValueId> id;
  std::string form;
  ALGEAN_ASSIGN(result.name, cursor.string());
  ALGEAN_TRY(cursor.fields([&](const std::string& key) -> Result<> {
    if (key == "value") {
      ALGEAN_ASSIGN(id, value_id(cursor));
    } else if (key == "form") {
      ALGEAN_ASSIGN(form, cursor.word());
    } else {
      return bad_input("unknown key '{}'", key);
    }
    return {};
  }));
  if (!id) return bad_input("key 'value' is missing");
  if (form != "float32" && form != "integer") return bad_input("key 'form' must be float32 or integer");
  result.value = *id;
  result.form = form == "integer" ? ExternalForm::integer : ExternalForm::float32;
  ports.push_back(std::move(result));
  return {};
}

Result<> Parser::constant(Cursor& cursor) {
  ALGEAN_ASSIGN(const std::string name, cursor.string());
  ALGEAN_TRY(cursor.expect(" "));
  Fields fields;
  ALGEAN_ASSIGN(const TensorType constant_type, type(cursor, true, fields));
  if (!fields.offset_bytes) return bad_input("constant '{}': key 'offset' is missing", name);
  if (!fields.crc) return bad_input("constant '{}': key 'crc32c' is missing", name);
  if (!constant_ids_.try_emplace(name, constants_.size()).second) return bad_input("a second constant '{}'", name);
  auto loaded = load_constant(name, constant_type, *fields.offset_bytes, *fields.crc);
  if (!loaded) return std::unexpected(loaded.error().within(fmt::format("constant '{}'", name)));
  return {};
}

Result<> Parser::load_constant(const std::string& name, const TensorType& type, std::int64_t offset_bytes,
                               std::uint64_t crc) {
  if (offset_bytes < 0 || offset_bytes % static_cast<std::int64_t>(Tensor::alignment) != 0) {
    return bad_input("offset {} is no multiple of {}", offset_bytes, Tensor::alignment);
  }
  const auto offset = static_cast<std::size_t>(offset_bytes);
  const std::size_t expected = (data_end_ + Tensor::alignment - 1) / Tensor::alignment * Tensor::alignment;
  if (offset < data_end_) return bad_input("offset {} overlaps the constant before it", offset);
  if (offset != expected) return bad_input("offset {} leaves a gap, must be {}", offset, expected);
  const std::size_t size = type.bytes();  // at most 2^34: Shape limits the elements
  if (offset > data_.size() || size > data_.size() - offset) {
    return bad_input("{} is {} bytes at offset {}, the file has {}", type.text(), size, offset, data_.size());
  }
  const auto padding = data_.subspan(data_end_, offset - data_end_);
  if (std::ranges::any_of(padding, [](std::byte b) { return b != std::byte{0}; })) {
    return bad_input("the padding before it is not zero");
  }
  const auto bytes = data_.subspan(offset, size);
  const std::uint32_t actual = crc32c(bytes);
  if (actual != crc) return bad_input("CRC-32C is {:08x}, its line says {:08x}: the file is damaged", actual, crc);
  auto tensor = std::make_shared<Tensor>(type);
  std::memcpy(tensor->bytes().data(), bytes.data(), size);
  constants_.push_back({name, std::move(tensor)});
  data_end_ = offset + size;
  return {};
}

Result<> Parser::layer(Cursor& cursor) {
  Layer result;
  ALGEAN_ASSIGN(result.spec.name, cursor.string());
  ALGEAN_TRY(cursor.expect(" "));
  ALGEAN_ASSIGN(result.spec.operation, cursor.word());
  const auto values = [&](std::vector<ValueId>& ids) {
    return cursor.list([&]() -> Result<> {
      ALGEAN_ASSIGN(const ValueId id, value_id(cursor));
      ids.push_back(id);
      return {};
    });
  };
  ALGEAN_TRY(cursor.fields([&](const std::string& key) -> Result<> {
    if (key == "inputs") return values(result.inputs);
    if (key == "outputs") return values(result.outputs);
    if (key == "attributes") {
      return cursor.map([&](const std::string& name) -> Result<> {
        ALGEAN_ASSIGN(AttributeValue value, cursor.attribute());
        result.spec.attributes.set(name, std::move(value));
        return {};
      });
    }
    if (key != "constants") return bad_input("unknown key '{}'", key);
    return cursor.map([&](const std::string& role) -> Result<> {
      ALGEAN_ASSIGN(const std::string name, cursor.string());
      const auto found = constant_ids_.find(name);
      if (found == constant_ids_.end()) return bad_input("no constant '{}'", name);
      constants_[found->second].used = true;
      result.spec.constants[role] = constants_[found->second].tensor;
      return {};
    });
  }));
  graph_.layers.push_back(std::move(result));
  return {};
}

Result<Graph> Parser::finish() {
  if (!started_) return bad_input("no line 'graph'");
  const auto unused = std::ranges::find(constants_, false, &Constant::used);
  if (unused != constants_.end()) return bad_input("constant '{}' is used by no layer", unused->name);
  if (data_end_ != data_.size()) return bad_input("{} bytes after the last constant", data_.size() - data_end_);
  return std::move(graph_);
}

Result<Graph> parse_file(std::string_view file, std::string_view where) {
  if (!file.starts_with(graph_magic)) {
    return bad_input("{}:1: no graph file: the first line is not '{}'", where,
                     graph_magic.substr(0, graph_magic.size() - 1));
  }
  // From the magic's own end of line, so that an empty text is found too.
  const std::size_t end = file.find("\n---\n", graph_magic.size() - 1);
  if (end == std::string_view::npos) return bad_input("{}: no line '---' ends the text", where);
  const std::size_t text_size = end + 1 + end_of_text.size();
  const std::size_t start = (text_size + Tensor::alignment - 1) / Tensor::alignment * Tensor::alignment;
  if (start > file.size())
    return bad_input("{}: {} bytes, ends before its constants start at {}", where, file.size(), start);
  if (file.substr(text_size, start - text_size).find_first_not_of('\0') != std::string_view::npos) {
    return bad_input("{}: the padding after the text is not zero", where);
  }
  Parser parser(std::as_bytes(std::span(file.substr(start))));
  std::string_view text = file.substr(graph_magic.size(), end + 1 - graph_magic.size());
  for (std::size_t number = 2; !text.empty(); ++number) {
    const std::size_t length = text.find('\n');
    if (auto done = parser.line(text.substr(0, length)); !done) {
      return std::unexpected(done.error().within(fmt::format("{}:{}", where, number)));
    }
    text.remove_prefix(length + 1);
  }
  auto graph = parser.finish();
  if (!graph) return std::unexpected(graph.error().within(where));
  return graph;
}

}  // namespace

Result<Graph> parse(std::span<const std::byte> bytes, std::string_view where) {
  return parse_file({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, where);
}

Result<Graph> read_graph(const std::filesystem::path& path, Families families) {
  ALGEAN_ASSIGN(const std::vector<std::byte> bytes, read_file(path));
  ALGEAN_ASSIGN(Graph graph, parse(bytes, path.string()));
  if (auto good = verify(graph, families); !good) return std::unexpected(good.error().within(path.string()));
  return graph;
}

}  // namespace algean::kernels
