#include "kernels/reduce/hls.hpp"

#include <algorithm>

#include "kernels/reduce/integer.hpp"
#include "kernels/reduce/reduce.hpp"

namespace algean::kernels {
namespace {

using reduce::Kind;

// The input as [rounds, count, elements], where `count` is reduced.
struct View {
  std::int64_t rounds = 1, count = 1, elements = 1;
};

// bad_input where the reduced axes do not lie side by side.
Result<View> view_of(const LayerSpec& layer, const Shape& input) {
  const auto axes = layer.attributes.integers("axes").value();
  View view;
  bool is_behind = false;  // the reduced axes
  for (std::size_t i = 0; i < input.rank(); ++i) {
    const bool is_reduced = std::ranges::find(axes, static_cast<std::int64_t>(i)) != axes.end();
    if (is_reduced) {
      if (is_behind && input[i] != 1) {
        return bad_input("attribute 'axes': HLS reduces axes of {} that lie side by side", input.text());
      }
      view.count *= input[i];
    } else if (view.count > 1 || (!axes.empty() && static_cast<std::int64_t>(i) > axes.back())) {
      view.elements *= input[i];
      is_behind |= input[i] != 1;
    } else {
      view.rounds *= input[i];
    }
  }
  return view;
}

void add_sum(HlsStage& stage, const LayerSpec& layer, const TensorType& input, const TensorType& output) {
  const Requantiser requantiser(layer, output);
  stage.types.push_back(
      {"rule", fmt::format("algean::hls::add_up<algean::hls::{}_rule>", to_text(requantiser.arithmetic()))});
  for (const HlsNumber& number :
       std::initializer_list<HlsNumber>{{"multiplier", requantiser.channels()[0].multiplier},
                                        {"shift", requantiser.channels()[0].shift},
                                        {"zero", requantiser.zero()},
                                        {"low", requantiser.codes().low},
                                        {"high", requantiser.codes().high},
                                        {"zero_x", input.element.quantisation()->zero_point()}}) {
    stage.numbers.push_back(number);
  }
}

void add_score(HlsStage& stage, const LayerSpec& layer, std::span<const TensorType> inputs, const View& view,
               Kind kind) {
  stage.function = stage.name = "score";
  HlsTable tables{"tables", "std::int32_t", {}, {}};
  const Quantisation& a = *inputs[0].element.quantisation();
  const Quantisation& b = *inputs[1].element.quantisation();
  if (kind == Kind::squared_error) {
    stage.types.push_back({"rule", "algean::hls::squared_error"});
    const reduce::SquaredError rule = *reduce::derive_squared_error(a, b, view.count);
    for (const HlsNumber& number : std::initializer_list<HlsNumber>{{"zero_a", a.zero_point()},
                                                                    {"zero_b", b.zero_point()},
                                                                    {"m0", rule.m0},
                                                                    {"m1", rule.m1},
                                                                    {"shift", rule.shift}}) {
      stage.numbers.push_back(number);
    }
  } else {
    stage.types.push_back({"rule", "algean::hls::divergence"});
    const auto values = layer.required("table").elements<std::int32_t>();
    tables.extents = {2, 256};
    tables.values.assign(values.begin(), values.end());
  }
  stage.tables.push_back(std::move(tables));
}

}  // namespace

Result<Folding> ReduceHls::folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                   std::span<const TensorType>, std::int64_t interval_cycles) const {
  for (const TensorType& input : inputs) ALGEAN_TRY(hls_stream_of(input, 1));
  ALGEAN_ASSIGN(const View view, view_of(layer, inputs[0].shape));
  return fewest_lanes(view.rounds * view.count, view.elements, 1, interval_cycles);
}

Result<HlsLayer> ReduceHls::stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                   std::span<const TensorType> outputs, const Folding& folding) const {
  ALGEAN_ASSIGN(const View view, view_of(layer, inputs[0].shape));
  ALGEAN_TRY(check_hls_folding(folding, view.elements, 1));
  const Stream rows{view.rounds * view.count, view.elements, folding.simd, 8};
  HlsLayer result;
  std::vector<std::size_t> sources;
  for (const TensorType& input : inputs) {
    ALGEAN_ASSIGN(const HlsStream from, hls_stream_of(input, folding.simd));
    result.inputs.push_back(result.add_stream(from));
    sources.push_back(result.repack(result.inputs.back(), rows));
  }
  ALGEAN_ASSIGN(const HlsStream to, hls_stream_of(outputs[0], folding.simd));
  HlsStage stage{
      .function = "reduce",
      .header = "kernels/reduce/hls/reduce.hpp",
      .name = "reduce",
      .numbers = {{"rounds", view.rounds}, {"count", view.count}, {"elements", view.elements}, {"lanes", folding.simd}},
      .types = {},
      .tables = {},
      .inputs = sources,
      .outputs = {}};
  const Kind kind = reduce::kind_of(layer);
  if (kind == Kind::squared_error || kind == Kind::divergence) {
    add_score(stage, layer, inputs, view, kind);
  } else if (kind == Kind::mean || kind == Kind::sum) {
    add_sum(stage, layer, inputs[0], outputs[0]);
  } else {
    const char* rule = kind == Kind::largest    ? "take_largest"
                       : kind == Kind::smallest ? "take_smallest"
                                                : "find_largest";
    stage.types.push_back({"rule", std::string("algean::hls::") + rule});
  }
  const std::size_t given = result.add_stream({{view.rounds, view.elements, folding.simd, to.form.bits}, to.type});
  stage.outputs = {given};
  result.stages.push_back(std::move(stage));
  result.outputs = {result.repack(given, to.form)};
  return result;
}

const HlsForm* Reduce::hls() const {
  static const ReduceHls form;
  return &form;
}

}  // namespace algean::kernels
