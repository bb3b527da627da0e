#include "tests/unit/partitioner/import_keras/hdf5_fixture.hpp"

#include <algorithm>

#include "runtime/base/result.hpp"

namespace algean::partitioner::testing_keras {
namespace {

hid_t made(hid_t id) {
  ALGEAN_INVARIANT(id >= 0);
  return id;
}

void worked(herr_t status) { ALGEAN_INVARIANT(status >= 0); }

}  // namespace

Hdf5Writer::Hdf5Writer(const std::filesystem::path& path, Packing packing, Strings strings)
    : file_(made(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT))),
      packing_(packing),
      strings_(strings) {}

Hdf5Writer::~Hdf5Writer() { H5Fclose(file_); }

void Hdf5Writer::group(const std::string& path) {
  for (std::size_t end = 0; !path.empty() && end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (H5Lexists(file_, part.c_str(), H5P_DEFAULT) > 0) continue;
    H5Gclose(made(H5Gcreate2(file_, part.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)));
  }
}

void Hdf5Writer::dataset(const std::string& path, const std::vector<hsize_t>& extents, const std::vector<float>& values,
                         hid_t file_type) {
  if (const std::size_t end = path.rfind('/'); end != std::string::npos) group(path.substr(0, end));
  const hid_t space = made(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr));
  const hid_t creation = made(H5Pcreate(H5P_DATASET_CREATE));
  if (packing_ == Packing::deflated) {
    std::vector<hsize_t> chunk = extents;
    for (hsize_t& extent : chunk) extent = std::max<hsize_t>(1, extent / 2);
    worked(H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data()));
    worked(H5Pset_shuffle(creation));
    worked(H5Pset_deflate(creation, 6));
  }
  const hid_t set = made(H5Dcreate2(file_, path.c_str(), file_type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  if (!values.empty()) worked(H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
  H5Dclose(set);
  H5Pclose(creation);
  H5Sclose(space);
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name, const std::vector<std::string>& values) {
  if (values.empty()) return empty_attribute(path, name);
  group(path);
  const hid_t owner = made(H5Oopen(file_, path.empty() ? "/" : path.c_str(), H5P_DEFAULT));
  const hsize_t count = values.size();
  const hid_t space = made(H5Screate_simple(1, &count, nullptr));
  const hid_t type = made(H5Tcopy(H5T_C_S1));
  if (strings_ == Strings::variable) {
    worked(H5Tset_size(type, H5T_VARIABLE));
    worked(H5Tset_cset(type, H5T_CSET_UTF8));
    std::vector<const char*> pointers;
    for (const std::string& value : values) pointers.push_back(value.c_str());
    const hid_t attribute = made(H5Acreate2(owner, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT));
    worked(H5Awrite(attribute, type, pointers.data()));
    H5Aclose(attribute);
  } else {
    std::size_t longest = 1;
    for (const std::string& value : values) longest = std::max(longest, value.size());
    worked(H5Tset_size(type, longest));
    worked(H5Tset_strpad(type, H5T_STR_NULLPAD));
    std::string all;
    for (const std::string& value : values) all += value + std::string(longest - value.size(), '\0');
    const hid_t attribute = made(H5Acreate2(owner, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT));
    worked(H5Awrite(attribute, type, all.data()));
    H5Aclose(attribute);
  }
  H5Tclose(type);
  H5Sclose(space);
  H5Oclose(owner);
}

void Hdf5Writer::scalar(const std::string& path, const std::string& name, const std::string& value) {
  const hid_t owner = made(H5Oopen(file_, path.empty() ? "/" : path.c_str(), H5P_DEFAULT));
  const hid_t space = made(H5Screate(H5S_SCALAR));
  const hid_t type = made(H5Tcopy(H5T_C_S1));
  worked(H5Tset_size(type, H5T_VARIABLE));
  const hid_t attribute = made(H5Acreate2(owner, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT));
  const char* pointer = value.c_str();
  worked(H5Awrite(attribute, type, static_cast<const void*>(&pointer)));
  H5Aclose(attribute);
  H5Tclose(type);
  H5Sclose(space);
  H5Oclose(owner);
}

void Hdf5Writer::empty_attribute(const std::string& path, const std::string& name) {
  group(path);
  const hid_t owner = made(H5Oopen(file_, path.empty() ? "/" : path.c_str(), H5P_DEFAULT));
  const hsize_t none = 0;
  const hid_t space = made(H5Screate_simple(1, &none, nullptr));
  H5Aclose(made(H5Acreate2(owner, name.c_str(), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT)));
  H5Sclose(space);
  H5Oclose(owner);
}

void write_by_names(Hdf5Writer& file, const std::string& root, const std::vector<StoredLayer>& layers) {
  std::vector<std::string> names;
  for (const StoredLayer& layer : layers) {
    const std::string group = root.empty() ? layer.name : root + "/" + layer.name;
    std::vector<std::string> weights;
    for (const Variable& variable : layer.variables) {
      weights.push_back(layer.name + "/" + variable.name);
      file.dataset(group + "/" + weights.back(), variable.extents, variable.values);
    }
    file.attribute(group, "weight_names", weights);
    names.push_back(layer.name);
  }
  file.attribute(root, "layer_names", names);
}

void write_by_class(Hdf5Writer& file, const std::vector<StoredLayer>& layers) {
  file.group("layers");
  for (const StoredLayer& layer : layers) {
    const std::string vars = "layers/" + layer.key + "/vars";
    file.group(vars);
    for (std::size_t i = 0; i < layer.variables.size(); ++i) {
      file.dataset(vars + "/" + std::to_string(i), layer.variables[i].extents, layer.variables[i].values);
    }
  }
}

}  // namespace algean::partitioner::testing_keras
