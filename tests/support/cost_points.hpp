// Rows of kernels/cost/data: what Yosys made of modules and layers.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/cost/model.hpp"
#include "runtime/base/result.hpp"

namespace algean::testing_support {

struct CostPoint {
  kernels::ModuleInstance instance;
  kernels::Resources measured;  // dsp_multiply has all DSPs
};

// MODULE and NAME=VALUE ...; memories' files are left out.
inline kernels::ModuleInstance instance_of(const std::string& module, const std::string& parameters) {
  kernels::ModuleInstance instance;
  instance.module = module;
  std::istringstream in(parameters);
  for (std::string setting; in >> setting;) {
    const std::size_t equals = setting.find('=');
    std::int64_t value = 0;
    const char* end = setting.data() + setting.size();
    if (std::from_chars(setting.data() + equals + 1, end, value).ptr == end) {
      instance.parameters.push_back({setting.substr(0, equals), value});
    }
  }
  return instance;
}

inline Result<std::vector<CostPoint>> read_cost_points(const std::string& path) {
  std::ifstream file(path);
  if (!file) return bad_input("{}: cannot be read", path);
  std::vector<CostPoint> points;
  std::string line;
  std::getline(file, line);
  if (line != "module,parameters,lut,ff,dsp,bram18,uram,tool")
    return bad_input("{}: its columns are not a sweep's", path);
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    if (cells.size() != 8) return bad_input("{}: line {} has {} columns", path, points.size() + 2, cells.size());
    const auto number = [&](std::size_t i) { return std::stoll(cells[i]); };
    kernels::Resources measured{number(4), 0, number(5), number(6), number(2), number(3)};
    points.push_back({instance_of(cells[0], cells[1]), measured});
  }
  return points;
}

}  // namespace algean::testing_support
