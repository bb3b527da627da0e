// Bit-exactness with TensorFlow Lite's reference kernels: recorded integers, which this project did not make.
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/partitioner/import_tflite/recordings.hpp"

namespace algean::partitioner::testing_tflite {
namespace {

constexpr const char* folder = "vectors/tflite_reference";

nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

// Every sample of one single-operator case; outputs of `expected` where it has them, else of `recorded`.
Tally run_case(Network& network, const std::map<std::string, Tensor>& recorded,
               const std::map<std::string, Tensor>& expected) {
  Tally tally;
  const std::size_t count = inferences(network.inputs()[0], recorded.at("in_0"));
  for (std::size_t index = 0; index < count; ++index) {
    std::vector<Tensor> inputs;
    for (std::size_t i = 0; i < network.inputs().size(); ++i) {
      const Tensor& array = recorded.at(fmt::format("in_{}", i));
      EXPECT_EQ(inferences(network.inputs()[i], array), count);
      inputs.push_back(port_tensor(network.inputs()[i], array, index));
    }
    const auto outputs = network.run(inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string key = fmt::format("out_{}", i);
      const Tensor& array = expected.contains(key) ? expected.at(key) : recorded.at(key);
      EXPECT_EQ(inferences(network.outputs()[i], array), count);
      tally.elements += static_cast<std::size_t>(outputs[i].shape().elements());
      tally.wrong += differing(network.outputs()[i], outputs[i], array, index);
    }
  }
  return tally;
}

// The single-operator cases, with one kind of fully connected layers.
void run_cases(FullyConnected kind) {
  ALGEAN_SHARED_OR_SKIP(root, folder);
  Tally all;
  std::size_t exact = 0, cases = 0;
  const nlohmann::json facts = read_json(*root / "ops/cases.json");
  for (const auto& one : facts.at("cases")) {
    const auto name = one.at("name").get<std::string>();
    const auto operators = one.at("operators").get<std::vector<std::string>>();
    const bool is_dense = operators[0] == "FULLY_CONNECTED";
    if (kind == FullyConnected::double_precision && !is_dense) continue;
    if (operators[0] == "UNIDIRECTIONAL_SEQUENCE_LSTM") {
      const auto refused = import_tflite(*root / "ops" / (name + ".tflite"), kernels::library());
      ASSERT_FALSE(refused);
      EXPECT_NE(refused.error().message.find("operator 0 (UNIDIRECTIONAL_SEQUENCE_LSTM, which makes '"),
                std::string::npos)
          << refused.error().message;
      continue;
    }
    // The runtime with the fixed-point rule leaves most of this output unwritten: there is nothing to compare with.
    if (kind == FullyConnected::fixed_point && name == "fc_keep_num_dims") continue;
    SCOPED_TRACE(name);
    ++cases;
    Network network(*root / "ops" / (name + ".tflite"), kind);
    if (!network.good()) continue;
    const auto recorded = arrays(*root / "ops" / (name + ".npz"));
    const auto twin = *root / "tflite_runtime_2_14_0" / (name + ".npz");
    const bool has_twin = kind == FullyConnected::fixed_point && std::filesystem::exists(twin);
    const Tally tally = run_case(network, recorded, has_twin ? arrays(twin) : std::map<std::string, Tensor>{});
    EXPECT_EQ(tally.wrong, 0U) << "of " << tally.elements;
    EXPECT_GT(tally.elements, 0U);
    exact += tally.wrong == 0 && tally.elements > 0 ? 1U : 0U;
    all.elements += tally.elements;
    all.wrong += tally.wrong;
  }
  std::printf("%zu of %zu cases exact, %zu of %zu elements differ\n", exact, cases, all.wrong, all.elements);
  EXPECT_EQ(exact, kind == FullyConnected::fixed_point ? 136U : 15U);
}

TEST(TfliteReference, SingleOperators) { run_cases(FullyConnected::fixed_point); }
TEST(TfliteReference, SingleOperatorsOfTheDoublePrecisionKind) { run_cases(FullyConnected::double_precision); }

// A recorded tensor inside a network: its key in the archive, its value in the graph, and what uint8 codes lost.
struct Inner {
  std::string key;
  std::string value;
  std::int64_t offset = 0;
};

std::size_t differing_inside(const Inner& inner, const Tensor& tensor, const Tensor& recorded) {
  EXPECT_EQ(tensor.shape().elements(), recorded.shape().elements()) << inner.value;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(recorded.shape().elements()); ++i) {
    wrong += tensor.integer_at(i) + inner.offset == recorded.integer_at(i) ? 0U : 1U;
  }
  return wrong;
}

// Every tensor inside, of the reference and of the programs, against `recorded`.
void compare_inside(Network& network, const std::map<std::string, Tensor>& recorded, const std::vector<Inner>& inners,
                    Tally& tally) {
  for (const int which : {0, 1}) {
    const Tensor x = port_tensor(network.inputs()[0], recorded.at(which == 0 ? "in_real" : "in_random"), 0);
    std::map<std::string, Tensor> seen;
    network.run(
        {x}, [&](kernels::ValueId id, const Tensor& tensor) { seen.emplace(network.graph().values[id].name, tensor); });
    for (const Inner& inner : inners) {
      const Tensor& expected = recorded.at(fmt::format("act{}_{}", which, inner.key));
      ASSERT_TRUE(seen.contains(inner.value)) << inner.value;
      const std::size_t wrong = differing_inside(inner, seen.at(inner.value), expected);
      EXPECT_EQ(wrong, 0U) << inner.value;
      for (const auto& program : network.programs()) {
        EXPECT_EQ(differing_inside(inner, program->tap(inner.value), expected), 0U) << inner.value;
      }
      tally.elements += static_cast<std::size_t>(expected.shape().elements());
      tally.wrong += wrong;
    }
  }
}

void run_network(const std::string& name, FullyConnected kind) {
  ALGEAN_SHARED_OR_SKIP(root, folder);
  ALGEAN_SHARED_OR_SKIP(models, "models");
  const auto facts = read_json(*root / (name + ".tensors.json"));
  std::vector<Inner> inners;
  std::vector<std::string> taps;
  const bool is_twin = kind == FullyConnected::fixed_point && name == "ad_autoencoder";
  for (const auto& tensor : facts.at("tensors")) {
    if (is_twin) break;  // of its fixed-point kind the outputs alone are recorded
    const bool is_unsigned = tensor.at("dtype") == "uint8";
    inners.push_back({tensor.at("key"), tensor.at("name"), is_unsigned ? 128 : 0});
    taps.push_back(inners.back().value);
  }
  Network network(*models / facts.at("model").get<std::string>(), kind, taps);
  ASSERT_TRUE(network.good());
  const auto recorded = arrays(*root / (name + ".npz"));
  const auto expected = is_twin ? arrays(*root / "tflite_runtime_2_14_0" / (name + ".npz")) : recorded;
  Tally outputs, inside;
  for (const char* set : {"real", "random", "extreme"}) {
    const Tensor& in = recorded.at(fmt::format("in_{}", set));
    const Tensor& out = expected.at(fmt::format("out_{}", set));
    for (std::size_t index = 0; index < inferences(network.inputs()[0], in); ++index) {
      const auto results = network.run({port_tensor(network.inputs()[0], in, index)});
      ASSERT_EQ(results.size(), 1U);
      outputs.elements += static_cast<std::size_t>(results[0].shape().elements());
      outputs.wrong += differing(network.outputs()[0], results[0], out, index);
    }
  }
  EXPECT_EQ(outputs.wrong, 0U);
  compare_inside(network, recorded, inners, inside);
  std::printf("%s: %zu of %zu output elements differ, %zu of %zu inside (%zu tensors)\n", name.c_str(), outputs.wrong,
              outputs.elements, inside.wrong, inside.elements, inners.size());
  EXPECT_GT(outputs.elements, 0U);
}

class TfliteNetworks : public testing::TestWithParam<std::tuple<const char*, FullyConnected>> {};

TEST_P(TfliteNetworks, AreExact) { run_network(std::get<0>(GetParam()), std::get<1>(GetParam())); }

INSTANTIATE_TEST_SUITE_P(
    Recorded, TfliteNetworks,
    testing::Combine(testing::Values("ad_autoencoder", "ic_resnet8", "kws_dscnn", "mobilenet_v1_025_128_uint8"),
                     testing::Values(FullyConnected::fixed_point, FullyConnected::double_precision)),
    [](const auto& one) {
      return std::string(std::get<0>(one.param)) +
             (std::get<1>(one.param) == FullyConnected::fixed_point ? "_fixed_point" : "_double_precision");
    });

// The published anomaly score of the int8 network on the recording: 10.260288, of a microcontroller's fixed-point
// kernels.
TEST(TfliteReference, AnomalyScoreOfTheAutoencoder) {
  ALGEAN_SHARED_OR_SKIP(root, "models/mlperf_tiny_ad_autoencoder");
  Network network(*root / "ad01_int8.tflite", FullyConnected::fixed_point);
  ASSERT_TRUE(network.good());
  std::ifstream file(*root / "normal_id_01_00000000_hist_librosa.bin", std::ios::binary);
  constexpr std::size_t frames = 200, mels = 128, window = 5;
  std::vector<float> samples(frames * mels);
  file.read(reinterpret_cast<char*>(samples.data()), static_cast<std::streamsize>(4 * samples.size()));
  ASSERT_TRUE(file);
  double sum = 0;
  for (std::size_t first = 0; first + window <= frames; ++first) {
    const std::span<const float> x(&samples[first * mels], window * mels);
    const Port& port = network.inputs()[0];
    const Tensor codes = quantise(Tensor({ElementType::float32(), port.type.shape}, x), port.type.element).value();
    const Tensor y = dequantise(network.run({codes})[0]);
    double error = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double difference = static_cast<double>(x[i]) - static_cast<double>(y.elements<float>()[i]);
      error += difference * difference;
    }
    sum += error / static_cast<double>(x.size());
  }
  const double score = sum / static_cast<double>(frames - window + 1);
  std::printf("mean error of %zu windows: %.6f\n", frames - window + 1, score);
  EXPECT_NEAR(score, 10.260, 0.05);
}

}  // namespace
}  // namespace algean::partitioner::testing_tflite
