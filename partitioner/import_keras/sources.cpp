#include "partitioner/import_keras/sources.hpp"

#include "partitioner/import_keras/hdf5_file.hpp"
#include "partitioner/import_keras/keras_archive.hpp"
#include "partitioner/import_keras/tfjs.hpp"
#include "runtime/base/file.hpp"

namespace algean::partitioner {
namespace {

constexpr std::size_t max_json_bytes = std::size_t{64} << 20U;
constexpr std::size_t max_model_bytes = std::size_t{2} << 30U;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<std::filesystem::path> weights_beside(const std::filesystem::path& model) {
  std::vector<std::string> tried;
  for (const char* ending : {"_weights.h5", ".weights.h5", ".h5"}) {
    auto path = model.parent_path() / (model.stem().string() + ending);
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path;
    tried.push_back(path.filename().string());
  }
  return bad_input("{}: no weights file given, and none of {} beside it", model.string(), fmt::join(tried, ", "));
}

Result<> read_weights(const std::filesystem::path& path, KerasSources& sources) {
  sources.weights_name = path.string();
  ALGEAN_ASSIGN(const auto bytes, read_file(path, max_model_bytes));
  ALGEAN_ASSIGN(sources.weights, read_hdf5(bytes, sources.weights_name));
  return {};
}

// A whole model in HDF5; weights of another file go before its own.
Result<KerasSources> from_hdf5(std::span<const std::byte> bytes, const KerasFiles& files) {
  KerasSources sources;
  const std::string name = files.model.string();
  ALGEAN_ASSIGN(WeightFile whole, read_hdf5(bytes, name));
  const auto* config = whole.strings("", "model_config");
  if (config == nullptr || config->size() != 1) {
    return bad_input("{}: weights alone: it has no attribute 'model_config'; name the model's .json too", name);
  }
  if (const auto* version = whole.strings("", "keras_version"); version != nullptr && version->size() == 1) {
    sources.version = version->front();
  }
  sources.topology_name = name;
  ALGEAN_ASSIGN(sources.topology, parse_json(config->front(), name));
  if (files.weights) {
    ALGEAN_TRY(read_weights(*files.weights, sources));
  } else {
    sources.weights = std::move(whole);
    sources.weights_name = name;
  }
  return sources;
}

Result<KerasSources> from_archive(std::span<const std::byte> bytes, const KerasFiles& files) {
  KerasSources sources;
  const std::string name = files.model.string();
  ALGEAN_ASSIGN(const KerasArchive archive, read_keras_archive(bytes, name));
  sources.topology_name = fmt::format("{}: config.json", name);
  sources.version = archive.version;
  ALGEAN_ASSIGN(sources.topology, parse_json(archive.config, sources.topology_name));
  if (files.weights) {
    ALGEAN_TRY(read_weights(*files.weights, sources));
  } else {
    sources.weights_name = fmt::format("{}: model.weights.h5", name);
    ALGEAN_ASSIGN(sources.weights, read_hdf5(archive.weights, sources.weights_name));
  }
  return sources;
}

Result<KerasSources> from_json(std::span<const std::byte> bytes, const KerasFiles& files) {
  KerasSources sources;
  const std::string name = files.model.string();
  if (bytes.size() > max_json_bytes) return bad_input("{}: more than {} MiB of JSON", name, max_json_bytes >> 20U);
  sources.topology_name = name;
  ALGEAN_ASSIGN(sources.topology, parse_json(text_of(bytes), name));
  if (is_tfjs(sources.topology)) {
    if (files.weights) return bad_input("{}: a TensorFlow.js model, whose weights are in its own shards", name);
    sources.weights_name = name;
    ALGEAN_ASSIGN(TfjsModel model, read_tfjs(std::move(sources.topology), files.model.parent_path(), name));
    sources.topology = std::move(model.topology);
    sources.version = std::move(model.version);
    sources.weights = std::move(model.weights);
    return sources;
  }
  std::optional<std::filesystem::path> weights = files.weights;
  if (!weights) {
    ALGEAN_ASSIGN(weights, weights_beside(files.model));
  }
  ALGEAN_TRY(read_weights(*weights, sources));
  return sources;
}

}  // namespace

Result<KerasSources> read_keras_sources(const KerasFiles& files) {
  ALGEAN_ASSIGN(const auto bytes, read_file(files.model, max_model_bytes));
  const std::string extension = files.model.extension();  // where the first bytes do not tell, it names the form
  if (is_hdf5(bytes) || extension == ".h5" || extension == ".hdf5") return from_hdf5(bytes, files);
  if (is_keras_archive(bytes) || extension == ".keras") return from_archive(bytes, files);
  return from_json(bytes, files);
}

}  // namespace algean::partitioner
