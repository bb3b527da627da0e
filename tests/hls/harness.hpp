// Layers and networks as HLS C++, compiled with g++ and run against the reference: C simulation.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"
#include "kernels/hls/project.hpp"

namespace algean::hls_tests {

using List = std::vector<std::int64_t>;
using Constants = std::map<std::string, std::shared_ptr<const Tensor>>;

// int8, one scale.
TensorType codes(Shape shape, double scale, std::int32_t zero);
// Real numbers of both signs, different for every shape and seed.
std::shared_ptr<const Tensor> reals(const Shape& shape, double largest = 1, std::uint64_t seed = 1);

// Inferences of a graph whose inputs are random over the whole range of their types, the extremes more often.
std::vector<std::vector<Tensor>> random_inputs(const kernels::Graph& graph, std::size_t inferences);

// Writes the project into the build folder's hls/NAME and runs the test benches of these tops ("network", "ips/conv1").
// A failure of the test unless every element of every inference is the reference's.
void expect_csim_is_reference(const std::string& name, const kernels::Graph& graph,
                              std::span<const kernels::Folding> foldings, std::span<const std::vector<Tensor>> inputs,
                              const std::vector<std::string>& tops,
                              kernels::HlsControl control = kernels::HlsControl::none);
void expect_csim_is_reference(const std::string& name, const kernels::Graph& graph, std::int64_t interval_cycles,
                              std::span<const std::vector<Tensor>> inputs, const std::vector<std::string>& tops);

// Layers that have nothing to do with each other, as one network: one program compiled for all.
class Layers {
 public:
  // A float layer between integer types, which its family makes an integer one; with the folding for each of the
  // intervals, each a layer of its own (0: the smallest; 1: the least power of two that can be).
  void add(const std::string& operation, const kernels::Attributes& attributes, const std::vector<TensorType>& inputs,
           const std::vector<TensorType>& outputs, const std::string& arithmetic = "", const Constants& constants = {},
           const List& intervals = {0, 1});
  void add_integer(const kernels::LayerSpec& layer, const std::vector<TensorType>& inputs,
                   const std::vector<TensorType>& outputs, const List& intervals);
  void run(const std::string& name, std::size_t inferences = 3);

 private:
  kernels::Graph graph_;
  std::vector<kernels::Folding> foldings_;
};

}  // namespace algean::hls_tests
