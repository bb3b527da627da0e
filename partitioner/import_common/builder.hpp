// Makes a graph, float or integer, layer by layer.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kernels/family/family.hpp"
#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

using Constant = std::shared_ptr<const Tensor>;

// A float32 constant. bad_input, naming `what` and the element ("kernel[3,2]"), for NaN and infinities.
Result<Constant> make_constant(const std::string& what, Shape shape, std::span<const float> elements);
// "[3,2]": the index of an element of row-major `shape`.
std::string index_text(const Shape& shape, std::size_t element);

struct DenseConstants {
  Constant weight;          // [n_out, n_in]
  Constant bias = nullptr;  // [n_out], or none
};

struct BatchNormConstants {
  std::vector<float> gamma, beta, mean, variance;  // one a channel
  double epsilon = 0;
};

// Names of layers and values are made unique by appending ":1", ":2", ... Errors name the layer and the rule.
class GraphBuilder {
 public:
  GraphBuilder(std::string graph_name, kernels::Families families) : families_(families) {
    graph_.name = std::move(graph_name);
  }

  kernels::ValueId add_input(const std::string& name, Shape shape);  // float32
  kernels::ValueId add_input(const std::string& name, TensorType type, ExternalForm form);
  void add_output(const std::string& name, kernels::ValueId value, ExternalForm form = ExternalForm::float32);
  // float32 outputs, one a name, whose shapes the family infers. bad_input if it makes another number of them.
  Result<std::vector<kernels::ValueId>> add_layer(kernels::LayerSpec spec, std::span<const kernels::ValueId> inputs,
                                                  std::span<const std::string> value_names);
  // One input, one output.
  Result<kernels::ValueId> add_layer(kernels::LayerSpec spec, kernels::ValueId input, const std::string& value_name);
  // For graphs of integers: `spec` is the float layer, which its family quantises for the inputs' types and these types
  // of the outputs; the integer layer that comes of it is verified and added.
  Result<std::vector<kernels::ValueId>> add_quantised_layer(kernels::LayerSpec spec,
                                                            std::span<const kernels::ValueId> inputs,
                                                            std::span<const std::string> value_names,
                                                            std::span<const ElementType> outputs);

  Result<kernels::ValueId> add_dense(const std::string& name, kernels::ValueId input, DenseConstants constants,
                                     const std::string& value_name);
  // `shape` without batch, of as many elements.
  Result<kernels::ValueId> add_reshape(const std::string& name, kernels::ValueId input, const Shape& shape,
                                       const std::string& value_name);
  // Channels along `axis` (counted without batch). Another axis than the last is brought to the end by a reshape that
  // folds all inner axes into it, with each channel's constants repeated, and a reshape back.
  Result<kernels::ValueId> add_batch_norm(const std::string& name, kernels::ValueId input, std::size_t axis,
                                          const BatchNormConstants& constants, const std::string& value_name);

  [[nodiscard]] const TensorType& type(kernels::ValueId value) const { return graph_.values[value].type; }
  [[nodiscard]] const Shape& shape(kernels::ValueId value) const { return type(value).shape; }
  // The value's name in the graph: the one asked for, made unique.
  [[nodiscard]] const std::string& name(kernels::ValueId value) const { return graph_.values[value].name; }
  // The layer that makes the value, or nullptr for an input; good until the next layer is added.
  [[nodiscard]] const kernels::Layer* producer(kernels::ValueId value) const {
    const auto found = producers_.find(value);
    return found == producers_.end() ? nullptr : &graph_.layers[found->second];
  }
  [[nodiscard]] const kernels::Graph& graph() const { return graph_; }
  // The graph without layers that lead to no output. Ends the builder.
  Result<kernels::Graph> finish();

 private:
  struct Names {
    std::set<std::string> all;
    std::map<std::string, int> next;  // number to try for a name that is taken
  };
  static std::string unique(Names& taken, const std::string& name);
  // The family of the spec, whose name is made unique, and the shapes of its outputs, of which there are `outputs`.
  Result<std::pair<const kernels::Family*, std::vector<Shape>>> prepare(kernels::LayerSpec& spec,
                                                                        std::span<const TensorType> inputs,
                                                                        std::size_t outputs);
  std::vector<kernels::ValueId> append(kernels::LayerSpec spec, std::span<const kernels::ValueId> inputs,
                                       std::span<const std::string> value_names, std::vector<TensorType> outputs);

  // Repeating constants must not let a small file ask for any amount of memory.
  static constexpr std::int64_t max_norm_elements = std::int64_t{1} << 27;

  kernels::Families families_;
  kernels::Graph graph_;
  std::map<kernels::ValueId, std::size_t> producers_;  // indices into graph_.layers
  std::int64_t norm_elements_ = 0;
  Names layer_names_, value_names_, port_names_;
};

}  // namespace algean::partitioner
