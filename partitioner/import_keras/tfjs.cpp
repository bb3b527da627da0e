#include "partitioner/import_keras/tfjs.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "runtime/base/file.hpp"
#include "runtime/tensor/shape.hpp"

namespace algean::partitioner {
namespace {

constexpr std::size_t max_bytes = std::size_t{2} << 30U;  // of all shards together
constexpr std::size_t max_shards = 100'000;

// How an entry of the manifest is stored.
struct Stored {
  std::string name;
  std::string type;     // of the variable
  std::string storage;  // of its bytes: the same, or what it was quantised to
  std::vector<std::int64_t> extents;
  double scale = 1;
  double min = 0;
  std::size_t elements = 1;
};

std::size_t element_bytes(const std::string& type) {
  if (type == "float32" || type == "int32") return 4;
  if (type == "uint16" || type == "float16") return 2;
  return type == "uint8" || type == "bool" ? 1 : 0;
}

// IEEE 754 binary16.
float half(std::uint16_t bits) {
  const auto sign = static_cast<std::uint32_t>(bits >> 15U) << 31U;
  const std::uint32_t exponent = (bits >> 10U) & 31U;
  const std::uint32_t fraction = bits & 1023U;
  if (exponent == 0) return (sign == 0 ? 1.0F : -1.0F) * std::ldexp(static_cast<float>(fraction), -24);
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | (wide << 23U) | (fraction << 13U));
}

Result<double> number(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number() || !std::isfinite(found->get<double>())) {
    return bad_input("quantization: '{}' must be a finite number", key);
  }
  return found->get<double>();
}

Result<> read_quantisation(const Json& json, Stored& stored) {
  stored.storage = text_member(json, "dtype");
  if (stored.storage == "float16") return {};
  if (stored.storage != "uint8" && stored.storage != "uint16") {
    return bad_input("quantization to '{}' not supported", stored.storage);
  }
  ALGEAN_ASSIGN(stored.scale, number(json, "scale"));
  ALGEAN_ASSIGN(stored.min, number(json, "min"));
  return {};
}

Result<Stored> read_entry(const Json& json) {
  Stored stored;
  stored.name = text_member(json, "name");
  if (stored.name.empty()) return bad_input("a weight without 'name'");
  const auto wrong = [&](std::string_view what) { return bad_input("weight '{}': {}", stored.name, what); };
  stored.type = stored.storage = text_member(json, "dtype");
  const Json* shape = member(json, "shape", Json::value_t::array);
  if (shape == nullptr || shape->size() > Shape::max_rank) return wrong("'shape' must be a list of at most 8 extents");
  for (const Json& extent : *shape) {
    const bool good = extent.is_number_integer() && extent.get<std::int64_t>() >= 0 &&
                      extent.get<std::int64_t>() <= static_cast<std::int64_t>(max_bytes);
    if (!good) return wrong("'shape' must be a list of extents");
    stored.extents.push_back(extent.get<std::int64_t>());
    stored.elements *= static_cast<std::size_t>(stored.extents.back());
    if (stored.elements > max_bytes) return wrong("more elements than shards may hold");
  }
  if (const Json* quantisation = member(json, "quantization", Json::value_t::object)) {
    if (auto read = read_quantisation(*quantisation, stored); !read) return wrong(read.error().message);
  }
  if (element_bytes(stored.storage) == 0) return wrong(fmt::format("dtype '{}' not supported", stored.storage));
  return stored;
}

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

WeightArray unpack(const Stored& stored, std::span<const std::byte> bytes) {
  WeightArray array{stored.extents, stored.type, {}};
  if (!is_readable_float(stored.type)) return array;
  array.elements.resize(stored.elements);
  const std::size_t step = element_bytes(stored.storage);
  for (std::size_t i = 0; i < stored.elements; ++i) {
    const std::byte* at = bytes.data() + i * step;
    if (stored.storage == "float32") {
      array.elements[i] = load<float>(at);
    } else if (stored.storage == "float16") {
      array.elements[i] = half(load<std::uint16_t>(at));
    } else {
      const double quantum = stored.storage == "uint8" ? load<std::uint8_t>(at) : load<std::uint16_t>(at);
      array.elements[i] = static_cast<float>(quantum * stored.scale + stored.min);
    }
  }
  return array;
}

class Reader {
 public:
  explicit Reader(const ReadShard& read_shard) : read_shard_(read_shard) {}

  // A group of the manifest: its weights lie one after the other in its shards.
  Result<> group(const Json& json, WeightFile& file) {
    const Json* paths = member(json, "paths", Json::value_t::array);
    const Json* weights = member(json, "weights", Json::value_t::array);
    if (paths == nullptr || weights == nullptr) return bad_input("a group needs the lists 'paths' and 'weights'");
    std::vector<Stored> stored;
    std::size_t wanted = 0;
    for (const Json& weight : *weights) {
      ALGEAN_ASSIGN(stored.emplace_back(), read_entry(weight));
      wanted += stored.back().elements * element_bytes(stored.back().storage);
      if (wanted > max_bytes) return bad_input("more than {} MiB of weights", max_bytes >> 20U);
    }
    std::vector<std::byte> bytes;
    for (const Json& path : *paths) {
      if (++shards_ > max_shards) return bad_input("more than {} shards", max_shards);
      if (!path.is_string()) return bad_input("'paths' must be names of files");
      ALGEAN_ASSIGN(const auto shard, read_shard_(path.get<std::string>(), max_bytes - total_));
      total_ += shard.size();
      bytes.insert(bytes.end(), shard.begin(), shard.end());
    }
    if (bytes.size() != wanted) {
      return bad_input("shards [{}] hold {} bytes, their weights take {}", shown(*paths), bytes.size(), wanted);
    }
    std::size_t offset = 0;
    for (const Stored& one : stored) {
      const std::size_t size = one.elements * element_bytes(one.storage);
      const auto [at, added] = file.arrays.emplace(one.name, unpack(one, std::span(bytes).subspan(offset, size)));
      if (!added) return bad_input("two weights are called '{}'", one.name);
      offset += size;
    }
    return {};
  }

 private:
  static std::string shown(const Json& paths) {
    if (paths.empty()) return "";
    const std::string first = paths.front().get<std::string>();
    return paths.size() == 1 ? first : fmt::format("{}, ... {} in all", first, paths.size());
  }

  const ReadShard& read_shard_;
  std::size_t shards_ = 0;
  std::size_t total_ = 0;  // bytes of shards
};

// bad_input for a path that is absolute, goes up, or is a link to somewhere else.
Result<std::filesystem::path> inside(const std::filesystem::path& folder, const std::string& path) {
  const std::filesystem::path relative(path);
  const bool goes_up = std::ranges::any_of(relative, [](const auto& part) { return part == ".."; });
  if (path.empty() || path.find('\0') != std::string::npos || relative.is_absolute() || goes_up) {
    return bad_input("shard '{}' is not inside the model's folder", path);
  }
  std::error_code error;
  const auto home = std::filesystem::weakly_canonical(folder.empty() ? "." : folder, error);
  const auto real = std::filesystem::weakly_canonical(home / relative, error);
  const auto [end, rest] = std::ranges::mismatch(home, real);
  if (error || end != home.end()) return bad_input("shard '{}' is not inside the model's folder", path);
  return folder / relative;
}

}  // namespace

bool is_tfjs(const Json& model) { return model.is_object() && model.contains("modelTopology"); }

Result<TfjsModel> read_tfjs(Json model, const ReadShard& read_shard, std::string_view where) {
  TfjsModel result;
  if (text_member(model, "format") == "graph-model") {
    return bad_input("{}: a TensorFlow.js graph model, which is not supported (a layers model is)", where);
  }
  Json& topology = model["modelTopology"];
  result.version = text_member(topology, "keras_version");
  const bool is_wrapped = topology.is_object() && topology.contains("model_config");
  result.topology = std::move(is_wrapped ? topology["model_config"] : topology);
  const Json* manifest = member(model, "weightsManifest", Json::value_t::array);
  if (manifest == nullptr) return bad_input("{}: no list 'weightsManifest'", where);
  result.weights.is_named = true;
  Reader reader(read_shard);
  for (const Json& group : *manifest) {
    if (auto read = reader.group(group, result.weights); !read) {
      return std::unexpected(read.error().within(fmt::format("{}: weightsManifest", where)));
    }
  }
  return result;
}

Result<TfjsModel> read_tfjs(Json model, const std::filesystem::path& folder, std::string_view where) {
  const ReadShard read_shard = [&](const std::string& path, std::size_t most) -> Result<std::vector<std::byte>> {
    ALGEAN_ASSIGN(const std::filesystem::path file, inside(folder, path));
    return read_file(file, most);
  };
  return read_tfjs(std::move(model), read_shard, where);
}

}  // namespace algean::partitioner
