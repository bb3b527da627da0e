#include <zip.h>

#include <memory>

#include "runtime/tensor/array_formats.hpp"
#include "runtime/tensor/zip_archive.hpp"

namespace algean {
namespace {

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Source = std::unique_ptr<zip_source_t, Discard>;

std::string text_of(zip_error_t& error) {
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

// An entry's name without ".npy".
Result<std::string> array_name(const std::string& name) {
  if (!name.ends_with(".npy") || name.size() == 4) return bad_input("entry '{}': names must end in .npy", name);
  return name.substr(0, name.size() - 4);
}

Result<Tensor> read_entry(const ZipArchive& archive, std::size_t index) {
  ALGEAN_ASSIGN(const std::vector<std::byte> bytes, archive.read(index));
  return parse_npy(bytes, "array");
}

Result<std::vector<NamedArray>> parse(std::span<const std::byte> bytes) {
  ALGEAN_ASSIGN(const ZipArchive archive, ZipArchive::open(bytes, max_npz_entries, max_npz_bytes));
  if (archive.entries().empty()) return bad_input("the archive holds no array");
  std::vector<NamedArray> arrays;
  for (std::size_t i = 0; i < archive.entries().size(); ++i) {
    ALGEAN_ASSIGN(std::string name, array_name(archive.entries()[i].name));
    auto tensor = read_entry(archive, i);
    if (!tensor) return std::unexpected(tensor.error().within(fmt::format("entry '{}.npy'", name)));
    arrays.push_back({std::move(name), *std::move(tensor)});
  }
  return arrays;
}

Result<> add_entry(zip_t* archive, const std::string& name, const std::vector<std::byte>& bytes) {
  zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
  if (source == nullptr) return failed("array '{}': {}", name, zip_strerror(archive));
  const zip_int64_t index = zip_file_add(archive, (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return bad_input("array '{}': {}", name, zip_strerror(archive));
  }
  const auto at = static_cast<zip_uint64_t>(index);
  constexpr zip_uint16_t first_day = 0x21;  // 1980-01-01: the same arrays give the same file
  if (zip_set_file_compression(archive, at, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, at, 0, first_day, 0) != 0) {
    return failed("array '{}': {}", name, zip_strerror(archive));
  }
  return {};
}

Result<std::vector<std::byte>> contents(zip_source_t* source) {
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_source_stat(source, &status) != 0 || (status.valid & ZIP_STAT_SIZE) == 0 || zip_source_open(source) != 0) {
    return failed("cannot write the archive: {}", zip_error_strerror(zip_source_error(source)));
  }
  std::vector<std::byte> bytes(status.size);
  const zip_int64_t got = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (got != static_cast<zip_int64_t>(bytes.size())) return failed("cannot write the archive");
  return bytes;
}

}  // namespace

Result<std::vector<NamedArray>> parse_npz(std::span<const std::byte> bytes, std::string_view where) {
  auto arrays = parse(bytes);
  if (!arrays) return std::unexpected(arrays.error().within(where));
  return arrays;
}

Result<std::vector<std::byte>> print_npz(std::span<const NamedArray> arrays) {
  std::vector<std::vector<std::byte>> entries;  // outlives the archive, which reads them when it closes
  std::vector<std::string> names;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    names.push_back(arrays[i].name.empty() ? fmt::format("arr_{}", i) : arrays[i].name);
    entries.push_back(print_npy(arrays[i].tensor));
  }
  zip_error_t error;
  zip_error_init(&error);
  const Source source(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (!source) return failed("cannot write the archive: {}", text_of(error));
  Archive archive(zip_open_from_source(source.get(), ZIP_TRUNCATE, &error));
  if (!archive) return failed("cannot write the archive: {}", text_of(error));
  zip_error_fini(&error);
  zip_source_keep(source.get());
  for (std::size_t i = 0; i < entries.size(); ++i) ALGEAN_TRY(add_entry(archive.get(), names[i], entries[i]));
  zip_t* const closing = archive.release();  // gone once it is closed
  if (zip_close(closing) != 0) {
    archive.reset(closing);
    return failed("cannot write the archive: {}", zip_strerror(closing));
  }
  return contents(source.get());
}

}  // namespace algean
