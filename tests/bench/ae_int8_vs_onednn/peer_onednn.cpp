#include "tests/bench/ae_int8_vs_onednn/peer_onednn.hpp"

#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/numeric/scaled.hpp"

extern "C" void omp_set_num_threads(int count);  // omp.h, which only the compiler that has it finds

namespace algean::bench {
namespace {

using dnnl::memory;

memory::dim extent(const Tensor& tensor, std::size_t axis) { return tensor.shape()[axis]; }

// Bias with the correction for activations that oneDNN sees without their zero point of `zero_u8`.
std::vector<std::int32_t> corrected_bias(const kernels::LayerSpec& layer, std::int32_t zero_u8) {
  const auto weights = layer.required("weight").elements<std::int8_t>();
  const auto bias = layer.required("bias").elements<std::int32_t>();
  std::vector<std::int32_t> result(bias.begin(), bias.end());
  const std::size_t n_in = weights.size() / bias.size();
  for (std::size_t o = 0; o < result.size(); ++o) {
    for (std::size_t i = 0; i < n_in; ++i) result[o] -= zero_u8 * weights[o * n_in + i];
  }
  return result;
}

// The output has the zero point `zero_u8` as an unsigned byte: 0 behind relu, whose layers thus cut at 0; elsewhere
// added.
dnnl::primitive_attr attributes(const kernels::LayerSpec& layer, std::int32_t zero_u8) {
  const auto multiplier = layer.required("multiplier").elements<std::int32_t>();
  const auto shift = layer.required("shift").elements<std::uint8_t>();
  std::vector<float> scales;
  for (std::size_t o = 0; o < shift.size(); ++o) {
    scales.push_back(static_cast<float>(kernels::scaled::real_ratio({multiplier[o], shift[o]})));
  }
  dnnl::primitive_attr result;
  result.set_output_scales(1 << 1, scales);
  const bool relu = layer.attributes.text_or("activation", "linear") == "relu";
  ALGEAN_INVARIANT(!relu || zero_u8 == 0);
  dnnl::post_ops after;
  if (relu) after.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
  if (zero_u8 != 0) after.append_eltwise(1.0F, dnnl::algorithm::eltwise_linear, 1.0F, static_cast<float>(zero_u8));
  result.set_post_ops(after);
  return result;
}

}  // namespace

struct OneDnn::Plan {
  struct Layer {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
  };
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  std::vector<Layer> layers;
  memory activations;
  std::string implementation;

  // The primitive's descriptor for either kind, and its layer.
  template <class Primitive>
  void add(const typename Primitive::primitive_desc& described, memory plain_weights, memory plain_bias) {
    memory weights(described.weights_desc(), engine);
    dnnl::reorder(plain_weights, weights).execute(stream, plain_weights, weights);
    memory bias(described.bias_desc(), engine);
    dnnl::reorder(plain_bias, bias).execute(stream, plain_bias, bias);
    memory output(described.dst_desc(), engine);
    layers.push_back(
        {Primitive(described),
         {{DNNL_ARG_SRC, activations}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, output}}});
    if (layers.size() == 1) implementation = described.impl_info_str();
    activations = output;
    stream.wait();
  }

  void add(const kernels::LayerSpec& layer, Kind kind, std::int32_t zero_x, std::int32_t zero_y) {
    const Tensor& weight = layer.required("weight");
    const memory::dim n_out = extent(weight, 0);
    const memory::dim n_in = extent(weight, 1);
    std::vector<std::int32_t> bias = corrected_bias(layer, zero_x);
    auto* weights = const_cast<std::byte*>(weight.bytes().data());
    const memory::desc from({1, n_in}, memory::data_type::u8, memory::format_tag::ab);
    const memory::desc dst({1, n_out}, memory::data_type::u8, memory::format_tag::ab);
    if (kind == Kind::inner_product) {
      const memory::desc any({n_out, n_in}, memory::data_type::s8, memory::format_tag::any);
      const memory::desc bias_desc({n_out}, memory::data_type::s32, memory::format_tag::a);
      const dnnl::inner_product_forward::desc desc(dnnl::prop_kind::forward_inference, from, any, bias_desc, dst);
      const memory plain({{n_out, n_in}, memory::data_type::s8, memory::format_tag::ab}, engine, weights);
      add<dnnl::inner_product_forward>({desc, attributes(layer, zero_y), engine}, plain,
                                       memory(bias_desc, engine, bias.data()));
    } else {
      const memory::desc any({n_in, n_out}, memory::data_type::s8, memory::format_tag::any);
      const memory::desc bias_desc({1, n_out}, memory::data_type::s32, memory::format_tag::ab);
      const dnnl::matmul::desc desc(from, any, bias_desc, dst);
      const memory plain({{n_in, n_out}, memory::data_type::s8, memory::format_tag::ba}, engine, weights);
      add<dnnl::matmul>({desc, attributes(layer, zero_y), engine}, plain, memory(bias_desc, engine, bias.data()));
    }
  }
};

OneDnn::OneDnn(const kernels::Graph& graph, Kind kind, const Tensor& x) : plan_(std::make_unique<Plan>()) {
  omp_set_num_threads(1);
  const memory::dim n = x.shape()[0];
  plan_->activations = memory({{1, n}, memory::data_type::u8, memory::format_tag::ab}, plan_->engine);
  auto* bytes = static_cast<std::uint8_t*>(plan_->activations.get_data_handle());
  for (memory::dim i = 0; i < n; ++i) {
    bytes[i] = static_cast<std::uint8_t>(x.elements<std::int8_t>()[static_cast<std::size_t>(i)] + 128);
  }
  for (const kernels::Layer& layer : graph.layers) {
    const std::int32_t zero_x = graph.values[layer.inputs[0]].type.element.quantisation()->zero_point();
    const std::int32_t zero_y = graph.values[layer.outputs[0]].type.element.quantisation()->zero_point();
    plan_->add(layer.spec, kind, zero_x + 128, zero_y + 128);
  }
}

OneDnn::~OneDnn() = default;

void OneDnn::run() {
  for (const Plan::Layer& layer : plan_->layers) layer.primitive.execute(plan_->stream, layer.arguments);
  plan_->stream.wait();
}

std::vector<std::int8_t> OneDnn::output() const {
  const auto n = static_cast<std::size_t>(plan_->activations.get_desc().dims()[1]);
  const auto* bytes = static_cast<const std::uint8_t*>(plan_->activations.get_data_handle());
  std::vector<std::int8_t> result(n);
  for (std::size_t i = 0; i < n; ++i) {
    result[i] = static_cast<std::int8_t>(bytes[i] - 128);
  }
  return result;
}

std::string OneDnn::implementation() const { return plan_->implementation; }

}  // namespace algean::bench
