#include "partitioner/import_keras/keras_archive.hpp"

#include <algorithm>

#include "partitioner/import_keras/keras_json.hpp"
#include "runtime/tensor/zip_archive.hpp"

namespace algean::partitioner {
namespace {

constexpr std::size_t max_entries = 4096;  // assets of layers that we do not read among them
constexpr std::size_t max_text_bytes = std::size_t{64} << 20U;
constexpr std::size_t max_bytes = std::size_t{2} << 30U;

Result<std::vector<std::byte>> read_entry(const ZipArchive& archive, std::string_view name, std::size_t most) {
  const auto found = std::ranges::find(archive.entries(), name, &ZipEntry::name);
  if (found == archive.entries().end()) return bad_input("no Keras archive: it has no '{}'", name);
  if (found->bytes > most) return bad_input("'{}' is longer than {} MiB", name, most >> 20U);
  auto bytes = archive.read(static_cast<std::size_t>(found - archive.entries().begin()));
  if (!bytes) return std::unexpected(bytes.error().within(name));
  return bytes;
}

Result<std::string> read_text(const ZipArchive& archive, std::string_view name) {
  ALGEAN_ASSIGN(const auto bytes, read_entry(archive, name, max_text_bytes));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Result<KerasArchive> read(std::span<const std::byte> bytes) {
  ALGEAN_ASSIGN(const ZipArchive archive, ZipArchive::open(bytes, max_entries, max_bytes));
  KerasArchive result;
  ALGEAN_ASSIGN(result.config, read_text(archive, "config.json"));
  if (const auto metadata = read_text(archive, "metadata.json")) {
    if (const auto json = parse_json(*metadata, "metadata.json")) result.version = text_member(*json, "keras_version");
  }
  ALGEAN_ASSIGN(result.weights, read_entry(archive, "model.weights.h5", max_bytes));
  return result;
}

}  // namespace

bool is_keras_archive(std::span<const std::byte> bytes) {
  constexpr std::string_view start = "PK\x03\x04";
  return bytes.size() >= start.size() && std::ranges::equal(std::as_bytes(std::span(start)), bytes.first(start.size()));
}

Result<KerasArchive> read_keras_archive(std::span<const std::byte> bytes, std::string_view where) {
  auto archive = read(bytes);
  if (!archive) return std::unexpected(archive.error().within(where));
  return archive;
}

}  // namespace algean::partitioner
