// Layers of the families that are no matrices, for benches of many in one top.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kernels/library/library.hpp"
#include "tests/rtl/harness/layers.hpp"

namespace algean::rtl {

using kernels::Attributes;
using kernels::LayerSpec;

inline TensorType codes(Shape shape, double scale, std::int32_t zero) {
  return {ElementType::int8(Quantisation::per_tensor(scale, zero)), std::move(shape)};
}

// Real numbers of both signs, the same for the same shape.
inline std::shared_ptr<const Tensor> reals(const Shape& shape, double largest = 1) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    values.push_back(static_cast<float>(largest * static_cast<double>((i * 37 + 11) % 64 - 31) / 32));
  }
  return std::make_shared<const Tensor>(TensorType{ElementType::float32(), shape}, std::span<const float>(values));
}

// Adds layers to a bench, each under every arithmetic that is asked for, with one folding or all.
class Layers {
 public:
  explicit Layers(const std::string& name) : bench_(name, kernels::library()) {}

  // One lane, all lanes, and some between.
  void add(const std::string& operation, const Attributes& attributes, const std::vector<TensorType>& inputs,
           const std::vector<TensorType>& outputs, const std::string& arithmetic = "",
           const std::map<std::string, std::shared_ptr<const Tensor>>& constants = {}) {
    LayerSpec layer{fmt::format("{}_{}", operation, count_++), operation, attributes, constants};
    if (!arithmetic.empty()) layer.attributes.set("arithmetic", arithmetic);
    const kernels::Family* family = kernels::find_family(kernels::library(), operation);
    ASSERT_NE(family, nullptr) << operation;
    const auto integer = family->quantise(layer, inputs, outputs);
    ASSERT_TRUE(integer.has_value()) << operation << ": " << integer.error().message;
    const auto legal = bench_.foldings(*integer, inputs, outputs);
    ASSERT_FALSE(legal.empty());
    for (const std::size_t at : std::set<std::size_t>{0, legal.size() / 2, legal.size() - 1}) {
      LayerSpec one = *integer;
      one.name = fmt::format("{}_{}", layer.name, legal[at].simd);
      bench_.add_integer(one, inputs, outputs, {.folding = legal[at], .options = {}});
    }
  }

  // A score, whose output type follows from the inputs'.
  void add_score(const std::string& operation, const std::vector<std::int64_t>& axes,
                 const std::vector<TensorType>& inputs) {
    const kernels::Family* family = kernels::find_family(kernels::library(), operation);
    const LayerSpec layer{"score", operation, {{"axes", axes}}, {}};
    const auto shapes = family->infer(layer, inputs);
    const auto element = family->fixed_output(layer, inputs);
    ASSERT_TRUE(shapes.has_value() && element.has_value()) << operation;
    add(operation, layer.attributes, inputs, {{*element, shapes->at(0)}});
  }

  // Every pattern, markers in mid-inference, and cycles.
  void run(std::int64_t inferences = 5) {
    bench_.build({}, inferences);
    for (const Pattern& pattern : patterns) bench_.check(pattern);
    for (const std::int64_t mark : {0, 1, 5, 17, 40}) {
      bench_.check({80, 70, 5 + static_cast<std::uint64_t>(mark), mark, 0, {}});
    }
    bench_.check_cycles();
  }

 private:
  LayerBench bench_;
  int count_ = 0;
};

}  // namespace algean::rtl
