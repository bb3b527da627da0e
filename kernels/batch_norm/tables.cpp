#include "kernels/batch_norm/tables.hpp"

#include "kernels/batch_norm/batch_norm.hpp"

namespace algean::kernels::batch_norm {

std::vector<std::int64_t> channel_tables(const LayerSpec& layer, const TensorType& input, const TensorType& output) {
  const std::int64_t channels = input.shape.channels();
  Tensor x({input.element, Shape{256, channels}});
  Tensor y({output.element, Shape{256, channels}});
  const auto codes = x.elements<std::int8_t>();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i] = static_cast<std::int8_t>(static_cast<std::int64_t>(i) / channels - 128);
  }
  const Tensor* from[] = {&x};
  Tensor* to[] = {&y};
  BatchNorm().evaluate_integer(layer, from, to);
  const auto answers = y.elements<std::int8_t>();
  std::vector<std::int64_t> tables;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t code = 0; code < 256; ++code) {
      tables.push_back(answers[static_cast<std::size_t>(code * channels + c)]);
    }
  }
  return tables;
}

}  // namespace algean::kernels::batch_norm
