#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::partitioner {

enum class Precision : std::uint8_t { int8, float32 };

// net.json, version 1. `where` is always "file:line:column" of the value, for later errors about it.
struct Net {
  // A file that the net names; it exists. The path is relative to the working folder, or absolute.
  struct File {
    std::filesystem::path path;
    std::string where;
  };
  struct Model {
    File file;
    // Which rule the fully connected layers of a .tflite have, which changed in 2025.
    enum class FullyConnected : std::uint8_t { fixed_point, double_precision };
    std::optional<File> weights;  // of Keras topologies; without it the convention of import_keras holds
    FullyConnected fully_connected = FullyConnected::fixed_point;
    std::string fully_connected_where;  // "" if absent
  };
  struct LayerPrecision {
    std::string layer;
    Precision precision = Precision::int8;
    std::string where;
  };
  struct Calibration {
    enum class Method : std::uint8_t { minmax, percentile, mse };
    File inputs;
    Method method = Method::minmax;
    double percentile = 99.99;  // of Method::percentile; > 50 and <= 100
  };
  // Inputs to run, and what to expect of them: |output - expected| <= tolerance for every element.
  struct Check {
    struct Expected {
      File outputs;
      double tolerance = 0;
    };
    File inputs;
    std::optional<Expected> expected;
  };
  // How a user hands over external tensors: real numbers, or the integers of the wire.
  enum class Form : std::uint8_t { float32, integer };
  struct Io {
    Form input = Form::float32;
    Form output = Form::float32;
    std::string input_where;   // "" if absent
    std::string output_where;  // "" if absent
  };
  // What hardware shall reach; exactly one of the first two. `cost` and `build --rtl` fold layers for it.
  struct Target {
    std::optional<std::int64_t> interval_cycles;
    std::optional<double> inferences_per_s;
    std::optional<double> clock_mhz;
  };
  // Wishes for single layers: where they shall run, and how often each multiplier may be used for a row of the output.
  struct LayerHint {
    std::string layer;
    std::optional<std::string> node;
    std::optional<std::int64_t> reuse_factor;
    std::string where;
  };

  std::filesystem::path file;  // the net.json
  std::string name;            // letters, digits, '.', '_', '-'; a deployment's unless it is given another
  Model model;
  Precision precision = Precision::int8;
  std::vector<LayerPrecision> layer_precisions;
  std::optional<Calibration> calibration;
  std::optional<Check> check;
  Io io;
  std::optional<Target> target;
  std::vector<LayerHint> layers;
};

// bad_input with file:line:column for whatever breaks a rule of net.schema.json, and for a named file that is missing.
Result<Net> read_net(const std::filesystem::path& path);
// The same of a file's text; `path` says whether it is JSON, and where the files lie that it names.
Result<Net> parse_net(std::string_view text, const std::filesystem::path& path);

}  // namespace algean::partitioner
