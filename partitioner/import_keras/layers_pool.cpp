#include "partitioner/import_keras/layers.hpp"
#include "partitioner/import_keras/windows.hpp"

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

constexpr std::array<const char*, 3> max_name{"", "max_pool1d", "max_pool2d"};
constexpr std::array<const char*, 3> average_name{"", "average_pool1d", "average_pool2d"};

Result<Wire> pool(Recipe& recipe, Wire x, PoolKind kind, const Windows& windows) {
  ALGEAN_ASSIGN(const Slid slid, slide(windows, recipe.shape(x)));
  auto extents = slid.outputs;
  extents.push_back(recipe.shape(x).channels());
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  kernels::Attributes attributes{{"window", windows.size}, {"strides", windows.strides}, {"padding", slid.padding}};
  const std::size_t axes = windows.size.size();
  if (kind == PoolKind::average) attributes.set("count_padding", std::int64_t{0});
  const Wire y = recipe.add(kind == PoolKind::average ? average_name[axes] : max_name[axes], std::move(attributes), {x},
                            std::move(shape));
  recipe.mark_main();
  return y;
}

// Over all axes but the last.
Result<Wire> global_pool(Recipe& recipe, Wire x, PoolKind kind, bool keep_axes) {
  auto extents = extents_of(recipe.shape(x));
  std::vector<std::int64_t> axes;
  for (std::size_t i = 0; i + 1 < extents.size(); ++i) {
    axes.push_back(static_cast<std::int64_t>(i));
    extents[i] = 1;
  }
  if (!keep_axes) extents.erase(extents.begin(), extents.end() - 1);
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  const Wire y = recipe.add(kind == PoolKind::average ? "reduce_mean" : "reduce_max",
                            {{"axes", axes}, {"keep_axes", std::int64_t{keep_axes ? 1 : 0}}}, {x}, std::move(shape));
  recipe.mark_main();
  return y;
}

// "nearest" repeats each element; "bilinear" has half-pixel centres and clamps at the edges.
Result<Wire> upsample(Recipe& recipe, Wire x, const std::vector<std::int64_t>& factors, const std::string& mode) {
  auto extents = extents_of(recipe.shape(x));
  std::vector<std::int64_t> size;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    extents[i] *= factors[i];
    size.push_back(extents[i]);
  }
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  kernels::Attributes attributes{{"size", size}, {"mode", mode}};
  attributes.set("coordinates", std::string(mode == "nearest" ? "asymmetric" : "half_pixel"));
  if (mode == "nearest") attributes.set("rounding", std::string("floor"));
  const Wire y = recipe.add("resize", std::move(attributes), {x}, std::move(shape));
  recipe.mark_main();
  return y;
}

}  // namespace

template <PoolKind kind, std::size_t axes>
Result<Plan> plan_pool(const LayerConfig& config) {
  ALGEAN_ASSIGN(const Windows windows, read_windows(config.json, "pool_size", axes));
  if (windows.padding == Padding::causal) return bad_input("padding 'causal' not supported here");
  ALGEAN_ASSIGN(const bool first, channels_first(config.json));
  return channel_last(axes, first, [windows](Recipe& recipe, Wire x) { return pool(recipe, x, kind, windows); });
}

template <PoolKind kind, std::size_t axes>
Result<Plan> plan_global_pool(const LayerConfig& config) {
  ALGEAN_ASSIGN(const bool keep_axes, flag(config.json, "keepdims", false));
  ALGEAN_ASSIGN(const bool first, channels_first(config.json));
  return channel_last(axes, first,
                      [keep_axes](Recipe& recipe, Wire x) { return global_pool(recipe, x, kind, keep_axes); });
}

template <std::size_t axes>
Result<Plan> plan_upsampling(const LayerConfig& config) {
  ALGEAN_ASSIGN(const auto factors, per_axis(config.json, "size", axes, 1, std::vector<std::int64_t>(axes, 2)));
  const Json* found = given(config.json, "interpolation");
  const std::string mode = found == nullptr     ? "nearest"
                           : found->is_string() ? found->get<std::string>()
                                                : found->dump();
  if (mode != "nearest" && mode != "bilinear") return bad_input("interpolation '{}' not supported", mode);
  ALGEAN_ASSIGN(const bool first, channels_first(config.json));
  return channel_last(axes, first,
                      [factors, mode](Recipe& recipe, Wire x) { return upsample(recipe, x, factors, mode); });
}

template Result<Plan> plan_pool<PoolKind::max, 1>(const LayerConfig&);
template Result<Plan> plan_pool<PoolKind::max, 2>(const LayerConfig&);
template Result<Plan> plan_pool<PoolKind::average, 1>(const LayerConfig&);
template Result<Plan> plan_pool<PoolKind::average, 2>(const LayerConfig&);
template Result<Plan> plan_global_pool<PoolKind::max, 1>(const LayerConfig&);
template Result<Plan> plan_global_pool<PoolKind::max, 2>(const LayerConfig&);
template Result<Plan> plan_global_pool<PoolKind::average, 1>(const LayerConfig&);
template Result<Plan> plan_global_pool<PoolKind::average, 2>(const LayerConfig&);
template Result<Plan> plan_upsampling<1>(const LayerConfig&);
template Result<Plan> plan_upsampling<2>(const LayerConfig&);

}  // namespace algean::partitioner
