// The cases of ../shared/vectors/keras, whose README has formats and tolerances.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "partitioner/import_keras/import_keras.hpp"
#include "runtime/base/file.hpp"
#include "runtime/tensor/array_file.hpp"

namespace algean::partitioner::testing_keras {

using Json = nlohmann::json;

inline std::filesystem::path shared(const std::string& folder) {
  const char* root = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe)
  return std::filesystem::path(root == nullptr ? "" : root) / folder;
}

// Row `index` of a batch.
inline Tensor row(const Tensor& batch, std::size_t index) {
  const auto extents = batch.shape().extents();
  Shape shape = *Shape::make({extents.begin() + 1, extents.end()});
  const auto size = static_cast<std::size_t>(shape.elements());
  return {TensorType{ElementType::float32(), shape}, batch.elements<float>().subspan(index * size, size)};
}

// Layer types that this importer does not take: their cases must be refused by name.
inline bool is_refused(const Json& entry) {
  static const std::set<std::string> refused{
      "LSTM",      "GRU",     "SimpleRNN",          "Bidirectional",     "TimeDistributed",
      "Embedding", "Masking", "LayerNormalization", "MultiHeadAttention"};
  const Json& layers = entry.at("layers");
  return entry.at("name") == "k3_seq_int8_quantized" || std::ranges::any_of(layers, [](const Json& name) {
           return refused.contains(name.get<std::string>()) || name.get<std::string>().starts_with("Q");
         });
}

// Every form in which a case was saved: a file of its own, or a .json with a file of weights.
inline std::vector<KerasFiles> forms(const std::filesystem::path& folder, const Json& entry) {
  const std::string name = entry.at("name");
  const std::vector<std::string> saved = entry.at("files");
  const bool has_json = std::ranges::find(saved, name + ".json") != saved.end();
  std::vector<KerasFiles> result;
  for (const std::string& file : saved) {
    if (file == name + ".h5" || file == name + ".keras") result.push_back({folder / file, std::nullopt});
    if (file.ends_with(".h5") && has_json) result.push_back({folder / (name + ".json"), folder / file});
  }
  return result;
}

// in_0, in_1, ... and out_0, out_1, ...: batches of a few inferences.
inline bool read_case(const std::filesystem::path& folder, const std::string& name, std::vector<Tensor>& inputs,
                      std::vector<Tensor>& outputs) {
  const auto arrays = read_arrays(folder / (name + ".npz"));
  if (!arrays) return false;
  for (const char* prefix : {"in_", "out_"}) {  // in the archive's order, out_10 comes before out_2
    for (std::size_t i = 0;; ++i) {
      const auto found = std::ranges::find(*arrays, prefix + std::to_string(i), &NamedArray::name);
      if (found == arrays->end()) break;
      (prefix[0] == 'i' ? inputs : outputs).push_back(found->tensor);
    }
  }
  return !inputs.empty() && !outputs.empty();
}

template <class Check>
void for_each_case(const std::filesystem::path& folder, const Check& check) {
  for (const char* index : {"k2_index.json", "k3_index.json", "k30_index.json", "qk_index.json"}) {
    const auto text = read_text(folder / index);
    ASSERT_TRUE(text);
    const Json parsed = Json::parse(*text);
    for (const Json& entry : parsed.at("cases")) check(entry);
  }
}

}  // namespace algean::partitioner::testing_keras
