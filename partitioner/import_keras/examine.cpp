#include "partitioner/import_keras/examine.hpp"

#include "partitioner/import_keras/calls.hpp"
#include "partitioner/import_keras/evaluate.hpp"

namespace algean::partitioner {
namespace {

class Examiner {
 public:
  explicit Examiner(Problems& problems) : problems_(problems) {}

  void plan(const KerasModel& model, const std::string& prefix) {
    for (const KerasLayer& layer : model.layers) {
      LayerFacts facts;
      facts.title = fmt::format("{}{} ({})", prefix, layer.name, layer.class_name);
      if (layer.nested != nullptr) {
        for (const KerasCall& call : layer.calls) {
          const std::string other = other_arguments(call.arguments);
          if (!other.empty()) problems_.add(fmt::format("{}: call with {} not supported", facts.title, other));
        }
        this->plan(*layer.nested, prefix + layer.name + "/");
        continue;
      }
      auto plan = plan_layer(layer, model.keras);
      auto trainable = flag(layer.config, "trainable", true);
      if (plan && trainable) {
        facts.plan = *std::move(plan);
        facts.trainable = *trainable;
        facts_[&layer] = std::move(facts);
      } else {
        problems_.add(fmt::format("{}: {}", facts.title, plan ? trainable.error().message : plan.error().message));
      }
    }
  }

  Flow<Shape> inputs(const KerasModel& model) {
    Flow<Shape> shapes;
    for (const KerasTensor& input : model.inputs) {
      const KerasLayer& layer = model.layers[input.layer];
      shapes.emplace_back();
      const auto facts = facts_.find(&layer);
      if (facts == facts_.end()) continue;
      auto shape = input_shape(layer);
      if (shape) {
        shapes.back() = *std::move(shape);
      } else {
        problems_.add(fmt::format("{}: {}", facts->second.title, shape.error().message));
      }
    }
    return shapes;
  }

  Result<Flow<Shape>> shapes(const KerasModel& model, const Flow<Shape>& inputs, const std::string& prefix) {
    return evaluate<Shape>(
        model, inputs,
        [&](const KerasLayer& layer, std::size_t call, const Flow<Shape>& arguments) -> Result<Flow<Shape>> {
          if (++calls_ > max_calls)
            return bad_input("{}{}: more than {} calls of layers", prefix, layer.name, max_calls);
          if (layer.nested != nullptr) return nested(layer, arguments, prefix);
          return apply(layer, layer.calls[call], arguments);
        });
  }

  ModelFacts take() { return std::move(facts_); }

 private:
  Result<Flow<Shape>> nested(const KerasLayer& layer, const Flow<Shape>& arguments, const std::string& prefix) {
    const std::size_t wanted = layer.nested->inputs.size();
    if (arguments.size() == wanted) return shapes(*layer.nested, arguments, prefix + layer.name + "/");
    problems_.add(
        fmt::format("{}{} ({}): {} inputs, {} wanted", prefix, layer.name, layer.class_name, arguments.size(), wanted));
    return Flow<Shape>{};
  }

  Result<Flow<Shape>> apply(const KerasLayer& layer, const KerasCall& call, const Flow<Shape>& arguments) {
    const auto found = facts_.find(&layer);
    const bool known = std::ranges::all_of(arguments, [](const auto& shape) { return shape.has_value(); });
    if (found == facts_.end()) return Flow<Shape>{};
    LayerFacts& facts = found->second;
    if (!known) {  // behind a layer that is not supported, or an output that its layer does not have
      if (problems_.empty()) problems_.add(fmt::format("{}: reads an output that its layer has not", facts.title));
      return Flow<Shape>{};
    }
    std::vector<Shape> inputs;
    for (const auto& shape : arguments) inputs.push_back(*shape);
    auto recipe = make_recipe(facts.plan, call, std::move(inputs));
    if (recipe && facts.seen && !same_variables(facts.variables, recipe->variables())) {
      recipe = bad_input("is called again with an input for which its weights would have other shapes");
    }
    if (!recipe) {
      problems_.add(fmt::format("{}: {}", facts.title, recipe.error().message));
      return Flow<Shape>{};
    }
    ALGEAN_TRY(count(*recipe, facts.title));
    facts.seen = true;
    facts.variables = recipe->variables();
    for (KerasVariable& variable : facts.variables) variable.trainable = variable.trainable && facts.trainable;
    Flow<Shape> outputs;
    for (const Recipe::Wire wire : recipe->outputs()) outputs.emplace_back(recipe->shape(wire));
    return outputs;
  }

  // Nested models that use each other many times multiply what a small file says.
  Result<> count(const Recipe& recipe, const std::string& title) {
    for (const Recipe::Step& step : recipe.steps()) {
      tensors_ += step.outputs.size();
      for (const RecipeConstant& constant : step.constants) numbers_ += constant.values.size();
    }
    if (tensors_ > max_tensors) return bad_input("{}: more than {} tensors", title, max_tensors);
    if (numbers_ > max_numbers) return bad_input("{}: more than {} numbers in the topology", title, max_numbers);
    return {};
  }

  static bool same_variables(const std::vector<KerasVariable>& before, const std::vector<KerasVariable>& now) {
    return std::ranges::equal(before, now, {}, &KerasVariable::shape, &KerasVariable::shape);
  }

  static constexpr std::size_t max_calls = 100'000;
  static constexpr std::size_t max_tensors = 1'000'000;
  static constexpr std::size_t max_numbers = std::size_t{1} << 26U;

  Problems& problems_;
  ModelFacts facts_;
  std::size_t calls_ = 0;
  std::size_t tensors_ = 0;
  std::size_t numbers_ = 0;
};

}  // namespace

Result<ModelFacts> examine(const KerasModel& model, Problems& problems) {
  Examiner examiner(problems);
  examiner.plan(model, "");
  ALGEAN_ASSIGN(const Flow<Shape> outputs, examiner.shapes(model, examiner.inputs(model), ""));
  for (std::size_t i = 0; i < outputs.size() && problems.empty(); ++i) {
    if (!outputs[i]) {
      problems.add(fmt::format("output {} ('{}') is not computed from the inputs", i, model.output_names[i]));
    }
  }
  return examiner.take();
}

Result<Recipe> make_recipe(const Plan& plan, const KerasCall& call, std::vector<Shape> inputs) {
  Recipe recipe(std::move(inputs), call.arguments);
  ALGEAN_TRY(plan(recipe));
  return recipe;
}

}  // namespace algean::partitioner
