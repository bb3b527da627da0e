#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/graph/graph.hpp"
#include "partitioner/import_tflite/import_tflite.hpp"
#include "partitioner/net/net.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "partitioner/passes/quantise.hpp"
#include "partitioner/plan/plan.hpp"

namespace algean::partitioner {

struct LoadOptions {
  // A float network without calibration inputs is an error then, not a network that runs in float with a warning.
  bool require_integer = false;
  // False: no calibration, whatever the net says (for the command `import`); what the model states of its integers
  // holds.
  bool quantise = true;
  // In place of what net.json says, and where there is no net.json.
  std::optional<std::filesystem::path> weights;                  // of a Keras .json
  std::optional<TfliteOptions::FullyConnected> fully_connected;  // of a .tflite
  std::optional<std::filesystem::path> calibration_inputs;
  std::optional<CalibrationMethod> calibration_method;
  QuantiseOptions quantisation;
};

struct Loaded {
  std::string name;            // net.json's, an artefact's, or the file's name without extension
  std::optional<Net> net;      // where NET is a net.json
  kernels::Graph imported;     // float, as its authors wrote it; without layers if NET was integer already
  kernels::Graph float_graph;  // the same after the float passes
  // Of float_graph's values: what the file says, by name, and what calibration measured, by id (empty where it was
  // not). quantise() makes integer_graph of these.
  ValueTypes types;
  std::vector<kernels::Range> ranges;
  std::optional<kernels::Graph> integer_graph;  // where it was quantised, here or before
  std::optional<Plan> plan;                     // where NET is a plan.json or a bundle; of runnable()
  std::vector<std::string> warnings;            // for people, one line each

  [[nodiscard]] bool has_float() const { return !imported.values.empty(); }
  // What infers: the integer graph if there is one.
  [[nodiscard]] const kernels::Graph& runnable() const { return integer_graph ? *integer_graph : float_graph; }
};

// A step ("import", "simplify", "calibrate", "quantise") has done `done` of `total`; called at least at its start and
// end.
using Progress = std::function<void(std::string_view step, std::size_t done, std::size_t total)>;

// NET is a net.json (or .yaml), a Keras .json (weights beside it by import_keras' convention) or .h5, an .onnx, a graph
// file, float or integer, a plan.json with its graph beside it, or a bundle's folder. All graphs are verified. Every
// error names the file; one about net.json its line and column too.
Result<Loaded> load(const std::filesystem::path& net, kernels::Families families, const LoadOptions& options = {},
                    const Progress& progress = {});

}  // namespace algean::partitioner
