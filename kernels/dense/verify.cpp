// The rules of a dense layer: nothing that came from a file is trusted.
#include "kernels/dense/dense.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/weighted/weighted.hpp"

namespace algean::kernels {
namespace {

Result<> check_output(const Dense& family, const LayerSpec& layer, std::span<const TensorType> inputs,
                      std::span<const TensorType> outputs) {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, family.infer(layer, inputs));
  if (outputs.size() == 1 && outputs[0].shape == shapes[0]) return {};
  return bad_input("must have one output of shape {}", shapes[0].text());
}

}  // namespace

Result<> Dense::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                       std::span<const TensorType> outputs) const {
  ALGEAN_TRY(check_output(*this, layer, inputs, outputs));
  return verify_weighted(layer, {}, inputs[0], outputs[0]);
}

Result<LayerSpec> Dense::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                  std::span<const TensorType> outputs) const {
  ALGEAN_TRY(check_output(*this, layer, inputs, outputs));
  return quantise_weighted(layer, {}, inputs[0], outputs[0]);
}

}  // namespace algean::kernels
