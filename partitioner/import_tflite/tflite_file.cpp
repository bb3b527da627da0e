#include "partitioner/import_tflite/tflite_file.hpp"

#include <flatbuffers/flatbuffers.h>
#include <partitioner/import_tflite/tflite_generated.h>

#include <cstring>
#include <limits>

#include "runtime/base/printable.hpp"

namespace algean::partitioner {
namespace {

namespace format = tflite_format;

constexpr std::size_t max_file_size = (std::size_t{1} << 31U) - 1;  // of FlatBuffers
constexpr std::uint32_t max_depth = 16;
constexpr std::uint32_t max_tables = 1'000'000;
constexpr std::size_t max_links = 1'000'000;  // inputs and outputs of all operators
constexpr int custom_code = 32;

template <class T>
std::size_t size_of(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

TfliteType type_of(format::TensorType type) {
  switch (type) {
    case format::TensorType_FLOAT32:
      return TfliteType::float32;
    case format::TensorType_FLOAT16:
      return TfliteType::float16;
    case format::TensorType_INT8:
      return TfliteType::int8;
    case format::TensorType_UINT8:
      return TfliteType::uint8;
    case format::TensorType_INT32:
      return TfliteType::int32;
    case format::TensorType_INT64:
      return TfliteType::int64;
    default:
      return TfliteType::other;
  }
}

std::string type_name(format::TensorType type) {
  if (type < format::TensorType_MIN || type > format::TensorType_MAX) return fmt::format("type {}", int{type});
  std::string name = format::EnumNameTensorType(type);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Result<TfliteModel> read() {
    const auto* start = reinterpret_cast<const std::uint8_t*>(bytes_.data());
    if (bytes_.size() < 8 || !format::ModelBufferHasIdentifier(start)) return bad_input("no TensorFlow Lite file");
    if (bytes_.size() > max_file_size) return bad_input("larger than 2 GiB, which FlatBuffers does not allow");
    flatbuffers::Verifier verifier(start, bytes_.size(), max_depth, max_tables);
    if (!format::VerifyModelBuffer(verifier)) return bad_input("not whole, or no TensorFlow Lite file");
    model_ = format::GetModel(start);
    if (model_->version() != 3) return bad_input("format version {}, must be 3", model_->version());
    if (size_of(model_->subgraphs()) != 1) {
      return bad_input("{} subgraphs, must be one (control flow is not supported)", size_of(model_->subgraphs()));
    }
    const format::SubGraph& graph = *model_->subgraphs()->Get(0);
    result_.file_bytes = bytes_.size();
    ALGEAN_TRY(read_tensors(graph));
    ALGEAN_TRY(read_operators(graph));
    ALGEAN_TRY(read_ports(graph.inputs(), "input", result_.inputs));
    ALGEAN_TRY(read_ports(graph.outputs(), "output", result_.outputs));
    return std::move(result_);
  }

 private:
  // Tables of the file can share what they point to, so that a small one could ask for any amount of copies.
  Result<> copy(std::size_t bytes) {
    copied_bytes_ += bytes;
    if (copied_bytes_ <= max_tflite_copied_bytes) return {};
    return bad_input("names, shapes and scales take more than {} bytes", max_tflite_copied_bytes);
  }

  Result<> read_tensors(const format::SubGraph& graph) {
    const std::size_t count = size_of(graph.tensors());
    if (count > max_tflite_tensors) return bad_input("{} tensors, at most {}", count, max_tflite_tensors);
    for (std::size_t i = 0; i < count; ++i) {
      auto tensor = read_tensor(*graph.tensors()->Get(static_cast<std::uint32_t>(i)), i);
      if (!tensor) return std::unexpected(tensor.error().within(fmt::format("tensor {}", i)));
      result_.tensors.push_back(*std::move(tensor));
    }
    return {};
  }

  Result<TfliteTensor> read_tensor(const format::Tensor& from, std::size_t index) {
    TfliteTensor tensor;
    if (from.name() != nullptr) {
      ALGEAN_TRY(copy(from.name()->size()));
      tensor.name = printable(from.name()->string_view());
    }
    if (tensor.name.empty()) tensor.name = fmt::format("tensor_{}", index);
    ALGEAN_TRY(copy(8 * (size_of(from.shape()) + size_of(from.shape_signature()))));
    if (from.shape() != nullptr) tensor.dims.assign(from.shape()->begin(), from.shape()->end());
    if (from.shape_signature() != nullptr) {
      tensor.signature.assign(from.shape_signature()->begin(), from.shape_signature()->end());
    }
    tensor.type = type_of(from.type());
    tensor.type_name = type_name(from.type());
    if (tensor.type == TfliteType::other) tensor.refusal = fmt::format("{} is not supported", tensor.type_name);
    if (from.sparsity() != nullptr) tensor.refusal = "sparse constants are not supported";
    if (from.is_variable()) tensor.refusal = "variables are not supported";
    if (from.quantization() != nullptr) ALGEAN_TRY(read_quantisation(*from.quantization(), tensor));
    ALGEAN_TRY(read_data(from.buffer(), tensor));
    return tensor;
  }

  Result<> read_quantisation(const format::QuantizationParameters& from, TfliteTensor& tensor) {
    if (from.details_type() != 0) tensor.refusal = "its kind of quantisation is not supported";
    const std::size_t count = size_of(from.scale());
    if (count == 0) return {};
    const std::size_t zeros = size_of(from.zero_point());
    if (zeros != 0 && zeros != count) return bad_input("{} zero points for {} scales", zeros, count);
    ALGEAN_TRY(copy(12 * count));
    Quantisation q;
    q.scales.assign(from.scale()->begin(), from.scale()->end());
    q.zero_points.assign(count, 0);
    for (std::size_t i = 0; i < zeros; ++i) {
      std::int64_t zero = 0;  // the verifier does not see to the alignment of elements of 8 bytes
      std::memcpy(&zero, from.zero_point()->Data() + 8 * i, sizeof zero);
      if (zero < std::numeric_limits<std::int32_t>::min() || zero > std::numeric_limits<std::int32_t>::max()) {
        return bad_input("zero point {} has more than 32 bits", zero);
      }
      q.zero_points[i] = static_cast<std::int32_t>(zero);
    }
    q.axis = count > 1 ? from.quantized_dimension() : -1;
    if (count > 1 && q.axis < 0) return bad_input("quantised along axis {}", q.axis);
    tensor.quantisation = std::move(q);
    return {};
  }

  // Bytes that the buffer of this number holds: in its table, or behind all tables.
  Result<> read_data(std::uint32_t number, TfliteTensor& tensor) {
    if (number >= size_of(model_->buffers())) {
      return bad_input("buffer {} of {} does not exist", number, size_of(model_->buffers()));
    }
    const format::Buffer& buffer = *model_->buffers()->Get(number);
    if (size_of(buffer.data()) > 0) {
      tensor.data = {reinterpret_cast<const std::byte*>(buffer.data()->data()), buffer.data()->size()};
    } else if (buffer.offset() > 1) {
      if (buffer.offset() > bytes_.size() || buffer.size() > bytes_.size() - buffer.offset()) {
        return bad_input("buffer {} lies outside the file", number);
      }
      tensor.data = bytes_.subspan(buffer.offset(), buffer.size());
    }
    tensor.is_constant = !tensor.data.empty();
    return {};
  }

  Result<> read_operators(const format::SubGraph& graph) {
    const std::size_t count = size_of(graph.operators());
    if (count > max_tflite_operators) return bad_input("{} operators, at most {}", count, max_tflite_operators);
    for (std::size_t i = 0; i < count; ++i) {
      auto op = read_operator(*graph.operators()->Get(static_cast<std::uint32_t>(i)), i);
      if (!op) return std::unexpected(op.error().within(fmt::format("operator {}", i)));
      result_.operators.push_back(*std::move(op));
    }
    return {};
  }

  Result<TfliteOperator> read_operator(const format::Operator& from, std::size_t index) {
    TfliteOperator op;
    op.index = index;
    op.format = &from;
    if (from.opcode_index() >= size_of(model_->operator_codes())) {
      return bad_input("code {} of {} does not exist", from.opcode_index(), size_of(model_->operator_codes()));
    }
    const format::OperatorCode& code = *model_->operator_codes()->Get(from.opcode_index());
    op.code = std::max<std::int32_t>(code.deprecated_builtin_code(), code.builtin_code());
    op.version = code.version();
    op.name = tflite_operator_name(op.code);
    if (op.code == custom_code && code.custom_code() != nullptr) {
      ALGEAN_TRY(copy(code.custom_code()->size()));
      op.name += fmt::format(" '{}'", printable(code.custom_code()->string_view()));
    }
    links_ += size_of(from.inputs()) + size_of(from.outputs());
    if (links_ > max_links) return bad_input("operators have more than {} inputs and outputs", max_links);
    for (std::size_t i = 0; i < size_of(from.inputs()); ++i) {
      const std::int32_t tensor = from.inputs()->Get(static_cast<std::uint32_t>(i));
      if (tensor != -1) ALGEAN_TRY(check_tensor(tensor));
      op.inputs.push_back(tensor);
    }
    for (std::size_t i = 0; i < size_of(from.outputs()); ++i) {
      const std::int32_t tensor = from.outputs()->Get(static_cast<std::uint32_t>(i));
      ALGEAN_TRY(check_tensor(tensor));
      op.outputs.push_back(static_cast<std::size_t>(tensor));
    }
    if (op.outputs.empty()) return bad_input("{} has no output", op.name);
    return op;
  }

  [[nodiscard]] Result<> check_tensor(std::int32_t tensor) const {
    if (tensor >= 0 && static_cast<std::size_t>(tensor) < result_.tensors.size()) return {};
    return bad_input("tensor {} of {} does not exist", tensor, result_.tensors.size());
  }

  Result<> read_ports(const flatbuffers::Vector<std::int32_t>* from, std::string_view kind,
                      std::vector<std::size_t>& to) const {
    constexpr std::size_t most = 1000;
    if (size_of(from) == 0) return bad_input("no {}", kind);
    if (size_of(from) > most) return bad_input("{} {}s, at most {}", size_of(from), kind, most);
    for (const std::int32_t tensor : *from) {
      if (auto good = check_tensor(tensor); !good) return std::unexpected(good.error().within(kind));
      to.push_back(static_cast<std::size_t>(tensor));
    }
    return {};
  }

  std::span<const std::byte> bytes_;
  const format::Model* model_ = nullptr;
  TfliteModel result_;
  std::size_t copied_bytes_ = 0;
  std::size_t links_ = 0;
};

}  // namespace

Result<TfliteModel> read_tflite(std::span<const std::byte> bytes) { return Reader(bytes).read(); }

}  // namespace algean::partitioner
