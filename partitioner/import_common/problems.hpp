// Everything that an importer cannot take, named in one error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::partitioner {

class Problems {
 public:
  void add(std::string problem) { all_.push_back(std::move(problem)); }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  // bad_input "WHERE: first; second; third" if there is any problem; at most 100 are spelt out.
  [[nodiscard]] Result<> none(std::string_view where) const;

 private:
  std::vector<std::string> all_;
};

}  // namespace algean::partitioner
