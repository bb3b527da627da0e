// Models that Keras itself saved, with the outputs that it computed: ../shared/vectors/keras (see its README for
// tolerances), and published networks of ../shared/models.
#include "tests/unit/partitioner/import_keras/vectors.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <cstring>

#include "runtime/tensor/array_file.hpp"
#include "tests/unit/partitioner/import_keras/models.hpp"

namespace algean::partitioner::testing_keras {
namespace {

// The worst |y - expected| over all outputs, relative to max(1, max|expected|) of each.
double worst_error(const kernels::Graph& graph, const std::vector<Tensor>& inputs,
                   const std::vector<Tensor>& expected) {
  double worst = 0;
  for (std::size_t n = 0; n < static_cast<std::size_t>(inputs.at(0).shape()[0]); ++n) {
    std::vector<Tensor> one;
    for (const Tensor& input : inputs) one.push_back(row(input, n));
    const auto outputs = kernels::interpret(graph, kernels::library(), one);
    if (!outputs || outputs->size() != expected.size()) {
      ADD_FAILURE() << (outputs ? "another number of outputs" : outputs.error().message);
      return 1e9;
    }
    for (std::size_t k = 0; k < expected.size(); ++k) {
      double largest = 1;
      for (const float value : expected[k].elements<float>())
        largest = std::max(largest, std::abs(static_cast<double>(value)));
      const Tensor wanted = row(expected[k], n);
      EXPECT_EQ(wanted.shape(), (*outputs)[k].shape());
      for (std::size_t i = 0; i < wanted.elements<float>().size(); ++i) {
        const double error =
            static_cast<double>((*outputs)[k].elements<float>()[i]) - static_cast<double>(wanted.elements<float>()[i]);
        worst = std::max(worst, std::abs(error) / largest);
      }
    }
  }
  return worst;
}

struct Counts {
  int cases = 0, files = 0, refused = 0;
};

void check_names(const std::vector<kernels::GraphPort>& ports, const Json& entries) {
  for (std::size_t i = 0; i < entries.size(); ++i)
    EXPECT_EQ(ports.at(i).name, entries[i].at("name").get<std::string>());
}

void check_case(const std::filesystem::path& folder, const Json& entry, Counts& counts) {
  const std::string name = entry.at("name");
  const bool refused = is_refused(entry);
  (refused ? counts.refused : counts.cases)++;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  ASSERT_TRUE(read_case(folder, name, inputs, outputs));
  for (const KerasFiles& form : forms(folder, entry)) {
    const std::string file = (form.weights ? *form.weights : form.model).filename().string();
    const auto graph = import_keras(form, kernels::library());
    if (refused) {
      ASSERT_FALSE(graph) << file;
      EXPECT_THAT(graph.error().message, testing::HasSubstr("not supported")) << file;
      continue;
    }
    ASSERT_TRUE(graph) << file << ": " << graph.error().message;
    ++counts.files;
    if (name.starts_with("k2_")) {  // the indices of Keras 3 list names of tensors, which no file has
      check_names(graph->inputs, entry.at("inputs"));
      check_names(graph->outputs, entry.at("outputs"));
    }
    EXPECT_LE(worst_error(*graph, inputs, outputs), 2e-6) << file;
  }
}

TEST(KerasVectors, EqualWhatKerasComputed) {
  const auto folder = shared("vectors/keras");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  Counts counts;
  for_each_case(folder, [&](const Json& entry) {
    SCOPED_TRACE(entry.at("name").get<std::string>());
    check_case(folder, entry, counts);
  });
  std::printf("%d cases in %d forms within 2e-6, %d refused by name\n", counts.cases, counts.files, counts.refused);
  EXPECT_EQ(counts.cases + counts.refused, 132);
  EXPECT_EQ(counts.refused, 34);
}

TEST(KerasModels, JetTaggers) {
  const auto folder = shared("models/hls4ml_jet_tagging");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const std::array<std::array<std::string, 3>, 3> cases{
      {{"KERAS_3layer.json", "KERAS_3layer_weights.h5", "expected_KERAS_3layer.npy"},
       {"KERAS_3layer.json", "KERAS_3layer_70pruned_retrained_weights.h5", "expected_KERAS_3layer_70pruned.npy"},
       {"KERAS_3layer_batch_norm.json", "KERAS_3layer_batch_norm_weights.h5", "expected_KERAS_3layer_batch_norm.npy"}}};
  const auto inputs = read_arrays(folder / "synthetic_inputs.npy");
  ASSERT_TRUE(inputs) << inputs.error().message;
  for (const auto& [json, weights, expected] : cases) {
    const auto graph = import_keras({folder / json, folder / weights}, kernels::library());
    ASSERT_TRUE(graph) << graph.error().message;
    const auto outputs = read_arrays(folder / expected);
    ASSERT_TRUE(outputs);
    EXPECT_LE(worst_error(*graph, {inputs->at(0).tensor}, {outputs->at(0).tensor}), 1e-5) << expected;
  }
}

TEST(KerasModels, Autoencoder) {
  const auto folder = shared("models/mlperf_tiny_ad_autoencoder");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto sample = read_file(folder / "normal_id_01_00000000_hist_librosa.bin");
  const auto expected = read_arrays(folder / "expected_fp32_first16.npy");
  ASSERT_TRUE(sample && expected);
  Tensor inputs(TensorType{ElementType::float32(), Shape{16, 640}});  // window i: frames i to i + 4 of 128 mels
  for (std::size_t i = 0; i < 16; ++i) {
    std::memcpy(inputs.elements<float>().data() + i * 640, sample->data() + i * 128 * sizeof(float),
                640 * sizeof(float));
  }
  for (const KerasFiles& files :
       {KerasFiles{folder / "ad01.h5", std::nullopt}, KerasFiles{folder / "ad01.json", folder / "ad01.h5"}}) {
    const auto graph = import_keras(files, kernels::library());
    ASSERT_TRUE(graph) << graph.error().message;
    EXPECT_LE(worst_error(*graph, {inputs}, {expected->at(0).tensor}), 1e-5);
  }
}

}  // namespace
}  // namespace algean::partitioner::testing_keras
