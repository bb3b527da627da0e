#include "partitioner/import_keras/hdf5_file.hpp"

#include <algorithm>
#include <array>

#include "partitioner/import_common/packed.hpp"
#include "partitioner/import_keras/hdf5_reader.hpp"

namespace algean::partitioner {
namespace {

// Extents and elements agree; only a float type has elements.
bool fits(const WeightArray& dataset) {
  std::size_t elements = 1;
  for (const std::int64_t extent : dataset.extents) {
    if (extent < 0 || (extent > 0 && elements > std::size_t{1} << 40U)) return false;
    elements *= static_cast<std::size_t>(extent);
  }
  return dataset.elements.size() == (is_readable_float(dataset.type) ? elements : 0);
}

void unpack_item(PackedReader& in, WeightFile& file) {
  const std::int64_t kind = in.number();
  std::string path = in.text();
  if (kind == 'g') {
    file.groups.insert(std::move(path));
  } else if (kind == 'd') {
    WeightArray dataset;
    dataset.type = in.text();
    dataset.extents = in.array<std::int64_t>();
    dataset.elements = in.array<float>();
    if (!fits(dataset)) in.spoil();
    file.arrays.insert_or_assign(std::move(path), std::move(dataset));
  } else if (kind == 'a') {
    std::string name = in.text();
    std::vector<std::string> values(in.count());
    for (std::string& value : values) value = in.text();
    file.attributes.insert_or_assign({std::move(path), std::move(name)}, std::move(values));
  } else {
    in.spoil();
  }
}

// Joins NAME0, NAME1, ... to NAME.
void join_cut_lists(WeightFile& file) {
  for (const char* name : {"layer_names", "weight_names"}) {
    for (const std::string& path : file.groups) {
      if (file.attributes.contains({path, name})) continue;
      std::vector<std::string> joined;
      int part = 0;
      for (auto found = file.attributes.end();; ++part) {
        found = file.attributes.find({path, fmt::format("{}{}", name, part)});
        if (found == file.attributes.end()) break;
        joined.insert(joined.end(), found->second.begin(), found->second.end());
      }
      if (part > 0) file.attributes[{path, name}] = std::move(joined);
    }
  }
}

}  // namespace

bool is_hdf5(std::span<const std::byte> bytes) {
  constexpr std::array<unsigned char, 8> signature{0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  return bytes.size() >= signature.size() &&
         std::ranges::equal(signature, bytes.first(signature.size()),
                            [](unsigned char a, std::byte b) { return std::byte{a} == b; });
}

Result<WeightFile> read_hdf5(std::span<const std::byte> bytes, std::string_view where, const ContainedLimits& limits) {
  if (!is_hdf5(bytes)) return bad_input("{}: not an HDF5 file: its first bytes are not the HDF5 signature", where);
  ALGEAN_ASSIGN(const auto packed,
                run_contained(where, "HDF5 reader", [&] { return pack_hdf5(bytes, where); }, limits));
  PackedReader in(packed);
  WeightFile file;
  while (!in.bad() && !in.complete()) unpack_item(in, file);
  if (in.bad()) return bad_input("{}: the HDF5 reader gave a garbled answer on this file", where);
  join_cut_lists(file);
  return file;
}

Result<WeightFile> read_hdf5(std::span<const std::byte> bytes, std::string_view where) {
  ContainedLimits limits;
  limits.memory_bytes = (std::size_t{3} << 30U) + 4 * bytes.size();
  limits.result_bytes = std::size_t{3} << 29U;
  limits.processor_s = 2 + static_cast<std::int64_t>(bytes.size() >> 24U);  // reading 16 MB takes far less
  limits.timeout_ns += limits.processor_s * 4'000'000'000;
  return read_hdf5(bytes, where, limits);
}

}  // namespace algean::partitioner
