#include "partitioner/import_keras/shapes.hpp"

#include <algorithm>

#include "partitioner/import_keras/evaluate.hpp"

namespace algean::partitioner {
namespace {

std::vector<std::int64_t> extents_of(const Shape& shape) { return {shape.extents().begin(), shape.extents().end()}; }

Result<Shape> reshaped(std::vector<std::int64_t> target, const Shape& input) {
  std::int64_t known = 1;
  const auto open = std::ranges::count(target, -1);
  for (const std::int64_t extent : target) {
    if (extent == -1) continue;
    if (extent < 1 || extent > Shape::max_elements / known)
      return bad_input("target_shape [{}] is none", fmt::join(target, ","));
    known *= extent;
  }
  if (open > 1) return bad_input("target_shape [{}] has more than one -1", fmt::join(target, ","));
  const bool fits = open == 1 ? input.elements() % known == 0 : input.elements() == known;
  if (!fits)
    return bad_input("target_shape [{}] does not hold the input's shape {}", fmt::join(target, ","), input.text());
  std::ranges::replace(target, -1, input.elements() / known);
  return Shape::make(std::move(target));
}

// The variables' shapes for this input.
Result<std::vector<Shape>> variable_shapes(const LayerPlan& plan, const Shape& input) {
  if (plan.kind == KerasKind::dense) {
    auto kernel = Shape::make({input.channels(), plan.units});
    if (!kernel) return std::unexpected(kernel.error().within("kernel"));
    ALGEAN_ASSIGN(Shape bias, Shape::make({plan.units}));
    return std::vector<Shape>{std::move(*kernel), std::move(bias)};
  }
  if (plan.kind != KerasKind::batch_norm) return std::vector<Shape>();
  ALGEAN_ASSIGN(const std::size_t axis, axis_index(plan.axis, input));
  ALGEAN_ASSIGN(const Shape channels, Shape::make({input[axis]}));
  return std::vector<Shape>(plan.variables.size(), channels);
}

class Examiner {
 public:
  explicit Examiner(Problems& problems) : problems_(problems) {}

  void plan(const KerasModel& model, const std::string& prefix) {
    for (const KerasLayer& layer : model.layers) {
      LayerFacts facts{
          .plan = {}, .title = fmt::format("{}{} ({})", prefix, layer.name, layer.class_name), .variable_shapes = {}};
      if (auto plan = plan_layer(layer)) {
        facts.plan = std::move(*plan);
        facts_[&layer] = std::move(facts);
      } else {
        problems_.add(fmt::format("{}: {}", facts.title, plan.error().message));
      }
      if (layer.nested != nullptr) this->plan(*layer.nested, prefix + layer.name + "/");
    }
  }

  Flow<Shape> inputs(const KerasModel& model) {
    Flow<Shape> shapes;
    for (const KerasTensor& input : model.inputs) {
      const auto facts = facts_.find(&model.layers[input.layer]);
      shapes.emplace_back();
      if (facts == facts_.end()) continue;
      auto shape = input_shape(facts->second.plan);
      if (shape) {
        shapes.back() = std::move(*shape);
      } else {
        problems_.add(fmt::format("{}: {}", facts->second.title, shape.error().message));
      }
    }
    return shapes;
  }

  Result<Flow<Shape>> shapes(const KerasModel& model, const Flow<Shape>& inputs) {
    return evaluate<Shape>(model, inputs, [&](const KerasLayer& layer, std::size_t, const Flow<Shape>& arguments) {
      return apply(layer, arguments);
    });
  }

  ModelFacts take() { return std::move(facts_); }

 private:
  Result<Flow<Shape>> apply(const KerasLayer& layer, const Flow<Shape>& arguments) {
    const auto found = facts_.find(&layer);
    if (found == facts_.end()) return Flow<Shape>{};
    LayerFacts& facts = found->second;
    const std::size_t wanted = layer.nested == nullptr ? 1 : layer.nested->inputs.size();
    if (arguments.size() != wanted) {
      problems_.add(fmt::format("{}: {} inputs, {} wanted", facts.title, arguments.size(), wanted));
      return Flow<Shape>{};
    }
    if (++calls_ > max_calls) return bad_input("{}: more than {} calls of layers", facts.title, max_calls);
    if (layer.nested != nullptr) return shapes(*layer.nested, arguments);
    if (!arguments[0]) return Flow<Shape>{};
    auto shape = output_shape(facts.plan, *arguments[0]);
    if (!shape) {
      problems_.add(fmt::format("{}: {}", facts.title, shape.error().message));
      return Flow<Shape>{};
    }
    if (facts.variable_shapes.empty()) {
      auto variables = variable_shapes(facts.plan, *arguments[0]);
      if (!variables) {
        problems_.add(fmt::format("{}: {}", facts.title, variables.error().message));
        return Flow<Shape>{};
      }
      facts.variable_shapes = std::move(*variables);
    }
    return Flow<Shape>{std::move(*shape)};
  }

  static constexpr std::size_t max_calls = 100'000;  // nested models that use each other many times multiply

  Problems& problems_;
  ModelFacts facts_;
  std::size_t calls_ = 0;
};

}  // namespace

Result<std::size_t> axis_index(std::int64_t axis, const Shape& shape) {
  const auto rank = static_cast<std::int64_t>(shape.rank());
  const std::int64_t index = axis < 0 ? rank + axis : axis - 1;
  if (index < 0 || index >= rank) return bad_input("axis {} is not one of the input's shape {}", axis, shape.text());
  return static_cast<std::size_t>(index);
}

Result<Shape> input_shape(const LayerPlan& plan) {
  if (plan.input.empty()) return bad_input("the shape of the input is not given");
  std::vector<std::int64_t> extents;
  for (std::size_t i = 1; i < plan.input.size(); ++i) {
    if (!plan.input[i]) return bad_input("axis {} of the input has no fixed extent, which is not supported", i);
    extents.push_back(*plan.input[i]);
  }
  return Shape::make(std::move(extents));
}

Result<Shape> output_shape(const LayerPlan& plan, const Shape& input) {
  if (plan.activation.operation == "softmax") {
    // after dense: over its output, which has as many axes
    ALGEAN_ASSIGN(const std::size_t axis, axis_index(plan.activation.axis, input));
    if (axis + 1 != input.rank())
      return bad_input("softmax over axis {} of {} axes not supported (the last is)", axis, input.rank());
  }
  switch (plan.kind) {
    case KerasKind::dense: {
      if (input.rank() == 0) return bad_input("its input has no axis besides the batch");
      auto extents = extents_of(input);
      extents.back() = plan.units;
      return Shape::make(std::move(extents));
    }
    case KerasKind::batch_norm:
      ALGEAN_TRY(axis_index(plan.axis, input));
      return input;
    case KerasKind::flatten:
      if (plan.channels_first && input.rank() > 1) return bad_input("data_format 'channels_first' not supported");
      return Shape::make({input.elements()});
    case KerasKind::reshape:
      return reshaped(plan.target, input);
    default:
      return input;
  }
}

Result<ModelFacts> examine(const KerasModel& model, Problems& problems) {
  Examiner examiner(problems);
  examiner.plan(model, "");
  ALGEAN_TRY(examiner.shapes(model, examiner.inputs(model)));
  return examiner.take();
}

}  // namespace algean::partitioner
