#include "partitioner/import_onnx/onnx_file.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "partitioner/import_common/packed.hpp"
#include "partitioner/import_onnx/onnx_reader.hpp"
#include "runtime/base/file.hpp"

namespace algean::partitioner {
namespace {

// Numbers of onnx::AttributeProto::AttributeType.
enum AttributeType : std::int64_t {
  float_type = 1,
  int_type = 2,
  string_type = 3,
  tensor_type = 4,
  floats_type = 6,
  ints_type = 7
};

std::vector<std::string> unpack_texts(PackedReader& in) {
  std::vector<std::string> texts(in.count());
  for (std::string& text : texts) text = in.text();
  return texts;
}

std::size_t element_count(const OnnxTensor& tensor) {
  std::size_t elements = 1;
  for (const std::int64_t extent : tensor.extents) elements *= static_cast<std::size_t>(extent);
  return elements;
}

OnnxTensor unpack_tensor(PackedReader& in) {
  OnnxTensor tensor;
  tensor.name = in.text();
  tensor.type = in.text();
  tensor.extents = in.array<std::int64_t>();
  std::size_t elements = 1;
  for (const std::int64_t extent : tensor.extents) {
    if (extent < 0 || extent > std::int64_t{1} << 31 || elements > std::size_t{1} << 31U) in.spoil();
    elements *= static_cast<std::size_t>(extent);
  }
  if (in.number() == 1) {
    OnnxExternal external;
    external.location = in.text();
    external.offset_bytes = static_cast<std::uint64_t>(in.number());
    const std::int64_t length = in.number();
    if (length >= 0) external.length_bytes = static_cast<std::uint64_t>(length);
    tensor.external = std::move(external);
  } else {
    tensor.bytes = in.array<std::byte>();
    if (tensor.bytes.size() != elements * onnx_element_bytes(tensor.type)) in.spoil();
  }
  return tensor;
}

OnnxAttribute unpack_attribute(PackedReader& in) {
  const std::int64_t type = in.number();
  switch (type) {
    case float_type:
    case floats_type: {
      const auto floats = in.array<float>();
      if (type == floats_type) return std::vector<double>(floats.begin(), floats.end());
      if (floats.size() != 1) in.spoil();
      return floats.empty() ? 0.0 : static_cast<double>(floats[0]);
    }
    case int_type:
      return in.number();
    case string_type:
      return in.text();
    case tensor_type:
      return unpack_tensor(in);
    case ints_type:
      return in.array<std::int64_t>();
    default:
      return static_cast<int>(type);
  }
}

OnnxNode unpack_node(PackedReader& in) {
  OnnxNode node;
  node.name = in.text();
  node.domain = in.text();
  node.operation = in.text();
  node.inputs = unpack_texts(in);
  node.outputs = unpack_texts(in);
  const std::size_t attributes = in.count();
  for (std::size_t i = 0; i < attributes && !in.bad(); ++i) {
    std::string name = in.text();
    node.attributes.insert_or_assign(std::move(name), unpack_attribute(in));
  }
  return node;
}

std::vector<OnnxPort> unpack_ports(PackedReader& in) {
  std::vector<OnnxPort> ports(in.count());
  for (OnnxPort& port : ports) {
    port.name = in.text();
    port.type = in.text();
    port.has_shape = in.number() == 1;
    const std::size_t rank = in.count();
    for (std::size_t axis = 0; axis < rank && !in.bad(); ++axis) {
      const std::int64_t extent = in.number();
      port.extents.push_back(extent > 0 ? std::optional(extent) : std::nullopt);
    }
  }
  return ports;
}

// IEEE 754 binary16.
float half_to_float(std::uint16_t half) {
  const auto sign = static_cast<std::uint32_t>(half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1fU;
  const std::uint32_t fraction = half & 0x3ffU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t widened = exponent == 31 ? 0xffU : exponent + 112;
  return std::bit_cast<float>(sign | widened << 23U | fraction << 13U);
}

template <class From, class To, class Convert>
std::vector<To> convert(const OnnxTensor& tensor, Convert convert_one) {
  std::vector<To> result(tensor.bytes.size() / sizeof(From));
  for (std::size_t i = 0; i < result.size(); ++i) {
    From value;
    std::memcpy(&value, tensor.bytes.data() + i * sizeof(From), sizeof(From));
    result[i] = convert_one(value);
  }
  return result;
}

// scale * (q - zero point) in float32, as ONNX defines it.
Result<std::vector<float>> dequantised(const OnnxTensor& tensor, const Quantisation& quantisation) {
  ALGEAN_ASSIGN(const auto integers, integer_elements(tensor));
  std::size_t inner = 1;
  const auto axis = static_cast<std::size_t>(std::max(quantisation.axis, 0));
  for (std::size_t i = axis + 1; i < tensor.extents.size(); ++i) inner *= static_cast<std::size_t>(tensor.extents[i]);
  std::vector<float> reals(integers.size());
  for (std::size_t i = 0; i < reals.size(); ++i) {
    const std::size_t channel = quantisation.axis < 0 ? 0 : i / inner % quantisation.scales.size();
    reals[i] = static_cast<float>(quantisation.scales[channel]) *
               static_cast<float>(integers[i] - quantisation.zero_points[channel]);
  }
  return reals;
}

// Where a tensor's external file lies, if that is inside of `folder`, symbolic links resolved.
Result<std::filesystem::path> resolve(const std::string& location, const std::filesystem::path& folder) {
  const std::filesystem::path relative(location);
  const bool climbs = std::ranges::find(relative, std::filesystem::path("..")) != relative.end();
  if (location.empty() || relative.is_absolute() || climbs) {
    return bad_input("external data '{}' must lie in the model's folder", location);
  }
  std::error_code error;
  const auto root = std::filesystem::canonical(folder.empty() ? "." : folder, error);
  auto file = error ? std::filesystem::path() : std::filesystem::canonical(root / relative, error);
  if (error) return bad_input("external data '{}': {}", location, error.message());
  const auto [end, unused] = std::ranges::mismatch(root, file);
  if (end != root.end()) return bad_input("external data '{}' must lie in the model's folder", location);
  return file;
}

using LoadedFiles = std::map<std::filesystem::path, std::vector<std::byte>>;

Result<> load_external(OnnxTensor& tensor, const std::filesystem::path& folder, LoadedFiles& files) {
  if (!tensor.external) return {};
  ALGEAN_ASSIGN(const auto path, resolve(tensor.external->location, folder));
  if (!files.contains(path)) {
    ALGEAN_ASSIGN(files[path], read_file(path, std::size_t{2} << 30U));
  }
  const std::vector<std::byte>& bytes = files[path];
  const bool nibbles = tensor.type == "int4" || tensor.type == "uint4";
  const std::size_t elements = element_count(tensor);
  const std::uint64_t wanted = nibbles ? (elements + 1) / 2 : elements * onnx_element_bytes(tensor.type);
  const std::uint64_t offset = tensor.external->offset_bytes;
  const std::uint64_t length = tensor.external->length_bytes.value_or(wanted);
  if (length != wanted) return bad_input("{} bytes of external data, {} expected", length, wanted);
  if (offset > bytes.size() || length > bytes.size() - offset) {
    return bad_input("external data '{}' has {} bytes, {} from {} on are wanted", tensor.external->location,
                     bytes.size(), length, offset);
  }
  const auto slice = std::span(bytes).subspan(offset, length);
  tensor.bytes = nibbles ? unpack_nibbles(slice, elements, tensor.type == "int4")
                         : std::vector<std::byte>(slice.begin(), slice.end());
  tensor.external.reset();
  return {};
}

}  // namespace

std::size_t onnx_element_bytes(std::string_view type) {
  static const std::map<std::string_view, std::size_t> sizes{
      {"bool", 1},   {"int4", 1},  {"uint4", 1}, {"int8", 1},   {"uint8", 1},  {"float16", 2}, {"int16", 2},
      {"uint16", 2}, {"float", 4}, {"int32", 4}, {"uint32", 4}, {"double", 8}, {"int64", 8},   {"uint64", 8}};
  const auto found = sizes.find(type);
  return found == sizes.end() ? 0 : found->second;
}

std::vector<std::byte> unpack_nibbles(std::span<const std::byte> packed, std::size_t elements, bool is_signed) {
  std::vector<std::byte> result(elements);
  for (std::size_t i = 0; i < elements && i / 2 < packed.size(); ++i) {
    const auto nibble = static_cast<std::uint8_t>((static_cast<std::uint8_t>(packed[i / 2]) >> (i % 2 * 4)) & 15U);
    result[i] = static_cast<std::byte>(is_signed && nibble > 7 ? nibble | 0xf0U : nibble);
  }
  return result;
}

Result<std::vector<float>> float_elements(const OnnxTensor& tensor) {
  if (tensor.quantisation) return dequantised(tensor, *tensor.quantisation);
  if (tensor.type == "float") return convert<float, float>(tensor, [](float x) { return x; });
  if (tensor.type == "double") return convert<double, float>(tensor, [](double x) { return static_cast<float>(x); });
  if (tensor.type == "float16") return convert<std::uint16_t, float>(tensor, half_to_float);
  return bad_input("tensor '{}' is of type {}, a float type expected", tensor.name, tensor.type);
}

Result<std::vector<std::int64_t>> integer_elements(const OnnxTensor& tensor) {
  const auto widen = [](auto x) { return static_cast<std::int64_t>(x); };
  const std::string& type = tensor.type;
  if (type == "int64") return convert<std::int64_t, std::int64_t>(tensor, widen);
  if (type == "int32") return convert<std::int32_t, std::int64_t>(tensor, widen);
  if (type == "int16") return convert<std::int16_t, std::int64_t>(tensor, widen);
  if (type == "int8" || type == "int4") return convert<std::int8_t, std::int64_t>(tensor, widen);
  if (type == "uint8" || type == "uint4" || type == "bool") return convert<std::uint8_t, std::int64_t>(tensor, widen);
  if (type == "uint16") return convert<std::uint16_t, std::int64_t>(tensor, widen);
  if (type == "uint32") return convert<std::uint32_t, std::int64_t>(tensor, widen);
  if (type == "uint64") {
    return convert<std::uint64_t, std::int64_t>(tensor, [](std::uint64_t x) {
      return static_cast<std::int64_t>(std::min(x, std::uint64_t{std::numeric_limits<std::int64_t>::max()}));
    });
  }
  return bad_input("tensor '{}' is of type {}, an integer type expected", tensor.name, type);
}

Result<> load_external(OnnxModel& model, const std::filesystem::path& folder) {
  LoadedFiles files;
  const auto load = [&](OnnxTensor& tensor) -> Result<> {
    auto loaded = load_external(tensor, folder, files);
    if (!loaded) return std::unexpected(loaded.error().within(fmt::format("tensor '{}'", tensor.name)));
    return {};
  };
  for (OnnxTensor& constant : model.constants) ALGEAN_TRY(load(constant));
  for (OnnxNode& node : model.nodes) {
    for (auto& [name, attribute] : node.attributes) {
      if (auto* tensor = std::get_if<OnnxTensor>(&attribute)) ALGEAN_TRY(load(*tensor));
    }
  }
  return {};
}

Result<OnnxModel> read_onnx(std::span<const std::byte> bytes, std::string_view where, const ContainedLimits& limits) {
  ALGEAN_ASSIGN(const auto packed,
                run_contained(where, "ONNX reader", [&] { return pack_onnx(bytes, where); }, limits));
  return unpack_onnx(packed, where);
}

Result<OnnxModel> unpack_onnx(std::span<const std::byte> packed, std::string_view where) {
  PackedReader in(packed);
  OnnxModel model;
  model.name = in.text();
  const std::size_t opsets = in.count();
  for (std::size_t i = 0; i < opsets && !in.bad(); ++i) {
    std::string domain = in.text();
    model.opsets[domain == "ai.onnx" ? "" : domain] = in.number();
  }
  model.inputs = unpack_ports(in);
  model.outputs = unpack_ports(in);
  const std::size_t constants = in.count();
  for (std::size_t i = 0; i < constants && !in.bad(); ++i) model.constants.push_back(unpack_tensor(in));
  const std::size_t nodes = in.count();
  for (std::size_t i = 0; i < nodes && !in.bad(); ++i) model.nodes.push_back(unpack_node(in));
  model.has_sparse_constants = in.number() == 1;
  if (!in.complete()) return bad_input("{}: the ONNX reader gave a garbled answer on this file", where);
  return model;
}

Result<OnnxModel> read_onnx(std::span<const std::byte> bytes, std::string_view where) {
  ContainedLimits limits;
  limits.memory_bytes = (std::size_t{1} << 30U) + 6 * bytes.size();
  limits.result_bytes = (std::size_t{64} << 20U) + 4 * bytes.size();
  limits.processor_s = 2 + static_cast<std::int64_t>(bytes.size() >> 24U);  // reading 16 MB takes far less
  limits.timeout_ns += limits.processor_s * 4'000'000'000;
  return read_onnx(bytes, where, limits);
}

}  // namespace algean::partitioner
