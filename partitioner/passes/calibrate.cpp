#include "partitioner/passes/calibrate.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "kernels/graph/interpreter.hpp"
#include "partitioner/passes/batch.hpp"
#include "partitioner/passes/histogram.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Range;
using kernels::ValueId;

// Where a flat index lies: "[3,17]".
std::string place(const Shape& shape, std::size_t index) {
  std::vector<std::size_t> at(shape.rank());
  for (std::size_t axis = shape.rank(); axis-- > 0;) {
    const auto extent = static_cast<std::size_t>(shape[axis]);
    at[axis] = index % extent;
    index /= extent;
  }
  return fmt::format("[{}]", fmt::join(at, ","));
}

// Runs every inference and shows every value of it to `see`.
Result<> run_all(const Graph& graph, kernels::Families families, std::span<const Tensor> inputs, std::size_t batch,
                 const std::function<void(ValueId, std::span<const float>)>& see,
                 const std::function<void(std::size_t)>& progress) {
  for (std::size_t i = 0; i < batch; ++i) {
    const std::vector<Tensor> one = inference(graph, inputs, i);
    Result<> finite;
    const auto observe = [&](ValueId id, const Tensor& tensor) {
      if (!finite) return;
      finite = check_finite(tensor);
      if (finite) {
        see(id, tensor.elements<float>());
      } else {
        finite = std::unexpected(
            finite.error().within(fmt::format("calibration inference {}: value '{}'", i, graph.values[id].name)));
      }
    };
    ALGEAN_TRY(kernels::interpret(graph, families, one, observe));
    ALGEAN_TRY(std::move(finite));
    progress(i + 1);
  }
  return {};
}

Result<> check_inputs(const Graph& graph, std::span<const Tensor> inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (auto finite = check_finite(inputs[i]); !finite) {
      return std::unexpected(finite.error().within(fmt::format("calibration input '{}'", graph.inputs[i].name)));
    }
  }
  return {};
}

}  // namespace

Result<CalibrationMethod> parse_calibration_method(std::string_view text) {
  using Kind = CalibrationMethod::Kind;
  constexpr std::string_view percentile = "percentile";
  if (text == "minmax") return CalibrationMethod{Kind::minmax};
  if (text == "mse") return CalibrationMethod{Kind::mse};
  if (text == percentile) return CalibrationMethod{Kind::percentile};
  if (text.starts_with("percentile:")) {
    const std::string_view number = text.substr(percentile.size() + 1);
    CalibrationMethod method{Kind::percentile};
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), method.percent);
    if (error == std::errc() && end == number.data() + number.size() && method.percent > 50 && method.percent <= 100) {
      return method;
    }
    return bad_input("calibration method '{}': the percentile must be a number above 50 and at most 100", text);
  }
  return bad_input("calibration method '{}' is none of minmax, percentile, percentile:PERCENT, mse", text);
}

Result<> check_finite(const Tensor& tensor) {
  if (!tensor.type().element.is_float()) return {};
  const auto elements = tensor.elements<float>();
  const auto found = std::ranges::find_if(elements, [](float value) { return !std::isfinite(value); });
  if (found == elements.end()) return {};
  const auto index = static_cast<std::size_t>(found - elements.begin());
  return bad_input("element {} is {}, must be finite", place(tensor.shape(), index), *found);
}

Result<> check_finite_constants(const Graph& graph) {
  for (const kernels::Layer& layer : graph.layers) {
    for (const auto& [role, tensor] : layer.spec.constants) {
      if (tensor == nullptr) continue;
      if (auto finite = check_finite(*tensor); !finite) {
        return std::unexpected(finite.error().within(fmt::format("layer '{}': constant '{}'", layer.spec.name, role)));
      }
    }
  }
  return {};
}

Result<std::vector<Range>> calibrate(const Graph& graph, kernels::Families families, std::span<const Tensor> inputs,
                                     CalibrationMethod method, const CalibrationProgress& progress) {
  for (const kernels::Value& value : graph.values) {
    if (!value.type.element.is_float()) return bad_input("value '{}' is of integers: nothing to calibrate", value.name);
  }
  ALGEAN_TRY(check_finite_constants(graph));
  ALGEAN_ASSIGN(const std::size_t batch, batch_size(graph, inputs, "calibration input"));
  ALGEAN_TRY(check_inputs(graph, inputs));
  const bool once = method.kind == CalibrationMethod::Kind::minmax;
  const auto report = [&](std::size_t before) {
    return [&progress, before, total = once ? batch : 2 * batch](std::size_t done) {
      if (progress) progress(before + done, total);
    };
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<Range> ranges(graph.values.size(), Range{infinity, -infinity});
  const auto widen = [&](ValueId id, std::span<const float> values) {
    const auto [low, high] = std::ranges::minmax(values);
    ranges[id] = {std::min<double>(ranges[id].low, low), std::max<double>(ranges[id].high, high)};
  };
  ALGEAN_TRY(run_all(graph, families, inputs, batch, widen, report(0)));
  if (once) return ranges;
  std::vector<Histogram> histograms(ranges.begin(), ranges.end());
  const auto count = [&](ValueId id, std::span<const float> values) { histograms[id].count(values); };
  ALGEAN_TRY(run_all(graph, families, inputs, batch, count, report(batch)));
  for (ValueId id = 0; id < ranges.size(); ++id) {
    ranges[id] = method.kind == CalibrationMethod::Kind::percentile ? histograms[id].percentile(method.percent)
                                                                    : histograms[id].least_error();
  }
  return ranges;
}

}  // namespace algean::partitioner
