#include "partitioner/import_tflite/import_tflite.hpp"

#include <cstring>

#include "partitioner/import_tflite/converter.hpp"
#include "partitioner/import_tflite/tflite_file.hpp"
#include "runtime/base/file.hpp"

namespace algean::partitioner {

Result<Imported> import_tflite(const std::filesystem::path& path, kernels::Families families,
                               const TfliteOptions& options) {
  ALGEAN_ASSIGN(const auto bytes, read_file(path, std::size_t{2} << 30U));
  auto imported = import_tflite(bytes, path.string(), families, options);
  if (imported) imported->graph.name = path.stem().string();
  return imported;
}

Result<Imported> import_tflite(std::span<const std::byte> bytes, const std::string& where, kernels::Families families,
                               const TfliteOptions& options) {
  const auto within = [&](const Error& error) { return std::unexpected(error.within(where)); };
  const TensorType type{ElementType::integer(8, false), Shape{std::max<std::int64_t>(std::ssize(bytes), 1)}};
  Tensor aligned(type);  // FlatBuffers reads numbers in place
  std::ranges::copy(bytes, aligned.bytes().begin());
  const auto model = read_tflite(std::span<const std::byte>(aligned.bytes()).first(bytes.size()));
  if (!model) return within(model.error());
  tflite::TfliteConverter converter(*model, families, options);
  if (auto ran = converter.run(); !ran) return within(ran.error());
  ALGEAN_TRY(converter.problems().none(where));
  auto graph = converter.finish();
  if (!graph) return within(graph.error());
  return Imported{.graph = *std::move(graph)};
}

}  // namespace algean::partitioner
