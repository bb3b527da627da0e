// A trained network of others, in floats and quantised by us, for tests of accuracy.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "partitioner/import_common/imported.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "partitioner/passes/parallel.hpp"
#include "partitioner/passes/passes.hpp"
#include "partitioner/passes/quantise.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::accuracy {

inline std::filesystem::path models() {
  const char* shared = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe)
  return shared == nullptr ? std::filesystem::path() : std::filesystem::path(shared) / "models";
}

template <class T>
T value_of(Result<T> result) {
  if (result) return *std::move(result);
  throw std::runtime_error(result.error().message);  // ends the test with the message
}

inline std::size_t largest(std::span<const float> values) {
  return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

// One input, one output.
class Network {
 public:
  explicit Network(kernels::Graph graph) : floats_(std::move(graph)) {
    if (const auto done = partitioner::simplify(floats_, kernels::library()); !done) {
      throw std::runtime_error(done.error().message);
    }
  }

  // Each image as the network's input wants it.
  void quantise(const std::vector<std::vector<float>>& images) {
    std::vector<std::int64_t> extents{static_cast<std::int64_t>(images.size())};
    for (const std::int64_t extent : input().shape.extents()) extents.push_back(extent);
    Tensor batch({ElementType::float32(), value_of(Shape::make(extents))});
    auto to = batch.elements<float>();
    for (const auto& image : images) {
      std::ranges::copy(image, to.begin());
      to = to.subspan(image.size());
    }
    const auto ranges = value_of(partitioner::calibrate(floats_, kernels::library(), {&batch, 1}, {}));
    integers_ = value_of(partitioner::quantise(floats_, kernels::library(), ranges));
    program_ = value_of(kernels::compile(integers_, kernels::library()));
  }

  // The class that the float network tells of each image.
  [[nodiscard]] std::vector<std::size_t> float_classes(const std::vector<std::vector<float>>& images) const {
    std::vector<std::size_t> classes(images.size());
    const auto run = [&](std::size_t index, std::size_t) -> Result<> {
      const Tensor image(input(), std::span<const float>(images[index]));
      ALGEAN_ASSIGN(const auto outputs, kernels::interpret(floats_, kernels::library(), {&image, 1}));
      classes[index] = largest(outputs.at(0).elements<float>());
      return {};
    };
    if (const auto done = partitioner::for_each(images.size(), run); !done) {
      throw std::runtime_error(done.error().message);
    }
    return classes;
  }

  // The class that the compiled integer network tells.
  [[nodiscard]] std::size_t integer_class(const std::vector<float>& image) {
    const Tensor x =
        value_of(algean::quantise(Tensor(input(), std::span<const float>(image)), integer_input().element));
    Tensor y(program_->outputs()[0].type);
    const std::byte* const from[] = {x.bytes().data()};
    std::byte* const to[] = {y.bytes().data()};
    program_->run(from, to);
    return largest(dequantise(y).elements<float>());
  }

 private:
  [[nodiscard]] const TensorType& input() const { return floats_.values[floats_.inputs[0].value].type; }
  [[nodiscard]] const TensorType& integer_input() const { return integers_.values[integers_.inputs[0].value].type; }

  kernels::Graph floats_, integers_;
  std::unique_ptr<kernels::Program> program_;
};

}  // namespace algean::accuracy
