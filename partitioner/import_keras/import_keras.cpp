#include "partitioner/import_keras/import_keras.hpp"

#include <array>

#include "partitioner/import_common/builder.hpp"
#include "partitioner/import_keras/evaluate.hpp"
#include "partitioner/import_keras/hdf5_file.hpp"
#include "partitioner/import_keras/shapes.hpp"
#include "partitioner/import_keras/weights.hpp"
#include "runtime/base/file.hpp"

namespace algean::partitioner {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;

constexpr std::size_t max_json_bytes = std::size_t{256} << 20U;
constexpr std::size_t max_hdf5_bytes = std::size_t{2} << 30U;

// Turns a checked model and its weights into a graph.
class Importer {
 public:
  Importer(const ModelFacts& facts, const ModelWeights& weights, GraphBuilder& builder)
      : facts_(facts), weights_(weights), builder_(builder) {}

  Result<> run(const KerasModel& model) {
    Flow<ValueId> inputs;
    for (const KerasTensor& input : model.inputs) {
      const KerasLayer& layer = model.layers[input.layer];
      ALGEAN_ASSIGN(Shape shape, input_shape(facts_.at(&layer).plan));
      inputs.emplace_back(builder_.add_input(layer.name, std::move(shape)));
    }
    ALGEAN_ASSIGN(const auto outputs, this->model(model, inputs, ""));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string& name = model.layers[model.outputs[i].layer].name;
      if (!outputs[i]) return bad_input("output {} ('{}') is not computed from the inputs", i, name);
      builder_.add_output(name, *outputs[i]);
    }
    return {};
  }

 private:
  Result<Flow<ValueId>> model(const KerasModel& model, const Flow<ValueId>& inputs, const std::string& prefix) {
    return evaluate<ValueId>(
        model, inputs,
        [&](const KerasLayer& layer, std::size_t call, const Flow<ValueId>& arguments) -> Result<Flow<ValueId>> {
          const std::string name = prefix + layer.name + (call == 0 ? "" : fmt::format(":{}", call));
          if (layer.nested != nullptr) return this->model(*layer.nested, arguments, name + "/");
          if (!arguments[0]) return Flow<ValueId>{};
          ALGEAN_ASSIGN(const ValueId value, add(layer, name, *arguments[0]));
          return Flow<ValueId>{value};
        });
  }

  Result<ValueId> add(const KerasLayer& layer, const std::string& name, ValueId input) {
    const LayerPlan& plan = facts_.at(&layer).plan;
    switch (plan.kind) {
      case KerasKind::dense: {
        const bool linear = plan.activation.operation.empty();
        ALGEAN_ASSIGN(const DenseConstants constants, dense(layer));
        ALGEAN_ASSIGN(const ValueId value,
                      builder_.add_dense(name, input, constants, linear ? name : name + "/linear"));
        return linear ? value : activation(plan, name + "/" + plan.activation.operation, value, name);
      }
      case KerasKind::batch_norm: {
        ALGEAN_ASSIGN(const std::size_t axis, axis_index(plan.axis, builder_.shape(input)));
        return builder_.add_batch_norm(name, input, axis, batch_norm(layer, builder_.shape(input)[axis]), name);
      }
      case KerasKind::activation:
        return plan.activation.operation.empty() ? input : activation(plan, name, input, name);
      case KerasKind::flatten:
      case KerasKind::reshape: {
        ALGEAN_ASSIGN(const Shape shape, output_shape(plan, builder_.shape(input)));
        return builder_.add_reshape(name, input, shape, name);
      }
      default:
        return input;
    }
  }

  Result<ValueId> activation(const LayerPlan& plan, const std::string& name, ValueId input, const std::string& value) {
    return builder_.add_layer(LayerSpec{name, plan.activation.operation, plan.activation.attributes, {}}, input, value);
  }

  // Made once for all uses of a layer. Keras' kernel [n_in, n_out] is transposed.
  Result<DenseConstants> dense(const KerasLayer& layer) {
    if (const auto found = dense_.find(&layer); found != dense_.end()) return found->second;
    const auto& datasets = weights_.at(&layer);
    const std::string& title = facts_.at(&layer).title;
    const Hdf5Dataset& kernel = *datasets[0];
    const auto n_in = static_cast<std::size_t>(kernel.extents[0]);
    const auto n_out = static_cast<std::size_t>(kernel.extents[1]);
    ALGEAN_ASSIGN(const Constant checked,
                  make_constant(title + ": kernel", Shape{kernel.extents[0], kernel.extents[1]}, kernel.elements));
    std::vector<float> transposed(kernel.elements.size());
    for (std::size_t i = 0; i < n_in; ++i) {
      for (std::size_t o = 0; o < n_out; ++o) transposed[o * n_in + i] = kernel.elements[i * n_out + o];
    }
    DenseConstants constants;
    ALGEAN_ASSIGN(constants.weight, make_constant(title, Shape{kernel.extents[1], kernel.extents[0]}, transposed));
    if (datasets.size() > 1) {
      ALGEAN_ASSIGN(constants.bias, make_constant(title + ": bias", Shape{kernel.extents[1]}, datasets[1]->elements));
    }
    return dense_[&layer] = constants;
  }

  // gamma and beta may be absent.
  [[nodiscard]] BatchNormConstants batch_norm(const KerasLayer& layer, std::int64_t channels) const {
    const LayerPlan& plan = facts_.at(&layer).plan;
    const auto count = static_cast<std::size_t>(channels);
    BatchNormConstants constants{std::vector<float>(count, 1), std::vector<float>(count, 0), {}, {}, plan.epsilon};
    const std::map<std::string, std::vector<float>*> to{{"gamma", &constants.gamma},
                                                        {"beta", &constants.beta},
                                                        {"moving_mean", &constants.mean},
                                                        {"moving_variance", &constants.variance}};
    for (std::size_t i = 0; i < plan.variables.size(); ++i) {
      *to.at(plan.variables[i].name) = weights_.at(&layer)[i]->elements;
    }
    return constants;
  }

  const ModelFacts& facts_;
  const ModelWeights& weights_;
  GraphBuilder& builder_;
  std::map<const KerasLayer*, DenseConstants> dense_;
};

struct Sources {
  std::string topology;
  Hdf5File weights;
  std::string weights_name;  // of the file, for errors
};

Result<std::filesystem::path> weights_beside(const std::filesystem::path& model) {
  std::vector<std::string> tried;
  for (const char* ending : {"_weights.h5", ".weights.h5", ".h5"}) {
    auto path = model.parent_path() / (model.stem().string() + ending);
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path;
    tried.push_back(path.filename().string());
  }
  return bad_input("{}: no weights file given, and none of {} beside it", model.string(), fmt::join(tried, ", "));
}

Result<Sources> read_sources(const KerasFiles& files) {
  Sources sources;
  const std::string name = files.model.string();
  ALGEAN_ASSIGN(const auto bytes, read_file(files.model, max_hdf5_bytes));
  std::optional<std::filesystem::path> weights = files.weights;
  if (is_hdf5(bytes)) {
    ALGEAN_ASSIGN(Hdf5File whole, read_hdf5(bytes, name));
    const auto* config = whole.strings("", "model_config");
    if (config == nullptr || config->size() != 1) {
      return bad_input("{}: weights alone: it has no attribute 'model_config'; name the model's .json too", name);
    }
    sources.topology = config->front();
    if (!weights) {
      sources.weights = std::move(whole);
      sources.weights_name = name;
      return sources;
    }
  } else {
    if (bytes.size() > max_json_bytes) return bad_input("{}: more than {} MiB of JSON", name, max_json_bytes >> 20U);
    sources.topology.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (sources.topology.starts_with("PK\x03\x04")) {
      return bad_input("{}: a .keras archive, which is not supported; save the model as .json and .weights.h5", name);
    }
  }
  if (!weights) {
    ALGEAN_ASSIGN(weights, weights_beside(files.model));
  }
  sources.weights_name = weights->string();
  ALGEAN_ASSIGN(const auto weight_bytes, read_file(*weights, max_hdf5_bytes));
  ALGEAN_ASSIGN(sources.weights, read_hdf5(weight_bytes, sources.weights_name));
  return sources;
}

}  // namespace

Result<kernels::Graph> import_keras(const KerasFiles& files, kernels::Families families) {
  ALGEAN_ASSIGN(const Sources sources, read_sources(files));
  const std::string name = files.model.string();
  ALGEAN_ASSIGN(const KerasModel model, parse_keras_model(sources.topology, name));
  Problems unsupported;
  ALGEAN_ASSIGN(const ModelFacts facts, examine(model, unsupported));
  ALGEAN_TRY(unsupported.none(name));
  Problems wrong;
  ALGEAN_ASSIGN(const ModelWeights weights, find_weights(model, facts, sources.weights, sources.weights_name, wrong));
  ALGEAN_TRY(wrong.none(sources.weights_name));

  GraphBuilder builder(model.name, families);
  if (auto built = Importer(facts, weights, builder).run(model); !built) {
    return std::unexpected(built.error().within(sources.weights_name));
  }
  auto graph = builder.finish();
  if (!graph) return std::unexpected(graph.error().within(name));
  return graph;
}

}  // namespace algean::partitioner
