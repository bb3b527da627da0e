// Builds small ONNX models for tests.
#pragma once

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "partitioner/import_onnx/import_onnx.hpp"
#include "runtime/base/file.hpp"

namespace algean::partitioner::testing_onnx {

using Extent = std::variant<int, std::string>;  // a number or a symbol
using Attribute = std::variant<float, std::int64_t, std::vector<std::int64_t>, std::string>;

class Builder {
 public:
  explicit Builder(std::int64_t opset = 13) {
    model.set_ir_version(7);
    auto* import = model.add_opset_import();
    import->set_domain("");
    import->set_version(opset);
    model.mutable_graph()->set_name("net");
  }

  Builder& input(const std::string& name, const std::vector<Extent>& extents, int type = onnx::TensorProto::FLOAT) {
    port(*model.mutable_graph()->add_input(), name, extents, type);
    return *this;
  }
  Builder& output(const std::string& name, const std::vector<Extent>& extents = {}) {
    port(*model.mutable_graph()->add_output(), name, extents, onnx::TensorProto::FLOAT);
    return *this;
  }
  Builder& floats(const std::string& name, const std::vector<std::int64_t>& extents, const std::vector<float>& values) {
    auto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t extent : extents) tensor->add_dims(extent);
    for (const float value : values) tensor->add_float_data(value);
    return *this;
  }
  Builder& integers(const std::string& name, const std::vector<std::int64_t>& values) {
    auto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::INT64);
    tensor->add_dims(static_cast<std::int64_t>(values.size()));
    tensor->set_raw_data(values.data(), values.size() * sizeof(std::int64_t));
    return *this;
  }
  // Elements of a type that ONNX keeps in int32_data: INT8, UINT8, INT32.
  Builder& codes(const std::string& name, int type, const std::vector<std::int64_t>& extents,
                 const std::vector<std::int32_t>& values) {
    auto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (const std::int64_t extent : extents) tensor->add_dims(extent);
    for (const std::int32_t value : values) tensor->add_int32_data(value);
    return *this;
  }
  onnx::TensorProto& last() {
    return *model.mutable_graph()->mutable_initializer(model.graph().initializer_size() - 1);
  }
  Builder& node(const std::string& operation, const std::vector<std::string>& inputs,
                const std::vector<std::string>& outputs,
                const std::vector<std::pair<std::string, Attribute>>& attributes = {}, const std::string& name = "") {
    auto* node = model.mutable_graph()->add_node();
    node->set_op_type(operation);
    node->set_name(name);
    for (const auto& input : inputs) node->add_input(input);
    for (const auto& output : outputs) node->add_output(output);
    for (const auto& [key, value] : attributes) {
      auto* attribute = node->add_attribute();
      attribute->set_name(key);
      set(*attribute, value);
    }
    return *this;
  }
  [[nodiscard]] std::string bytes() const { return model.SerializeAsString(); }

  onnx::ModelProto model;

 private:
  static void set(onnx::AttributeProto& attribute, const Attribute& value) {
    if (const auto* real = std::get_if<float>(&value)) {
      attribute.set_type(onnx::AttributeProto::FLOAT);
      attribute.set_f(*real);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      attribute.set_type(onnx::AttributeProto::INT);
      attribute.set_i(*integer);
    } else if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
      attribute.set_type(onnx::AttributeProto::INTS);
      for (const std::int64_t one : *list) attribute.add_ints(one);
    } else {
      attribute.set_type(onnx::AttributeProto::STRING);
      attribute.set_s(std::get<std::string>(value));
    }
  }
  static void port(onnx::ValueInfoProto& port, const std::string& name, const std::vector<Extent>& extents, int type) {
    port.set_name(name);
    auto* tensor = port.mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    tensor->mutable_shape();
    for (const Extent& extent : extents) {
      auto* dim = tensor->mutable_shape()->add_dim();
      if (const int* number = std::get_if<int>(&extent)) {
        dim->set_dim_value(*number);
      } else {
        dim->set_dim_param(std::get<std::string>(extent));
      }
    }
  }
};

// A folder of a test's own, gone with it.
class Folder {
 public:
  Folder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() / fmt::format("import_onnx_{}_{}", ::getpid(), count++);
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  std::filesystem::path write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));  // no fsync: thousands
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

// The graph alone of what import_onnx() gives.
inline Result<kernels::Graph> import_file(const std::filesystem::path& path) {
  auto imported = import_onnx(path, kernels::library());
  if (!imported) return std::unexpected(std::move(imported).error());
  return std::move(imported->graph);
}

inline Result<kernels::Graph> import(const Builder& builder) {
  const Folder folder;
  return import_file(folder.write("m.onnx", builder.bytes()));
}

// One inference; each output's elements.
inline std::vector<std::vector<float>> infer(const kernels::Graph& graph,
                                             const std::vector<std::vector<float>>& inputs) {
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    tensors.emplace_back(graph.values[graph.inputs[i].value].type, std::span<const float>(inputs[i]));
  }
  const auto outputs = kernels::interpret(graph, kernels::library(), tensors);
  if (!outputs) {
    ADD_FAILURE() << outputs.error().message;
    return {};
  }
  std::vector<std::vector<float>> result;
  for (const Tensor& output : *outputs) {
    const auto elements = output.elements<float>();
    result.emplace_back(elements.begin(), elements.end());
  }
  return result;
}

}  // namespace algean::partitioner::testing_onnx
