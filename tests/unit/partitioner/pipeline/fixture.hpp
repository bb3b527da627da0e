// A folder with one small trained network in every form that a user may have it in.
#pragma once

#include <gmock/gmock.h>

#include "kernels/graph/text.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "runtime/base/random.hpp"
#include "runtime/tensor/array_file.hpp"
#include "tests/unit/partitioner/import_keras/models.hpp"
#include "tests/unit/partitioner/import_onnx/onnx_fixture.hpp"

namespace algean::partitioner {

namespace keras = testing_keras;

// x [4] -> d1 (5, relu) -> d2 (3) -> softmax; weights from seed 1.
class SmallNet : public ::testing::Test {
 protected:
  SmallNet() {
    keras_json_ = keras::sequential({keras::layer("InputLayer", "x", R"("batch_input_shape":[null,4])"),
                                     keras::layer("Dense", "d1", R"("units":5,"activation":"relu")"),
                                     keras::layer("Dense", "d2", R"("units":3,"activation":"softmax")")});
    folder_.write("m.json", keras_json_);
    write_weights("m_weights.h5", random_weights());
    {
      keras::Hdf5Writer whole(folder_ / "whole.h5");
      keras::write_by_names(whole, "model_weights", random_weights());
      whole.scalar("", "model_config", keras_json_);
    }
    write_onnx();
    write_array("calibration.npy", {20, 4}, random_values(2, 80));
    write_array("inputs.npy", {6, 4}, random_values(3, 24));
  }

  static std::vector<float> random_values(std::uint64_t seed, std::size_t count) {
    Random random(seed);
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(random.unit() * 2 - 1);
    return values;
  }

  static std::vector<keras::StoredLayer> random_weights() {
    return {{"d1", "dense", {{"kernel:0", {4, 5}, random_values(11, 20)}, {"bias:0", {5}, random_values(12, 5)}}},
            {"d2", "dense_1", {{"kernel:0", {5, 3}, random_values(13, 15)}, {"bias:0", {3}, random_values(14, 3)}}}};
  }

  void write_weights(const std::string& name, const std::vector<keras::StoredLayer>& layers) const {
    keras::Hdf5Writer file(folder_ / name);
    keras::write_by_names(file, "", layers);
  }

  // The same network as ONNX has it, with the names that the Keras importer gives to values and layers.
  void write_onnx() const {
    const auto weights = random_weights();
    testing_onnx::Builder onnx;
    onnx.input("x", {"batch", 4});
    for (const keras::StoredLayer& layer : weights) {
      const auto& [kernel, bias] = std::tie(layer.variables[0], layer.variables[1]);
      onnx.floats(layer.name + ".k", {kernel.extents.begin(), kernel.extents.end()}, kernel.values);
      onnx.floats(layer.name + ".b", {bias.extents.begin(), bias.extents.end()}, bias.values);
    }
    onnx.node("Gemm", {"x", "d1.k", "d1.b"}, {"d1/linear"}, {}, "d1");
    onnx.node("Relu", {"d1/linear"}, {"d1"}, {}, "d1/relu");
    onnx.node("Gemm", {"d1", "d2.k", "d2.b"}, {"d2/linear"}, {}, "d2");
    onnx.node("Softmax", {"d2/linear"}, {"d2"}, {{"axis", std::int64_t{1}}}, "d2/softmax");
    onnx.output("d2", {"batch", 3});
    folder_.write("m.onnx", onnx.bytes());
  }

  void write_array(const std::string& name, const Shape& shape, const std::vector<float>& values) const {
    const std::vector<NamedArray> arrays{{"", Tensor({ElementType::float32(), shape}, std::span<const float>(values))}};
    const auto written = write_arrays(folder_ / name, arrays);
    EXPECT_TRUE(written) << written.error().message;
  }

  // A net.json of the given model; `more` are further members.
  [[nodiscard]] std::filesystem::path write_net(const std::string& model, const std::string& more = "",
                                                const std::string& name = "net.json") const {
    return folder_.write(name, fmt::format("{{\"version\": 1, \"name\": \"small\",\n\"model\": {{{}}}{}{}}}\n", model,
                                           more.empty() ? "" : ",\n", more));
  }

  static Result<Loaded> open(const std::filesystem::path& path, const LoadOptions& options = {},
                             const Progress& progress = {}) {
    return load(path, kernels::library(), options, progress);
  }

  // The error's message without the folder's path.
  [[nodiscard]] std::string message(const std::filesystem::path& path, const LoadOptions& options = {}) const {
    const auto loaded = open(path, options);
    if (loaded) return "accepted";
    EXPECT_EQ(loaded.error().kind, ErrorKind::bad_input);
    return without_folder(loaded.error().message);
  }

  [[nodiscard]] std::string without_folder(std::string text) const {
    const std::string path = (folder_ / "").string();
    for (std::size_t at = 0; (at = text.find(path)) != std::string::npos;) text.erase(at, path.size());
    return text;
  }

  keras::Folder folder_;
  std::string keras_json_;
  const std::string keras_model_ = R"("file": "m.json", "weights": "m_weights.h5")";
  const std::string calibrated_ = R"("calibration": {"inputs": "calibration.npy"})";
};

}  // namespace algean::partitioner
