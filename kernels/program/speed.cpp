#include "kernels/program/speed.hpp"

#include <algorithm>
#include <limits>

#include "kernels/program/program.hpp"
#include "runtime/base/random.hpp"

namespace algean::kernels {
namespace {

constexpr std::int64_t width = 256;
constexpr int depth = 4;
constexpr std::int64_t patience_ns = 5'000'000;
constexpr int fewest_runs = 3;

// Speed does not depend on the numbers: weights in [-1, 1), and scales that keep them apart.
Graph dense_network(Families families) {
  const Family* family = find_family(families, "dense");
  ALGEAN_INVARIANT(family != nullptr);
  const TensorType type{ElementType::int8(Quantisation::per_tensor(0.05, 0)), Shape({width})};
  Random random(1);
  Graph graph{"speed", {}, {}, {}, {}};
  ValueId at = graph.add_value("x", type);
  graph.inputs.push_back({"x", at, ExternalForm::integer});
  for (int layer = 0; layer < depth; ++layer) {
    std::vector<float> weights(width * width);
    for (float& weight : weights) weight = static_cast<float>(2 * random.unit() - 1);
    const TensorType weight_type{ElementType::float32(), Shape({width, width})};
    const LayerSpec floats{fmt::format("dense_{}", layer),
                           "dense",
                           {},
                           {{"weight", std::make_shared<const Tensor>(weight_type, std::span<const float>(weights))}}};
    auto integers = family->quantise(floats, {&type, 1}, {&type, 1});
    ALGEAN_INVARIANT(integers);
    const ValueId to = graph.add_value(floats.name + "_out", type);
    graph.layers.push_back({*std::move(integers), {at}, {to}});
    at = to;
  }
  graph.outputs.push_back({"y", at, ExternalForm::integer});
  return graph;
}

}  // namespace

double measure_speed_gmacs(Families families, const Clock& clock) {
  const auto program = compile(dense_network(families), families);
  ALGEAN_INVARIANT(program);
  const Tensor x((*program)->inputs()[0].type);
  Tensor y((*program)->outputs()[0].type);
  const std::byte* const inputs[] = {x.bytes().data()};
  std::byte* const outputs[] = {y.bytes().data()};
  (*program)->run(inputs, outputs);  // brings the weights here
  std::int64_t fastest_ns = std::numeric_limits<std::int64_t>::max();
  const std::int64_t start_ns = clock.now_ns();
  std::int64_t before_ns = start_ns;
  for (int run = 0; run < fewest_runs || before_ns - start_ns < patience_ns; ++run) {
    (*program)->run(inputs, outputs);
    const std::int64_t after_ns = clock.now_ns();
    fastest_ns = std::min(fastest_ns, std::max<std::int64_t>(1, after_ns - before_ns));
    before_ns = after_ns;
  }
  return static_cast<double>(depth * width * width) / static_cast<double>(fastest_ns);
}

}  // namespace algean::kernels
