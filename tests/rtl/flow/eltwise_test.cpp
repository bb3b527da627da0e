// Two operands, functions of one element, prelu, softmax and batch normalisation in hardware.
#include <gtest/gtest.h>

#include "tests/rtl/flow/layers.hpp"

namespace algean::rtl {
namespace {

const std::vector<std::string> arithmetics{"scaled", "tflite"};

TEST(RtlFlow, TwoOperands) {
  Layers layers("eltwise");
  const Shape shape{2, 3, 7};
  const TensorType a = codes(shape, 0.031, -7);
  const TensorType b = codes(shape, 0.024, 12);
  const TensorType y = codes(shape, 0.047, 3);
  for (const std::string& arithmetic : arithmetics) {
    layers.add("add", {}, {a, b}, {y}, arithmetic);
    layers.add("subtract", {{"activation", "relu"}}, {a, b}, {y}, arithmetic);
    layers.add("multiply", {{"activation", "relu6"}}, {a, b}, {y}, arithmetic);
    layers.add("maximum", {}, {a, b}, {y}, arithmetic);
    layers.add("minimum", {}, {a, a}, {a}, arithmetic);
    layers.add("add", {}, {a, codes({1, 1, 7}, 0.024, 12)}, {y}, arithmetic);
    layers.add("subtract", {}, {codes({7}, 0.031, -7), b}, {y}, arithmetic);
    layers.add("subtract", {{"reversed", std::int64_t{1}}}, {a}, {y}, arithmetic, {{"operand", reals({7})}});
    layers.add("add", {}, {a}, {y}, arithmetic, {{"operand", reals(shape)}});
    layers.add("multiply", {}, {a}, {y}, arithmetic, {{"operand", reals({1})}});
  }
  layers.add("average", {}, {a, b}, {y}, "scaled");
  layers.run();
}

TEST(RtlFlow, FunctionsOfOneElement) {
  Layers layers("activation");
  const TensorType x = codes({2, 3, 7}, 0.05, -3);
  const TensorType y = codes({2, 3, 7}, 0.03, -20);
  for (const std::string& arithmetic : arithmetics) {
    layers.add("tanh", {}, {x}, {codes({2, 3, 7}, 1.0 / 128, 0)}, arithmetic);
    layers.add("prelu", {}, {x}, {y}, arithmetic, {{"slope", reals({7})}});
    layers.add("prelu", {}, {x}, {y}, arithmetic, {{"slope", reals({2, 3, 7})}});
    for (const std::int64_t n : {1, 2, 10, 33}) {
      layers.add("softmax", {}, {codes({3, n}, 0.08, 5)}, {codes({3, n}, 1.0 / 256, -128)}, arithmetic);
    }
    layers.add("softmax", {{"beta", 2.5}}, {codes({4}, 0.3, 0)}, {codes({4}, 1.0 / 256, -128)}, arithmetic);
  }
  layers.add("log_softmax", {}, {codes({3, 10}, 0.08, 5)}, {codes({3, 10}, 0.1, 100)});
  layers.add("log_softmax", {}, {codes({40}, 0.01, 5)}, {codes({40}, 0.05, 127)});
  const auto positive = std::make_shared<const Tensor>(TensorType{ElementType::float32(), Shape{7}},
                                                       std::span<const float>(std::vector<float>{1, 2, 3, 4, 5, 6, 7}));
  layers.add("batch_norm", {{"epsilon", 0.01}}, {x}, {y}, "scaled",
             {{"gamma", reals({7})}, {"beta", reals({7})}, {"mean", reals({7})}, {"variance", positive}});
  layers.run();
}

}  // namespace
}  // namespace algean::rtl
