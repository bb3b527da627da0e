#include "tests/bench/networks/resnet50.hpp"

#include <fmt/format.h>

#include <cmath>

#include "kernels/library/library.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::bench {
namespace {

using kernels::Graph;
using kernels::LayerSpec;
using kernels::ValueId;

constexpr std::int64_t expansion = 4;  // of a block's channels
// Mean squares of activations, roughly.
constexpr double of_image = 5, of_relu = 0.5, of_block = 1.5;

ElementType behind_relu(double largest) { return ElementType::int8(Quantisation::per_tensor(largest / 255, -128)); }
ElementType signed_within(double largest) { return ElementType::int8(Quantisation::per_tensor(largest / 127, 0)); }

class Builder {
 public:
  Builder() {
    const TensorType image{behind_relu(4), Shape{224, 224, 3}};
    graph_.inputs.push_back({"x", graph_.add_value("x", image), ExternalForm::integer});
  }

  Graph build() {
    ValueId at = conv("conv1", 0, 64, 7, 2, 3, true, of_image);
    LayerSpec pool{"pool1", "max_pool2d", {}, {}};
    pool.attributes.set("window", std::vector<std::int64_t>{3, 3});
    pool.attributes.set("strides", std::vector<std::int64_t>{2, 2});
    pool.attributes.set("padding", std::vector<std::int64_t>{1, 1, 1, 1});
    at = append(pool, {at}, graph_.values[at].type.element);
    const int blocks[] = {3, 4, 6, 3};
    for (int stage = 0; stage < 4; ++stage) {
      for (int i = 0; i < blocks[stage]; ++i) at = block(stage, i, at);
    }
    LayerSpec mean{"pool5", "reduce_mean", {}, {}};
    mean.attributes.set("axes", std::vector<std::int64_t>{0, 1});
    at = append(mean, {at}, behind_relu(8));
    LayerSpec last = kernels::testing::dense(1000, 2048, weights(1000 * 2048, 2048, of_block), biases(1000));
    last.name = "fc1000";
    at = append(last, {at}, signed_within(8));
    graph_.outputs.push_back({"y", at, ExternalForm::integer});
    return std::move(graph_);
  }

 private:
  // Uniform, so that sums have variance 1 about.
  std::vector<float> weights(std::int64_t count, std::int64_t taps, double mean_square) {
    const double limit = std::sqrt(3.0 / (static_cast<double>(taps) * mean_square));
    return kernels::testing::random_reals(random_, static_cast<std::size_t>(count), -limit, limit);
  }
  std::vector<float> biases(std::int64_t count) {
    return kernels::testing::random_reals(random_, static_cast<std::size_t>(count), -0.1, 0.1);
  }

  ValueId append(const LayerSpec& layer, const std::vector<ValueId>& from, const ElementType& element) {
    const kernels::Family* family = kernels::find_family(kernels::library(), layer.operation);
    std::vector<TensorType> inputs;
    for (const ValueId id : from) inputs.push_back(graph_.values[id].type);
    const TensorType output{element, family->infer(layer, inputs).value().at(0)};
    LayerSpec integer = family->quantise(layer, inputs, {&output, 1}).value();
    const ValueId to = graph_.add_value(layer.name + "_out", output);
    graph_.layers.push_back({std::move(integer), from, {to}});
    return to;
  }

  ValueId conv(const std::string& name, ValueId from, std::int64_t channels, std::int64_t kernel, std::int64_t stride,
               std::int64_t padding, bool relu, double mean_square) {
    const std::int64_t in = graph_.values[from].type.shape.channels();
    const std::int64_t taps = kernel * kernel * in;
    const TensorType weight{ElementType::float32(), Shape{channels, kernel, kernel, in}};
    const TensorType bias{ElementType::float32(), Shape{channels}};
    LayerSpec layer{name, "conv2d", {}, {}};
    layer.constants["weight"] =
        std::make_shared<const Tensor>(weight, std::span<const float>(weights(channels * taps, taps, mean_square)));
    layer.constants["bias"] = std::make_shared<const Tensor>(bias, std::span<const float>(biases(channels)));
    layer.attributes.set("strides", std::vector<std::int64_t>{stride, stride});
    layer.attributes.set("padding", std::vector<std::int64_t>{padding, padding, padding, padding});
    layer.attributes.set("activation", std::string(relu ? "relu" : "linear"));
    return append(layer, {from}, relu ? behind_relu(5) : signed_within(5));
  }

  // 1x1, 3x3, 1x1 and the shortcut around them.
  ValueId block(int stage, int index, ValueId from) {
    const std::int64_t channels = std::int64_t{64} << static_cast<unsigned>(stage);
    const std::int64_t stride = index == 0 && stage > 0 ? 2 : 1;
    const std::string name = fmt::format("res{}{}", stage + 2, static_cast<char>('a' + index));
    const ValueId shortcut =
        index == 0 ? conv(name + "_branch1", from, channels * expansion, 1, stride, 0, false, of_block) : from;
    ValueId at = conv(name + "_branch2a", from, channels, 1, stride, 0, true, of_block);
    at = conv(name + "_branch2b", at, channels, 3, 1, 1, true, of_relu);
    at = conv(name + "_branch2c", at, channels * expansion, 1, 1, 0, false, of_relu);
    LayerSpec add{name, "add", {}, {}};
    add.attributes.set("activation", std::string("relu"));
    return append(add, {at, shortcut}, behind_relu(8));
  }

  Graph graph_{"resnet50", {}, {}, {}, {}};
  Random random_{50};
};

}  // namespace

kernels::Graph resnet50() { return Builder().build(); }

}  // namespace algean::bench
