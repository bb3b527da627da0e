#include "partitioner/import_keras/hdf5_reader.hpp"

#include <H5PLpublic.h>
#include <hdf5.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <string>

#include "partitioner/import_common/packed.hpp"
#include "partitioner/import_keras/weight_file.hpp"

namespace algean::partitioner {
namespace {

constexpr int max_depth = 64;
constexpr std::size_t max_objects = 200'000;
constexpr std::size_t max_data_bytes = std::size_t{1} << 30U;      // all float data together, as float32
constexpr std::size_t max_strings_bytes = std::size_t{64} << 20U;  // one attribute
constexpr int max_rank = 8;

// Closes an HDF5 handle of any kind.
class Handle {
 public:
  explicit Handle(hid_t id) : id_(id) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (id_ >= 0) H5Idec_ref(id_);
  }
  [[nodiscard]] hid_t get() const { return id_; }
  [[nodiscard]] bool good() const { return id_ >= 0; }

 private:
  hid_t id_;
};

std::string type_name(hid_t type) {
  const std::size_t bits = 8 * H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return fmt::format("{}int{}", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "", bits);
    case H5T_FLOAT:
      return fmt::format("float{}", bits);
    case H5T_STRING:
      return "string";
    case H5T_ENUM:
      return "enum";
    case H5T_COMPOUND:
      return "compound";
    default:
      return "of another type";
  }
}

// What libhdf5 says about its last failure: the innermost reason.
std::string reason() {
  std::string text;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned level, const H5E_error2_t* error, void* to) -> herr_t {
        if (level == 0 && error->desc != nullptr) *static_cast<std::string*>(to) = error->desc;
        return 0;
      },
      &text);
  return text.empty() ? "no reason given" : text;
}

// The attributes that Keras writes: these names, the lists also with a number behind.
bool is_wanted(std::string_view name) {
  while (!name.empty() && std::isdigit(static_cast<unsigned char>(name.back())) != 0) name.remove_suffix(1);
  return name == "layer_names" || name == "weight_names" || name == "model_config" || name == "keras_version" ||
         name == "backend" || name == "name";
}

class Walker {
 public:
  Walker(std::string_view where, PackedWriter& out) : where_(where), out_(out) {}

  Result<> walk(hid_t group, const std::string& path, int depth) {
    if (depth > max_depth) return bad_input("{}: group '{}': nested more than {} deep", where_, path, max_depth);
    out_.number('g');
    out_.text(path);
    ALGEAN_TRY(attributes(group, path));
    H5G_info_t info{};
    if (H5Gget_info(group, &info) < 0) return unreadable("group", path);
    for (hsize_t i = 0; i < info.nlinks; ++i) ALGEAN_TRY(link(group, path, i, depth));
    return {};
  }

 private:
  [[nodiscard]] std::unexpected<Error> unreadable(std::string_view what, const std::string& path) const {
    return bad_input("{}: {} '{}' cannot be read: {}", where_, what, path, reason());
  }

  Result<> link(hid_t group, const std::string& path, hsize_t index, int depth) {
    if (++objects_ > max_objects) return bad_input("{}: more than {} objects", where_, max_objects);
    const ssize_t length =
        H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_NATIVE, index, nullptr, 0, H5P_DEFAULT);
    if (length <= 0 || length > 4096) return unreadable("a link of group", path);
    std::string name(static_cast<std::size_t>(length) + 1, '\0');
    if (H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_NATIVE, index, name.data(), name.size(), H5P_DEFAULT) <
        0) {
      return unreadable("a link of group", path);
    }
    name.pop_back();
    if (path.empty() && (name == "optimizer_weights" || name == "optimizer")) return {};
    const std::string whole = path.empty() ? name : path + "/" + name;
    H5L_info_t info{};
    if (H5Lget_info(group, name.c_str(), &info, H5P_DEFAULT) < 0) return unreadable("link", whole);
    if (info.type != H5L_TYPE_HARD) return {};
    const Handle object(H5Oopen(group, name.c_str(), H5P_DEFAULT));
    if (!object.good()) return unreadable("object", whole);
    switch (H5Iget_type(object.get())) {
      case H5I_GROUP:
        return walk(object.get(), whole, depth + 1);
      case H5I_DATASET:
        return dataset(object.get(), whole);
      default:
        return {};
    }
  }

  Result<> dataset(hid_t set, const std::string& path) {
    const Handle type(H5Dget_type(set));
    const Handle space(H5Dget_space(set));
    const Handle creation(H5Dget_create_plist(set));
    if (!type.good() || !space.good() || !creation.good()) return unreadable("dataset", path);
    const H5D_layout_t layout = H5Pget_layout(creation.get());
    const int external = H5Pget_external_count(creation.get());
    if (layout < 0 || external < 0) return unreadable("dataset", path);
    if (layout == H5D_VIRTUAL || external > 0) return bad_input("{}: dataset '{}' lies in another file", where_, path);

    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 0) return unreadable("dataset", path);
    if (rank > max_rank)
      return bad_input("{}: dataset '{}' has {} axes, at most {} are accepted", where_, path, rank, max_rank);
    hsize_t extents[max_rank] = {};
    if (H5Sget_simple_extent_dims(space.get(), extents, nullptr) < 0) return unreadable("dataset", path);
    std::vector<std::int64_t> checked;
    const bool is_null = H5Sget_simple_extent_type(space.get()) == H5S_NULL;  // no elements, not even a scalar
    std::size_t elements = is_null ? 0 : 1;
    if (is_null) checked.push_back(0);
    for (int axis = 0; axis < rank; ++axis) {
      if (extents[axis] > max_data_bytes) return too_large();
      checked.push_back(static_cast<std::int64_t>(extents[axis]));
      elements *= extents[axis];
      if (elements > max_data_bytes / sizeof(float)) return too_large();
    }
    const std::string name = type_name(type.get());
    const bool is_float = is_readable_float(name);
    out_.number('d');
    out_.text(path);
    out_.text(name);
    out_.array(std::span<const std::int64_t>(checked));
    std::vector<float> values(is_float ? elements : 0);
    data_bytes_ += values.size() * sizeof(float);
    if (data_bytes_ > max_data_bytes) return too_large();
    if (!values.empty() && H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
      return unreadable("dataset", path);
    }
    out_.array(std::span<const float>(values));
    return {};
  }

  [[nodiscard]] std::unexpected<Error> too_large() const {
    return bad_input("{}: more than {} MiB of weights", where_, max_data_bytes >> 20U);
  }

  Result<> attributes(hid_t group, const std::string& path) {
    H5O_info_t info{};
    if (H5Oget_info2(group, &info, H5O_INFO_NUM_ATTRS) < 0) return unreadable("group", path);
    for (hsize_t i = 0; i < info.num_attrs; ++i) {
      if (++objects_ > max_objects) return bad_input("{}: more than {} objects", where_, max_objects);
      const Handle attribute(H5Aopen_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_NATIVE, i, H5P_DEFAULT, H5P_DEFAULT));
      if (!attribute.good()) return unreadable("an attribute of group", path);
      char name[256] = {};
      if (H5Aget_name(attribute.get(), sizeof name, name) < 0) return unreadable("an attribute of group", path);
      if (!is_wanted(name)) continue;
      ALGEAN_TRY(strings(attribute.get(), path, name));
    }
    return {};
  }

  Result<> strings(hid_t attribute, const std::string& path, const std::string& name) {
    const std::string what = path + "@" + name;
    const Handle type(H5Aget_type(attribute));
    const Handle space(H5Aget_space(attribute));
    if (!type.good() || !space.good()) return unreadable("attribute", what);
    const hssize_t count = H5Sget_simple_extent_npoints(space.get());
    if (count < 0 || static_cast<std::size_t>(count) > max_strings_bytes / sizeof(char*))
      return unreadable("attribute", what);
    const bool is_string = H5Tget_class(type.get()) == H5T_STRING;
    if (count > 0 && !is_string) return {};
    std::vector<std::string> values;
    if (count > 0) {
      const htri_t variable = H5Tis_variable_str(type.get());
      if (variable < 0) return unreadable("attribute", what);
      const auto items = static_cast<std::size_t>(count);
      if (!(variable > 0 ? variable_strings(attribute, type.get(), space.get(), items, values)
                         : fixed_strings(attribute, type.get(), items, values))) {
        return unreadable("attribute", what);
      }
    }
    out_.number('a');
    out_.text(path);
    out_.text(name);
    out_.number(static_cast<std::int64_t>(values.size()));
    for (const std::string& value : values) out_.text(value);
    return {};
  }

  static bool variable_strings(hid_t attribute, hid_t type, hid_t space, std::size_t count,
                               std::vector<std::string>& values) {
    const Handle memory(H5Tcopy(H5T_C_S1));
    if (H5Tset_size(memory.get(), H5T_VARIABLE) < 0 || H5Tset_cset(memory.get(), H5Tget_cset(type)) < 0) return false;
    std::vector<char*> pointers(count, nullptr);
    if (H5Aread(attribute, memory.get(), static_cast<void*>(pointers.data())) < 0) return false;
    for (const char* pointer : pointers) values.emplace_back(pointer == nullptr ? "" : pointer);
    H5Dvlen_reclaim(memory.get(), space, H5P_DEFAULT, static_cast<void*>(pointers.data()));
    return true;
  }

  // Null-terminated, null-padded or space-padded.
  static bool fixed_strings(hid_t attribute, hid_t type, std::size_t count, std::vector<std::string>& values) {
    const std::size_t size = H5Tget_size(type);
    if (size == 0 || size > max_strings_bytes / count) return false;
    std::string all(size * count, '\0');
    if (H5Aread(attribute, type, all.data()) < 0) return false;
    const bool spaces = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
    for (std::size_t i = 0; i < count; ++i) {
      std::string value = all.substr(i * size, size);
      value.resize(std::min(value.find('\0'), value.size()));
      while (spaces && value.ends_with(' ')) value.pop_back();
      values.push_back(std::move(value));
    }
    return true;
  }

  std::string_view where_;
  PackedWriter& out_;
  std::size_t objects_ = 0;
  std::size_t data_bytes_ = 0;
};

}  // namespace

Result<std::vector<std::byte>> pack_hdf5(std::span<const std::byte> bytes, std::string_view where) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);  // no filter from a shared library
  const Handle access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fapl_core(access.get(), std::size_t{1} << 20U, false);
  std::vector<std::byte> image(bytes.begin(), bytes.end());
  if (H5Pset_file_image(access.get(), image.data(), image.size()) < 0)
    return failed("{}: HDF5 takes no file image", where);
  const Handle file(H5Fopen("image", H5F_ACC_RDONLY, access.get()));
  if (!file.good()) return bad_input("{}: not a whole HDF5 file: {}", where, reason());
  const Handle root(H5Gopen2(file.get(), "/", H5P_DEFAULT));
  if (!root.good()) return bad_input("{}: the root group cannot be read: {}", where, reason());
  PackedWriter out;
  ALGEAN_TRY(Walker(where, out).walk(root.get(), "", 0));
  return out.take();
}

}  // namespace algean::partitioner
