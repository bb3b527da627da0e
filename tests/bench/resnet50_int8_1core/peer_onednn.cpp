#include "tests/bench/resnet50_int8_1core/peer_onednn.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>

#include "kernels/numeric/scaled.hpp"

extern "C" void omp_set_num_threads(int count);  // omp.h, which only the compiler that has it finds

namespace algean::bench {
namespace {

using dnnl::memory;
using kernels::Graph;
using kernels::Layer;
using kernels::ValueId;
using Type = memory::data_type;
using Tag = memory::format_tag;

const Quantisation& quantisation(const Graph& graph, ValueId id) {
  return *graph.values[id].type.element.quantisation();
}
// Zero point -128 is 0 of unsigned bytes.
Type type_of(const Graph& graph, ValueId id) {
  return quantisation(graph, id).zero_point() == -128 ? Type::u8 : Type::s8;
}
// [H, W, C] as oneDNN's logical N, C, H, W; [C] with 1 x 1 pixels.
memory::dims dims_of(const Graph& graph, ValueId id) {
  const Shape& shape = graph.values[id].type.shape;
  if (shape.rank() == 1) return {1, shape[0], 1, 1};
  return {1, shape[2], shape[0], shape[1]};
}
memory::desc any(const memory::dims& dims, Type type) { return {dims, type, Tag::any}; }

// Rescaled to `scale_y`.
std::vector<float> output_scales(const kernels::LayerSpec& layer, double own_scale_y, double scale_y) {
  const auto multiplier = layer.required("multiplier").elements<std::int32_t>();
  const auto shift = layer.required("shift").elements<std::uint8_t>();
  std::vector<float> scales;
  for (std::size_t o = 0; o < shift.size(); ++o) {
    const double ratio = kernels::scaled::real_ratio({multiplier[o], shift[o]});
    scales.push_back(static_cast<float>(ratio * own_scale_y / scale_y));
  }
  return scales;
}

}  // namespace

struct OneDnnNetwork::Plan {
  struct Step {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
  };
  const Graph& graph;
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  std::map<ValueId, memory> values;
  std::vector<Step> steps;
  std::vector<std::string> implementations;

  explicit Plan(const Graph& of) : graph(of) {}

  // `value` in the layout `wanted`.
  memory in_layout(const memory& value, const memory::desc& wanted) {
    if (value.get_desc() == wanted) return value;
    memory result(wanted, engine);
    steps.push_back({dnnl::reorder(value, result), {{DNNL_ARG_FROM, value}, {DNNL_ARG_TO, result}}});
    return result;
  }

  memory constant(const memory::desc& from, const memory::desc& to, const void* data) {
    memory plain(from, engine, const_cast<void*>(data));
    memory result(to, engine);
    dnnl::reorder(plain, result).execute(stream, plain, result);
    stream.wait();
    return result;
  }

  // The only layer that reads `id`, if that is an addition whose other operand is there.
  const Layer* addition_behind(ValueId id) const {
    const Layer* found = nullptr;
    for (const Layer& layer : graph.layers) {
      if (std::ranges::find(layer.inputs, id) == layer.inputs.end()) continue;
      if (found != nullptr || layer.spec.operation != "add") return nullptr;
      found = &layer;
    }
    const bool ready =
        found != nullptr && std::ranges::any_of(found->inputs, [&](ValueId i) { return values.contains(i); });
    return ready ? found : nullptr;
  }

  template <class Primitive>
  void add(const typename Primitive::primitive_desc& described, const Layer& layer, const memory::desc& plain_weights,
           const memory& target, ValueId result) {
    const std::size_t channels = layer.spec.required("bias").elements<std::int32_t>().size();
    const memory::desc plain_bias({static_cast<memory::dim>(channels)}, Type::s32, Tag::a);
    const memory weights =
        constant(plain_weights, described.weights_desc(), layer.spec.required("weight").bytes().data());
    const memory bias = constant(plain_bias, described.bias_desc(), layer.spec.required("bias").bytes().data());
    const memory source = in_layout(values.at(layer.inputs[0]), described.src_desc());
    const memory output = target ? target : memory(described.dst_desc(), engine);
    steps.push_back(
        {Primitive(described),
         {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, output}}});
    implementations.push_back(described.impl_info_str());
    values[result] = output;
  }

  void add_convolution(const Layer& layer) {
    const Layer* addition = addition_behind(layer.outputs[0]);
    const ValueId result = addition != nullptr ? addition->outputs[0] : layer.outputs[0];
    const double scale_y = quantisation(graph, result).scale();
    const bool relu =
        (addition != nullptr ? addition->spec : layer.spec).attributes.text_or("activation", "") == "relu";
    dnnl::post_ops after;
    memory target;
    memory::desc to = any(dims_of(graph, result), type_of(graph, result));
    if (addition != nullptr) {
      const ValueId other = addition->inputs[0] == layer.outputs[0] ? addition->inputs[1] : addition->inputs[0];
      const memory& sum = values.at(other);
      after.append_sum(static_cast<float>(quantisation(graph, other).scale() / scale_y), type_of(graph, other));
      to = sum.get_desc();
      to.data.data_type = memory::convert_to_c(type_of(graph, result));
      target = memory(to, engine, sum.get_data_handle());
      keep.push_back(sum);
    }
    if (relu) after.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
    dnnl::primitive_attr attributes;
    attributes.set_output_scales(1 << 1,
                                 output_scales(layer.spec, quantisation(graph, layer.outputs[0]).scale(), scale_y));
    attributes.set_post_ops(after);
    const Shape& w = layer.spec.required("weight").shape();
    const auto strides = layer.spec.attributes.integers("strides").value();
    const auto padding = layer.spec.attributes.integers("padding").value();
    const memory::dims weight_dims{w[0], w[3], w[1], w[2]};
    const dnnl::convolution_forward::desc desc(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
        any(dims_of(graph, layer.inputs[0]), type_of(graph, layer.inputs[0])), any(weight_dims, Type::s8),
        any({w[0]}, Type::s32), to, {strides[0], strides[1]}, {padding[0], padding[1]}, {padding[2], padding[3]});
    add<dnnl::convolution_forward>({desc, attributes, engine}, layer, {weight_dims, Type::s8, Tag::ohwi}, target,
                                   result);
  }

  void add_dense(const Layer& layer) {
    const ValueId result = layer.outputs[0];
    const memory::dim n_in = layer.spec.required("weight").shape()[1];
    const memory::dim n_out = layer.spec.required("weight").shape()[0];
    dnnl::primitive_attr attributes;
    const double scale_y = quantisation(graph, result).scale();
    attributes.set_output_scales(1 << 1, output_scales(layer.spec, scale_y, scale_y));
    const memory::dims weight_dims{n_out, n_in, 1, 1};
    const dnnl::inner_product_forward::desc desc(dnnl::prop_kind::forward_inference, any({1, n_in, 1, 1}, Type::u8),
                                                 any(weight_dims, Type::s8), any({n_out}, Type::s32),
                                                 {{1, n_out}, Type::s8, Tag::ab});
    add<dnnl::inner_product_forward>({desc, attributes, engine}, layer, {weight_dims, Type::s8, Tag::abcd}, memory(),
                                     result);
  }

  void add_pool(const Layer& layer, dnnl::algorithm algorithm, const memory::dims& window, const memory::dims& strides,
                const memory::dims& padding) {
    const memory source = values.at(layer.inputs[0]);
    const dnnl::pooling_forward::desc desc(dnnl::prop_kind::forward_inference, algorithm, source.get_desc(),
                                           any(dims_of(graph, layer.outputs[0]), Type::u8), strides, window, padding,
                                           padding);
    const dnnl::pooling_forward::primitive_desc described(desc, engine);
    const memory output(described.dst_desc(), engine);
    steps.push_back({dnnl::pooling_forward(described), {{DNNL_ARG_SRC, source}, {DNNL_ARG_DST, output}}});
    values[layer.outputs[0]] = output;
  }

  void add(const Layer& layer) {
    const std::string& operation = layer.spec.operation;
    if (operation == "conv2d") return add_convolution(layer);
    if (operation == "dense") return add_dense(layer);
    if (operation == "max_pool2d") return add_pool(layer, dnnl::algorithm::pooling_max, {3, 3}, {2, 2}, {1, 1});
    if (operation == "reduce_mean") {
      const memory::dims source = dims_of(graph, layer.inputs[0]);
      return add_pool(layer, dnnl::algorithm::pooling_avg_exclude_padding, {source[2], source[3]}, {1, 1}, {0, 0});
    }
    ALGEAN_INVARIANT(operation == "add" && values.contains(layer.outputs[0]));  // fused already
  }

  std::vector<memory> keep;  // whose buffers others write
};

OneDnnNetwork::OneDnnNetwork(const Graph& graph, const Tensor& x) : plan_(std::make_unique<Plan>(graph)) {
  omp_set_num_threads(1);
  const ValueId input = graph.inputs[0].value;
  const memory image({dims_of(graph, input), Type::u8, Tag::nhwc}, plan_->engine);
  auto* bytes = static_cast<std::uint8_t*>(image.get_data_handle());
  for (const std::int8_t value : x.elements<std::int8_t>()) *bytes++ = static_cast<std::uint8_t>(value + 128);
  plan_->values[input] = image;
  for (const Layer& layer : graph.layers) plan_->add(layer);
}

OneDnnNetwork::~OneDnnNetwork() = default;

void OneDnnNetwork::run() {
  for (const Plan::Step& step : plan_->steps) step.primitive.execute(plan_->stream, step.arguments);
  plan_->stream.wait();
}

std::vector<std::int8_t> OneDnnNetwork::output() const {
  const memory& value = plan_->values.at(plan_->graph.outputs[0].value);
  const auto* data = static_cast<const std::int8_t*>(value.get_data_handle());
  return {data, data + value.get_desc().dims()[1]};
}

std::string OneDnnNetwork::implementation() const {
  const auto& names = plan_->implementations;
  return names.front() + ", " + names[names.size() / 2];
}

}  // namespace algean::bench
