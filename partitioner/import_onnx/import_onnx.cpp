#include "partitioner/import_onnx/import_onnx.hpp"

#include "partitioner/import_onnx/converter.hpp"
#include "partitioner/import_onnx/onnx_file.hpp"
#include "runtime/base/file.hpp"

namespace algean::partitioner {

Result<Imported> convert_onnx(const OnnxModel& model, kernels::Families families, std::string_view where) {
  const auto within = [&](const Error& error) { return std::unexpected(error.within(std::string(where))); };
  OnnxConverter converter(model, families);
  if (auto ran = converter.run(); !ran) return within(ran.error());
  ALGEAN_TRY(converter.problems().none(where));
  auto imported = converter.finish();
  if (!imported) return within(imported.error());
  return imported;
}

Result<Imported> import_onnx(const std::filesystem::path& path, kernels::Families families) {
  const std::string where = path.string();
  ALGEAN_ASSIGN(const auto bytes, read_file(path, std::size_t{2} << 30U));
  ALGEAN_ASSIGN(OnnxModel model, read_onnx(bytes, where));
  if (auto loaded = load_external(model, path.parent_path()); !loaded) {
    return std::unexpected(loaded.error().within(where));
  }
  if (model.name.empty()) model.name = path.stem().string();
  return convert_onnx(model, families, where);
}

}  // namespace algean::partitioner
