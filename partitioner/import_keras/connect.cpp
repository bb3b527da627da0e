#include "partitioner/import_keras/connect.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "partitioner/import_keras/calls.hpp"

namespace algean::partitioner {
namespace {

using LayerNames = std::map<std::string, std::size_t>;  // index by name

struct End {
  KerasReference reference;
  std::string name;  // the key of a dict, or ""
};

// input_layers or output_layers: a list of triples, one triple bare, or a dict of triples (sorted by key, as Keras
// does).
Result<std::vector<End>> read_ends(const Json& config, const char* key, std::string_view where) {
  const auto found = config.find(key);
  std::vector<End> result;
  if (found != config.end() && as_reference(*found)) {
    result.push_back({*as_reference(*found), ""});
  } else if (found != config.end() && found->is_structured()) {
    for (const auto& [name, item] : found->items()) {
      auto reference = as_reference(item);
      if (!reference) return bad_input("{}'{}' is of an unknown form", where, key);
      result.push_back({std::move(*reference), found->is_object() ? name : ""});
    }
  }
  if (result.empty()) return bad_input("{}no '{}'", where, key);
  return result;
}

class Connector {
 public:
  Connector(std::string_view where, KerasModel& model) : where_(where), model_(model) {
    for (std::size_t i = 0; i < model_.layers.size(); ++i) by_name_[model_.layers[i].name] = i;
  }

  Result<> run(const Json& config, const Json& layers) {
    ALGEAN_TRY(read_nodes(layers));
    ALGEAN_ASSIGN(const auto inputs, read_ends(config, "input_layers", where_));
    ALGEAN_ASSIGN(const auto outputs, read_ends(config, "output_layers", where_));
    count_calls(outputs);
    for (std::size_t i = 0; i < model_.layers.size(); ++i) {
      for (KerasNode& node : nodes_[i]) {
        KerasCall call;
        call.arguments = std::move(node.arguments);
        for (const KerasReference& input : node.inputs) {
          ALGEAN_ASSIGN(const KerasTensor tensor, resolve(input, model_.layers[i].name));
          call.inputs.push_back(tensor);
        }
        model_.layers[i].calls.push_back(std::move(call));
      }
    }
    ALGEAN_TRY(resolve_ends(inputs, "input_layers", model_.inputs, model_.input_names));
    return resolve_ends(outputs, "output_layers", model_.outputs, model_.output_names);
  }

 private:
  Result<> read_nodes(const Json& layers) {
    nodes_.resize(model_.layers.size());
    for (std::size_t i = 0; i < model_.layers.size(); ++i) {
      const std::string& name = model_.layers[i].name;
      if (model_.layers[i].class_name == "InputLayer") {
        nodes_[i].emplace_back();
        continue;
      }
      const Json* nodes = member(layers[i], "inbound_nodes", Json::value_t::array);
      if (nodes == nullptr) return bad_input("{}{}: no list 'inbound_nodes'", where_, name);
      for (const Json& json : *nodes) {
        auto node = read_node(json);
        if (!node) return bad_input("{}{}: 'inbound_nodes' is of an unknown form", where_, name);
        nodes_[i].push_back(std::move(*node));
      }
    }
    return {};
  }

  // Keras 2 counts the call that made a nested model: its first call in the outer model is then 1, not 0. Only Keras 3
  // writes calls as objects. Where the references themselves show which it is, they decide.
  void count_calls(const std::vector<End>& outputs) {
    constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
    std::vector<std::size_t> lowest(model_.layers.size(), never);
    std::vector<std::size_t> highest(model_.layers.size(), 0);
    const auto note = [&](const KerasReference& reference) {
      const auto found = by_name_.find(reference.layer);
      if (found == by_name_.end()) return;
      lowest[found->second] = std::min(lowest[found->second], reference.call);
      highest[found->second] = std::max(highest[found->second], reference.call);
    };
    for (const auto& layer : nodes_) {
      for (const KerasNode& node : layer) std::ranges::for_each(node.inputs, note);
    }
    std::ranges::for_each(outputs, note, &End::reference);
    first_call_.assign(model_.layers.size(), 0);
    for (std::size_t i = 0; i < model_.layers.size(); ++i) {
      const KerasModel* nested = model_.layers[i].nested.get();
      if (nested == nullptr || lowest[i] == 0 || lowest[i] == never) continue;
      const bool is_keras_2 = std::ranges::none_of(nodes_[i], &KerasNode::is_keras_3);
      const bool counts_its_making = is_keras_2 && !nested->has_implied_input;
      if (highest[i] == nodes_[i].size() || counts_its_making) first_call_[i] = 1;
    }
  }

  [[nodiscard]] Result<KerasTensor> resolve(const KerasReference& reference, const std::string& from) const {
    const auto found = by_name_.find(reference.layer);
    if (found == by_name_.end())
      return bad_input("{}{} refers to a layer '{}', which is not there", where_, from, reference.layer);
    const std::size_t layer = found->second;
    const std::size_t calls = nodes_[layer].size();
    if (reference.call < first_call_[layer] || reference.call - first_call_[layer] >= calls) {
      return bad_input("{}{} refers to call {} of layer '{}', which has {}", where_, from, reference.call,
                       reference.layer, calls);
    }
    return KerasTensor{layer, reference.call - first_call_[layer], reference.tensor};
  }

  Result<> resolve_ends(const std::vector<End>& ends, const char* key, std::vector<KerasTensor>& tensors,
                        std::vector<std::string>& names) const {
    for (const End& end : ends) {
      ALGEAN_ASSIGN(const KerasTensor tensor, resolve(end.reference, key));
      tensors.push_back(tensor);
      names.push_back(end.name.empty() ? end.reference.layer : end.name);
    }
    return {};
  }

  std::string_view where_;
  KerasModel& model_;
  LayerNames by_name_;
  std::vector<std::vector<KerasNode>> nodes_;  // of each layer
  std::vector<std::size_t> first_call_;        // of each layer: what the file calls its first call
};

}  // namespace

Result<> connect(const Json& config, const Json& layers, std::string_view where, KerasModel& model) {
  return Connector(where, model).run(config, layers);
}

}  // namespace algean::partitioner
