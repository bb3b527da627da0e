#include "partitioner/import_keras/weights.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>

namespace algean::partitioner {
namespace {

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }

// A variable of a layer, as weights are counted.
struct Wanted {
  const KerasLayer* layer;
  std::size_t variable;
  bool trainable;
};

class Finder {
 public:
  Finder(const ModelFacts& facts, const WeightFile& file, Problems& problems)
      : facts_(facts), file_(file), problems_(problems) {}

  // Keras 2's: `layer_names` at `root`, below it a group a layer with `weight_names`; a nested model is one layer.
  void by_layer_names(const KerasModel& model, const std::string& root) {
    std::vector<std::pair<std::string, std::vector<std::string>>> stored;  // layers with weights
    for (const std::string& name : *file_.strings(root, "layer_names")) {
      const std::string group = root.empty() ? name : fmt::format("{}/{}", root, name);
      const auto* weights = file_.strings(group, "weight_names");
      if (weights != nullptr && !weights->empty()) stored.emplace_back(name, *weights);
    }
    std::vector<const KerasLayer*> layers;
    for (const KerasLayer& layer : model.layers) {
      if (!wanted_of(layer).empty()) layers.push_back(&layer);
    }
    std::map<std::string, std::size_t> index;  // the first of each name
    for (std::size_t i = 0; i < stored.size(); ++i) index.emplace(stored[i].first, i);
    const auto stored_as = [&](const std::string& name) {
      const auto found = index.find(name);
      return found == index.end() ? stored.end() : stored.begin() + static_cast<std::ptrdiff_t>(found->second);
    };
    const bool all_named =
        std::ranges::all_of(layers, [&](const auto* layer) { return stored_as(layer->name) != stored.end(); });
    const bool by_position = !all_named && layers.size() == stored.size();  // Keras itself goes by position
    std::set<std::string> taken;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const auto found = by_position ? stored.begin() + static_cast<std::ptrdiff_t>(i) : stored_as(layers[i]->name);
      if (found == stored.end()) {
        problems_.add(fmt::format("{}: no weights in the file", title(*layers[i])));
        continue;
      }
      taken.insert(found->first);
      std::vector<std::string> paths;
      for (const std::string& name : found->second) {
        paths.push_back(fmt::format("{}{}{}/{}", root, root.empty() ? "" : "/", found->first, name));
      }
      take(title(*layers[i]), wanted_of(*layers[i]), paths);
    }
    for (const auto& [name, weights] : stored) {
      if (!taken.contains(name))
        problems_.add(fmt::format("the file has weights of a layer '{}', which the model has not", name));
    }
  }

  // Keras 3's: prefix/KEY/vars/N, KEY the class in snake case, numbered among the layers of that class in the order of
  // the model.
  void by_class(const KerasModel& model, const std::string& prefix) {
    std::map<std::string, int> counts;
    std::set<std::string> known;
    for (const KerasLayer& layer : model.layers) {
      if (layer.is_operation) continue;
      const std::string key = snake_case(layer.class_name == "Model" ? "Functional" : layer.class_name);
      const int count = counts[key]++;
      const std::string path = prefix + (count == 0 ? key : fmt::format("{}_{}", key, count));
      known.insert(path);
      if (layer.nested != nullptr) {
        by_class(*layer.nested, path + "/layers/");
        continue;
      }
      const auto facts = facts_.find(&layer);
      if (facts == facts_.end()) continue;
      std::vector<std::string> paths;
      while (file_.array(fmt::format("{}/vars/{}", path, paths.size())) != nullptr) {
        paths.push_back(fmt::format("{}/vars/{}", path, paths.size()));
      }
      if (paths.empty() && !facts->second.variables.empty()) {
        problems_.add(fmt::format("{}: no weights at '{}/vars'", facts->second.title, path));
      } else {
        take(facts->second.title, wanted_of(layer), paths);
      }
    }
    name_strangers(prefix, known);
  }

  // TensorFlow.js': LAYER/VARIABLE, for layers of nested models too; there the path of the models may stand before it.
  void by_variable_names(const KerasModel& model) {
    std::set<std::string> known;
    by_variable_names(model, "", known);
    for (const auto& [path, array] : file_.arrays) {
      if (!known.contains(path))
        problems_.add(fmt::format("the file has a weight '{}', which the model has not", path));
    }
  }

  ModelWeights take_all() { return std::move(found_); }

 private:
  void by_variable_names(const KerasModel& model, const std::string& prefix, std::set<std::string>& known) {
    for (const KerasLayer& layer : model.layers) {
      if (layer.nested != nullptr) {
        by_variable_names(*layer.nested, prefix + layer.name + "/", known);
        continue;
      }
      const std::vector<Wanted> all = wanted_of(layer);
      for (const Wanted& one : all) {
        const std::string path = layer.name + "/" + facts_.at(&layer).variables[one.variable].name;
        const std::string whole = prefix + path;
        const std::string& there = file_.array(whole) != nullptr ? whole : path;
        known.insert(there);
        check(one, there);
      }
    }
  }

  // Variables of a layer as the Keras 2 layout stores them: of a nested model all trainable ones first.
  [[nodiscard]] std::vector<Wanted> wanted_of(const KerasLayer& layer) const {
    std::vector<Wanted> all;
    collect(layer, all);
    std::vector<Wanted> wanted;
    for (const bool trainable : {true, false}) {
      std::ranges::copy_if(all, std::back_inserter(wanted),
                           [&](const Wanted& one) { return one.trainable == trainable; });
    }
    return wanted;
  }

  void collect(const KerasLayer& layer, std::vector<Wanted>& wanted) const {
    if (layer.nested != nullptr) {
      for (const KerasLayer& inner : layer.nested->layers) collect(inner, wanted);
      return;
    }
    const auto facts = facts_.find(&layer);
    if (facts == facts_.end()) return;
    const auto& variables = facts->second.variables;
    for (std::size_t i = 0; i < variables.size(); ++i) wanted.push_back({&layer, i, variables[i].trainable});
  }

  [[nodiscard]] std::string title(const KerasLayer& layer) const {
    const auto facts = facts_.find(&layer);  // a nested model has none
    return facts == facts_.end() ? fmt::format("{} ({})", layer.name, layer.class_name) : facts->second.title;
  }

  // Datasets at `paths`, which are all of a layer's, for the variables in `wanted`.
  void take(const std::string& title, const std::vector<Wanted>& wanted, const std::vector<std::string>& paths) {
    if (wanted.size() != paths.size()) {
      std::vector<std::string> names;
      for (const Wanted& one : wanted) names.push_back(facts_.at(one.layer).variables[one.variable].name);
      problems_.add(fmt::format("{}: {} weights expected ({}), the file has {}", title, wanted.size(),
                                names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")), paths.size()));
      return;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) check(wanted[i], paths[i]);
  }

  void check(const Wanted& wanted, const std::string& path) {
    const LayerFacts& facts = facts_.at(wanted.layer);
    const std::string what = fmt::format("{}: {}", facts.title, facts.variables[wanted.variable].name);
    const WeightArray* dataset = file_.array(path);
    if (dataset == nullptr) return problems_.add(fmt::format("{}: no dataset '{}' in the file", what, path));
    auto& datasets = found_[wanted.layer];
    datasets.resize(facts.variables.size(), nullptr);
    const KerasVariable& variable = facts.variables[wanted.variable];
    if (!variable.used) return;
    if (!is_readable_float(dataset->type)) {
      return problems_.add(
          fmt::format("{} is {} in the file, float16, float32 or float64 expected", what, dataset->type));
    }
    if (!std::ranges::equal(dataset->extents, variable.shape.extents())) {
      return problems_.add(fmt::format("{} has shape [{}] in the file, {} expected", what,
                                       fmt::join(dataset->extents, ","), variable.shape.text()));
    }
    datasets[wanted.variable] = dataset;
  }

  // Names every KEY with variables of its own that no layer of the model has.
  void name_strangers(const std::string& prefix, const std::set<std::string>& known) {
    std::set<std::string> strangers;
    for (auto at = file_.arrays.lower_bound(prefix); at != file_.arrays.end() && at->first.starts_with(prefix); ++at) {
      const std::size_t end = at->first.find('/', prefix.size());
      if (end == std::string::npos) continue;
      const std::string key = at->first.substr(0, end);
      if (!known.contains(key)) strangers.insert(key);
    }
    for (const std::string& key : strangers) {
      problems_.add(fmt::format("the file has weights at '{}', where the model has no layer", key));
    }
  }

  const ModelFacts& facts_;
  const WeightFile& file_;
  Problems& problems_;
  ModelWeights found_;
};

}  // namespace

std::string snake_case(std::string_view class_name) {
  std::string split;  // "_" before each capital that begins a word: "BatchNormalization", "PReLU" -> "P_ReLU"
  for (std::size_t i = 0; i < class_name.size(); ++i) {
    split += class_name[i];
    if (i + 2 >= class_name.size() || !is_upper(class_name[i + 1]) || !is_lower(class_name[i + 2])) continue;
    split += '_';
    split += class_name[++i];
    while (i + 1 < class_name.size() && is_lower(class_name[i + 1])) split += class_name[++i];
  }
  std::string result;
  for (std::size_t i = 0; i < split.size(); ++i) {
    if (i > 0 && is_upper(split[i]) && is_lower(split[i - 1])) result += '_';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(split[i])));
  }
  return result;
}

Result<ModelWeights> find_weights(const KerasModel& model, const ModelFacts& facts, const WeightFile& file,
                                  std::string_view where, Problems& problems) {
  Finder finder(facts, file, problems);
  if (file.is_named) {
    finder.by_variable_names(model);
  } else if (file.strings("", "layer_names") != nullptr) {
    finder.by_layer_names(model, "");
  } else if (file.strings("model_weights", "layer_names") != nullptr) {
    finder.by_layer_names(model, "model_weights");
  } else if (file.is_group("layers")) {
    finder.by_class(model, "layers/");
  } else {
    return bad_input(
        "{}: none of Keras' layouts: no attribute 'layer_names' at the root or at group 'model_weights', no group "
        "'layers'",
        where);
  }
  return finder.take_all();
}

}  // namespace algean::partitioner
