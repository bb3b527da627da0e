// Good and bad net.json files, each with the message that read_net() gives (empty: accepted). Shared by the tests of
// the parser and of the schema. The folder holds empty files m.h5, w.h5, x.npy and y.npy.
#pragma once

#include <array>
#include <string_view>

namespace algean::partitioner {

struct NetCase {
  std::string_view text;
  std::string_view message;    // behind "net.json:"
  bool schema_can_see = true;  // false: what JSON Schema has no words for (missing files, doubled keys)
};

inline constexpr std::string_view whole_net = R"({
  "version": 1,
  "name": "jet-tagger_3.layer",
  "model": {"file": "m.h5", "weights": "w.h5"},
  "precision": {"default": "int8", "layers": {"dense_1": "float", "dense_2": "int8"}},
  "calibration": {"inputs": "x.npy", "method": "percentile", "percentile": 99.5},
  "check": {"inputs": "x.npy", "outputs": "y.npy", "tolerance": 0.25},
  "io": {"input": "float32", "output": "integer"},
  "target": {"interval_cycles": 4, "clock_mhz": 250},
  "layers": {"dense_1": {"node": "a", "reuse_factor": 2}, "dense_2": {}}
})";

inline constexpr std::array net_cases{
    NetCase{whole_net, ""},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}})", ""},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "precision": {}, "io": {}, "layers": {}})", ""},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "check": {"inputs": "x.npy"},
 "target": {"inferences_per_s": 1.5}, "calibration": {"inputs": "x.npy", "method": "percentile"}})",
            ""},
    // the document
    NetCase{R"([])", "1:1: the document must be a map; it is a list"},
    NetCase{R"(1)", "1:1: the document must be a map; it is 1"},
    NetCase{R"({})", "1:1: the document needs the key 'version'"},
    NetCase{R"({"version": 2, "name": "n", "new": 1})", "1:13: 'version' must be an integer from 1 to 1; it is 2"},
    NetCase{R"({"version": "1", "name": "n", "model": {"file": "m.h5"}})",
            "1:13: 'version' must be an integer from 1 to 1; it is '1'"},
    NetCase{R"({"version": 1, "name": "n"})", "1:1: the document needs the key 'model'"},
    NetCase{R"({"version": 1, "model": {"file": "m.h5"}})", "1:1: the document needs the key 'name'"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"},
 "presision": {}})",
            "2:2: unknown key 'presision'; did you mean 'precision'?; known are version, name, model, precision, "
            "calibration, check, io, target, layers"},
    NetCase{R"({"version": 1, "name": "n",
  "name": "n", "model": {"file": "m.h5"}})",
            "2:3: key 'name' stands twice in its map; the first is in line 1", false},
    // name
    NetCase{R"({"version": 1, "name": 7, "model": {"file": "m.h5"}})",
            "1:24: 'name' must be a string (in quotes); it is 7"},
    NetCase{R"({"version": 1, "name": "", "model": {"file": "m.h5"}})",
            "1:24: 'name' must be a string that is not empty; it is ''"},
    NetCase{R"({"version": 1, "name": "a/b", "model": {"file": "m.h5"}})",
            "1:24: 'name' must be letters, digits, '.', '_' and '-', first a letter or digit, at most 64"},
    NetCase{R"({"version": 1, "name": ".a", "model": {"file": "m.h5"}})",
            "1:24: 'name' must be letters, digits, '.', '_' and '-', first a letter or digit, at most 64"},
    // model
    NetCase{R"({"version": 1, "name": "n", "model": "m.h5"})", "1:38: 'model' must be a map; it is 'm.h5'"},
    NetCase{R"({"version": 1, "name": "n", "model": {}})", "1:38: 'model' needs the key 'file'"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": 1}})",
            "1:47: 'model.file' must be a string (in quotes); it is 1"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5", "weights": null}})",
            "1:66: 'model.weights' must be a string; it is null"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5", "wieghts": "w.h5"}})",
            "1:55: unknown key 'model.wieghts'; did you mean 'weights'?; known are file, weights, "
            "fully_connected"},
    NetCase{R"({"version": 1, "name": "n",
 "model": {"file": "gone.h5"}})",
            "2:20: 'model.file' names a file that does not exist: FOLDER/gone.h5", false},
    NetCase{R"({"version": 1, "name": "n",
 "model": {"file": "m.h5",
           "weights": "gone_weights.h5"}})",
            "3:23: 'model.weights' names a file that does not exist: FOLDER/gone_weights.h5", false},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "."}})",
            "1:47: 'model.file' must name a regular file: FOLDER/.", false},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5", "fully_connected": "double"}})", ""},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5", "fully_connected": "float"}})",
            "1:74: 'model.fully_connected' must be one of fixed_point, double; it is 'float'"},
    // precision
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "precision": "int8"})",
            "1:69: 'precision' must be a map; it is 'int8'"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"},
 "precision": {"default": "int9"}})",
            "2:27: 'precision.default' must be one of int8, float; it is 'int9'"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "precision": {"layers": ["a"]}})",
            "1:80: 'precision.layers' must be a map; it is a list"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "precision": {"layers": {"a": 8}}})",
            "1:86: 'precision.layers.a' must be one of int8, float; it is 8"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "precision": {"layers": {"": "int8"}}})",
            "1:85: 'precision.layers.' stands under an empty layer name"},
    // calibration
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "calibration": {}})",
            "1:71: 'calibration' needs the key 'inputs'"},
    NetCase{
        R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "calibration": {"inputs": "x.npy", "method": "max"}})",
        "1:101: 'calibration.method' must be one of minmax, percentile, mse; it is 'max'"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"},
 "calibration": {"inputs": "x.npy", "percentile": 99}})",
            "2:51: 'calibration.percentile' goes with method percentile only"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"},
 "calibration": {"inputs": "x.npy", "method": "percentile", "percentile": 101}})",
            "2:75: 'calibration.percentile' must be above 50 and at most 100"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"},
 "calibration": {"inputs": "x.npy", "method": "percentile", "percentile": 50}})",
            "2:75: 'calibration.percentile' must be above 50 and at most 100"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"},
 "calibration": {"inputs": "x.npy", "method": "percentile", "percentile": "99"}})",
            "2:75: 'calibration.percentile' must be a number; it is '99'"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "calibration": {"inputs": "gone.npy"}})",
            "1:82: 'calibration.inputs' names a file that does not exist: FOLDER/gone.npy", false},
    // check
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "check": {"outputs": "y.npy", "tolerance": 1}})",
            "1:65: 'check' needs the key 'inputs'"},
    NetCase{
        R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "check": {"inputs": "x.npy", "outputs": "y.npy"}})",
        "1:65: 'check' needs the key 'tolerance'"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "check": {"inputs": "x.npy", "tolerance": 1}})",
            "1:65: 'check' needs the key 'outputs'"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"},
 "check": {"inputs": "x.npy", "outputs": "y.npy", "tolerance": -1e-3}})",
            "2:64: 'check.tolerance' must not be negative"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"},
 "check": {"inputs": "x.npy", "outputs": "y.npy", "tolerance": true}})",
            "2:64: 'check.tolerance' must be a number; it is true"},
    // io
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "io": {"input": "int8"}})",
            "1:72: 'io.input' must be one of float32, integer; it is 'int8'"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "io": {"outputs": "float32"}})",
            "1:63: unknown key 'io.outputs'; did you mean 'output'?; known are input, output"},
    // target
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "target": {"clock_mhz": 200}})",
            "1:66: 'target' needs exactly one of interval_cycles, inferences_per_s"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"},
 "target": {"interval_cycles": 1, "inferences_per_s": 5}})",
            "2:12: 'target' needs exactly one of interval_cycles, inferences_per_s"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "target": {"interval_cycles": 0}})",
            "1:86: 'target.interval_cycles' must be an integer from 1 to 2147483647; it is 0"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "target": {"interval_cycles": 1.5}})",
            "1:86: 'target.interval_cycles' must be an integer from 1 to 2147483647; it is 1.5"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "target": {"inferences_per_s": 0}})",
            "1:87: 'target.inferences_per_s' must be above 0"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"},
 "target": {"interval_cycles": 1, "clock_mhz": -1}})",
            "2:48: 'target.clock_mhz' must be above 0"},
    // layers
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "layers": {"a": 1}})",
            "1:72: 'layers.a' must be a map; it is 1"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "layers": {"a": {"reuse": 2}}})",
            "1:73: unknown key 'layers.a.reuse'; known are node, reuse_factor"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "layers": {"a": {"reuse_factor": 0}}})",
            "1:89: 'layers.a.reuse_factor' must be an integer from 1 to 2147483647; it is 0"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "layers": {"a": {"node": ""}}})",
            "1:81: 'layers.a.node' must be a string that is not empty; it is ''"},
    NetCase{R"({"version": 1, "name": "n", "model": {"file": "m.h5"}, "layers": {"": {}}})",
            "1:71: 'layers.' stands under an empty layer name"},
};

}  // namespace algean::partitioner
