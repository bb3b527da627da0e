#include <zip.h>

#include <memory>

#include "runtime/tensor/array_formats.hpp"

namespace algean {
namespace {

constexpr std::size_t deflate_ratio = 1032;  // the most that deflate expands (zlib's technical details)

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Entry = std::unique_ptr<zip_file_t, Discard>;
using Source = std::unique_ptr<zip_source_t, Discard>;

std::string text_of(zip_error_t& error) {
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

Result<Archive> open(std::span<const std::byte> bytes) {
  zip_error_t error;
  zip_error_init(&error);
  Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error));
  if (!source) return bad_input("not a zip archive: {}", text_of(error));
  Archive archive(zip_open_from_source(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (!archive) return bad_input("not a sound zip archive: {}", text_of(error));
  (void)source.release();  // the archive's now
  zip_error_fini(&error);
  return archive;  // no two of its entries have the same name: libzip sees to that
}

// Size and method of an entry, checked before anything is allocated for it. Returns its name without ".npy".
Result<std::string> check_entry(const zip_stat_t& entry, std::size_t& total_bytes) {
  constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if ((entry.valid & needed) != needed) return bad_input("an entry without name or size");
  std::string name = entry.name;
  if (!name.ends_with(".npy") || name.size() == 4) return bad_input("entry '{}': names must end in .npy", name);
  if (entry.comp_method != ZIP_CM_STORE && entry.comp_method != ZIP_CM_DEFLATE) {
    return bad_input("entry '{}': compression method {}; stored and deflated ones are accepted", name,
                     entry.comp_method);
  }
  if (entry.size > max_npz_bytes - total_bytes) {
    return bad_input("entry '{}': more than {} bytes in all", name, max_npz_bytes);
  }
  if (entry.size / deflate_ratio > entry.comp_size) {
    return bad_input("entry '{}': {} bytes cannot hold the {} that it claims", name, entry.comp_size, entry.size);
  }
  total_bytes += entry.size;
  name.resize(name.size() - 4);
  return name;
}

Result<Tensor> read_entry(zip_t* archive, zip_uint64_t index, std::size_t size) {
  const Entry file(zip_fopen_index(archive, index, 0));
  if (!file) return bad_input("cannot be read: {}", zip_strerror(archive));
  std::vector<std::byte> bytes(size);
  std::size_t done = 0;
  while (done < size) {
    const zip_int64_t got = zip_fread(file.get(), bytes.data() + done, size - done);
    if (got < 0) return bad_input("cannot be read: {}", zip_file_strerror(file.get()));
    if (got == 0) return bad_input("ends after {} of {} bytes", done, size);
    done += static_cast<std::size_t>(got);
  }
  std::byte beyond{};
  const zip_int64_t rest = zip_fread(file.get(), &beyond, 1);  // at the end the checksum is compared
  if (rest < 0) return bad_input("cannot be read: {}", zip_file_strerror(file.get()));
  if (rest > 0) return bad_input("holds more than the {} bytes that it claims", size);
  auto tensor = parse_npy(bytes, "array");
  return tensor;
}

Result<std::vector<NamedArray>> parse(std::span<const std::byte> bytes) {
  ALGEAN_ASSIGN(const Archive archive, open(bytes));
  const auto count = static_cast<std::size_t>(zip_get_num_entries(archive.get(), 0));
  if (count == 0) return bad_input("the archive holds no array");
  if (count > max_npz_entries) return bad_input("{} entries, at most {} are accepted", count, max_npz_entries);
  std::vector<NamedArray> arrays;
  std::size_t total_bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    zip_stat_t entry;
    zip_stat_init(&entry);
    if (zip_stat_index(archive.get(), i, 0, &entry) != 0)
      return bad_input("entry {}: {}", i, zip_strerror(archive.get()));
    ALGEAN_ASSIGN(const std::string name, check_entry(entry, total_bytes));
    auto tensor = read_entry(archive.get(), i, entry.size);
    if (!tensor) return std::unexpected(tensor.error().within(fmt::format("entry '{}.npy'", name)));
    arrays.push_back({name, *std::move(tensor)});
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
  if (zip_close(archive.get()) != 0) return failed("cannot write the archive: {}", zip_strerror(archive.get()));
  (void)archive.release();
  return contents(source.get());
}

}  // namespace algean
