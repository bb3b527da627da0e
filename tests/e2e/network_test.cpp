// Commands that run a network in their own process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/e2e/networks.hpp"

namespace algean::e2e {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Check, ListsTheLayersOfTheExample) {
  const Place place;
  const Ended check = place.run({"check", example("net.json")});
  EXPECT_EQ(check.status, 0) << check.err;
  EXPECT_THAT(check.out, HasSubstr("layer"));
  EXPECT_THAT(check.out, HasSubstr("dense + relu"));
  EXPECT_THAT(check.out, HasSubstr("12 layers, 340400 weights, 338560 MACs, int8[276] -> int8[276]"));
  EXPECT_THAT(check.out, HasSubstr("check: 500 inferences ran"));
  const auto document = place.run({"check", "--json", example("net.json")}).document();
  EXPECT_EQ(document["name"], "autoencoder");
  EXPECT_EQ(document["precision"], "integer");
  EXPECT_EQ(document["layers"].size(), 12U);
  EXPECT_EQ(document["check"]["inferences"], 500);
}

TEST(Check, Operators) {
  const Place place;
  const Ended text = place.run({"check", "--operators"});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, HasSubstr("| layers | Keras | ONNX | TensorFlow Lite | notes |"));
  EXPECT_THAT(text.out, HasSubstr("`BatchNormalization`"));
  const Ended both = place.run({"check", "--operators", "net.json"});
  EXPECT_EQ(both.status, 2);
  EXPECT_THAT(both.err, HasSubstr("--operators takes no NET"));
  const auto document = place.run({"check", "--operators", "--json"}).document();
  EXPECT_THAT(document["onnx"], testing::Contains("Gemm"));
  EXPECT_THAT(document["keras"], testing::Contains("Dense"));
  EXPECT_THAT(document["tflite"], testing::Contains("CONV_2D"));
  // Each in the table, once for its format.
  const auto table = document["table"].get<std::string>();
  for (const char* format : {"keras", "onnx", "tflite"}) {
    for (const auto& name : document[format])
      EXPECT_THAT(table, HasSubstr(fmt::format("`{}`", name.get<std::string>())));
  }
}

TEST(Check, NothingToCheck) {
  const Place place;
  const Ended ended = place.run({"check"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "algean: check: NET is missing; see `algean check --help`\n");
}

TEST(Import, WritesAFloatGraphThatOtherCommandsTake) {
  const Place place;
  const std::string graph = place.path("ae.graph");
  const Ended import =
      place.run({"import", example("autoencoder.json"), "--weights", example("autoencoder_weights.h5"), "-o", graph});
  EXPECT_EQ(import.status, 0) << import.err;
  EXPECT_THAT(import.out, HasSubstr("-> " + graph));
  const auto check = place.run({"check", graph, "--json"}).document();
  EXPECT_EQ(check["precision"], "float");
}

TEST(Quantise, ThenInferEqualsTheIntegerReference) {
  const Place place;
  const std::string graph = place.path("int8.graph");
  const Ended quantised = place.run({"quantise", example("net.json"), "-o", graph, "--method", "mse"});
  ASSERT_EQ(quantised.status, 0) << quantised.err;
  const std::string y = place.path("y.npy");
  const Ended infer = place.run({"infer", graph, "--input", example("test_inputs.npy"), "--output", y});
  ASSERT_EQ(infer.status, 0) << infer.err;
  EXPECT_EQ(infer.out, "500 inferences -> " + y + "\n");
  EXPECT_EQ(read_array(y), integer_reference(graph, read_array(example("test_inputs.npy"))));
}

TEST(Quantise, NeedsCalibration) {
  const Place place;
  const Ended ended = place.run({"quantise", example("autoencoder.json"), "-o", place.path("x.graph")});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("calibration"));
  EXPECT_FALSE(std::filesystem::exists(place.path("x.graph")));
}

TEST(Quantise, CalibrationOfTheWrongShape) {
  const Place place;
  const std::string bad = write_array(place, "bad.npy", random_rows(4, 275));
  const Ended ended = place.run({"quantise", example("autoencoder.json"), "--calibration", bad, "-o", place.path("x")});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, StartsWith("algean: " + bad));
  EXPECT_THAT(ended.err, HasSubstr("275"));
}

TEST(Quantise, CalibrationWithNaN) {
  const Place place;
  Tensor rows = random_rows(4, 276);
  rows.elements<float>()[5] = std::nanf("");
  const Ended ended = place.run({"quantise", example("autoencoder.json"), "--calibration",
                                 write_array(place, "nan.npy", rows), "-o", place.path("x")});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("nan"));
}

TEST(Quantise, UnknownMethod) {
  const Place place;
  const Ended ended = place.run({"quantise", example("net.json"), "--method", "best", "-o", place.path("x")});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("best"));
}

TEST(Infer, PrintsAnswersWithoutAnOutputFile) {
  const Place place;
  const std::string net = small_net(place);
  const std::string x = write_array(place, "x.npy", random_rows(12, 12));
  const Ended text = place.run({"infer", net, "--input", x});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("y[0]: "));
  EXPECT_THAT(text.out, HasSubstr("... (2 more inferences; --output keeps all)"));
  const auto document = place.run({"infer", net, "--input", x, "--json"}).document();
  EXPECT_EQ(document["inferences"], 12);
  const Tensor expected = integer_reference(net, read_array(x));
  ASSERT_EQ(document["outputs"][0]["values"].size(), 48U);
  EXPECT_EQ(document["outputs"][0]["values"][47].get<float>(), expected.elements<float>()[47]);
}

TEST(Infer, WithoutABatchAxisThereIsNoneInTheAnswer) {
  const Place place;
  Tensor one = random_rows(1, 12);
  one.retype({ElementType::float32(), {12}});
  const Ended ended = place.run(
      {"infer", small_net(place), "--input", write_array(place, "x.npy", one), "--output", place.path("y.npy")});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(read_array(place.path("y.npy")).shape(), (Shape{4}));
}

TEST(Infer, TakesCsvAndNpz) {
  const Place place;
  const std::string net = small_net(place);
  const Tensor x = random_rows(3, 12);
  const std::vector<NamedArray> named{{"x", x}, {"something_else", x}};
  ASSERT_TRUE(write_arrays(place.path("x.npz"), named));
  ASSERT_EQ(place.run({"infer", net, "--input", place.path("x.npz"), "--output", place.path("a.npy")}).status, 0);
  ASSERT_EQ(
      place.run({"infer", net, "--input", write_array(place, "x.csv", x), "--output", place.path("b.npy")}).status, 0);
  EXPECT_EQ(read_array(place.path("a.npy")), integer_reference(net, x));
  EXPECT_EQ(read_array(place.path("a.npy")), read_array(place.path("b.npy")));
}

class BadInput : public testing::Test {
 protected:
  // The message of `infer` on a file that must be refused.
  std::string refused(const std::string& input, const std::string& net) {
    const Ended ended = place_.run({"infer", net, "--input", input, "--json"});
    EXPECT_EQ(ended.status, 2) << ended.out << ended.err;
    const auto document = ended.document();
    EXPECT_EQ(ended.err, "algean: " + document["error"]["message"].get<std::string>() + "\n");
    return document["error"]["message"];
  }
  Place place_;
};

TEST_F(BadInput, WrongShape) {
  const std::string x = write_array(place_, "x.npy", random_rows(3, 11));
  EXPECT_EQ(refused(x, small_net(place_)),
            x + ": `x` is float32[3,11]; the network takes float32[12], or [N,12] for N inferences");
}

TEST_F(BadInput, WrongType) {
  const std::string x = write_array(place_, "x.npy", Tensor(TensorType{ElementType::int8(), {3, 12}}));
  EXPECT_THAT(refused(x, small_net(place_)), HasSubstr("`x` is int8[3,12]; the network takes float32[12]"));
}

TEST_F(BadInput, NaN) {
  Tensor rows = random_rows(3, 12);
  rows.elements<float>()[13] = std::nanf("");
  EXPECT_EQ(refused(write_array(place_, "x.npy", rows), small_net(place_)),
            "inference 1: `x`: element 1 is NaN, which no integer stands for");
}

TEST_F(BadInput, MissingInputFile) {
  EXPECT_THAT(refused(place_.path("absent.npy"), small_net(place_)),
              HasSubstr("absent.npy: cannot read: No such file"));
}

TEST_F(BadInput, NeitherFileNorDeployment) {
  EXPECT_EQ(refused("x.npy", "absent"),
            "`absent` is neither a file nor a running deployment (`algean status` lists those)");
}

TEST_F(BadInput, MisspeltOptionIsNamedBeforeAMissingOne) {
  const Ended ended = place_.run({"infer", small_net(place_), "--inputs", "x.npy"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("infer: the option `--inputs` is unknown"));
}

TEST_F(BadInput, UnknownKeyOfTheNet) {
  std::ofstream(place_.path("net.json")) << "{\n  \"version\": 1,\n  \"nmae\": \"x\"\n}\n";
  const Ended ended = place_.run({"check", place_.path("net.json")});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, StartsWith("algean: " + place_.path("net.json") + ":3:"));
  EXPECT_THAT(ended.err, HasSubstr("nmae"));
}

TEST_F(BadInput, MissingWeights) {
  std::filesystem::copy_file(example("autoencoder.json"), place_.path("model.json"));
  const Ended ended = place_.run({"check", place_.path("model.json")});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("weights"));
}

TEST_F(BadInput, TruncatedWeights) {
  std::filesystem::copy_file(example("autoencoder_weights.h5"), place_.path("w.h5"));
  std::filesystem::resize_file(place_.path("w.h5"), 100'000);
  const Ended ended =
      place_.run({"import", example("autoencoder.json"), "--weights", place_.path("w.h5"), "-o", place_.path("g")});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, StartsWith("algean: " + place_.path("w.h5")));
  EXPECT_FALSE(std::filesystem::exists(place_.path("g")));
}

TEST_F(BadInput, PrecisionThatThereIsNone) {
  const std::string x = write_array(place_, "x.npy", random_rows(1, 12));
  const Ended ended = place_.run({"infer", small_net(place_), "--input", x, "--precision", "float"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "algean: small has no float form: the file holds integers already\n");
}

TEST_F(BadInput, OptionOutOfItsChoices) {
  const Ended ended = place_.run({"infer", "x", "--input", "y", "--poll", "often"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("--poll: often not in {auto,spin,yield,block}"));
}

TEST(DiskFull, IsAFailureAndLeavesNoFile) {
  const Place place;
  const std::string net = small_net(place);
  const std::string x = write_array(place, "x.npy", random_rows(2, 12));
  std::filesystem::create_symlink("/dev/full", place.path("full.npy"));
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"import", example("autoencoder.json"), "-o", "/dev/full"},
                                             {"quantise", net, "-o", "/dev/full"},
                                             {"infer", net, "--input", x, "--output", place.path("full.npy")}}) {
    const Ended ended = place.run(arguments);
    EXPECT_EQ(ended.status, 1) << arguments[0];
    EXPECT_THAT(ended.err, HasSubstr("cannot write: No space left on device")) << arguments[0];
  }
}

TEST(Evaluate, AutoencoderInFloatAndIntegers) {
  const Place place;
  const std::vector<std::string> arguments{
      "evaluate", example("net.json"), "--inputs", example("test_inputs.npy"), "--labels", example("test_labels.npy")};
  const Ended text = place.run(arguments);
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("mean score anomalous"));
  auto with_json = arguments;
  with_json.push_back("--json");
  const auto document = place.run(with_json).document();
  EXPECT_EQ(document["metric"], "auc");
  const double real = document["float"]["auc"];
  const double integer = document["integer"]["auc"];
  EXPECT_GE(integer, 0.9);
  EXPECT_LE(std::fabs(real - integer), 0.01);
  EXPECT_GT(document["integer"]["mean_score_anomalous"], document["integer"]["mean_score_normal"]);
}

TEST(Evaluate, ClassifierAgainstItsOwnAnswers) {
  const Place place;
  const std::string net = small_net(place);
  const Tensor x = random_rows(50, 12);
  const Tensor y = integer_reference(net, x);
  Tensor labels(TensorType{ElementType::int32(), {50}});
  for (std::size_t i = 0; i < 50; ++i) {
    const auto row = y.elements<float>().subspan(i * 4, 4);
    labels.elements<std::int32_t>()[i] = static_cast<std::int32_t>(std::ranges::max_element(row) - row.begin());
  }
  labels.elements<std::int32_t>()[7] = (labels.elements<std::int32_t>()[7] + 1) % 4;
  const auto document = place
                            .run({"evaluate", net, "--json", "--inputs", write_array(place, "x.npy", x), "--labels",
                                  write_array(place, "l.npy", labels)})
                            .document();
  EXPECT_EQ(document["metric"], "accuracy");
  EXPECT_EQ(document["integer"]["correct"], 49);
  EXPECT_DOUBLE_EQ(document["integer"]["accuracy"], 0.98);
}

TEST(Evaluate, RefusedLabels) {
  const Place place;
  const std::string net = small_net(place);
  const std::string x = write_array(place, "x.npy", random_rows(3, 12));
  const auto refused = [&](const std::vector<float>& values, const std::string& metric) {
    Tensor labels(TensorType{ElementType::float32(), {static_cast<std::int64_t>(values.size()), 1}},
                  std::span<const float>(values));
    const Ended ended = place.run(
        {"evaluate", net, "--inputs", x, "--labels", write_array(place, "l.csv", labels), "--metric", metric});
    EXPECT_EQ(ended.status, 2);
    return ended.err;
  };
  EXPECT_THAT(refused({0, 1}, "auto"), HasSubstr("l.csv: labels: 2 of them for 3 inferences"));
  EXPECT_THAT(refused({0, 1, 4}, "auto"), HasSubstr("label 2 is 4, but the network tells the classes 0 to 3"));
  EXPECT_THAT(refused({0, 1, 0.5}, "auto"), HasSubstr("l.csv: labels: element 2 is 0.5, which is no integer"));
  EXPECT_THAT(refused({0, 1, 1}, "auc"),
              HasSubstr("the metric auc compares the output with the input, but [4] are not"));
  EXPECT_THAT(place.run({"evaluate", net, "--inputs", x}).err, HasSubstr("(--labels is missing)"));
}

// Published by others: ../shared/models/*/README.md. Skipped where that folder is absent.
class Published : public testing::Test {
 protected:
  void SetUp() override {
    const char* shared = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe)
    models_ = std::string(shared == nullptr ? "" : shared) + "/models/";
    if (shared == nullptr || !std::filesystem::exists(models_)) GTEST_SKIP() << "the shared models are not here";
  }
  // The first network's 196 windows of five frames.
  Tensor windows() const {
    constexpr std::size_t frames = 200;
    constexpr std::size_t bands = 128;
    std::vector<float> frame(frames * bands);
    std::ifstream file(models_ + "mlperf_tiny_ad_autoencoder/normal_id_01_00000000_hist_librosa.bin", std::ios::binary);
    file.read(reinterpret_cast<char*>(frame.data()), static_cast<std::streamsize>(frame.size() * sizeof(float)));
    EXPECT_TRUE(file);
    Tensor rows(TensorType{ElementType::float32(), {196, 640}});
    for (std::size_t i = 0; i < 196; ++i) {
      std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(i * bands), 640,
                  rows.elements<float>().begin() + static_cast<std::ptrdiff_t>(i * 640));
    }
    return rows;
  }
  std::string models_;
  Place place_;
};

TEST_F(Published, AnomalyScoreOfToyAdmos) {
  const std::string model = models_ + "mlperf_tiny_ad_autoencoder/ad01.h5";
  const std::string x = write_array(place_, "windows.npy", windows());
  const auto real = place_.run({"evaluate", model, "--inputs", x, "--json"}).document();
  EXPECT_EQ(real["metric"], "score");
  EXPECT_NEAR(real["float"]["score"].get<double>(), 9.49129, 1e-4);
  const std::string int8 = place_.path("int8.graph");
  ASSERT_EQ(place_.run({"quantise", model, "--calibration", x, "-o", int8}).status, 0);
  const auto integer = place_.run({"evaluate", int8, "--inputs", x, "--json"}).document();
  EXPECT_NEAR(integer["integer"]["score"].get<double>(), 9.49129, 0.3);
}

TEST_F(Published, JetTagger) {
  const std::string jets = models_ + "hls4ml_jet_tagging/";
  const Ended ended = place_.run({"infer", jets + "three_layer_keras.onnx", "--input", jets + "synthetic_inputs.npy",
                                  "--output", place_.path("y.npy")});
  ASSERT_EQ(ended.status, 0) << ended.err;
  const Tensor got = read_array(place_.path("y.npy"));
  const Tensor expected = read_array(jets + "expected_three_layer_keras.npy");
  ASSERT_EQ(got.shape().elements(), expected.shape().elements());
  for (std::size_t i = 0; i < got.elements<float>().size(); ++i) {
    EXPECT_NEAR(got.elements<float>()[i], expected.elements<float>()[i], 1e-5);
  }
}

TEST_F(Published, UnsupportedLayersAreAllNamed) {
  const Ended ended = place_.run({"check", models_ + "../vectors/keras/k2_fn_masking_lstm.h5"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("masking (Masking): layer type not supported"));
  EXPECT_THAT(ended.err, HasSubstr("lstm (LSTM): layer type not supported"));
}

TEST(Compare, ProgramEqualsTheReference) {
  const Place place;
  const std::string x = write_array(place, "x.npy", random_rows(5, 276));
  const Ended text = place.run({"compare", example("net.json"), "--input", x});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("program and integer reference: equal, bit for bit, over 5 inferences"));
  EXPECT_THAT(text.out, HasSubstr("SNR dB"));
  const auto portable =
      place.run({"compare", example("net.json"), "--input", x, "--instructions", "portable", "--json"}).document();
  EXPECT_EQ(portable["instructions"], "portable");
  EXPECT_EQ(portable["equal"], true);
  EXPECT_GT(portable["tensors"].size(), 12U);
}

TEST(Compare, OneFlippedWeightBitNamesItsLayer) {
  const Place place;
  const std::string net = small_net(place);
  kernels::Graph other = small_graph();
  auto& weight = other.layers.at(1).spec.constants.at("weight");
  Tensor flipped = *weight;
  flipped.elements<std::int8_t>()[3] ^= 0x40;
  weight = std::make_shared<const Tensor>(flipped);
  const std::string against = write_graph(place, "other.graph", other);
  const std::string x = write_array(place, "x.npy", random_rows(20, 12));
  const Ended text = place.run({"compare", net, "--input", x, "--against", against});
  EXPECT_EQ(text.status, 1);
  EXPECT_THAT(text.out, HasSubstr("DIFFER first at inference"));
  EXPECT_THAT(text.out, HasSubstr("tensor `dense_2_out` of layer `dense_2`, element 0"));
  const Ended ended = place.run({"compare", net, "--input", x, "--against", against, "--json"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.document()["equal"], false);
  EXPECT_EQ(ended.document()["difference"]["layer"], "dense_2");
}

TEST(Compare, UnknownInstructions) {
  const Place place;
  const Ended ended = place.run({"compare", small_net(place), "--input", "x.npy", "--instructions", "sse"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("sse"));
}

TEST(Bench, ComputeInProcess) {
  const Place place;
  const auto document = place.run({"bench", small_net(place), "--count", "50", "--json"}).document();
  EXPECT_EQ(document["precision"], "integer");
  EXPECT_EQ(document["compute"]["count"], 50);
  EXPECT_LE(document["compute"]["p50_ns"], document["compute"]["p99_9_ns"]);
  EXPECT_GT(document["compute"]["inferences_per_s"], 0);
  const Ended text = place.run({"bench", small_net(place), "--duration", "0.05"});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("compute (integer, in this process): p50 "));
}

TEST(Bench, CoresThatThereAreNot) {
  const Place place;
  const std::string net = small_net(place);
  EXPECT_EQ(place.run({"bench", net, "--cores", "1000"}).err,
            "algean: cores `1000`: this process may not use core 1000\n");
  EXPECT_EQ(place.run({"bench", net, "--cores", "x"}).err, "algean: cores `x`: `x` is no number of a core\n");
}

}  // namespace
}  // namespace algean::e2e
