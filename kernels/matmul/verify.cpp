// The rules of a product: nothing that came from a file is trusted.
#include "kernels/family/checks.hpp"
#include "kernels/matmul/matmul.hpp"

namespace algean::kernels {

Result<> Matmul::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                        std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(check_attributes(layer, {"transpose_a", "transpose_b"}));
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  if (!is_float) return bad_input("{} has no integer form", layer.operation);
  return check_constants(layer, {});
}

}  // namespace algean::kernels
