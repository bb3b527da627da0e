// Writes small HDF5 files for tests, as Keras lays them out.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace algean::partitioner::testing_keras {

enum class Packing { contiguous, deflated };  // deflated: chunked, shuffled, deflated
enum class Strings { variable, fixed };

class Hdf5Writer {
 public:
  explicit Hdf5Writer(const std::filesystem::path& path, Packing packing = Packing::contiguous,
                      Strings strings = Strings::variable);
  Hdf5Writer(const Hdf5Writer&) = delete;
  Hdf5Writer& operator=(const Hdf5Writer&) = delete;
  ~Hdf5Writer();

  // Paths name groups that are made on the way; "" is the root.
  void group(const std::string& path);
  void dataset(const std::string& path, const std::vector<hsize_t>& extents, const std::vector<float>& values,
               hid_t file_type = H5T_IEEE_F32LE);
  void attribute(const std::string& path, const std::string& name, const std::vector<std::string>& values);
  void scalar(const std::string& path, const std::string& name, const std::string& value);
  // As Keras writes an empty list.
  void empty_attribute(const std::string& path, const std::string& name);
  [[nodiscard]] hid_t file() const { return file_; }

 private:
  hid_t file_;
  Packing packing_;
  Strings strings_;
};

struct Variable {
  std::string name;  // "kernel:0"
  std::vector<hsize_t> extents;
  std::vector<float> values;
};

struct StoredLayer {
  std::string name;  // "dense_1"
  std::string key;   // "dense_1" of layers/dense_1
  std::vector<Variable> variables;
};

// `_weights.h5` (root "") or the weights of a whole model (root "model_weights").
void write_by_names(Hdf5Writer& file, const std::string& root, const std::vector<StoredLayer>& layers);
// `.weights.h5`.
void write_by_class(Hdf5Writer& file, const std::vector<StoredLayer>& layers);

}  // namespace algean::partitioner::testing_keras
