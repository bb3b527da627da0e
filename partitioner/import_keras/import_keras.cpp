#include "partitioner/import_keras/import_keras.hpp"

#include <array>

#include "partitioner/import_common/builder.hpp"
#include "partitioner/import_keras/constants.hpp"
#include "partitioner/import_keras/evaluate.hpp"
#include "partitioner/import_keras/sources.hpp"

namespace algean::partitioner {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;

// Turns a checked model and its weights into a graph.
class Importer {
 public:
  Importer(const ModelFacts& facts, const ModelWeights& weights, GraphBuilder& builder)
      : facts_(facts), constants_(facts, weights), builder_(builder) {}

  Result<> run(const KerasModel& model) {
    Flow<ValueId> inputs;
    for (std::size_t i = 0; i < model.inputs.size(); ++i) {
      ALGEAN_ASSIGN(Shape shape, input_shape(model.layers[model.inputs[i].layer]));
      inputs.emplace_back(builder_.add_input(model.input_names[i], std::move(shape)));
    }
    ALGEAN_ASSIGN(const auto outputs, this->model(model, inputs, ""));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string& name = model.output_names[i];
      if (!outputs[i]) return bad_input("output {} ('{}') is not computed from the inputs", i, name);
      builder_.add_output(name, *outputs[i]);
    }
    return {};
  }

 private:
  Result<Flow<ValueId>> model(const KerasModel& model, const Flow<ValueId>& inputs, const std::string& prefix) {
    return evaluate<ValueId>(
        model, inputs,
        [&](const KerasLayer& layer, std::size_t call, const Flow<ValueId>& arguments) -> Result<Flow<ValueId>> {
          const std::string name = prefix + layer.name + (call == 0 ? "" : fmt::format(":{}", call));
          if (layer.nested != nullptr) return this->model(*layer.nested, arguments, name + "/");
          const bool known = std::ranges::all_of(arguments, [](const auto& value) { return value.has_value(); });
          if (!known) return Flow<ValueId>{};
          std::vector<ValueId> values;
          for (const auto& value : arguments) values.push_back(*value);
          return add(layer, layer.calls[call], name, std::move(values));
        });
  }

  Result<Flow<ValueId>> add(const KerasLayer& layer, const KerasCall& call, const std::string& name,
                            std::vector<ValueId> values) {
    std::vector<Shape> shapes;
    for (const ValueId value : values) shapes.push_back(builder_.shape(value));
    ALGEAN_ASSIGN(const Recipe recipe, make_recipe(facts_.at(&layer).plan, call, std::move(shapes)));
    for (std::size_t i = 0; i < recipe.steps().size(); ++i) ALGEAN_TRY(add_step(layer, name, recipe, i, values));
    Flow<ValueId> outputs;
    for (const Recipe::Wire wire : recipe.outputs()) outputs.emplace_back(values[wire]);
    return outputs;
  }

  // `values` are those of the recipe's wires so far.
  Result<> add_step(const KerasLayer& layer, const std::string& name, const Recipe& recipe, std::size_t index,
                    std::vector<ValueId>& values) {
    const Recipe::Step& step = recipe.steps()[index];
    const bool is_main = index == recipe.main();
    LayerSpec spec{is_main ? name : name + "/" + step.operation, step.operation, step.attributes, {}};
    for (const RecipeConstant& constant : step.constants) {
      ALGEAN_ASSIGN(spec.constants[constant.role], constants_.make(layer, constant));
    }
    std::vector<ValueId> inputs;
    for (const Recipe::Wire wire : step.inputs) inputs.push_back(values[wire]);
    const auto& outputs = recipe.outputs();
    std::vector<std::string> names;
    for (const Recipe::Wire wire : step.outputs) {
      const bool is_output = std::ranges::find(outputs, wire) != outputs.end();
      names.push_back(is_output ? name : is_main ? name + "/linear" : spec.name);
    }
    ALGEAN_ASSIGN(const auto made, builder_.add_layer(std::move(spec), inputs, names));
    for (std::size_t i = 0; i < made.size(); ++i) {
      if (builder_.shape(made[i]) != recipe.shape(step.outputs[i])) {
        return failed("{}: {} gives shape {}, {} expected", name, step.operation, builder_.shape(made[i]).text(),
                      recipe.shape(step.outputs[i]).text());
      }
      values.push_back(made[i]);
    }
    return {};
  }

  const ModelFacts& facts_;
  KerasConstants constants_;
  GraphBuilder& builder_;
};

}  // namespace

Result<kernels::Graph> import_keras(const KerasFiles& files, kernels::Families families) {
  ALGEAN_ASSIGN(const KerasSources sources, read_keras_sources(files));
  return import_keras(sources, families);
}

Result<kernels::Graph> import_keras(const KerasSources& sources, kernels::Families families) {
  const std::string& name = sources.topology_name;
  ALGEAN_ASSIGN(const KerasModel model, read_keras_model(sources.topology, name, sources.version));
  Problems unsupported;
  ALGEAN_ASSIGN(const ModelFacts facts, examine(model, unsupported));
  ALGEAN_TRY(unsupported.none(name));
  Problems wrong;
  ALGEAN_ASSIGN(const ModelWeights weights, find_weights(model, facts, sources.weights, sources.weights_name, wrong));
  ALGEAN_TRY(wrong.none(sources.weights_name));

  GraphBuilder builder(model.name, families);
  if (auto built = Importer(facts, weights, builder).run(model); !built) {
    return std::unexpected(built.error().within(sources.weights_name));
  }
  auto graph = builder.finish();
  if (!graph) return std::unexpected(graph.error().within(name));
  return graph;
}

}  // namespace algean::partitioner
