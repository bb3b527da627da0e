#include "partitioner/import_keras/activations.hpp"
#include "partitioner/import_keras/layers.hpp"
#include "partitioner/import_keras/windows.hpp"

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

constexpr std::array<const char*, 3> conv_name{"", "conv1d", "conv2d"};
constexpr std::array<const char*, 3> transpose_name{"", "conv1d_transpose", "conv2d_transpose"};

struct ConvConfig {
  Windows windows;
  std::int64_t filters = 0;
  std::int64_t multiplier = 1;  // output channels a channel of a depthwise layer
  std::int64_t groups = 1;
  bool use_bias = true;
  bool channels_first = false;
  Applied activation;
};

Result<ConvConfig> read_conv(const LayerConfig& config, std::size_t axes, bool has_filters, bool is_depthwise) {
  const Json& json = config.json;
  ConvConfig conv;
  ALGEAN_ASSIGN(conv.windows, read_windows(json, "kernel_size", axes));
  if (has_filters) {
    ALGEAN_ASSIGN(conv.filters, integer(json, "filters", 1));
  }
  if (is_depthwise) {
    ALGEAN_ASSIGN(conv.multiplier, integer(json, "depth_multiplier", 1, 1));
  } else {
    ALGEAN_ASSIGN(conv.groups, integer(json, "groups", 1, 1));
  }
  ALGEAN_TRY(refuse(json, {"quantization_config", "lora_rank"}));
  ALGEAN_ASSIGN(conv.use_bias, flag(json, "use_bias", true));
  ALGEAN_ASSIGN(conv.channels_first, channels_first(json));
  ALGEAN_ASSIGN(conv.activation, activation_of(config));
  return conv;
}

// [...window, inner, outer] with the last `moved` axes turned to the front, in their order.
std::vector<std::size_t> to_front(std::size_t axes, std::initializer_list<std::size_t> front,
                                  std::initializer_list<std::size_t> back = {}) {
  std::vector<std::size_t> permutation(front);
  for (std::size_t i = 0; i < axes; ++i) permutation.push_back(i);
  permutation.insert(permutation.end(), back);
  return permutation;
}

// Keras' variable of extents [window..., inner, outer], whichever the two are.
Result<std::size_t> add_kernel(Recipe& recipe, const char* name, const std::vector<std::int64_t>& window,
                               std::int64_t inner, std::int64_t outer) {
  auto extents = window;
  extents.insert(extents.end(), {inner, outer});
  auto shape = Shape::make(std::move(extents));
  if (!shape) return std::unexpected(shape.error().within(name));
  return recipe.add_variable({name, *std::move(shape)});
}

Result<RecipeConstant> weight(std::size_t variable, std::vector<std::size_t> permutation, std::int64_t outputs,
                              const std::vector<std::int64_t>& window, std::int64_t inputs) {
  std::vector<std::int64_t> extents{outputs};
  extents.insert(extents.end(), window.begin(), window.end());
  extents.push_back(inputs);
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  return RecipeConstant{"weight", variable, std::move(permutation), std::move(shape), nullptr, {}};
}

Result<> add_bias(Recipe& recipe, std::int64_t outputs, std::vector<RecipeConstant>& constants) {
  ALGEAN_ASSIGN(const Shape shape, Shape::make({outputs}));
  constants.push_back({"bias", recipe.add_variable({"bias", shape}), {}, shape, nullptr, {}});
  return {};
}

// One window at a time over the input, whose channels are last.
Result<Wire> convolve(Recipe& recipe, Wire x, const Windows& windows, std::int64_t groups, std::int64_t outputs,
                      std::vector<RecipeConstant> constants) {
  ALGEAN_ASSIGN(const Slid slid, slide(windows, recipe.shape(x)));
  auto extents = slid.outputs;
  extents.push_back(outputs);
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  return recipe.add(
      conv_name[windows.size.size()],
      {{"strides", windows.strides}, {"dilations", windows.dilations}, {"padding", slid.padding}, {"groups", groups}},
      {x}, std::move(shape), std::move(constants));
}

// The last step of a convolution that was just added is the layer itself; its activation follows.
Result<Wire> activated(Recipe& recipe, Wire y, const ConvConfig& conv) {
  recipe.mark_main();
  return conv.activation(recipe, y);
}

Result<Wire> conv(Recipe& recipe, Wire x, const ConvConfig& conv) {
  const std::size_t axes = conv.windows.size.size();
  const std::int64_t channels = recipe.shape(x).channels();
  if (channels % conv.groups != 0 || conv.filters % conv.groups != 0) {
    return bad_input("{} groups do not divide {} input channels and {} filters", conv.groups, channels, conv.filters);
  }
  const std::int64_t inner = channels / conv.groups;
  ALGEAN_ASSIGN(const std::size_t kernel, add_kernel(recipe, "kernel", conv.windows.size, inner, conv.filters));
  std::vector<RecipeConstant> constants;
  ALGEAN_ASSIGN(constants.emplace_back(),
                weight(kernel, to_front(axes, {axes + 1}, {axes}), conv.filters, conv.windows.size, inner));
  if (conv.use_bias) ALGEAN_TRY(add_bias(recipe, conv.filters, constants));
  ALGEAN_ASSIGN(const Wire y, convolve(recipe, x, conv.windows, conv.groups, conv.filters, std::move(constants)));
  return activated(recipe, y, conv);
}

// The kernel of a depthwise convolution, [window..., channel, multiplier]: output channel c * multiplier + m.
Result<std::vector<RecipeConstant>> depthwise_weight(Recipe& recipe, Wire x, const ConvConfig& conv) {
  const std::size_t axes = conv.windows.size.size();
  const std::int64_t channels = recipe.shape(x).channels();
  ALGEAN_ASSIGN(const std::size_t kernel,
                add_kernel(recipe, "depthwise_kernel", conv.windows.size, channels, conv.multiplier));
  ALGEAN_ASSIGN(RecipeConstant constant,
                weight(kernel, to_front(axes, {axes, axes + 1}), channels * conv.multiplier, conv.windows.size, 1));
  return std::vector<RecipeConstant>{std::move(constant)};
}

Result<Wire> depthwise(Recipe& recipe, Wire x, const ConvConfig& conv) {
  const std::int64_t channels = recipe.shape(x).channels();
  ALGEAN_ASSIGN(auto constants, depthwise_weight(recipe, x, conv));
  if (conv.use_bias) ALGEAN_TRY(add_bias(recipe, channels * conv.multiplier, constants));
  ALGEAN_ASSIGN(const Wire y,
                convolve(recipe, x, conv.windows, channels, channels * conv.multiplier, std::move(constants)));
  return activated(recipe, y, conv);
}

// A depthwise convolution and one of width 1 over all its channels.
Result<Wire> separable(Recipe& recipe, Wire x, const ConvConfig& conv) {
  const std::size_t axes = conv.windows.size.size();
  const std::int64_t channels = recipe.shape(x).channels();
  const std::int64_t between = channels * conv.multiplier;
  ALGEAN_ASSIGN(auto constants, depthwise_weight(recipe, x, conv));
  ALGEAN_ASSIGN(const Wire deep, convolve(recipe, x, conv.windows, channels, between, std::move(constants)));
  Windows point;
  point.size = point.strides = point.dilations = std::vector<std::int64_t>(axes, 1);
  ALGEAN_ASSIGN(const std::size_t kernel, add_kernel(recipe, "pointwise_kernel", point.size, between, conv.filters));
  constants.clear();
  ALGEAN_ASSIGN(constants.emplace_back(),
                weight(kernel, to_front(axes, {axes + 1}, {axes}), conv.filters, point.size, between));
  if (conv.use_bias) ALGEAN_TRY(add_bias(recipe, conv.filters, constants));
  ALGEAN_ASSIGN(const Wire y, convolve(recipe, deep, point, 1, conv.filters, std::move(constants)));
  return activated(recipe, y, conv);
}

// Keras' kernel is [window..., filters, channels].
Result<Wire> conv_transpose(Recipe& recipe, Wire x, const ConvConfig& conv,
                            const std::vector<std::int64_t>& output_padding) {
  const std::size_t axes = conv.windows.size.size();
  const std::int64_t channels = recipe.shape(x).channels();
  ALGEAN_ASSIGN(const Slid slid, spread(conv.windows, output_padding, recipe.shape(x)));
  ALGEAN_ASSIGN(const std::size_t kernel, add_kernel(recipe, "kernel", conv.windows.size, conv.filters, channels));
  std::vector<RecipeConstant> constants;
  ALGEAN_ASSIGN(constants.emplace_back(),
                weight(kernel, to_front(axes, {axes}, {axes + 1}), conv.filters, conv.windows.size, channels));
  if (conv.use_bias) ALGEAN_TRY(add_bias(recipe, conv.filters, constants));
  auto extents = slid.outputs;
  extents.push_back(conv.filters);
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  const Wire y = recipe.add(transpose_name[axes],
                            {{"strides", conv.windows.strides},
                             {"dilations", conv.windows.dilations},
                             {"padding", slid.padding},
                             {"groups", std::int64_t{1}}},
                            {x}, std::move(shape), std::move(constants));
  return activated(recipe, y, conv);
}

Result<Wire> dense(Recipe& recipe, Wire x, std::int64_t units, bool use_bias, const Applied& activation) {
  auto extents = extents_of(recipe.shape(x));
  if (extents.empty()) return bad_input("its input has no axis besides the batch");
  const std::int64_t channels = extents.back();
  ALGEAN_ASSIGN(const std::size_t kernel, add_kernel(recipe, "kernel", {}, channels, units));
  std::vector<RecipeConstant> constants;
  ALGEAN_ASSIGN(constants.emplace_back(), weight(kernel, {1, 0}, units, {}, channels));
  if (use_bias) ALGEAN_TRY(add_bias(recipe, units, constants));
  extents.back() = units;
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  const Wire y = recipe.add("dense", {}, {x}, std::move(shape), std::move(constants));
  recipe.mark_main();
  return activation(recipe, y);
}

}  // namespace

Result<Plan> plan_dense(const LayerConfig& config) {
  ALGEAN_ASSIGN(const std::int64_t units, integer(config.json, "units", 1));
  ALGEAN_TRY(refuse(config.json, {"quantization_config", "lora_rank"}));
  ALGEAN_ASSIGN(const Applied activation, activation_of(config));
  ALGEAN_ASSIGN(const bool use_bias, flag(config.json, "use_bias", true));
  return unary([=](Recipe& recipe, Wire x) { return dense(recipe, x, units, use_bias, activation); });
}

template <std::size_t axes>
Result<Plan> plan_conv(const LayerConfig& config) {
  ALGEAN_ASSIGN(const ConvConfig read, read_conv(config, axes, true, false));
  return channel_last(axes, read.channels_first, [read](Recipe& recipe, Wire x) { return conv(recipe, x, read); });
}

template <std::size_t axes>
Result<Plan> plan_depthwise(const LayerConfig& config) {
  ALGEAN_ASSIGN(const ConvConfig read, read_conv(config, axes, false, true));
  return channel_last(axes, read.channels_first, [read](Recipe& recipe, Wire x) { return depthwise(recipe, x, read); });
}

template <std::size_t axes>
Result<Plan> plan_separable(const LayerConfig& config) {
  ALGEAN_ASSIGN(const ConvConfig read, read_conv(config, axes, true, true));
  return channel_last(axes, read.channels_first, [read](Recipe& recipe, Wire x) { return separable(recipe, x, read); });
}

template <std::size_t axes>
Result<Plan> plan_conv_transpose(const LayerConfig& config) {
  ALGEAN_ASSIGN(const ConvConfig read, read_conv(config, axes, true, false));
  if (read.groups != 1) return bad_input("attribute 'groups' of {} not supported", read.groups);
  if (read.windows.padding == Padding::causal) return bad_input("padding 'causal' not supported here");
  std::vector<std::int64_t> output_padding;
  if (given(config.json, "output_padding") != nullptr) {
    ALGEAN_ASSIGN(output_padding, per_axis(config.json, "output_padding", axes, 0));
    for (std::size_t i = 0; i < axes; ++i) {
      if (output_padding[i] >= read.windows.strides[i]) {
        return bad_input("attribute 'output_padding' must be less than the strides");
      }
    }
  }
  return channel_last(axes, read.channels_first, [read, output_padding](Recipe& recipe, Wire x) {
    return conv_transpose(recipe, x, read, output_padding);
  });
}

template Result<Plan> plan_conv<1>(const LayerConfig&);
template Result<Plan> plan_conv<2>(const LayerConfig&);
template Result<Plan> plan_depthwise<1>(const LayerConfig&);
template Result<Plan> plan_depthwise<2>(const LayerConfig&);
template Result<Plan> plan_separable<1>(const LayerConfig&);
template Result<Plan> plan_separable<2>(const LayerConfig&);
template Result<Plan> plan_conv_transpose<1>(const LayerConfig&);
template Result<Plan> plan_conv_transpose<2>(const LayerConfig&);

}  // namespace algean::partitioner
