#include "tests/bench/jet_int8_compute/peer_xnnpack.hpp"

#include <algorithm>

namespace algean::bench {

XnnPack::XnnPack(const kernels::Graph& graph, const Tensor& x) {
  ALGEAN_INVARIANT(xnn_initialize(nullptr) == xnn_status_success);
  const auto elements = x.elements<std::int8_t>();
  activations_.emplace_back(elements.begin(), elements.end()).resize(elements.size() + XNN_EXTRA_BYTES);
  for (const kernels::Layer& layer : graph.layers) add(graph, layer);
}

void XnnPack::add(const kernels::Graph& graph, const kernels::Layer& layer) {
  const Quantisation& from = *graph.values[layer.inputs[0]].type.element.quantisation();
  const Quantisation& to = *graph.values[layer.outputs[0]].type.element.quantisation();
  const Tensor& weight = layer.spec.required("weight");
  const std::vector<double>& scales = weight.type().element.quantisation()->scales;
  ALGEAN_INVARIANT(std::ranges::all_of(scales, [&](double scale) { return scale == scales[0]; }));
  const auto n_in = static_cast<std::size_t>(weight.shape()[1]);
  n_out_ = static_cast<std::size_t>(weight.shape()[0]);
  const bool relu = layer.spec.attributes.text_or("activation", "linear") == "relu";
  std::vector<std::int8_t>& output = activations_.emplace_back(n_out_ + XNN_EXTRA_BYTES);
  xnn_operator_t made = nullptr;
  const xnn_status created = xnn_create_fully_connected_nc_qs8(
      n_in, n_out_, n_in, n_out_, static_cast<std::int8_t>(from.zero_point()), static_cast<float>(from.scale()),
      static_cast<float>(scales[0]), weight.elements<std::int8_t>().data(),
      layer.spec.required("bias").elements<std::int32_t>().data(), static_cast<std::int8_t>(to.zero_point()),
      static_cast<float>(to.scale()), static_cast<std::int8_t>(relu ? to.zero_point() : -128), 127, 0, &made);
  ALGEAN_INVARIANT(created == xnn_status_success);
  const std::vector<std::int8_t>& input = activations_[activations_.size() - 2];
  ALGEAN_INVARIANT(xnn_setup_fully_connected_nc_qs8(made, 1, input.data(), output.data(), nullptr) ==
                   xnn_status_success);
  layers_.push_back(made);
}

XnnPack::~XnnPack() {
  for (const xnn_operator_t layer : layers_) (void)xnn_delete_operator(layer);
}

std::vector<std::int8_t> XnnPack::output() const {
  return {activations_.back().begin(), activations_.back().begin() + static_cast<std::ptrdiff_t>(n_out_)};
}

}  // namespace algean::bench
