// What a file of weights holds, whatever its format: arrays and lists of names by path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace algean::partitioner {

struct WeightArray {
  std::vector<std::int64_t> extents;  // each at least 0; none for a scalar
  std::string type;                   // "float16", "float32", "float64", or what else it is ("int64", "string")
  std::vector<float> elements;        // row-major, converted to float32; none where type is another
};

// Paths are names joined by "/", without one in front; "" is the root.
struct WeightFile {
  std::set<std::string> groups;
  std::map<std::string, WeightArray> arrays;
  // Attributes of strings, by path and name; an attribute without elements is an empty list whatever its type.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> attributes;
  bool is_named = false;  // TensorFlow.js: the arrays' paths are LAYER/VARIABLE, without groups or attributes

  [[nodiscard]] bool is_group(const std::string& path) const { return groups.contains(path); }
  [[nodiscard]] const WeightArray* array(const std::string& path) const {
    const auto found = arrays.find(path);
    return found == arrays.end() ? nullptr : &found->second;
  }
  // nullptr where there is none. What Keras cut because it was above 64 kB (NAME0, NAME1, ...) reads as one list.
  [[nodiscard]] const std::vector<std::string>* strings(const std::string& path, const std::string& name) const {
    const auto found = attributes.find({path, name});
    return found == attributes.end() ? nullptr : &found->second;
  }
};

// True for the types whose elements are read.
inline bool is_readable_float(std::string_view type) {
  return type == "float16" || type == "float32" || type == "float64";
}

}  // namespace algean::partitioner
