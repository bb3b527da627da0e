// TensorFlow Lite's recorded integers through circuits: every single-operator model whose layers have hardware, beside
// each other in one top.
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "kernels/circuit/join.hpp"
#include "tests/rtl/harness/layers.hpp"
#include "tests/unit/partitioner/import_tflite/recordings.hpp"

namespace algean::rtl {
namespace {

using kernels::Graph;
using kernels::LayerHardware;
using partitioner::testing_tflite::arrays;
using partitioner::testing_tflite::inferences;
using partitioner::testing_tflite::port_tensor;
using partitioner::testing_tflite::shared;

constexpr std::size_t samples = 4;  // of each model; those that have fewer come again

// Many networks as one graph, with what was recorded of each.
class Collection {
 public:
  // Where a layer has no hardware, the reason.
  std::optional<std::string> add(const std::string& name, const Graph& graph,
                                 const std::map<std::string, Tensor>& recorded,
                                 const std::map<std::string, Tensor>& expected) {
    std::vector<LayerHardware> hardware;
    for (const kernels::Layer& layer : graph.layers) {
      const auto family = kernels::hardware_of(layer.spec, kernels::library());
      if (!family) return family.error().message;
      const auto legal = (*family)->foldings(layer.spec, graph.types(layer.inputs), graph.types(layer.outputs), {});
      if (!legal) return legal.error().message;
      hardware.push_back({(*legal)[turn_++ % legal->size()], {}});
    }
    for (const auto& ports : {graph.inputs, graph.outputs}) {
      for (const kernels::GraphPort& port : ports) {
        const TensorType& type = graph.values[port.value].type;
        if (!type.element.is_integer() || !type.element.is_signed()) return "port of " + type.element.name();
      }
    }
    for (const auto& [key, tensor] : expected) {
      if (key.starts_with("out") && tensor.type().element.is_float()) return "recorded as floats";
    }
    merge(name, graph);
    hardware_.insert(hardware_.end(), hardware.begin(), hardware.end());
    for (std::size_t k = 0; k < samples; ++k) {
      take("in", graph.ports(graph.inputs), recorded, k, vectors_.inputs.at(k));
      take("out", graph.ports(graph.outputs), expected, k, vectors_.outputs.at(k));
    }
    return std::nullopt;
  }

  void run() {
    const auto verified = kernels::verify(graph_, kernels::library());
    ASSERT_TRUE(verified.has_value()) << verified.error().message;
    const auto design = kernels::join(graph_, kernels::library(), hardware_);
    ASSERT_TRUE(design.has_value()) << design.error().message;
    const auto files = kernels::project_files(*design, vectors_, {"Made by a test."});
    ASSERT_TRUE(files.has_value()) << files.error().message;
    const auto folder = build_folder() / "tflite";
    std::filesystem::create_directories(build_folder());
    ASSERT_TRUE(kernels::write_project(folder, *files).has_value());
    const auto built = verilate(folder, {});
    ASSERT_TRUE(built.has_value()) << built.error().message;
    for (const Pattern& pattern : patterns) {
      const auto run = simulate(folder, pattern);
      EXPECT_TRUE(run.has_value()) << run.error().message;
    }
  }

 private:
  void merge(const std::string& name, const Graph& graph) {
    const kernels::ValueId first = graph_.values.size();
    for (const kernels::Value& value : graph.values) graph_.add_value(name + "." + value.name, value.type);
    for (kernels::Layer layer : graph.layers) {
      layer.spec.name = name + "." + layer.spec.name;
      for (kernels::ValueId& id : layer.inputs) id += first;
      for (kernels::ValueId& id : layer.outputs) id += first;
      graph_.layers.push_back(std::move(layer));
    }
    const auto move = [&](const std::vector<kernels::GraphPort>& from, std::vector<kernels::GraphPort>& to) {
      for (const kernels::GraphPort& port : from) {
        to.push_back({name + "." + port.name, port.value + first, ExternalForm::integer});
      }
    };
    move(graph.inputs, graph_.inputs);
    move(graph.outputs, graph_.outputs);
  }

  static void take(const char* key, const std::vector<Port>& ports, const std::map<std::string, Tensor>& from,
                   std::size_t sample, std::vector<Tensor>& to) {
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const Tensor& array = from.at(fmt::format("{}_{}", key, i));
      to.push_back(port_tensor(ports[i], array, sample % inferences(ports[i], array)));
    }
  }

  Graph graph_{.name = "tflite", .values = {}, .layers = {}, .inputs = {}, .outputs = {}};
  std::vector<LayerHardware> hardware_;
  kernels::Vectors vectors_{std::vector<std::vector<Tensor>>(samples), std::vector<std::vector<Tensor>>(samples)};
  std::size_t turn_ = 0;
};

TEST(RtlTflite, RecordedIntegersOfSingleOperators) {
  ALGEAN_SHARED_OR_SKIP(root, "vectors/tflite_reference");
  std::ifstream file(*root / "ops/cases.json");
  Collection collection;
  std::size_t taken = 0;
  std::map<std::string, std::size_t> refused;
  const nlohmann::json facts = nlohmann::json::parse(file);
  for (const auto& one : facts.at("cases")) {
    const auto name = one.at("name").get<std::string>();
    // Recorded with a rule that the fixed-point kind does not have, or not recorded whole.
    if (one.at("operators")[0] == "UNIDIRECTIONAL_SEQUENCE_LSTM" || name == "fc_keep_num_dims") continue;
    const auto imported =
        partitioner::import_tflite(*root / "ops" / (name + ".tflite"), kernels::library(),
                                   {.fully_connected = partitioner::TfliteOptions::FullyConnected::fixed_point});
    ASSERT_TRUE(imported.has_value()) << name << ": " << imported.error().message;
    const auto recorded = arrays(*root / "ops" / (name + ".npz"));
    const auto twin = *root / "tflite_runtime_2_14_0" / (name + ".npz");
    const auto reason =
        collection.add(name, imported->graph, recorded, std::filesystem::exists(twin) ? arrays(twin) : recorded);
    taken += reason ? 0U : 1U;
    if (reason) ++refused[*reason];
  }
  std::printf("%zu models in hardware; not:\n", taken);
  for (const auto& [reason, count] : refused) std::printf("  %zu: %s\n", count, reason.c_str());
  collection.run();
}

}  // namespace
}  // namespace algean::rtl
