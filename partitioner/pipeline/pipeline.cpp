#include "partitioner/pipeline/pipeline.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "kernels/graph/text.hpp"
#include "partitioner/import_common/imported.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "partitioner/import_onnx/import_onnx.hpp"
#include "partitioner/import_tflite/import_tflite.hpp"
#include "partitioner/passes/passes.hpp"
#include "partitioner/pipeline/kind.hpp"
#include "partitioner/pipeline/samples.hpp"
#include "partitioner/plan/text.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;

constexpr std::string_view how_to_calibrate =
    "net.json's 'calibration' names a file of sample inputs (.npy, .npz, .csv), from which int8 gets its ranges";

// What a user says of a model besides its file.
struct ModelOptions {
  std::optional<std::filesystem::path> weights;  // of a Keras .json
  TfliteOptions tflite;
};

Result<Imported> import_model(const std::filesystem::path& path, FileKind kind, const ModelOptions& options,
                              kernels::Families families) {
  const auto without_types = [](Result<Graph> graph) -> Result<Imported> {
    if (!graph) return std::unexpected(std::move(graph).error());
    return Imported{.graph = *std::move(graph)};
  };
  switch (kind) {
    case FileKind::keras_json:
    case FileKind::keras_hdf5:
    case FileKind::keras_archive:
    case FileKind::keras_tfjs:
      return without_types(import_keras({path, options.weights}, families));
    case FileKind::onnx:
      return import_onnx(path, families);
    case FileKind::tflite:
      return import_tflite(path, families, options.tflite);
    case FileKind::graph:
      return without_types(kernels::read_graph(path, families));
    case FileKind::net:
    case FileKind::plan:
      break;
  }
  return bad_input("{}: a net.json or a plan where a model is expected", path.string());
}

CalibrationMethod method_of(const Net::Calibration& calibration) {
  using From = Net::Calibration::Method;
  using To = CalibrationMethod::Kind;
  const To kind = calibration.method == From::minmax       ? To::minmax
                  : calibration.method == From::percentile ? To::percentile
                                                           : To::mse;
  return {kind, calibration.percentile};
}

// "'a', 'b', 'c' (and 9 more)"
std::string layer_names(const Graph& graph) {
  constexpr std::size_t most = 20;
  std::vector<std::string> names;
  for (const kernels::Layer& layer : graph.layers) {
    if (names.size() < most) names.push_back(fmt::format("'{}'", layer.spec.name));
  }
  const std::size_t rest = graph.layers.size() - names.size();
  return fmt::format("{}{}", fmt::join(names, ", "), rest == 0 ? "" : fmt::format(" (and {} more)", rest));
}

class Pipeline {
 public:
  Pipeline(const std::filesystem::path& path, kernels::Families families, const LoadOptions& options,
           const Progress& progress)
      : path_(path), model_(path), families_(families), options_(options), progress_(progress) {}

  Result<Loaded> run() {
    ALGEAN_ASSIGN(FileKind kind, file_kind(path_));
    if (kind == FileKind::plan) return open_plan();
    if (kind == FileKind::net) {
      ALGEAN_ASSIGN(kind, open_net());
    }
    ALGEAN_TRY(import(kind));
    ALGEAN_TRY(check_layer_names());
    if (!loaded_.integer_graph) {
      ALGEAN_TRY(simplify_float());
      ALGEAN_TRY(quantise_float());
    }
    ALGEAN_TRY(apply_forms());
    return std::move(loaded_);
  }

 private:
  [[nodiscard]] const Net* net() const { return loaded_.net ? &*loaded_.net : nullptr; }
  void report(std::string_view step, std::size_t done, std::size_t total) const {
    if (progress_) progress_(step, done, total);
  }

  // A plan's graph is what runs: no pass touches it again.
  Result<Loaded> open_plan() {
    std::error_code error;
    const bool is_folder = std::filesystem::is_directory(path_, error);
    ALGEAN_ASSIGN(PlanFile file, read_plan(is_folder ? path_ / plan_in_bundle : path_, families_));
    loaded_.name = file.plan.name;
    loaded_.plan = std::move(file.plan);
    if (file.graph.is_integer()) {
      loaded_.integer_graph = std::move(file.graph);
    } else if (options_.require_integer) {
      return bad_input("{}: its network runs in float", path_.string());
    } else {
      loaded_.imported = file.graph;
      loaded_.float_graph = std::move(file.graph);
    }
    return std::move(loaded_);
  }

  // Reads net.json; the kind of the model that it names.
  Result<FileKind> open_net() {
    ALGEAN_ASSIGN(loaded_.net, read_net(path_));
    model_ = net()->model.file.path;
    auto kind = file_kind(model_);
    if (!kind) return std::unexpected(kind.error().within(net()->model.file.where));
    if (*kind == FileKind::net || *kind == FileKind::plan) {
      return bad_input("{}: 'model.file' must name a model; {} is a {}", net()->model.file.where, model_.string(),
                       *kind == FileKind::net ? "net.json" : "plan");
    }
    if (net()->model.weights && *kind != FileKind::keras_json) {
      return bad_input("{}: 'model.weights' goes with a Keras .json only; {} has its weights inside",
                       net()->model.weights->where, model_.string());
    }
    if (!net()->model.fully_connected_where.empty() && *kind != FileKind::tflite) {
      return bad_input("{}: 'model.fully_connected' goes with a .tflite only", net()->model.fully_connected_where);
    }
    return kind;
  }

  // What net.json says of the model, or the caller in its place.
  [[nodiscard]] Result<ModelOptions> model_options(FileKind kind) const {
    ModelOptions options;
    if (net() != nullptr) {
      const Net::Model& model = net()->model;
      if (model.weights) options.weights = model.weights->path;
      using From = Net::Model::FullyConnected;
      using To = TfliteOptions::FullyConnected;
      const bool is_fixed_point = model.fully_connected == From::fixed_point;
      options.tflite.fully_connected = is_fixed_point ? To::fixed_point : To::double_precision;
    }
    if (options_.weights) {
      if (kind != FileKind::keras_json) {
        return bad_input("{}: weights are given, but go with a Keras .json only", model_.string());
      }
      options.weights = options_.weights;
    }
    if (options_.fully_connected) {
      if (kind != FileKind::tflite) {
        return bad_input("{}: a kind of fully connected layers is given, but goes with a .tflite only",
                         model_.string());
      }
      options.tflite.fully_connected = *options_.fully_connected;
    }
    return options;
  }

  Result<> import(FileKind kind) {
    report("import", 0, 1);
    ALGEAN_ASSIGN(const ModelOptions options, model_options(kind));
    ALGEAN_ASSIGN(Imported imported, import_model(model_, kind, options, families_));
    Graph& graph = imported.graph;
    if (net() != nullptr) {
      graph.name = net()->name;
    } else if (kind != FileKind::graph || graph.name.empty()) {
      graph.name = path_.stem();
    }
    loaded_.name = graph.name;
    report("import", 1, 1);
    if (graph.is_integer()) {
      if (net() != nullptr && net()->precision == Precision::float32) {
        return bad_input("{}: 'precision.default' is float, but {} is quantised already", path_.string(),
                         model_.string());
      }
      loaded_.integer_graph = std::move(graph);
      return {};
    }
    if (auto finite = check_finite_constants(graph); !finite) {
      return std::unexpected(finite.error().within(model_.string()));
    }
    loaded_.imported = std::move(graph);
    loaded_.types = std::move(imported.types);
    return {};
  }

  // Whatever net.json says of layers must be of layers that the model has, and can have.
  Result<> check_layer_names() const {
    if (net() == nullptr) return {};
    const Graph& graph = loaded_.integer_graph ? *loaded_.integer_graph : loaded_.imported;
    const auto check = [&](const std::string& layer, const std::string& where, std::string_view key) -> Result<> {
      const auto found = std::ranges::find(graph.layers, layer, [](const auto& l) { return l.spec.name; });
      if (found != graph.layers.end()) return {};
      return bad_input("{}: '{}.{}' names no layer of the model; it has {}", where, key, layer, layer_names(graph));
    };
    for (const Net::LayerPrecision& layer : net()->layer_precisions) {
      ALGEAN_TRY(check(layer.layer, layer.where, "precision.layers"));
      if (layer.precision != net()->precision) {
        return bad_input(
            "{}: 'precision.layers.{}': a layer of another precision than the default is not supported yet",
            layer.where, layer.layer);
      }
    }
    for (const Net::LayerHint& layer : net()->layers) ALGEAN_TRY(check(layer.layer, layer.where, "layers"));
    return {};
  }

  Result<> simplify_float() {
    report("simplify", 0, 1);
    loaded_.float_graph = loaded_.imported;
    spread_types(loaded_.imported, families_, loaded_.types);
    if (auto done = simplify(loaded_.float_graph, families_); !done) {
      return std::unexpected(done.error().within(model_.string()));
    }
    report("simplify", 1, 1);
    return {};
  }

  // By calibration, or by the types that the model itself states, which hold even where nothing is to be quantised.
  Result<> quantise_float() {
    if (!options_.quantise && loaded_.types.empty()) return {};
    if (net() != nullptr && net()->precision == Precision::float32) {
      if (!options_.require_integer) return {};
      return bad_input("{}: 'precision.default' is float: there is nothing to quantise", path_.string());
    }
    std::optional<std::filesystem::path> inputs = options_.calibration_inputs;
    if (!inputs && net() != nullptr && net()->calibration) inputs = net()->calibration->inputs.path;
    if (!options_.quantise) inputs.reset();
    if (inputs) {
      ALGEAN_TRY(calibrate_float(*inputs));
    } else if (loaded_.types.empty()) {
      if (options_.require_integer) {
        return bad_input("{}: no calibration inputs; {}", path_.string(), how_to_calibrate);
      }
      loaded_.warnings.push_back(
          fmt::format("{}: no calibration inputs, so it runs in float; {}", path_.string(), how_to_calibrate));
      return {};
    }
    report("quantise", 0, 1);
    auto graph = quantise(loaded_.float_graph, families_, loaded_.ranges, loaded_.types, options_.quantisation);
    report("quantise", 1, 1);
    if (graph) {
      loaded_.integer_graph = *std::move(graph);
    } else if (inputs || options_.require_integer) {
      return std::unexpected(graph.error().within(model_.string()));
    } else {  // what the file says is not enough
      ALGEAN_TRY(round_to_types(loaded_.float_graph, families_, loaded_.types));
      loaded_.warnings.push_back(fmt::format("{}: runs in float, rounded where the file rounds: {}; {}", path_.string(),
                                             graph.error().message, how_to_calibrate));
    }
    return {};
  }

  Result<> calibrate_float(const std::filesystem::path& inputs) {
    const Graph& graph = loaded_.float_graph;
    CalibrationMethod method;
    if (net() != nullptr && net()->calibration) method = method_of(*net()->calibration);
    if (options_.calibration_method) method = *options_.calibration_method;
    ALGEAN_ASSIGN(const Samples samples, read_samples(inputs, graph.ports(graph.inputs), "calibration input"));
    auto ranges = calibrate(graph, families_, samples.tensors, method,
                            [&](std::size_t done, std::size_t total) { report("calibrate", done, total); });
    if (!ranges) return std::unexpected(ranges.error().within(inputs.string()));
    loaded_.ranges = *std::move(ranges);
    return {};
  }

  // net.json's `io`, where it says something: a quantised artefact keeps its forms otherwise.
  Result<> apply_forms() {
    if (net() == nullptr) return {};
    const Net::Io& io = net()->io;
    const auto apply = [&](std::string_view key, Net::Form form, const std::string& where, auto ports) -> Result<> {
      if (where.empty()) return {};
      if (form == Net::Form::integer && !loaded_.integer_graph) {
        if (!options_.quantise) return {};
        return bad_input("{}: 'io.{}' is integer, but the network runs in float", where, key);
      }
      if (!loaded_.integer_graph) return {};
      for (kernels::GraphPort& port : (*loaded_.integer_graph).*ports) {
        port.form = form == Net::Form::integer ? ExternalForm::integer : ExternalForm::float32;
      }
      return {};
    };
    ALGEAN_TRY(apply("input", io.input, io.input_where, &Graph::inputs));
    return apply("output", io.output, io.output_where, &Graph::outputs);
  }

  std::filesystem::path path_;
  std::filesystem::path model_;  // the same, or what net.json names
  kernels::Families families_;
  const LoadOptions& options_;
  const Progress& progress_;
  Loaded loaded_;
};

}  // namespace

Result<Loaded> load(const std::filesystem::path& net, kernels::Families families, const LoadOptions& options,
                    const Progress& progress) {
  return Pipeline(net, families, options, progress).run();
}

}  // namespace algean::partitioner
