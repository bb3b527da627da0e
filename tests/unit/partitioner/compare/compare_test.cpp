#include "partitioner/compare/compare.hpp"

#include <gmock/gmock.h>

#include <array>
#include <limits>
#include <map>

#include "partitioner/compare/program_source.hpp"
#include "partitioner/passes/batch.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "partitioner/passes/passes.hpp"
#include "partitioner/passes/quantise.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/partitioner/passes/networks.hpp"

namespace algean::partitioner::testing {
namespace {

struct Pair {
  Graph real;
  Graph integer;
  std::vector<Tensor> inputs;
};

Pair quantised(Graph graph, std::uint64_t seed) {
  EXPECT_TRUE(simplify(graph, library()).has_value());
  std::vector<Tensor> inputs = {sample_inputs(graph, 20, seed)};
  const auto ranges = calibrate(graph, library(), inputs, {});
  EXPECT_TRUE(ranges.has_value());
  auto integer = quantise(graph, library(), *ranges);
  EXPECT_TRUE(integer.has_value()) << integer.error().message;
  return {graph, *std::move(integer), std::move(inputs)};
}

// The example's shape, 12 dense layers with relus between, narrower.
Pair autoencoder(std::uint64_t seed) {
  Network net(seed, {48});
  int number = 0;
  for (const std::int64_t width : {48, 32, 16, 16, 16, 16, 16, 16, 16, 32, 48, 48}) {
    const std::string name = "fc" + std::to_string(++number);
    net.dense(name, width);
    if (number < 12) net.layer(name + "_relu", "relu");
  }
  return quantised(net.finish(), seed);
}

Pair every_operation(std::uint64_t seed) {
  Network net(seed, {24});
  net.dense("fc1", 20);
  net.layer("leaky", "leaky_relu", {{"slope", 0.125}});
  net.dense("fc2", 20);
  net.layer("tanh1", "tanh");
  net.reshape("rows", {2, 10});
  net.dense("fc3", 16);
  net.layer("sigmoid1", "sigmoid");
  net.dense("fc4", 5);
  net.layer("softmax1", "softmax");
  return quantised(net.finish(), seed);
}

// The program of `program` beside the pair's references.
Result<CompareReport> compare_program(const Pair& pair, const Graph& program, std::span<const Tensor> inputs,
                                      const CompareProgress& progress = {}) {
  ALGEAN_ASSIGN(const auto source, make_program_source(pair.integer, program, library()));
  TensorSource* const sources[] = {source.get()};
  return compare(pair.real, pair.integer, library(), sources, inputs, progress);
}

std::string message(const Pair& pair, const Graph& program, std::vector<Tensor> inputs) {
  const auto result = compare_program(pair, program, inputs);
  return result ? "accepted" : result.error().message;
}

TEST(Compare, FindsNoDifferenceInWhatIsTheSame) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    for (const Pair& pair : {autoencoder(seed), every_operation(seed)}) {
      std::map<std::string, std::size_t, std::less<>> calls;
      const auto progress = [&](std::string_view step, std::size_t done, std::size_t total) {
        EXPECT_EQ(done, ++calls[std::string(step)]);
        EXPECT_EQ(total, 20U);
      };
      const auto report = compare_program(pair, pair.integer, pair.inputs, progress);
      ASSERT_TRUE(report.has_value()) << report.error().message;
      EXPECT_EQ(report->difference(), nullptr);
      EXPECT_EQ(report->inferences, 20U);
      EXPECT_EQ(calls["asking"], 20U);
      EXPECT_EQ(calls["comparing"], 20U);
      for (const TensorReport& tensor : report->tensors) {
        ASSERT_EQ(tensor.sources.size(), 1U);
        EXPECT_EQ(tensor.sources[0].shown, !tensor.layer.empty());
        EXPECT_EQ(tensor.sources[0].differs + tensor.sources[0].untapped, 0U);
      }
    }
  }
}

TEST(Compare, ReportsTheErrorOfEveryTensor) {
  const Pair pair = every_operation(3);
  const auto report = compare_program(pair, pair.integer, pair.inputs);
  ASSERT_TRUE(report.has_value());
  ASSERT_EQ(report->tensors.size(), pair.integer.values.size());
  const TensorReport& input = report->tensors[0];
  EXPECT_EQ(input.tensor, "x");
  EXPECT_EQ(input.layer, "");
  ASSERT_TRUE(input.error.has_value());
  EXPECT_LE(input.error->largest_lsb,
            1.001);  // half for the element, half for the rounded zero point at the range's end
  EXPECT_GT(input.error->largest_lsb, 0.4);
  EXPECT_GT(input.error->snr_db, 35);
  for (const TensorReport& tensor : report->tensors) {
    SCOPED_TRACE(tensor.tensor);
    const ValueId id = static_cast<ValueId>(&tensor - report->tensors.data());
    EXPECT_EQ(tensor.tensor, pair.integer.values[id].name);
    const double scale = pair.integer.values[id].type.element.quantisation()->scale();
    ASSERT_TRUE(tensor.error.has_value());
    EXPECT_NEAR(tensor.error->largest, tensor.error->largest_lsb * scale, 1e-12);
    EXPECT_GT(tensor.error->snr_db, 25);
    EXPECT_LT(tensor.error->largest_lsb, 8);
  }
  EXPECT_EQ(report->tensors.back().layer, "softmax1");
}

// A weight whose flipped bit 6 shows in inference 0: at least 64 in magnitude (so that it becomes smaller), a large
// input, an output that is not at a clamp.
struct Bit {
  std::size_t element;  // of the weight
  std::size_t channel;  // of the output
};

std::optional<Bit> live_bit(const LayerSpec& spec, const Tensor& x, const Tensor& y) {
  const auto weights = spec.required("weight").elements<std::int8_t>();
  const auto inputs = x.elements<std::int8_t>();
  const int zero_x = x.type().element.quantisation()->zero_point();
  const auto outputs = y.elements<std::int8_t>();
  const std::int64_t lowest =
      spec.attributes.text_or("activation", "") == "relu" ? y.type().element.quantisation()->zero_point() : -128;
  std::optional<Bit> best;
  int largest = 0;
  for (std::size_t w = 0; w < weights.size(); ++w) {
    const std::size_t channel = w / inputs.size();
    const int input = std::abs(inputs[w % inputs.size()] - zero_x);
    if (std::abs(weights[w]) < 64 || outputs[channel] <= lowest || outputs[channel] == 127 || input <= largest)
      continue;
    largest = input;
    best = Bit{w, channel};
  }
  return best;
}

TEST(Compare, NamesTheLayerOfOneFlippedWeightBit) {
  const Pair pair = autoencoder(7);
  ASSERT_EQ(pair.integer.layers.size(), 12U);
  std::vector<Tensor> seen(pair.integer.values.size());
  const Tensor input = *algean::quantise(inference(pair.real, pair.inputs, 0)[0], pair.integer.values[0].type.element);
  ASSERT_TRUE(kernels::interpret(pair.integer, library(), {&input, 1}, [&](ValueId id, const Tensor& t) {
                seen[id] = t;
              }).has_value());
  for (std::size_t l = 0; l < 12; ++l) {
    const Layer& layer = pair.integer.layers[l];
    SCOPED_TRACE(layer.spec.name);
    const auto bit = live_bit(layer.spec, seen[layer.inputs[0]], seen[layer.outputs[0]]);
    ASSERT_TRUE(bit.has_value()) << "the layer is dead";
    Graph flipped = pair.integer;
    auto weight = std::make_shared<Tensor>(layer.spec.required("weight"));
    weight->elements<std::int8_t>()[bit->element] ^= 0x40;
    flipped.layers[l].spec.constants["weight"] = weight;
    const auto report = compare_program(pair, flipped, pair.inputs);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_NE(report->difference(), nullptr);
    EXPECT_EQ(report->difference()->inference, 0U);
    EXPECT_EQ(report->difference()->layer, layer.spec.name);
    EXPECT_EQ(report->difference()->tensor, pair.integer.values[layer.outputs[0]].name);
    EXPECT_EQ(report->difference()->element, bit->channel);
    EXPECT_EQ(report->difference()->expected, seen[layer.outputs[0]].integer_at(bit->channel));
    EXPECT_NE(report->difference()->got, report->difference()->expected);
  }
}

TEST(Compare, NamesTheLayerOfAChangedTable) {
  const Pair pair = every_operation(4);
  Graph changed = pair.integer;
  for (Layer& layer : changed.layers) {
    if (layer.spec.name != "tanh1") continue;
    auto table = std::make_shared<Tensor>(layer.spec.required("table"));
    for (std::int8_t& entry : table->elements<std::int8_t>()) entry ^= 1;
    layer.spec.constants["table"] = table;
  }
  const auto report = compare_program(pair, changed, pair.inputs);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  ASSERT_NE(report->difference(), nullptr);
  EXPECT_EQ(report->difference()->layer, "tanh1");
  EXPECT_EQ(report->difference()->element, 0U);
}

TEST(Compare, TakesIntegersOfThePortToo) {
  const Pair pair = every_operation(5);
  Tensor integers = *algean::quantise(pair.inputs[0], pair.integer.values[0].type.element);
  integers.retype({ElementType::int8(), integers.shape()});
  const auto from_integers = compare_program(pair, pair.integer, {&integers, 1});
  ASSERT_TRUE(from_integers.has_value()) << from_integers.error().message;
  EXPECT_EQ(from_integers->difference(), nullptr);
  EXPECT_LT(from_integers->tensors[0].error->largest_lsb, 1e-6);
}

// "next": y = x + 1. The compiled layer "d" reads what "a" wrote, two layers after the last one that may: right only
// while nobody else gets that memory.
class NextFamily final : public kernels::Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "next"; }
  [[nodiscard]] std::span<const std::string_view> operations() const override { return operations_; }
  [[nodiscard]] Result<std::vector<Shape>> infer(const LayerSpec&, std::span<const TensorType> inputs) const override {
    return std::vector{inputs[0].shape};
  }
  [[nodiscard]] Result<> verify(const LayerSpec&, std::span<const TensorType>,
                                std::span<const TensorType>) const override {
    return {};
  }
  void evaluate_float(const LayerSpec&, std::span<const Tensor* const>, std::span<Tensor* const>) const override {}
  void evaluate_integer(const LayerSpec&, std::span<const Tensor* const> inputs,
                        std::span<Tensor* const> outputs) const override {
    outputs[0]->elements<std::int8_t>()[0] = static_cast<std::int8_t>(inputs[0]->elements<std::int8_t>()[0] + 1);
  }
  [[nodiscard]] Result<LayerSpec> quantise(const LayerSpec& layer, std::span<const TensorType>,
                                           std::span<const TensorType>) const override {
    return layer;
  }
  [[nodiscard]] Result<std::unique_ptr<kernels::Step>> compile(const LayerSpec& layer, std::span<const TensorType>,
                                                               std::span<const TensorType>,
                                                               kernels::InstructionSet) const override {
    return std::make_unique<NextStep>(layer.name, written_by_a_);
  }

 private:
  class NextStep final : public kernels::Step {
   public:
    NextStep(std::string name, const std::byte*& written_by_a) : name_(std::move(name)), written_by_a_(written_by_a) {}
    void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
      const bool reads_a = name_ == "d";
      const int x = static_cast<std::int8_t>(*(reads_a ? written_by_a_ : inputs[0]));
      *outputs[0] = static_cast<std::byte>(x + (reads_a ? 3 : 1));
      if (name_ == "a") written_by_a_ = outputs[0];
    }

   private:
    std::string name_;
    const std::byte*& written_by_a_;
  };
  static constexpr std::array<std::string_view, 1> operations_ = {"next"};
  mutable const std::byte* written_by_a_ = nullptr;
};

TEST(Compare, RunsTheProgramWithoutTapsToo) {
  const TensorType type{ElementType::int8(Quantisation::per_tensor(1, 0)), {1}};
  Graph graph;
  graph.name = "counting";
  ValueId at = graph.add_value("x", type);
  graph.inputs = {{"x", at, ExternalForm::float32}};
  for (const char* name : {"a", "b", "c", "d"}) {
    const ValueId next = graph.add_value(name, type);
    graph.layers.push_back({{std::string("make_") + name, "next", {}, {}}, {at}, {next}});
    at = next;
  }
  graph.outputs = {{"y", at, ExternalForm::float32}};
  const NextFamily next;
  const std::array<const kernels::Family*, 1> families = {&next};
  Tensor input({ElementType::float32(), {2, 1}});
  input.elements<float>()[0] = 10;
  const auto run = [&]() -> Result<CompareReport> {
    ALGEAN_ASSIGN(const auto source, make_program_source(graph, graph, families));
    TensorSource* const sources[] = {source.get()};
    return compare({}, graph, families, sources, {&input, 1});
  };
  const auto good = run();
  ASSERT_TRUE(good.has_value()) << good.error().message;
  EXPECT_EQ(good->difference(), nullptr);
  EXPECT_FALSE(good->tensors[0].error.has_value()) << "there is no float graph";

  for (Layer& layer : graph.layers) layer.spec.name = layer.spec.name.back();
  const auto report = run();
  ASSERT_TRUE(report.has_value()) << report.error().message;
  ASSERT_NE(report->difference(), nullptr);
  EXPECT_EQ(report->difference()->inference, 0U);
  EXPECT_EQ(report->difference()->tensor, "d");
  EXPECT_FALSE(report->difference()->tapped);
  EXPECT_EQ(report->tensors.back().sources[0].differs, 0U);
  EXPECT_EQ(report->tensors.back().sources[0].untapped, 2U);
  EXPECT_EQ(report->difference()->layer, "d");
  EXPECT_EQ(report->difference()->expected, 14);
  EXPECT_EQ(report->difference()->got, 16);
}

// The program under another name, on two nodes, with whatever is done to it.
class FakeCluster final : public TensorSource {
 public:
  explicit FakeCluster(const Pair& pair) : program_(*make_program_source(pair.integer, pair.integer, library())) {}

  std::string log;                        // "t" tapped, "u" untapped, "." a run
  std::string hidden;                     // tensor that is not shown
  std::string retyped;                    // tensor that is shown in another type
  std::string changed;                    // tensor whose element 1 is shown as another
  std::size_t changed_from = 0;           // first inference of which
  std::optional<std::size_t> fails_at;    // run
  std::optional<std::size_t> altered_at;  // run whose first output is another

  [[nodiscard]] std::string_view name() const override { return "cluster"; }
  Result<> tap(bool on) override {
    log += on ? "t" : "u";
    inference_ = 0;
    return program_->tap(on);
  }
  Result<> run(std::span<const Tensor> inputs) override {
    log += '.';
    if (runs_++ == fails_at) return failed("node b is gone");
    ++inference_;
    ALGEAN_TRY(program_->run(inputs));
    output_ = program_->output(0);
    if (runs_ - 1 == altered_at) output_.elements<std::int8_t>()[0] ^= 1;
    return {};
  }
  [[nodiscard]] const Tensor& output(std::size_t) const override { return output_; }
  [[nodiscard]] std::optional<Tensor> tensor(std::string_view value) const override {
    if (value == hidden) return std::nullopt;
    auto tensor = program_->tensor(value);
    if (tensor) tensor->retype({tensor->type().element.with(std::nullopt), tensor->shape()});  // as it is on a wire
    if (value == retyped) tensor->retype({ElementType::integer(8, false), tensor->shape()});
    if (value == changed && inference_ > changed_from) tensor->elements<std::int8_t>()[1] ^= 4;
    return tensor;
  }
  [[nodiscard]] std::string_view node(std::string_view layer) const override { return layer < "fc3" ? "a" : "b"; }

 private:
  std::unique_ptr<TensorSource> program_;
  Tensor output_;
  std::size_t runs_ = 0;
  std::size_t inference_ = 0;
};

Result<CompareReport> compare_both(const Pair& pair, FakeCluster& cluster) {
  ALGEAN_ASSIGN(const auto program, make_program_source(pair.integer, pair.integer, library()));
  TensorSource* const sources[] = {program.get(), &cluster};
  return compare(pair.real, pair.integer, library(), sources, pair.inputs);
}

TEST(Compare, AsksASourceUntappedFirst) {
  const Pair pair = every_operation(5);
  FakeCluster cluster(pair);
  cluster.hidden = "tanh1";
  const auto report = compare_both(pair, cluster);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(cluster.log, std::string(20, '.') + "t" + std::string(20, '.') + "u");
  ASSERT_EQ(report->sources.size(), 2U);
  EXPECT_EQ(report->sources[0].name, "program");
  EXPECT_EQ(report->sources[1].name, "cluster");
  EXPECT_EQ(report->difference(), nullptr);
  for (const TensorReport& tensor : report->tensors) {
    EXPECT_EQ(tensor.sources[1].shown, !tensor.layer.empty() && tensor.tensor != "tanh1") << tensor.tensor;
  }
}

TEST(Compare, NamesTheNodeOfADifference) {
  const Pair pair = every_operation(5);
  FakeCluster cluster(pair);
  cluster.changed = "sigmoid1";
  cluster.changed_from = 3;
  const auto report = compare_both(pair, cluster);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_FALSE(report->sources[0].difference.has_value());
  const Difference* found = report->difference();
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->source, "cluster");
  EXPECT_EQ(found->inference, 3U);
  EXPECT_EQ(found->tensor, "sigmoid1");
  EXPECT_EQ(found->layer, "sigmoid1");
  EXPECT_EQ(found->node, "b");
  EXPECT_TRUE(found->tapped);
  EXPECT_EQ(found->element, 1U);
  EXPECT_EQ(found->got, found->expected ^ 4);
  for (const TensorReport& tensor : report->tensors) {
    EXPECT_EQ(tensor.sources[1].differs, tensor.tensor == "sigmoid1" ? 17U : 0U) << tensor.tensor;
    EXPECT_EQ(tensor.sources[0].differs, 0U);
    EXPECT_EQ(tensor.node, tensor.layer.empty() ? "" : tensor.layer < "fc3" ? "a" : "b") << tensor.layer;
  }
}

TEST(Compare, FindsAnswersThatDifferInOneOfTheTwoRuns) {
  const Pair pair = every_operation(5);
  for (const std::size_t run : {7U, 27U}) {  // of 20 without taps and 20 tapped
    FakeCluster cluster(pair);
    cluster.altered_at = run;
    const auto report = compare_both(pair, cluster);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_NE(report->difference(), nullptr);
    EXPECT_EQ(report->difference()->inference, 7U);
    EXPECT_EQ(report->difference()->tensor, "softmax1");
    EXPECT_EQ(report->difference()->tapped, run == 27);
    EXPECT_EQ(report->tensors.back().sources[1].differs, run == 27 ? 1U : 0U);
    EXPECT_EQ(report->tensors.back().sources[1].untapped, run == 27 ? 0U : 1U);
  }
}

TEST(Compare, UntapsASourceThatFails) {
  const Pair pair = every_operation(5);
  FakeCluster early(pair);
  early.fails_at = 2;
  EXPECT_EQ(compare_both(pair, early).error().message, "cluster, inference 2: node b is gone");
  EXPECT_EQ(early.log, "...") << "it was not tapped";
  FakeCluster late(pair);
  late.fails_at = 22;
  EXPECT_EQ(compare_both(pair, late).error().message, "cluster, tapped, inference 2: node b is gone");
  EXPECT_EQ(late.log, std::string(20, '.') + "t...u");
}

TEST(Compare, RejectsATensorInAnotherType) {
  const Pair pair = every_operation(5);
  FakeCluster cluster(pair);
  cluster.retyped = "leaky";
  EXPECT_EQ(compare_both(pair, cluster).error().message,
            "cluster, tapped, inference 0: tensor 'leaky' is uint8[20], in the integer reference int8[20]");
  EXPECT_EQ(cluster.log.back(), 'u');
}

TEST(Compare, RejectsOtherInputsAndOtherGraphs) {
  const Pair pair = every_operation(6);
  EXPECT_EQ(message(pair, pair.integer, {}), "0 inputs, the network has 1");
  EXPECT_EQ(message(pair, pair.integer, {Tensor({ElementType::float32(), {2, 23}})}),
            "input 'x' is float32[2,23], must be float32[batch,24]");
  Tensor nan({ElementType::float32(), {2, 24}});
  nan.elements<float>()[30] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(message(pair, pair.integer, {nan}), "input 'x': element [1,6] is nan, must be finite");
  EXPECT_EQ(message(pair, autoencoder(1).integer, pair.inputs),
            "tensor 'x' is int8[48] in the program, int8[24] in the integer reference, or quantised otherwise");
  Graph renamed = pair.integer;
  renamed.values[2].name = "other";
  EXPECT_EQ(message(pair, renamed, pair.inputs), "the program has no tensor 'leaky'");
  Graph output = pair.integer;
  output.outputs[0].value = 1;
  EXPECT_EQ(message(pair, output, pair.inputs), "the program has other inputs or outputs");
  Pair swapped = pair;
  swapped.integer = pair.real;
  EXPECT_EQ(message(swapped, pair.integer, pair.inputs), "tensor 'x' is of float32: nothing to compare");
  EXPECT_EQ(compare(pair.real, pair.real, library(), {}, pair.inputs).error().message,
            "tensor 'x' is of float32: nothing to compare");
}

}  // namespace
}  // namespace algean::partitioner::testing
