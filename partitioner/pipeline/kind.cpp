#include "partitioner/pipeline/kind.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "kernels/graph/text.hpp"
#include "runtime/base/file.hpp"

namespace algean::partitioner {
namespace {

constexpr std::size_t max_json_bytes = std::size_t{64} << 20U;

// The keys of the outermost object, without parsing what is in it (Keras writes NaN and Infinity, which JSON has not).
std::set<std::string, std::less<>> outer_keys(std::string_view text) {
  std::set<std::string, std::less<>> keys;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    if (c != '"') continue;
    const std::size_t start = i + 1;
    for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\' ? 1U : 0U;
    if (i >= text.size()) break;
    const std::size_t next = text.find_first_not_of(" \t\r\n", i + 1);
    if (depth == 1 && next != std::string_view::npos && text[next] == ':') keys.emplace(text.substr(start, i - start));
  }
  return keys;
}

Result<FileKind> json_kind(const std::filesystem::path& path) {
  ALGEAN_ASSIGN(const std::string text, read_text(path, max_json_bytes));
  const auto keys = outer_keys(text);
  if (keys.contains("class_name")) return FileKind::keras_json;
  if (keys.contains("modelTopology")) return FileKind::keras_tfjs;
  if (keys.contains("kernels") && keys.contains("edges")) return FileKind::plan;
  if (keys.contains("model") || keys.contains("version")) return FileKind::net;
  return bad_input(
      "{}: neither a net.json (it needs the keys 'version' and 'model') nor a Keras model (it needs 'class_name')",
      path.string());
}

}  // namespace

Result<FileKind> file_kind(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    if (std::filesystem::exists(path / plan_in_bundle, error)) return FileKind::plan;
    return bad_input("{}: a folder without {}, so it is no bundle", path.string(), plan_in_bundle);
  }
  ALGEAN_ASSIGN(const auto start, read_start(path, kernels::graph_magic.size()));
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  if (text.starts_with("algean-graph ")) return FileKind::graph;
  if (text.starts_with("\x89HDF\r\n\x1a\n")) return FileKind::keras_hdf5;
  if (text.substr(std::min<std::size_t>(4, text.size())).starts_with("TFL3")) return FileKind::tflite;
  const std::string extension = path.extension();
  if (extension == ".json") return json_kind(path);
  if (extension == ".yaml" || extension == ".yml") return FileKind::net;
  if (extension == ".h5" || extension == ".hdf5") return FileKind::keras_hdf5;
  if (extension == ".onnx") return FileKind::onnx;
  if (extension == ".tflite") return FileKind::tflite;
  if (extension == ".keras") return FileKind::keras_archive;
  return bad_input("{}: neither a net.json, a Keras .json, .h5 or .keras, an .onnx, a .tflite, nor a graph file",
                   path.string());
}

}  // namespace algean::partitioner
