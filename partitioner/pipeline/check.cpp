#include "partitioner/pipeline/check.hpp"

#include <cmath>
#include <limits>
#include <memory>

#include "kernels/program/program.hpp"
#include "partitioner/pipeline/samples.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::partitioner {
namespace {

// What a user hands over for a port, as what travels on the wire.
Result<> put(std::span<const float> values, const Port& port, Tensor& wire) {
  if (port.type.element.is_float()) {
    std::ranges::copy(values, wire.elements<float>().begin());
    return {};
  }
  if (port.form == ExternalForm::float32) {
    const std::size_t first_nan = quantise_into(values, port.type.element, wire.bytes());
    if (first_nan < values.size()) return bad_input("element {} is NaN", first_nan);
    return {};
  }
  const ElementType& type = port.type.element;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<double>(values[i]);
    const bool fits = value >= static_cast<double>(type.lowest()) && value <= static_cast<double>(type.highest());
    if (!fits || value != std::floor(value)) {
      return bad_input("element {} is {}, must be an integer from {} to {}", i, value, type.lowest(), type.highest());
    }
  }
  // A scale of 1 makes the integers themselves of these numbers.
  quantise_into(values, type.with(Quantisation::per_tensor(1, 0)), wire.bytes());
  return {};
}

// What a user gets of an element.
double value_at(const Tensor& wire, const Port& port, std::size_t index) {
  const ElementType& type = port.type.element;
  if (type.is_float()) return static_cast<double>(wire.elements<float>()[index]);
  const std::int64_t integer = wire.integer_at(index);
  if (port.form == ExternalForm::integer || !type.quantisation()) return static_cast<double>(integer);
  const Quantisation& q = *type.quantisation();
  return static_cast<double>(static_cast<float>(q.scale() * static_cast<double>(integer - q.zero_point())));
}

class Checker {
 public:
  Checker(std::unique_ptr<Engine> engine, Samples inputs, std::optional<Samples> expected)
      : engine_(std::move(engine)), inputs_(std::move(inputs)), expected_(std::move(expected)) {
    for (const Port& port : engine_->inputs()) in_.emplace_back(port.type);
    for (const Port& port : engine_->outputs()) out_.emplace_back(port.type);
    for (const Tensor& tensor : in_) in_data_.push_back(tensor.bytes().data());
    for (Tensor& tensor : out_) out_data_.push_back(tensor.bytes().data());
  }

  Result<CheckReport> run(double tolerance, const Progress& progress) {
    CheckReport report;
    report.tolerance = tolerance;
    for (std::size_t inference = 0; inference < inputs_.count; ++inference) {
      if (progress) progress("check", inference, inputs_.count);
      for (std::size_t i = 0; i < in_.size(); ++i) {
        const Port& port = engine_->inputs()[i];
        if (auto done = put(inputs_.of(i, inference), port, in_[i]); !done) {
          return std::unexpected(
              done.error().within(fmt::format("check input '{}', inference {}", port.name, inference)));
        }
      }
      engine_->run(in_data_, out_data_);
      if (expected_) compare(inference, report);
      ++report.inferences;
    }
    if (progress) progress("check", inputs_.count, inputs_.count);
    return report;
  }

 private:
  void compare(std::size_t inference, CheckReport& report) const {
    for (std::size_t i = 0; i < out_.size(); ++i) {
      const Port& port = engine_->outputs()[i];
      const auto expected = expected_->of(i, inference);
      for (std::size_t element = 0; element < expected.size(); ++element) {
        const double value = value_at(out_[i], port, element);
        const auto wanted = static_cast<double>(expected[element]);
        double difference = value == wanted ? 0 : std::abs(value - wanted);  // equal infinities are 0 apart
        if (std::isnan(difference)) difference = std::numeric_limits<double>::infinity();
        if (!report.worst || difference > report.worst->difference) {
          report.worst = {port.name, inference, element, value, wanted, difference};
        }
      }
    }
  }

  std::unique_ptr<Engine> engine_;
  Samples inputs_;
  std::optional<Samples> expected_;
  std::vector<Tensor> in_, out_;
  std::vector<const std::byte*> in_data_;
  std::vector<std::byte*> out_data_;
};

}  // namespace

Result<std::optional<CheckReport>> check_vectors(const Loaded& loaded, kernels::Families families,
                                                 const Progress& progress) {
  if (!loaded.net || !loaded.net->check) return std::optional<CheckReport>();
  const Net::Check& check = *loaded.net->check;
  ALGEAN_ASSIGN(auto engine, kernels::make_engine(loaded.runnable(), families));
  ALGEAN_ASSIGN(Samples inputs, read_samples(check.inputs.path, engine->inputs(), "check input"));
  std::optional<Samples> expected;
  if (check.expected) {
    ALGEAN_ASSIGN(expected, read_samples(check.expected->outputs.path, engine->outputs(), "check output"));
    if (expected->count != inputs.count) {
      return bad_input("{}: expects {} inferences, check.inputs ({}) holds {}", check.expected->outputs.path.string(),
                       expected->count, check.inputs.path.string(), inputs.count);
    }
  }
  Checker checker(std::move(engine), std::move(inputs), std::move(expected));
  auto report = checker.run(check.expected ? check.expected->tolerance : 0, progress);
  if (!report) return std::unexpected(report.error().within(check.inputs.path.string()));
  return *std::move(report);
}

}  // namespace algean::partitioner
