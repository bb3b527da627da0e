#include "partitioner/import_keras/model.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "partitioner/import_keras/import_keras.hpp"

namespace algean::partitioner {
namespace {

constexpr std::int64_t max_index = 100'000;  // of a call or a tensor in a reference
constexpr int max_model_depth = 16;

// A reference as it stands in the file.
struct Reference {
  std::string layer;
  std::size_t call = 0;
  std::size_t tensor = 0;
};

std::optional<std::size_t> small_index(const Json& json) {
  if (!json.is_number_unsigned() && !json.is_number_integer()) return std::nullopt;
  const auto value = json.get<std::int64_t>();
  if (value < 0 || value > max_index) return std::nullopt;
  return static_cast<std::size_t>(value);
}

// ["name", call, tensor], perhaps with {kwargs} behind.
std::optional<Reference> as_reference(const Json& json) {
  if (!json.is_array() || json.size() < 3 || json.size() > 4 || !json[0].is_string()) return std::nullopt;
  const auto call = small_index(json[1]);
  const auto tensor = small_index(json[2]);
  if (!call || !tensor) return std::nullopt;
  return Reference{json[0].get<std::string>(), *call, *tensor};
}

// Arguments besides tensors that do not change what inference computes.
bool is_harmless(const std::string& name, const Json& value) {
  return value.is_null() || (name == "training" && value == false);
}

void note_arguments(const Json& arguments, std::string& other) {
  if (!arguments.is_object()) return;
  for (const auto& [name, value] : arguments.items()) {
    if (!is_harmless(name, value)) other += (other.empty() ? "" : ", ") + name;
  }
}

struct RawCall {
  std::vector<Reference> inputs;
  std::string other_arguments;
  bool is_keras_3 = false;
};

using LayerNames = std::map<std::string, std::size_t>;  // index by name

// Keras 3: tensors at any depth of the positional arguments.
void collect_tensors(const Json& argument, RawCall& call) {
  if (argument.is_array()) {
    for (const Json& item : argument) collect_tensors(item, call);
    return;
  }
  if (argument.is_null()) return;
  if (argument.is_object() && text_member(argument, "class_name") == "__keras_tensor__") {
    if (const Json* config = member(argument, "config", Json::value_t::object)) {
      if (const auto history = config->find("keras_history"); history != config->end()) {
        if (auto reference = as_reference(*history)) {
          call.inputs.push_back(std::move(*reference));
          return;
        }
      }
    }
  }
  if (!call.other_arguments.ends_with("a constant")) {
    call.other_arguments += call.other_arguments.empty() ? "a constant" : ", a constant";
  }
}

std::optional<RawCall> read_call(const Json& node) {
  RawCall call;
  if (node.is_object()) {  // Keras 3
    const Json* arguments = member(node, "args", Json::value_t::array);
    if (arguments == nullptr) return std::nullopt;
    call.is_keras_3 = true;
    collect_tensors(*arguments, call);
    if (const auto named = node.find("kwargs"); named != node.end()) note_arguments(*named, call.other_arguments);
    return call;
  }
  if (!node.is_array()) return std::nullopt;
  const bool bare = !node.empty() && node[0].is_string();
  const Json wrapped = bare ? Json::array({node}) : Json();
  for (const Json& input : bare ? wrapped : node) {
    auto reference = as_reference(input);
    if (!reference) return std::nullopt;
    call.inputs.push_back(std::move(*reference));
    if (input.size() == 4) note_arguments(input[3], call.other_arguments);
  }
  return call;
}

bool is_model_class(const std::string& name) { return name == "Sequential" || name == "Functional" || name == "Model"; }

class Parser {
 public:
  explicit Parser(std::string_view where) : where_(where) {}

  // `json` is {"class_name", "config"}; `path` names it in errors.
  Result<KerasModel> model(const Json& json, const std::string& path, int depth) {
    const std::string class_name = text_member(json, "class_name");
    if (depth > max_model_depth) return bad_input("{}: models nested more than {} deep", where_, max_model_depth);
    if (!is_model_class(class_name)) {
      return bad_input("{}: {}class_name is '{}'; a model is Sequential or Functional", where_, path, class_name);
    }
    const auto config = json.find("config");
    const bool is_list = config != json.end() && config->is_array();  // Sequential before Keras 2.2
    if (config == json.end() || !(config->is_object() || (is_list && class_name == "Sequential"))) {
      return bad_input("{}: {}'config' must be an object", where_, path);
    }
    const Json* layers = is_list ? &*config : member(*config, "layers", Json::value_t::array);
    if (layers == nullptr) return bad_input("{}: {}config has no list 'layers'", where_, path);
    layers_ += layers->size();
    if (layers_ > max_keras_layers) {
      return bad_input("{}: {} layers, at most {} are accepted", where_, layers_, max_keras_layers);
    }
    KerasModel result;
    result.name = is_list ? "sequential" : text_member(*config, "name");
    if (result.name.empty()) result.name = "model";
    std::set<std::string> names;
    for (const Json& layer : *layers) {
      ALGEAN_TRY(add_layer(layer, path, depth, result));
      const std::string& name = result.layers.back().name;
      if (!names.insert(name).second) return bad_input("{}: {}two layers are called '{}'", where_, path, name);
    }
    if (result.layers.empty()) return bad_input("{}: {}a model without layers", where_, path);
    if (class_name == "Sequential") {
      ALGEAN_TRY(chain(is_list ? Json::object() : *config, path, depth, result));
    } else {
      ALGEAN_TRY(connect(*config, *layers, path, result));
    }
    ALGEAN_TRY(sort_calls(result, path));
    return result;
  }

 private:
  Result<> add_layer(const Json& json, const std::string& path, int depth, KerasModel& model) {
    const std::size_t index = model.layers.size();
    if (!json.is_object()) return bad_input("{}: {}layers[{}] must be an object", where_, path, index);
    KerasLayer layer;
    layer.class_name = text_member(json, "class_name");
    if (layer.class_name.empty()) return bad_input("{}: {}layers[{}] has no 'class_name'", where_, path, index);
    const auto config = json.find("config");
    if (config == json.end()) return bad_input("{}: {}layers[{}] has no 'config'", where_, path, index);
    layer.config = *config;
    layer.name = text_member(json, "name");
    if (layer.name.empty() && config->is_object()) layer.name = text_member(*config, "name");
    if (layer.name.empty()) layer.name = fmt::format("{}_{}", layer.class_name, index);
    layer.is_operation = text_member(json, "module").starts_with("keras.src.ops");
    if (is_model_class(layer.class_name)) {
      ALGEAN_ASSIGN(KerasModel nested, this->model(json, path + layer.name + ": ", depth + 1));
      nested.name = layer.name;
      layer.nested = std::make_shared<const KerasModel>(std::move(nested));
    }
    model.layers.push_back(std::move(layer));
    return {};
  }

  // The extents, batch first, of a Sequential without an InputLayer; nullptr where the file does not say.
  static const Json* sequential_input(const Json& config, const KerasLayer& first) {
    if (first.config.is_object()) {
      for (const char* key : {"batch_input_shape", "batch_shape"}) {
        if (const Json* shape = member(first.config, key, Json::value_t::array)) return shape;
      }
    }
    return member(config, "build_input_shape", Json::value_t::array);
  }

  Result<> chain(const Json& config, const std::string& path, int depth, KerasModel& model) {
    if (model.layers.front().class_name != "InputLayer") {
      KerasLayer input;
      input.name = model.layers.front().name + "_input";
      input.class_name = "InputLayer";
      input.config = Json::object();
      if (const Json* shape = sequential_input(config, model.layers.front())) {
        input.config["batch_shape"] = *shape;
      } else if (depth == 0) {
        return bad_input("{}: {}the model does not say the shape of its input", where_, path);
      }
      model.layers.insert(model.layers.begin(), std::move(input));
      model.has_implied_input = true;
    }
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      KerasCall call;
      if (i > 0) call.inputs.push_back({i - 1, 0, 0});
      model.layers[i].calls.push_back(std::move(call));
    }
    model.inputs = {{0, 0, 0}};
    model.outputs = {{model.layers.size() - 1, 0, 0}};
    return {};
  }

  Result<> connect(const Json& config, const Json& layers, const std::string& path, KerasModel& model) {
    LayerNames by_name;
    for (std::size_t i = 0; i < model.layers.size(); ++i) by_name[model.layers[i].name] = i;
    std::vector<std::vector<RawCall>> calls(model.layers.size());
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      if (model.layers[i].class_name == "InputLayer") {
        calls[i].push_back({});
        continue;
      }
      const Json* nodes = member(layers[i], "inbound_nodes", Json::value_t::array);
      if (nodes == nullptr) return bad_input("{}: {}{}: no list 'inbound_nodes'", where_, path, model.layers[i].name);
      for (const Json& node : *nodes) {
        auto call = read_call(node);
        if (!call)
          return bad_input("{}: {}{}: 'inbound_nodes' is of an unknown form", where_, path, model.layers[i].name);
        calls[i].push_back(std::move(*call));
      }
    }
    ALGEAN_ASSIGN(const auto inputs, ends(config, "input_layers", path));
    ALGEAN_ASSIGN(const auto outputs, ends(config, "output_layers", path));
    const auto first_call = first_calls(model, calls, by_name, outputs);

    const auto resolve = [&](const Reference& reference, const std::string& from) -> Result<KerasTensor> {
      const auto found = by_name.find(reference.layer);
      if (found == by_name.end())
        return bad_input("{}: {}{} refers to a layer '{}', which is not there", where_, path, from, reference.layer);
      const std::size_t layer = found->second;
      if (reference.call < first_call[layer] || reference.call - first_call[layer] >= calls[layer].size()) {
        return bad_input("{}: {}{} refers to call {} of layer '{}', which has {}", where_, path, from, reference.call,
                         reference.layer, calls[layer].size());
      }
      return KerasTensor{layer, reference.call - first_call[layer], reference.tensor};
    };
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      for (const RawCall& raw : calls[i]) {
        KerasCall call;
        call.other_arguments = raw.other_arguments;
        for (const Reference& input : raw.inputs) {
          ALGEAN_ASSIGN(const KerasTensor tensor, resolve(input, model.layers[i].name));
          call.inputs.push_back(tensor);
        }
        model.layers[i].calls.push_back(std::move(call));
      }
    }
    for (const Reference& input : inputs) {
      ALGEAN_ASSIGN(const KerasTensor tensor, resolve(input, "input_layers"));
      model.inputs.push_back(tensor);
    }
    for (const Reference& output : outputs) {
      ALGEAN_ASSIGN(const KerasTensor tensor, resolve(output, "output_layers"));
      model.outputs.push_back(tensor);
    }
    return {};
  }

  // Fills model.order: every call after the calls that it reads, in the file's order where that leaves a choice (Kahn,
  // "Topological sorting of large networks", CACM 1962).
  Result<> sort_calls(KerasModel& model, const std::string& path) const {
    std::vector<std::size_t> start{0};  // index of each layer's first call among all calls
    for (const KerasLayer& layer : model.layers) start.push_back(start.back() + layer.calls.size());
    std::vector<KerasTensor> calls;
    std::vector<std::size_t> missing(start.back(), 0);
    std::vector<std::vector<std::size_t>> readers(start.back());
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      for (std::size_t k = 0; k < model.layers[i].calls.size(); ++k) {
        for (const KerasTensor& input : model.layers[i].calls[k].inputs) {
          readers[start[input.layer] + input.call].push_back(calls.size());
          ++missing[calls.size()];
        }
        calls.push_back({i, k, 0});
      }
    }
    std::set<std::size_t> ready;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (missing[i] == 0) ready.insert(ready.end(), i);
    }
    while (!ready.empty()) {
      const std::size_t next = *ready.begin();
      ready.erase(ready.begin());
      model.order.emplace_back(calls[next].layer, calls[next].call);
      for (const std::size_t reader : readers[next]) {
        if (--missing[reader] == 0) ready.insert(reader);
      }
    }
    if (model.order.size() == calls.size()) return {};
    const auto stuck = std::ranges::find_if(missing, [](std::size_t count) { return count > 0; });
    const auto& layer = model.layers[calls[static_cast<std::size_t>(stuck - missing.begin())].layer];
    return bad_input("{}: {}layer '{}' depends on its own output", where_, path, layer.name);
  }

  // input_layers or output_layers: a list of triples, one triple bare, or a dict of triples (sorted by key, as Keras
  // does).
  Result<std::vector<Reference>> ends(const Json& config, const char* key, const std::string& path) const {
    const auto found = config.find(key);
    std::vector<Reference> result;
    if (found != config.end() && as_reference(*found)) {
      result.push_back(*as_reference(*found));
    } else if (found != config.end() && (found->is_array() || found->is_object())) {
      for (const Json& item : *found) {
        auto reference = as_reference(item);
        if (!reference) return bad_input("{}: {}'{}' is of an unknown form", where_, path, key);
        result.push_back(std::move(*reference));
      }
    }
    if (result.empty()) return bad_input("{}: {}no '{}'", where_, path, key);
    return result;
  }

  // Keras 2 counts the call that made a nested model: its first call in the outer model is then 1, not 0. Only Keras 3
  // writes calls as objects. Where the references themselves show which it is, they decide.
  static std::vector<std::size_t> first_calls(const KerasModel& model, const std::vector<std::vector<RawCall>>& calls,
                                              const LayerNames& by_name, const std::vector<Reference>& outputs) {
    constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
    std::vector<std::size_t> lowest(model.layers.size(), never);
    std::vector<std::size_t> highest(model.layers.size(), 0);
    const auto note = [&](const Reference& reference) {
      const auto found = by_name.find(reference.layer);
      if (found == by_name.end()) return;
      lowest[found->second] = std::min(lowest[found->second], reference.call);
      highest[found->second] = std::max(highest[found->second], reference.call);
    };
    for (const auto& layer : calls) {
      for (const RawCall& call : layer) std::ranges::for_each(call.inputs, note);
    }
    std::ranges::for_each(outputs, note);
    std::vector<std::size_t> first(model.layers.size(), 0);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      const KerasModel* nested = model.layers[i].nested.get();
      if (nested == nullptr || lowest[i] == 0 || lowest[i] == never) continue;
      const bool is_keras_2 = std::ranges::none_of(calls[i], &RawCall::is_keras_3);
      const bool counts_its_making = is_keras_2 && !nested->has_implied_input;
      if (highest[i] == calls[i].size() || counts_its_making) first[i] = 1;
    }
    return first;
  }

  std::string_view where_;
  std::size_t layers_ = 0;  // nested ones too
};

}  // namespace

Result<KerasModel> parse_keras_model(std::string_view text, std::string_view where) {
  ALGEAN_ASSIGN(const Json json, parse_json(text, where));
  if (!json.is_object() || !json.contains("class_name") || !json.contains("config")) {
    return bad_input("{}: not a Keras model: no 'class_name' and 'config' at its top", where);
  }
  return Parser(where).model(json, "", 0);
}

}  // namespace algean::partitioner
