// A TensorFlow.js layers model: model.json with a Keras topology and a manifest of weights, which lie in binary shards.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "partitioner/import_keras/keras_json.hpp"
#include "partitioner/import_keras/weight_file.hpp"
#include "runtime/base/result.hpp"

namespace algean::partitioner {

struct TfjsModel {
  Json topology;
  std::string version;  // of the Keras that wrote it
  WeightFile weights;
};

bool is_tfjs(const Json& model);
// Shards are files of `folder`; a path that leaves it is refused, and so is a link that does. Weights quantised to
// uint8, uint16 or float16 are turned into float32. bad_input, naming `where`, for whatever does not add up.
Result<TfjsModel> read_tfjs(Json model, const std::filesystem::path& folder, std::string_view where);

// Gives a shard of at most so many bytes.
using ReadShard = std::function<Result<std::vector<std::byte>>(const std::string& path, std::size_t max_bytes)>;
// The same, with shards from anywhere.
Result<TfjsModel> read_tfjs(Json model, const ReadShard& read_shard, std::string_view where);

}  // namespace algean::partitioner
