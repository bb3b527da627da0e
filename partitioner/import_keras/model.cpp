#include "partitioner/import_keras/model.hpp"

#include <set>

#include "partitioner/import_keras/connect.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "partitioner/import_keras/order.hpp"

namespace algean::partitioner {
namespace {

constexpr int max_model_depth = 16;

bool is_model_class(const std::string& name) { return name == "Sequential" || name == "Functional" || name == "Model"; }

// The extents, batch first, of a Sequential without an InputLayer; nullptr where the file does not say.
const Json* sequential_input(const Json& config, const KerasLayer& first) {
  if (first.config.is_object()) {
    for (const char* key : {"batch_input_shape", "batch_shape"}) {
      if (const Json* shape = member(first.config, key, Json::value_t::array)) return shape;
    }
  }
  return member(config, "build_input_shape", Json::value_t::array);
}

class Parser {
 public:
  Parser(std::string_view where, int keras) : where_(where), keras_(keras) {}

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
    KerasModel result;
    result.keras = keras_;
    result.name = is_list ? "sequential" : text_member(*config, "name");
    if (result.name.empty()) result.name = "model";
    ALGEAN_TRY(add_layers(*layers, path, depth, result));
    if (class_name == "Sequential") {
      ALGEAN_TRY(chain(is_list ? Json::object() : *config, path, depth, result));
    } else {
      ALGEAN_TRY(connect(*config, *layers, fmt::format("{}: {}", where_, path), result));
    }
    ALGEAN_TRY(sort_calls(result, fmt::format("{}: {}", where_, path)));
    return result;
  }

 private:
  Result<> add_layers(const Json& layers, const std::string& path, int depth, KerasModel& model) {
    layers_ += layers.size();
    if (layers_ > max_keras_layers) {
      return bad_input("{}: {} layers, at most {} are accepted", where_, layers_, max_keras_layers);
    }
    std::set<std::string> names;
    for (const Json& layer : layers) {
      ALGEAN_TRY(add_layer(layer, path, depth, model));
      const std::string& name = model.layers.back().name;
      if (!names.insert(name).second) return bad_input("{}: {}two layers are called '{}'", where_, path, name);
    }
    if (model.layers.empty()) return bad_input("{}: {}a model without layers", where_, path);
    return {};
  }

  Result<> add_layer(const Json& json, const std::string& path, int depth, KerasModel& model) {
    const std::size_t index = model.layers.size();
    if (!json.is_object()) return bad_input("{}: {}layers[{}] must be an object", where_, path, index);
    KerasLayer layer;
    layer.class_name = text_member(json, "class_name");
    if (layer.class_name.empty()) return bad_input("{}: {}layers[{}] has no 'class_name'", where_, path, index);
    const auto config = json.find("config");
    if (config == json.end()) return bad_input("{}: {}layers[{}] has no 'config'", where_, path, index);
    layer.name = text_member(json, "name");
    if (layer.name.empty() && config->is_object()) layer.name = text_member(*config, "name");
    if (layer.name.empty()) layer.name = fmt::format("{}_{}", layer.class_name, index);
    const std::string module = text_member(json, "module");
    layer.is_operation = module.starts_with("keras.src.ops") || module.starts_with("keras.ops");
    if (is_model_class(layer.class_name)) {
      ALGEAN_ASSIGN(KerasModel nested, this->model(json, path + layer.name + ": ", depth + 1));
      nested.name = layer.name;
      layer.nested = std::make_shared<const KerasModel>(std::move(nested));
    } else {
      layer.config = *config;
    }
    model.layers.push_back(std::move(layer));
    return {};
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
    model.input_names = {model.layers.front().name};
    model.output_names = {model.layers.back().name};
    return {};
  }

  std::string_view where_;
  int keras_;
  std::size_t layers_ = 0;  // nested ones too
};

// Keras 3 writes no version into model.to_json(), but a module; Keras 2 a version, and a module only besides one.
int major_version(const Json& json, std::string_view version) {
  std::string text(version);
  if (text.empty()) text = text_member(json, "keras_version");
  if (text.empty()) return json.contains("module") ? 3 : 2;
  return text.front() >= '3' && text.front() <= '9' ? 3 : 2;
}

}  // namespace

Result<KerasModel> parse_keras_model(std::string_view text, std::string_view where, std::string_view version) {
  ALGEAN_ASSIGN(const Json json, parse_json(text, where));
  return read_keras_model(json, where, version);
}

Result<KerasModel> read_keras_model(const Json& json, std::string_view where, std::string_view version) {
  if (!json.is_object() || !json.contains("class_name") || !json.contains("config")) {
    return bad_input("{}: not a Keras model: no 'class_name' and 'config' at its top", where);
  }
  return Parser(where, major_version(json, version)).model(json, "", 0);
}

}  // namespace algean::partitioner
