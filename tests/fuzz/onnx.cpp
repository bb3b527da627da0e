// ONNX models, read and converted in this process: any bytes, and well formed models of random nodes. What is imported
// is a graph that verify() accepts; what is not ends in a message.
#include <fuzzer/FuzzedDataProvider.h>
#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

#include "kernels/library/library.hpp"
#include "partitioner/import_onnx/import_onnx.hpp"
#include "partitioner/import_onnx/onnx_file.hpp"
#include "partitioner/import_onnx/onnx_reader.hpp"
#include "tests/fuzz/require.hpp"

namespace algean::partitioner {
namespace {

using onnx::TensorProto;

// Numbers that shapes, axes and attributes are made of: mostly small, now and then one at a limit.
std::int64_t number(FuzzedDataProvider& data) {
  constexpr std::int64_t limits[] = {std::numeric_limits<std::int64_t>::min(),
                                     std::numeric_limits<std::int64_t>::max(),
                                     std::int64_t{1} << 31,
                                     std::int64_t{1} << 32,
                                     -(std::int64_t{1} << 62) - 0x0a19,
                                     std::numeric_limits<std::int32_t>::max()};
  if (data.ConsumeIntegralInRange(0, 15) == 0) return data.PickValueInArray(limits);
  return data.ConsumeIntegralInRange<std::int64_t>(-3, 6);
}

std::vector<std::int64_t> numbers(FuzzedDataProvider& data) {
  std::vector<std::int64_t> result(data.ConsumeIntegralInRange<std::size_t>(0, 8));
  for (auto& value : result) value = number(data);
  return result;
}

// A constant with all its elements, of up to four axes.
void fill(TensorProto& tensor, FuzzedDataProvider& data) {
  constexpr int types[] = {TensorProto::FLOAT, TensorProto::INT64, TensorProto::INT8,
                           TensorProto::UINT8, TensorProto::INT32, TensorProto::BOOL};
  const int type = data.PickValueInArray(types);
  tensor.set_data_type(type);
  int elements = 1;
  for (int i = data.ConsumeIntegralInRange(0, 4); i > 0; --i) {
    const int extent = data.ConsumeIntegralInRange(0, 4);
    tensor.add_dims(extent);
    elements *= extent;
  }
  for (int i = 0; i < elements; ++i) {
    if (type == TensorProto::FLOAT) {
      tensor.add_float_data(data.ConsumeBool() ? 1.0F : data.ConsumeFloatingPoint<float>());
    } else if (type == TensorProto::INT64) {
      tensor.add_int64_data(number(data));
    } else {
      tensor.add_int32_data(static_cast<std::int32_t>(number(data)) & 0x7f);
    }
  }
}

void fill(onnx::AttributeProto& attribute, FuzzedDataProvider& data) {
  constexpr const char* names[] = {"axis",
                                   "axes",
                                   "perm",
                                   "pads",
                                   "strides",
                                   "dilations",
                                   "kernel_shape",
                                   "group",
                                   "auto_pad",
                                   "alpha",
                                   "beta",
                                   "transA",
                                   "transB",
                                   "keepdims",
                                   "mode",
                                   "blocksize",
                                   "ceil_mode",
                                   "count_include_pad",
                                   "output_shape",
                                   "output_padding",
                                   "split",
                                   "starts",
                                   "ends",
                                   "scales",
                                   "coordinate_transformation_mode",
                                   "nearest_mode",
                                   "to",
                                   "value",
                                   "value_ints",
                                   "allowzero",
                                   "noop_with_empty_axes",
                                   "num_outputs",
                                   "epsilon"};
  constexpr const char* words[] = {"SAME_UPPER", "SAME_LOWER", "VALID",         "reflect",    "edge", "linear",
                                   "CRD",        "half_pixel", "align_corners", "asymmetric", "ceil", "tanh"};
  attribute.set_name(data.PickValueInArray(names));
  switch (data.ConsumeIntegralInRange(0, 5)) {
    case 0:
      attribute.set_type(onnx::AttributeProto::FLOAT);
      attribute.set_f(data.ConsumeFloatingPoint<float>());
      break;
    case 1:
      attribute.set_type(onnx::AttributeProto::STRING);
      attribute.set_s(data.PickValueInArray(words));
      break;
    case 2:
      attribute.set_type(onnx::AttributeProto::TENSOR);
      fill(*attribute.mutable_t(), data);
      break;
    case 3:
      attribute.set_type(onnx::AttributeProto::INT);
      attribute.set_i(number(data));
      break;
    default:
      attribute.set_type(onnx::AttributeProto::INTS);
      for (const std::int64_t value : numbers(data)) attribute.add_ints(value);
  }
}

void add_port(onnx::ValueInfoProto& port, const std::string& name, FuzzedDataProvider& data) {
  port.set_name(name);
  auto& type = *port.mutable_type()->mutable_tensor_type();
  type.set_elem_type(data.ConsumeIntegralInRange(0, 3) == 0 ? TensorProto::UINT8 : TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("N");
  for (int i = data.ConsumeIntegralInRange(0, 4); i > 0; --i) {
    type.mutable_shape()->add_dim()->set_dim_value(
        data.ConsumeIntegralInRange(0, 30) == 0 ? number(data) : data.ConsumeIntegralInRange(1, 8));
  }
}

std::string random_model(FuzzedDataProvider& data) {
  static const std::vector<std::string> operators = onnx_operators();
  onnx::ModelProto model;
  auto* import = model.add_opset_import();
  import->set_version(data.ConsumeIntegralInRange(7, 21));
  auto& graph = *model.mutable_graph();
  std::vector<std::string> names{"", "x0", "x1"};
  for (int i = 0; i < 2; ++i) add_port(*graph.add_input(), names[static_cast<std::size_t>(i) + 1], data);
  const int nodes = data.ConsumeIntegralInRange(1, 8);
  for (int n = 0; n < nodes; ++n) {
    auto& node = *graph.add_node();
    std::string operation = operators[data.ConsumeIntegralInRange<std::size_t>(0, operators.size() - 1)];
    operation = operation.substr(0, operation.find(' '));  // "(of constants)"
    const std::size_t dot = operation.rfind('.');
    if (dot != std::string::npos) node.set_domain(operation.substr(0, dot));
    node.set_op_type(dot == std::string::npos ? operation : operation.substr(dot + 1));
    for (int i = data.ConsumeIntegralInRange(1, 9); i > 0; --i) {
      if (data.ConsumeBool()) {
        node.add_input(names[data.ConsumeIntegralInRange<std::size_t>(0, names.size() - 1)]);
        continue;
      }
      auto& constant = *graph.add_initializer();
      constant.set_name("c" + std::to_string(graph.initializer_size()));
      fill(constant, data);
      node.add_input(constant.name());
    }
    for (int i = data.ConsumeIntegralInRange(0, 4); i > 0; --i) fill(*node.add_attribute(), data);
    for (int i = data.ConsumeIntegralInRange(1, 3); i > 0; --i) {
      node.add_output("v" + std::to_string(names.size()));
      names.push_back(node.output(node.output_size() - 1));
    }
  }
  graph.add_output()->set_name(names.back());
  return model.SerializeAsString();
}

void fuzz(FuzzedDataProvider& data) {
  const std::string bytes = data.ConsumeBool() ? random_model(data) : data.ConsumeRemainingBytesAsString();
  const auto refused = [](const Error& error) {
    FUZZ_REQUIRE(error.kind == ErrorKind::bad_input && !error.message.empty());
  };
  const auto packed = pack_onnx(std::as_bytes(std::span(bytes)), "fuzz");
  if (!packed) return refused(packed.error());
  const auto model = unpack_onnx(*packed, "fuzz");
  FUZZ_REQUIRE(model.has_value());  // what our own packer writes can be read
  const auto imported = convert_onnx(*model, kernels::library(), "fuzz");
  if (!imported) return refused(imported.error());
  FUZZ_REQUIRE(kernels::verify(imported->graph, kernels::library()).has_value());
  for (const auto& [name, type] : imported->types) FUZZ_REQUIRE(type.is_integer() && type.quantisation().has_value());
}

}  // namespace
}  // namespace algean::partitioner

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider(data, size);
  algean::partitioner::fuzz(provider);
  return 0;
}
