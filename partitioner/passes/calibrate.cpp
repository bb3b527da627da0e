#include "partitioner/passes/calibrate.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "kernels/graph/interpreter.hpp"
#include "partitioner/passes/batch.hpp"
#include "partitioner/passes/histogram.hpp"
#include "partitioner/passes/parallel.hpp"

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

// What a thread gathers; those of all threads are put together in the end, in any order.
struct Gathered {
  std::vector<Range> ranges;
  std::vector<Histogram> histograms;
};
using See = void (*)(Gathered& gathered, ValueId id, std::span<const float> values);

constexpr double infinity = std::numeric_limits<double>::infinity();

void widen(Gathered& gathered, ValueId id, std::span<const float> values) {
  const auto [low, high] = std::ranges::minmax(values);
  Range& range = gathered.ranges[id];
  range = {std::min<double>(range.low, low), std::max<double>(range.high, high)};
}

void count(Gathered& gathered, ValueId id, std::span<const float> values) { gathered.histograms[id].count(values); }

// Runs inferences in several threads, each of which gathers for itself.
class Runner {
 public:
  Runner(const Graph& graph, kernels::Families families, std::span<const Tensor> inputs, std::size_t batch)
      : graph_(graph), families_(families), inputs_(inputs), batch_(batch) {}

  // Shows every value of every inference to `see`; what the threads gathered, each from `empty` on.
  Result<std::vector<Gathered>> run(const Gathered& empty, See see,
                                    const std::function<void(std::size_t)>& progress) const {
    std::vector<Gathered> all(workers(batch_), empty);
    ALGEAN_TRY(for_each(
        batch_, [&](std::size_t index, std::size_t worker) { return run_one(all[worker], see, index); }, progress));
    return all;
  }

 private:
  Result<> run_one(Gathered& gathered, See see, std::size_t index) const {
    Result<> finite;
    const auto observe = [&](ValueId id, const Tensor& tensor) {
      if (!finite) return;
      finite = check_finite(tensor);
      if (finite) {
        see(gathered, id, tensor.elements<float>());
      } else {
        finite = std::unexpected(
            finite.error().within(fmt::format("calibration inference {}: value '{}'", index, graph_.values[id].name)));
      }
    };
    ALGEAN_TRY(kernels::interpret(graph_, families_, inference(graph_, inputs_, index), observe));
    return finite;
  }

  const Graph& graph_;
  kernels::Families families_;
  std::span<const Tensor> inputs_;
  std::size_t batch_;
};

// Ranges of all values over all inferences.
Result<std::vector<Range>> measure_ranges(const Runner& runner, std::size_t values,
                                          const std::function<void(std::size_t)>& progress) {
  ALGEAN_ASSIGN(auto all, runner.run({std::vector<Range>(values, Range{infinity, -infinity}), {}}, widen, progress));
  std::vector<Range> ranges = std::move(all[0].ranges);
  for (std::size_t i = 1; i < all.size(); ++i) {
    for (ValueId id = 0; id < values; ++id) {
      ranges[id] = {std::min(ranges[id].low, all[i].ranges[id].low), std::max(ranges[id].high, all[i].ranges[id].high)};
    }
  }
  return ranges;
}

// Histograms of all values over all inferences, within ranges that were measured.
Result<std::vector<Histogram>> measure_histograms(const Runner& runner, std::span<const Range> ranges,
                                                  const std::function<void(std::size_t)>& progress) {
  Gathered empty;
  empty.histograms = std::vector<Histogram>(ranges.begin(), ranges.end());
  ALGEAN_ASSIGN(auto all, runner.run(empty, count, progress));
  std::vector<Histogram> histograms = std::move(all[0].histograms);
  for (std::size_t i = 1; i < all.size(); ++i) {
    for (ValueId id = 0; id < ranges.size(); ++id) histograms[id].add(all[i].histograms[id]);
  }
  return histograms;
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
  const Runner runner(graph, families, inputs, batch);
  ALGEAN_ASSIGN(std::vector<Range> ranges, measure_ranges(runner, graph.values.size(), report(0)));
  if (once) return ranges;
  ALGEAN_ASSIGN(const auto histograms, measure_histograms(runner, ranges, report(batch)));
  for (ValueId id = 0; id < ranges.size(); ++id) {
    ranges[id] = method.kind == CalibrationMethod::Kind::percentile ? histograms[id].percentile(method.percent)
                                                                    : histograms[id].least_error();
  }
  return ranges;
}

}  // namespace algean::partitioner
