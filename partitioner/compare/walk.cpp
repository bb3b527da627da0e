#include "partitioner/compare/walk.hpp"

#include <algorithm>

namespace algean::partitioner {
namespace {

using kernels::ValueId;

// Sources hand out integers; how they are quantised is the graph's to say.
bool same_integers(const TensorType& a, const TensorType& b) {
  return a.shape == b.shape && a.element.name() == b.element.name();
}

}  // namespace

Result<> Walk::tap(bool on) {
  auto done = source_.tap(on);
  if (!done) return std::unexpected(done.error().within(source_.name()));
  return {};
}

Result<> Walk::ask(std::span<const Tensor> inputs) {
  if (auto ran = source_.run(inputs); !ran) {
    return std::unexpected(ran.error().within(fmt::format("{}, inference {}", source_.name(), answers_.size())));
  }
  std::vector<Tensor>& kept = answers_.emplace_back();
  for (std::size_t i = 0; i < graph_.outputs.size(); ++i) kept.push_back(source_.output(i));
  return {};
}

Result<> Walk::look(std::size_t inference, std::span<const Tensor> inputs, std::span<const Tensor> expected) {
  auto ran = source_.run(inputs);
  if (ran) ran = look_inside(inference, expected);
  if (!ran) {
    return std::unexpected(ran.error().within(fmt::format("{}, tapped, inference {}", source_.name(), inference)));
  }
  for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
    const ValueId id = graph_.outputs[i].value;
    note(inference, id, true, expected[id], source_.output(i));
  }
  for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
    const ValueId id = graph_.outputs[i].value;
    note(inference, id, false, expected[id], answers_.at(inference).at(i));
  }
  return {};
}

Result<> Walk::look_inside(std::size_t inference, std::span<const Tensor> expected) {
  for (const kernels::Layer& layer : graph_.layers) {
    for (const ValueId id : layer.outputs) {
      const std::optional<Tensor> got = source_.tensor(graph_.values[id].name);
      if (!got) continue;
      if (!same_integers(got->type(), expected[id].type())) {
        return bad_input("tensor '{}' is {}, in the integer reference {}", graph_.values[id].name, got->type().text(),
                         expected[id].type().text());
      }
      tensors_[id].shown = true;
      note(inference, id, true, expected[id], *got);
    }
  }
  return {};
}

void Walk::note(std::size_t inference, ValueId value, bool tapped, const Tensor& expected, const Tensor& got) {
  if (std::ranges::equal(expected.bytes(), got.bytes())) return;
  auto& last = (tapped ? last_differing_ : last_untapped_)[value];  // an output is seen more than once
  if (last != inference) ++(tapped ? tensors_[value].differs : tensors_[value].untapped);
  last = inference;
  if (difference_) return;
  const auto elements = static_cast<std::size_t>(expected.shape().elements());
  std::size_t element = 0;
  while (element + 1 < elements && expected.integer_at(element) == got.integer_at(element)) ++element;
  const kernels::Layer* layer = graph_.producer(value);
  const std::string name = layer != nullptr ? layer->spec.name : std::string();
  difference_ = {
      .source = std::string(source_.name()),
      .inference = inference,
      .tensor = graph_.values[value].name,
      .layer = name,
      .node = tapped ? std::string(source_.node(name)) : std::string(),  // else it may come from any node before
      .tapped = tapped,
      .element = element,
      .expected = expected.integer_at(element),
      .got = got.integer_at(element)};
}

}  // namespace algean::partitioner
