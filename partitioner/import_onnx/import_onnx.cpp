#include "partitioner/import_onnx/import_onnx.hpp"

#include "partitioner/import_onnx/converter.hpp"
#include "partitioner/import_onnx/onnx_file.hpp"
#include "runtime/base/file.hpp"

namespace algean::partitioner {

Result<Imported> import_onnx(const std::filesystem::path& path, kernels::Families families) {
  const std::string where = path.string();
  const auto within = [&](const Error& error) { return std::unexpected(error.within(where)); };
  ALGEAN_ASSIGN(const auto bytes, read_file(path, std::size_t{2} << 30U));
  ALGEAN_ASSIGN(OnnxModel model, read_onnx(bytes, where));
  if (auto loaded = load_external(model, path.parent_path()); !loaded) return within(loaded.error());
  if (model.name.empty()) model.name = path.stem().string();
  OnnxConverter converter(model, families);
  if (auto ran = converter.run(); !ran) return within(ran.error());
  ALGEAN_TRY(converter.problems().none(where));
  auto graph = converter.finish();
  if (!graph) return within(graph.error());
  return Imported{.graph = *std::move(graph)};
}

}  // namespace algean::partitioner
