// Keras JSON for tests, and running what was imported.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "runtime/base/file.hpp"
#include "tests/unit/partitioner/import_keras/hdf5_fixture.hpp"

namespace algean::partitioner::testing_keras {

// A folder of this test's own, gone with it.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() /
              ("import_keras_" + std::to_string(::getpid()) + "_" + std::to_string(next()))) {
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary)
        .write(text.data(), static_cast<std::streamsize>(text.size()));  // no fsync: thousands
    return path_ / name;
  }

 private:
  static int next() {
    static int count = 0;
    return count++;
  }
  std::filesystem::path path_;
};

inline std::string layer(const std::string& class_name, const std::string& name, const std::string& config = "",
                         const std::string& inbound = "") {
  const std::string nodes = inbound.empty() ? "" : fmt::format(R"(,"name":"{}","inbound_nodes":{})", name, inbound);
  return fmt::format(R"({{"class_name":"{}","config":{{"name":"{}"{}{}}}{}}})", class_name, name,
                     config.empty() ? "" : ",", config, nodes);
}

inline std::string sequential(const std::vector<std::string>& layers, const std::string& name = "net") {
  return fmt::format(R"({{"class_name":"Sequential","config":{{"name":"{}","layers":[{}]}}}})", name,
                     fmt::join(layers, ","));
}

inline std::string functional(const std::vector<std::string>& layers, const std::string& inputs,
                              const std::string& outputs, const std::string& name = "net") {
  return fmt::format(
      R"({{"class_name":"Functional","config":{{"name":"{}","layers":[{}],"input_layers":{},"output_layers":{}}}}})",
      name, fmt::join(layers, ","), inputs, outputs);
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

}  // namespace algean::partitioner::testing_keras
