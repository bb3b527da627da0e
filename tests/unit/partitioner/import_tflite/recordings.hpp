// Recorded integers of TensorFlow Lite's reference kernels, and networks run as they were.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "partitioner/import_tflite/import_tflite.hpp"
#include "runtime/tensor/array_file.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::partitioner::testing_tflite {

using FullyConnected = TfliteOptions::FullyConnected;

// A folder of the shared ones, or nothing.
inline std::optional<std::filesystem::path> shared(const char* folder) {
  const char* root = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe)
  if (root == nullptr) return std::nullopt;
  std::filesystem::path path = std::filesystem::path(root) / folder;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

#define ALGEAN_SHARED_OR_SKIP(name, folder) \
  const auto name = shared(folder);         \
  if (!(name)) GTEST_SKIP() << "no " << (folder) << " beside the project"

inline std::map<std::string, Tensor> arrays(const std::filesystem::path& path) {
  std::map<std::string, Tensor> result;
  auto read = read_arrays(path);
  EXPECT_TRUE(read) << read.error().message;
  if (!read) return result;
  for (NamedArray& array : *read) result.emplace(std::move(array.name), std::move(array.tensor));
  return result;
}

// Inference number `index` of recorded arrays that hold one after the other, as a tensor of the port's wire type.
inline Tensor port_tensor(const Port& port, const Tensor& recorded, std::size_t index) {
  const TensorType& type = port.type;
  const auto count = static_cast<std::size_t>(type.shape.elements());
  const std::size_t bytes = recorded.type().element.bytes() * count;
  const TensorType recorded_type{recorded.type().element, type.shape};
  Tensor piece(recorded_type);
  std::copy_n(recorded.bytes().begin() + static_cast<std::ptrdiff_t>(index * bytes), bytes, piece.bytes().begin());
  if (recorded_type.element.is_float() && type.element.is_integer()) return quantise(piece, type.element).value();
  piece.retype(type);
  return piece;
}

inline std::size_t inferences(const Port& port, const Tensor& recorded) {
  return static_cast<std::size_t>(recorded.shape().elements() / port.type.shape.elements());
}

// Elements of an output that differ from the recorded ones, in the form that a user gets.
inline std::size_t differing(const Port& port, const Tensor& wire, const Tensor& recorded, std::size_t index) {
  const auto count = static_cast<std::size_t>(port.type.shape.elements());
  std::size_t wrong = 0;
  if (recorded.type().element.is_float()) {
    const Tensor real = dequantise(wire);
    for (std::size_t i = 0; i < count; ++i) {
      wrong += real.elements<float>()[i] == recorded.elements<float>()[index * count + i] ? 0U : 1U;
    }
    return wrong;
  }
  for (std::size_t i = 0; i < count; ++i) {
    wrong += wire.integer_at(i) == recorded.integer_at(index * count + i) ? 0U : 1U;
  }
  return wrong;
}

struct Tally {
  std::size_t elements = 0;
  std::size_t wrong = 0;
};

// A network as reference and as compiled programs, one for each instruction set of this machine.
class Network {
 public:
  Network(const std::filesystem::path& path, FullyConnected kind, const std::vector<std::string>& taps = {}) {
    auto imported = import_tflite(path, kernels::library(), {.fully_connected = kind});
    EXPECT_TRUE(imported) << imported.error().message;
    if (!imported) return;
    graph_ = std::move(imported->graph);
    inputs_ = graph_.ports(graph_.inputs);
    outputs_ = graph_.ports(graph_.outputs);
    for (const auto instructions : kernels::usable_instruction_sets()) {
      auto program = kernels::compile(graph_, kernels::library(), {.instructions = instructions, .taps = taps});
      EXPECT_TRUE(program) << program.error().message;
      if (program) programs_.push_back(*std::move(program));
    }
  }
  [[nodiscard]] bool good() const { return !programs_.empty(); }
  [[nodiscard]] const kernels::Graph& graph() const { return graph_; }
  [[nodiscard]] const std::vector<Port>& inputs() const { return inputs_; }
  [[nodiscard]] const std::vector<Port>& outputs() const { return outputs_; }
  [[nodiscard]] const std::vector<std::unique_ptr<kernels::Program>>& programs() const { return programs_; }

  // The reference's outputs; all programs give the same, or the test fails.
  std::vector<Tensor> run(const std::vector<Tensor>& inputs, const kernels::Observer& observe = {}) {
    auto outputs = kernels::interpret(graph_, kernels::library(), inputs, observe);
    EXPECT_TRUE(outputs) << outputs.error().message;
    if (!outputs) return {};
    std::vector<const std::byte*> from;
    for (const Tensor& input : inputs) from.push_back(input.bytes().data());
    for (const auto& program : programs_) {
      std::vector<Tensor> results;
      std::vector<std::byte*> to;
      for (const Tensor& output : *outputs) to.push_back(results.emplace_back(output.type()).bytes().data());
      program->run(from, to);
      for (std::size_t i = 0; i < results.size(); ++i) {
        EXPECT_TRUE(std::ranges::equal(results[i].bytes(), outputs->at(i).bytes())) << program->describe();
      }
    }
    return *std::move(outputs);
  }

 private:
  kernels::Graph graph_;
  std::vector<Port> inputs_, outputs_;
  std::vector<std::unique_ptr<kernels::Program>> programs_;
};

}  // namespace algean::partitioner::testing_tflite
