// The only file that sees protobuf's classes of ONNX (libonnx_proto's; a second onnx.proto in a process clashes with
// them).
#include "partitioner/import_onnx/onnx_reader.hpp"

#include <onnx/onnx_pb.h>

#include <charconv>
#include <limits>

#include "partitioner/import_common/packed.hpp"
#include "partitioner/import_onnx/onnx_file.hpp"

namespace algean::partitioner {
namespace {

constexpr std::int64_t max_elements = std::int64_t{1} << 29;

std::string type_name(int type) {
  if (type == 21) return "uint4";  // younger than Debian's onnx.proto
  if (type == 22) return "int4";
  const std::string& name = onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(type));
  if (name.empty()) return fmt::format("type {}", type);
  std::string lower;
  for (const char c : name) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return lower;
}

class Packer {
 public:
  Packer(std::string_view where, PackedWriter& out) : where_(where), out_(out) {}

  Result<> model(const onnx::ModelProto& model) {
    if (!model.has_graph()) return bad_input("{}: not an ONNX model: it has no graph", where_);
    const onnx::GraphProto& graph = model.graph();
    out_.text(graph.name());
    out_.number(model.opset_import_size());
    for (const auto& opset : model.opset_import()) {
      out_.text(opset.domain());
      out_.number(opset.version());
    }
    ports(graph.input());
    ports(graph.output());
    out_.number(graph.initializer_size());
    for (const auto& constant : graph.initializer()) ALGEAN_TRY(tensor(constant));
    out_.number(graph.node_size());
    for (const auto& one : graph.node()) ALGEAN_TRY(node(one));
    out_.number(graph.sparse_initializer_size() > 0 ? 1 : 0);
    return {};
  }

 private:
  template <class Ports>
  void ports(const Ports& ports) {
    out_.number(ports.size());
    for (const auto& port : ports) {
      out_.text(port.name());
      const onnx::TypeProto_Tensor& type = port.type().tensor_type();
      out_.text(port.type().has_tensor_type() ? type_name(type.elem_type()) : "no tensor");
      out_.number(type.has_shape() ? 1 : 0);
      out_.number(type.shape().dim_size());
      for (const auto& extent : type.shape().dim()) out_.number(extent.has_dim_value() ? extent.dim_value() : -1);
    }
  }

  Result<> node(const onnx::NodeProto& node) {
    out_.text(node.name());
    out_.text(node.domain());
    out_.text(node.op_type());
    out_.number(node.input_size());
    for (const std::string& name : node.input()) out_.text(name);
    out_.number(node.output_size());
    for (const std::string& name : node.output()) out_.text(name);
    out_.number(node.attribute_size());
    for (const auto& one : node.attribute()) {
      out_.text(one.name());
      ALGEAN_TRY(attribute(one));
    }
    return {};
  }

  // Old writers leave the type away.
  static int type_of(const onnx::AttributeProto& attribute) {
    if (attribute.type() != onnx::AttributeProto::UNDEFINED) return attribute.type();
    if (attribute.has_f()) return onnx::AttributeProto::FLOAT;
    if (attribute.has_i()) return onnx::AttributeProto::INT;
    if (attribute.has_s()) return onnx::AttributeProto::STRING;
    if (attribute.has_t()) return onnx::AttributeProto::TENSOR;
    if (attribute.floats_size() > 0) return onnx::AttributeProto::FLOATS;
    return attribute.ints_size() > 0 ? onnx::AttributeProto::INTS : onnx::AttributeProto::UNDEFINED;
  }

  Result<> attribute(const onnx::AttributeProto& attribute) {
    const int type = type_of(attribute);
    out_.number(type);
    switch (type) {
      case onnx::AttributeProto::FLOAT:
        out_.array(std::span<const float>({attribute.f()}));
        break;
      case onnx::AttributeProto::FLOATS:
        out_.array(
            std::span<const float>(attribute.floats().data(), static_cast<std::size_t>(attribute.floats_size())));
        break;
      case onnx::AttributeProto::INT:
        out_.number(attribute.i());
        break;
      case onnx::AttributeProto::INTS:
        out_.array(
            std::span<const std::int64_t>(attribute.ints().data(), static_cast<std::size_t>(attribute.ints_size())));
        break;
      case onnx::AttributeProto::STRING:
        out_.text(attribute.s());
        break;
      case onnx::AttributeProto::TENSOR:
        return tensor(attribute.t());
      default:
        break;
    }
    return {};
  }

  Result<> tensor(const onnx::TensorProto& tensor) {
    const std::string what = fmt::format("{}: tensor '{}'", where_, tensor.name());
    const std::string type = type_name(tensor.data_type());
    std::int64_t elements = 1;
    for (const std::int64_t extent : tensor.dims()) {
      if (extent < 0) return bad_input("{} has extent {}", what, extent);
      if (extent > max_elements || elements * extent > max_elements)
        return bad_input("{} has more than {} elements", what, max_elements);
      elements *= extent;
    }
    out_.text(tensor.name());
    out_.text(type);
    out_.array(std::span<const std::int64_t>(tensor.dims().data(), static_cast<std::size_t>(tensor.dims_size())));
    const bool external = tensor.data_location() == onnx::TensorProto::EXTERNAL;
    out_.number(external ? 1 : 0);
    if (external) return this->external(tensor, what);
    const std::size_t element_bytes = onnx_element_bytes(type);
    if (tensor.has_segment()) return bad_input("{} is stored in segments, which is not supported", what);
    if (element_bytes == 0) {
      out_.array(std::span<const std::byte>());
      return {};
    }
    const std::size_t bytes = static_cast<std::size_t>(elements) * element_bytes;
    if (type == "int4" || type == "uint4") return nibbles(tensor, bytes, type == "int4", what);
    return tensor.has_raw_data() ? raw(tensor.raw_data(), bytes, what) : typed(tensor, type, bytes, what);
  }

  Result<> raw(const std::string& data, std::size_t bytes, const std::string& what) {
    if (data.size() != bytes) return bad_input("{} has {} bytes of data, {} expected", what, data.size(), bytes);
    out_.array(std::as_bytes(std::span(data)));
    return {};
  }

  Result<> nibbles(const onnx::TensorProto& tensor, std::size_t elements, bool is_signed, const std::string& what) {
    std::vector<std::byte> packed;
    if (tensor.has_raw_data()) {
      const auto bytes = std::as_bytes(std::span(tensor.raw_data()));
      packed.assign(bytes.begin(), bytes.end());
    } else {
      for (const std::int32_t value : tensor.int32_data()) packed.push_back(static_cast<std::byte>(value & 0xff));
    }
    if (packed.size() != (elements + 1) / 2) {
      return bad_input("{} has {} bytes of data, {} expected", what, packed.size(), (elements + 1) / 2);
    }
    const auto unpacked = unpack_nibbles(packed, elements, is_signed);
    out_.array(std::span<const std::byte>(unpacked));
    return {};
  }

  template <class T, class Field>
  Result<> field(const Field& data, std::size_t bytes, const std::string& what) {
    std::vector<T> values;
    values.reserve(static_cast<std::size_t>(data.size()));
    for (const auto value : data) values.push_back(static_cast<T>(value));
    if (values.size() * sizeof(T) != bytes)
      return bad_input("{} has {} elements, {} expected", what, values.size(), bytes / sizeof(T));
    out_.array(std::as_bytes(std::span(values)));
    return {};
  }

  Result<> typed(const onnx::TensorProto& tensor, const std::string& type, std::size_t bytes, const std::string& what) {
    if (type == "float") return field<float>(tensor.float_data(), bytes, what);
    if (type == "double") return field<double>(tensor.double_data(), bytes, what);
    if (type == "int64") return field<std::int64_t>(tensor.int64_data(), bytes, what);
    if (type == "int32") return field<std::int32_t>(tensor.int32_data(), bytes, what);
    if (type == "uint32") return field<std::uint32_t>(tensor.uint64_data(), bytes, what);
    if (type == "uint64") return field<std::uint64_t>(tensor.uint64_data(), bytes, what);
    if (onnx_element_bytes(type) == 1) return field<std::uint8_t>(tensor.int32_data(), bytes, what);
    return field<std::uint16_t>(tensor.int32_data(), bytes, what);  // float16 keeps its bits there
  }

  Result<> external(const onnx::TensorProto& tensor, const std::string& what) {
    std::string location;
    std::int64_t offset = 0;
    std::int64_t length = -1;
    for (const auto& entry : tensor.external_data()) {
      if (entry.key() == "location") location = entry.value();
      if (entry.key() != "offset" && entry.key() != "length") continue;
      std::int64_t& number = entry.key() == "offset" ? offset : length;
      const char* end = entry.value().data() + entry.value().size();
      const auto [stop, error] = std::from_chars(entry.value().data(), end, number);
      if (error != std::errc() || stop != end || number < 0)
        return bad_input("{}: {} of its external data is '{}'", what, entry.key(), entry.value());
    }
    out_.text(location);
    out_.number(offset);
    out_.number(length);
    return {};
  }

  std::string_view where_;
  PackedWriter& out_;
};

}  // namespace

Result<std::vector<std::byte>> pack_onnx(std::span<const std::byte> bytes, std::string_view where) {
  onnx::ModelProto model;
  const bool small = bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max());
  if (!small || !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return bad_input("{}: not an ONNX model: its protobuf cannot be parsed, it is cut off or damaged", where);
  }
  PackedWriter out;
  ALGEAN_TRY(Packer(where, out).model(model));
  return out.take();
}

}  // namespace algean::partitioner
