// The forms in which a model is saved besides JSON and HDF5: .keras archives, and TensorFlow.js with its shards.
#include <gmock/gmock.h>
#include <zip.h>

#include <cstring>

#include "tests/unit/partitioner/import_keras/models.hpp"

namespace algean::partitioner::testing_keras {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;

const std::string x2 = layer("InputLayer", "x", R"("batch_shape":[null,2])", "[]");
const std::string two_units = R"("units":2,"use_bias":false)";

class Forms : public testing::Test {
 protected:
  Result<kernels::Graph> import(const std::string& name, std::optional<std::filesystem::path> weights = {}) const {
    return import_keras({folder_ / name, std::move(weights)}, kernels::library());
  }

  std::string message(const std::string& name) const {
    const auto graph = import(name);
    if (graph) return "imported";
    EXPECT_EQ(graph.error().kind, ErrorKind::bad_input);
    std::string text = graph.error().message;
    const std::string path = (folder_ / "").string();
    for (std::size_t at = 0; (at = text.find(path)) != std::string::npos;) text.erase(at, path.size());
    return text;
  }

  void write_archive(const std::string& name, const std::vector<std::pair<std::string, std::string>>& entries,
                     zip_int32_t method = ZIP_CM_STORE) const {
    std::filesystem::remove(folder_ / name);
    zip_t* archive = zip_open((folder_ / name).c_str(), ZIP_CREATE | ZIP_EXCL, nullptr);
    ASSERT_NE(archive, nullptr);
    for (const auto& [path, text] : entries) {
      const auto index = zip_file_add(archive, path.c_str(), zip_source_buffer(archive, text.data(), text.size(), 0),
                                      ZIP_FL_ENC_UTF_8);
      ASSERT_GE(index, 0);
      zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), method, 0);
    }
    ASSERT_EQ(zip_close(archive), 0);
  }

  // An HDF5 file of one Dense layer's kernel, as .keras has it.
  std::string doubling_weights() const {
    {
      Hdf5Writer(folder_ / "w.h5").dataset("layers/dense/vars/0", {2, 2}, {2, 0, 0, 2});
    }
    return *read_text(folder_ / "w.h5");
  }

  // model.json with a topology of Dense layers, whose weights lie in `shards`.
  void write_tfjs(const std::string& manifest, const std::vector<std::string>& shards,
                  const std::string& topology = "") const {
    const std::string model = topology.empty() ? sequential({x2, layer("Dense", "d", two_units)}) : topology;
    folder_.write("model.json", fmt::format(R"({{"format":"layers-model","modelTopology":{{"keras_version":"2.2.4",
        "model_config":{}}},"weightsManifest":[{}]}})",
                                            model, manifest));
    for (std::size_t i = 0; i < shards.size(); ++i) folder_.write(fmt::format("shard{}.bin", i), shards[i]);
  }

  Folder folder_;
};

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

const std::string config = sequential({x2, layer("Dense", "d", two_units)});

TEST_F(Forms, ArchivesStoredAndDeflated) {
  for (const zip_int32_t method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
    write_archive("m.keras",
                  {{"metadata.json", R"({"keras_version":"3.15.1"})"},
                   {"config.json", config},
                   {"model.weights.h5", doubling_weights()},
                   {"assets/words.txt", "not ours"}},
                  method);
    const auto graph = import("m.keras");
    ASSERT_TRUE(graph) << graph.error().message;
    EXPECT_THAT(infer(*graph, {{1, 3}}).at(0), ElementsAre(2, 6));
  }
}

TEST_F(Forms, TheArchivesVersionDecides) {
  const std::string sigmoid = sequential({x2, layer("Dense", "d", two_units + R"(,"activation":"hard_sigmoid")")});
  for (const auto& [version, expected] : {std::pair("2.15.0", 0.9F), std::pair("3.0.5", 0.5F + 2.0F / 6)}) {
    write_archive("m.keras", {{"metadata.json", fmt::format(R"({{"keras_version":"{}"}})", version)},
                              {"config.json", sigmoid},
                              {"model.weights.h5", doubling_weights()}});
    const auto graph = import("m.keras");
    ASSERT_TRUE(graph) << graph.error().message;
    EXPECT_FLOAT_EQ(infer(*graph, {{1, 0}}).at(0).at(0), expected);
  }
}

TEST_F(Forms, RefusesArchives) {
  folder_.write("m.keras", "PK\x03\x04 and so on");
  EXPECT_EQ(message("m.keras"), "m.keras: not a sound zip archive: Not a zip archive");
  write_archive("m.keras", {{"config.json", config}});
  EXPECT_EQ(message("m.keras"), "m.keras: no Keras archive: it has no 'model.weights.h5'");
  write_archive("m.keras", {{"model.weights.h5", doubling_weights()}});
  EXPECT_EQ(message("m.keras"), "m.keras: no Keras archive: it has no 'config.json'");
  write_archive("m.keras", {{"config.json", "{"}, {"model.weights.h5", doubling_weights()}});
  EXPECT_THAT(message("m.keras"), testing::StartsWith("m.keras: config.json:1:2: not JSON: "));
  write_archive("m.keras", {{"config.json", config}, {"model.weights.h5", "no HDF5"}});
  EXPECT_EQ(message("m.keras"),
            "m.keras: model.weights.h5: not an HDF5 file: its first bytes are not the HDF5 signature");
  write_archive("m.keras", {{"config.json", config}, {"model.weights.h5", doubling_weights().substr(0, 700)}});
  EXPECT_THAT(message("m.keras"), testing::StartsWith("m.keras: model.weights.h5: not a whole HDF5 file: "));
}

const std::string kernel = R"({"name":"d/kernel","shape":[2,2],"dtype":"float32"})";

TEST_F(Forms, ShardsCutAnywhere) {
  const std::string bytes = bytes_of<float>({1, 2, 3, 4});
  write_tfjs(fmt::format(R"({{"paths":["shard0.bin","shard1.bin","shard2.bin"],"weights":[{}]}})", kernel),
             {bytes.substr(0, 3), bytes.substr(3, 10), bytes.substr(13)});
  const auto graph = import("model.json");
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(infer(*graph, {{1, 10}}).at(0), ElementsAre(31, 42));
}

TEST_F(Forms, QuantisedShards) {
  const auto with = [&](const std::string& quantisation, const std::string& bytes) -> std::vector<float> {
    write_tfjs(fmt::format(R"({{"paths":["shard0.bin"],"weights":[
        {{"name":"d/kernel","shape":[2,2],"dtype":"float32","quantization":{}}}]}})",
                           quantisation),
               {bytes});
    const auto graph = import("model.json");
    if (!graph) {
      ADD_FAILURE() << graph.error().message;
      return {};
    }
    const auto weight = graph->layers.at(0).spec.required("weight").elements<float>();  // transposed
    return {weight.begin(), weight.end()};
  };
  EXPECT_THAT(with(R"({"dtype":"uint8","scale":0.5,"min":-1})", bytes_of<std::uint8_t>({0, 2, 255, 7})),
              ElementsAre(-1, 126.5F, 0, 2.5F));
  EXPECT_THAT(with(R"({"dtype":"uint16","scale":0.25,"min":-4,"original_dtype":"float32"})",
                   bytes_of<std::uint16_t>({0, 16, 65535, 2})),
              ElementsAre(-4, 16379.75F, 0, -3.5F));
  // binary16: 1, -2, 2^-24 (the least), 65504 (the most)
  EXPECT_THAT(with(R"({"dtype":"float16"})", bytes_of<std::uint16_t>({0x3c00, 0xc000, 0x0001, 0x7bff})),
              ElementsAre(1, 0x1p-24F, -2, 65504));
}

// Each weight by the name of its layer, whatever the order; of nested models too, with or without the models' names.
TEST_F(Forms, FindsWeightsByName) {
  const std::string inner = sequential({layer("Dense", "e", two_units)}, "inner");
  for (const std::string prefix : {"", "inner/"}) {
    write_tfjs(fmt::format(R"({{"paths":["shard0.bin"],"weights":[{},{{"name":"count","shape":[],"dtype":"int32"}}]}},
                              {{"paths":["shard1.bin"],"weights":[{}]}})",
                           fmt::format(R"({{"name":"{}e/kernel","shape":[2,2],"dtype":"float32"}})", prefix), kernel),
               {bytes_of<float>({0, 1, 1, 0, 0}), bytes_of<float>({2, 0, 0, 3})},
               sequential({x2, layer("Dense", "d", two_units), inner}));
    EXPECT_EQ(message("model.json"), "model.json: the file has a weight 'count', which the model has not");
    std::string text = *read_text(folder_ / "model.json");
    const std::string count = R"(,{"name":"count","shape":[],"dtype":"int32"})";
    text.erase(text.find(count), count.size());
    folder_.write("model.json", text);
    folder_.write("shard0.bin", bytes_of<float>({0, 1, 1, 0}));
    const auto graph = import("model.json");
    ASSERT_TRUE(graph) << graph.error().message;
    EXPECT_THAT(infer(*graph, {{1, 10}}).at(0), ElementsAre(30, 2));
  }
}

TEST_F(Forms, RefusesManifests) {
  const std::string good = bytes_of<float>({1, 2, 3, 4});
  const auto group = [&](const std::string& paths, const std::string& weights) {
    write_tfjs(fmt::format(R"({{"paths":{},"weights":[{}]}})", paths, weights), {good});
    return message("model.json");
  };
  const std::string one = R"(["shard0.bin"])";
  EXPECT_EQ(group(one, kernel), "imported");
  EXPECT_EQ(group(R"(["gone.bin"])", kernel),
            "model.json: weightsManifest: gone.bin: cannot read: No such file or directory");
  EXPECT_EQ(group(R"(["shard0.bin","shard0.bin"])", kernel),
            "model.json: weightsManifest: shards [shard0.bin, ... 2 in all] hold 32 bytes, their weights take 16");
  EXPECT_EQ(group("[]", kernel), "model.json: weightsManifest: shards [] hold 0 bytes, their weights take 16");
  EXPECT_EQ(group("7", kernel), "model.json: weightsManifest: a group needs the lists 'paths' and 'weights'");
  EXPECT_EQ(group("[7]", kernel), "model.json: weightsManifest: 'paths' must be names of files");
  EXPECT_EQ(group(one, "7"), "model.json: weightsManifest: a weight without 'name'");
  const auto weight = [&](const std::string& rest) { return group(one, R"({"name":"d/kernel",)" + rest + "}"); };
  const std::string where = "model.json: weightsManifest: weight 'd/kernel': ";
  EXPECT_EQ(weight(R"("dtype":"float32")"), where + "'shape' must be a list of at most 8 extents");
  EXPECT_EQ(weight(R"("dtype":"float32","shape":[-1])"), where + "'shape' must be a list of extents");
  EXPECT_EQ(weight(R"("dtype":"float32","shape":[1048576,1048576])"), where + "more elements than shards may hold");
  EXPECT_EQ(weight(R"("dtype":"float32","shape":[1152921504606846976])"), where + "'shape' must be a list of extents");
  EXPECT_EQ(weight(R"("dtype":"string","shape":[2,2])"), where + "dtype 'string' not supported");
  EXPECT_EQ(weight(R"("dtype":"float32","shape":[2,2],"quantization":{"dtype":"uint4"})"),
            where + "quantization to 'uint4' not supported");
  EXPECT_EQ(weight(R"("dtype":"float32","shape":[2,2],"quantization":{"dtype":"uint8","scale":"x","min":0})"),
            where + "quantization: 'scale' must be a finite number");
  EXPECT_EQ(weight(R"("dtype":"int32","shape":[2,2])"),
            "model.json: d (Dense): kernel is int32 in the file, float16, float32 or float64 expected");
  EXPECT_EQ(group(R"(["shard0.bin","shard0.bin"])", kernel + "," + kernel),
            "model.json: weightsManifest: two weights are called 'd/kernel'");
  EXPECT_EQ(group(one, R"({"name":"e/kernel","shape":[2,2],"dtype":"float32"})"),
            "model.json: d (Dense): kernel: no dataset 'd/kernel' in the file; the file has a weight 'e/kernel', which "
            "the model has not");
}

TEST_F(Forms, ShardsStayInsideTheFolder) {
  const std::string good = bytes_of<float>({1, 2, 3, 4});
  const Folder other;
  other.write("shard0.bin", good);
  std::filesystem::create_directories(folder_ / "inner");
  std::filesystem::create_symlink(other / "shard0.bin", folder_ / "link.bin");
  folder_.write("inner/shard0.bin", good);
  const auto with = [&](const std::string& path) {
    write_tfjs(fmt::format(R"({{"paths":["{}"],"weights":[{}]}})", path, kernel), {good});
    return message("model.json");
  };
  EXPECT_EQ(with("inner/shard0.bin"), "imported");
  for (const std::string& path :
       {(other / "shard0.bin").string(), std::string("../shard0.bin"), std::string("inner/../shard0.bin"),
        std::string("link.bin"), std::string(), std::string("shard0.bin\\u0000x")}) {
    EXPECT_THAT(with(path), HasSubstr("is not inside the model's folder")) << path;
  }
}

TEST_F(Forms, OtherTensorFlowJsModels) {
  folder_.write("model.json", R"({"format":"graph-model","modelTopology":{},"weightsManifest":[]})");
  EXPECT_EQ(message("model.json"),
            "model.json: a TensorFlow.js graph model, which is not supported (a layers model is)");
  folder_.write("model.json", R"({"modelTopology":[]})");
  EXPECT_EQ(message("model.json"), "model.json: no list 'weightsManifest'");
  folder_.write("model.json", R"({"modelTopology":[],"weightsManifest":[]})");
  EXPECT_EQ(message("model.json"), "model.json: not a Keras model: no 'class_name' and 'config' at its top");
  write_tfjs(R"({"paths":[],"weights":[]})", {});
  const auto graph = import("model.json", folder_ / "w.h5");
  ASSERT_FALSE(graph);
  EXPECT_THAT(graph.error().message, HasSubstr("a TensorFlow.js model, whose weights are in its own shards"));
}

}  // namespace
}  // namespace algean::partitioner::testing_keras
