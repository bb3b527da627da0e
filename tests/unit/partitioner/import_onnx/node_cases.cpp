#include "tests/unit/partitioner/import_onnx/node_cases.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <set>

namespace algean::partitioner::testing_onnx {
namespace {

using onnx::NodeProto;
using onnx::TensorProto;

const std::filesystem::path root = "/usr/share/libonnx-testdata/data/node";

template <class Message>
bool read(const std::filesystem::path& path, Message& message) {
  std::ifstream file(path, std::ios::binary);
  return file && message.ParseFromIstream(&file);
}

onnx::AttributeProto* find(NodeProto& node, const std::string& name) {
  for (auto& attribute : *node.mutable_attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

void set_ints(NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
  auto* attribute = find(node, name);
  if (attribute == nullptr) attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INTS);
  attribute->clear_ints();
  for (const std::int64_t value : values) attribute->add_ints(value);
}

TensorProto list(const std::string& name, const std::vector<std::int64_t>& values) {
  TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) tensor.add_int64_data(value);
  return tensor;
}

std::vector<std::int64_t> integers_of(const TensorProto& tensor) {
  std::vector<std::int64_t> result;
  const auto elements = elements_of(tensor);
  if (!elements) return {};
  for (const double value : *elements) {
    const bool most = value >= 0x1p63;
    result.push_back(most ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(value));
  }
  return result;
}

// The wrapped form of a graph of one node: axes count one further.
class Wrapper {
 public:
  Wrapper(onnx::GraphProto& graph, std::map<std::string, TensorProto>& constants, std::int64_t rank)
      : node_(*graph.mutable_node(0)), constants_(constants), rank_(rank) {}

  bool run() {
    static const std::set<std::string> not_wrapped{"Flatten",
                                                   "Gemm",
                                                   "Conv",
                                                   "ConvTranspose",
                                                   "MaxPool",
                                                   "AveragePool",
                                                   "BatchNormalization",
                                                   "GlobalAveragePool",
                                                   "GlobalMaxPool",
                                                   "Shape",
                                                   "Resize",
                                                   "Upsample",
                                                   "DepthToSpace",
                                                   "SpaceToDepth",
                                                   "QLinearConv",
                                                   "ConvInteger",
                                                   "LRN",
                                                   "Dropout",
                                                   "Size",
                                                   "InstanceNormalization"};
    const std::string& operation = node_.op_type();
    if (not_wrapped.contains(operation)) return false;
    if (auto* axis = find(node_, "axis"); axis != nullptr && axis->i() >= 0) axis->set_i(axis->i() + 1);
    if (operation.starts_with("Arg") || operation == "Gather" || operation == "Split") default_axis();
    if (operation == "Transpose") permutation();
    if (operation.starts_with("Reduce")) reduced();
    if (operation == "Squeeze" || operation == "Unsqueeze") shift(1);
    if (operation == "Reshape" || operation == "Tile" || operation == "Expand") insert(1, {{0, 1}});
    if (operation == "Pad") insert(1, {{0, 0}, {rank_ + 1, 0}});
    if (operation == "Slice") sliced();
    return true;
  }

 private:
  TensorProto* constant(int input) {
    if (input >= node_.input_size() || !constants_.contains(node_.input(input))) return nullptr;
    return &constants_.at(node_.input(input));
  }
  void default_axis() {
    if (find(node_, "axis") != nullptr) return;
    auto* axis = node_.add_attribute();
    axis->set_name("axis");
    axis->set_type(onnx::AttributeProto::INT);
    axis->set_i(1);
  }
  void permutation() {
    std::vector<std::int64_t> order{0};
    const auto* written = find(node_, "perm");
    for (std::int64_t i = 0; i < rank_; ++i) {
      order.push_back(written != nullptr ? written->ints(static_cast<int>(i)) + 1 : rank_ - i);
    }
    set_ints(node_, "perm", order);
  }
  // The axes that are not negative, in an attribute or in input `input`, one further.
  void shift(int input) {
    const auto further = [](std::int64_t axis) { return axis < 0 ? axis : axis + 1; };
    if (auto* axes = find(node_, "axes")) {
      for (int i = 0; i < axes->ints_size(); ++i) axes->set_ints(i, further(axes->ints(i)));
    }
    if (auto* tensor = constant(input)) {
      auto values = integers_of(*tensor);
      std::ranges::transform(values, values.begin(), further);
      *tensor = list(tensor->name(), values);
    }
  }
  // No axes: all that the case has, by name.
  void reduced() {
    const auto* none = find(node_, "noop_with_empty_axes");
    const bool given = find(node_, "axes") != nullptr || (constant(1) != nullptr && constant(1)->dims(0) > 0);
    if (given || (none != nullptr && none->i() != 0)) return shift(1);
    std::vector<std::int64_t> all;
    for (std::int64_t i = 1; i <= rank_; ++i) all.push_back(i);
    if (constant(1) != nullptr) {
      *constant(1) = list(node_.input(1), all);
    } else {
      set_ints(node_, "axes", all);
    }
  }
  void insert(int input, const std::vector<std::pair<std::int64_t, std::int64_t>>& places) {
    auto* tensor = constant(input);
    if (tensor == nullptr) return;
    auto values = integers_of(*tensor);
    for (const auto& [place, value] : places) {
      if (place <= static_cast<std::int64_t>(values.size())) values.insert(values.begin() + place, value);
    }
    *tensor = list(tensor->name(), values);
  }
  void sliced() {
    if (constant(3) != nullptr) return shift(3);
    insert(1, {{0, 0}});
    insert(2, {{0, std::numeric_limits<std::int64_t>::max()}});
  }

  NodeProto& node_;
  std::map<std::string, TensorProto>& constants_;
  std::int64_t rank_;
};

bool can_be_fed(const TensorProto& tensor, const TensorProto& first) {
  const bool type = tensor.data_type() == TensorProto::FLOAT || tensor.data_type() == TensorProto::INT8 ||
                    tensor.data_type() == TensorProto::UINT8;
  return type && tensor.dims_size() == first.dims_size() && first.dims_size() > 0 && tensor.dims(0) == first.dims(0);
}

template <class T>
std::vector<double> raw(const std::string& bytes) {
  std::vector<double> result(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < result.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    result[i] = static_cast<double>(value);
  }
  return result;
}

}  // namespace

std::vector<std::filesystem::path> node_case_folders() {
  std::vector<std::filesystem::path> folders;
  if (!std::filesystem::exists(root)) return folders;
  for (const auto& entry : std::filesystem::directory_iterator(root)) folders.push_back(entry.path());
  std::ranges::sort(folders);
  return folders;
}

std::optional<NodeCase> read_node_case(const std::filesystem::path& folder) {
  NodeCase result{.name = folder.filename(), .model = {}, .inputs = {}, .outputs = {}};
  if (!read(folder / "model.onnx", result.model)) return std::nullopt;
  // A case names the operator set that brought its operator's newest form, which is in force in all later ones too.
  for (auto& import : *result.model.mutable_opset_import()) {
    if (import.domain().empty() && import.version() < 7) import.set_version(7);
  }
  const auto& graph = result.model.graph();
  for (int i = 0; i < graph.input_size(); ++i) {
    TensorProto tensor;
    if (!graph.input(i).type().has_tensor_type()) return std::nullopt;
    if (!read(folder / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb"), tensor)) return std::nullopt;
    tensor.set_name(graph.input(i).name());
    result.inputs.emplace(tensor.name(), tensor);
  }
  for (int i = 0; i < graph.output_size(); ++i) {
    result.outputs.emplace_back();
    if (!graph.output(i).type().has_tensor_type()) return std::nullopt;
    const auto path = folder / "test_data_set_0" / ("output_" + std::to_string(i) + ".pb");
    if (!read(path, result.outputs.back())) return std::nullopt;
  }
  return result;
}

std::optional<Prepared> prepare(const NodeCase& node_case, const Reading& reading) {
  Prepared result{.model = node_case.model, .fed = {}};
  onnx::GraphProto& graph = *result.model.mutable_graph();
  if (graph.input_size() == 0) return result;
  const TensorProto first = node_case.inputs.at(graph.input(0).name());
  std::map<std::string, TensorProto> constants;
  std::vector<onnx::ValueInfoProto> ports;
  for (const auto& port : graph.input()) {
    const TensorProto& tensor = node_case.inputs.at(port.name());
    const bool feed = ports.empty() || (reading.all_fed && can_be_fed(tensor, first));
    if (feed) {
      ports.push_back(port);
    } else {
      constants.emplace(port.name(), tensor);
    }
  }
  if (reading.wrapped && (graph.node_size() != 1 || !Wrapper(graph, constants, first.dims_size()).run())) {
    return std::nullopt;
  }
  graph.clear_input();
  for (auto& port : ports) {
    auto& shape = *port.mutable_type()->mutable_tensor_type()->mutable_shape();
    shape.clear_dim();
    if (reading.wrapped) shape.add_dim()->set_dim_value(1);
    for (const std::int64_t extent : node_case.inputs.at(port.name()).dims()) shape.add_dim()->set_dim_value(extent);
    result.fed.push_back(port.name());
    *graph.add_input() = port;
  }
  for (const auto& [name, tensor] : constants) *graph.add_initializer() = tensor;
  return result;
}

std::optional<std::vector<double>> elements_of(const TensorProto& tensor) {
  const auto numbers = [](const auto& field) { return std::vector<double>(field.begin(), field.end()); };
  const bool is_raw = tensor.has_raw_data();
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      return is_raw ? raw<float>(tensor.raw_data()) : numbers(tensor.float_data());
    case TensorProto::DOUBLE:
      return is_raw ? raw<double>(tensor.raw_data()) : numbers(tensor.double_data());
    case TensorProto::INT64:
      return is_raw ? raw<std::int64_t>(tensor.raw_data()) : numbers(tensor.int64_data());
    case TensorProto::INT32:
      return is_raw ? raw<std::int32_t>(tensor.raw_data()) : numbers(tensor.int32_data());
    case TensorProto::INT8:
      return is_raw ? raw<std::int8_t>(tensor.raw_data()) : numbers(tensor.int32_data());
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      return is_raw ? raw<std::uint8_t>(tensor.raw_data()) : numbers(tensor.int32_data());
    default:
      return std::nullopt;
  }
}

}  // namespace algean::partitioner::testing_onnx
