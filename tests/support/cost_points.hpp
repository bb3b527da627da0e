// Rows of kernels/cost/data: what Yosys made of modules and layers.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
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

// A sweep's rows: what was synthesised, of `keys` columns, and what Yosys made of it.
inline Result<std::vector<std::pair<std::vector<std::string>, kernels::Resources>>> read_sweep(
    const std::filesystem::path& path, const std::string& keys) {
  std::ifstream file(path);
  if (!file) return bad_input("{}: cannot be read", path.string());
  const auto first = static_cast<std::size_t>(std::ranges::count(keys, ',')) + 1;
  std::vector<std::pair<std::vector<std::string>, kernels::Resources>> rows;
  std::string line;
  std::getline(file, line);
  if (line != keys + ",lut,ff,dsp,bram18,uram,tool")
    return bad_input("{}: its columns are not a sweep's", path.string());
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    if (cells.size() != first + 6) return bad_input("{}: line {}: {}", path.string(), rows.size() + 2, line);
    const auto number = [&](std::size_t i) { return std::stoll(cells[first + i]); };
    const kernels::Resources measured{number(2), 0, number(3), number(4), number(0), number(1)};
    cells.resize(first);
    rows.emplace_back(std::move(cells), measured);
  }
  return rows;
}

inline Result<std::vector<CostPoint>> read_cost_points(const std::filesystem::path& path) {
  ALGEAN_ASSIGN(const auto rows, read_sweep(path, "module,parameters"));
  std::vector<CostPoint> points;
  for (const auto& [cells, measured] : rows) points.push_back({instance_of(cells[0], cells[1]), measured});
  return points;
}

// Lines of layers (cost_layers.hpp) that the fit has not seen, and what Yosys made of each.
inline Result<std::vector<std::pair<std::string, kernels::Resources>>> read_held_out(
    const std::filesystem::path& path) {
  ALGEAN_ASSIGN(const auto rows, read_sweep(path, "layer"));
  std::vector<std::pair<std::string, kernels::Resources>> layers;
  for (const auto& [cells, measured] : rows) layers.emplace_back(cells[0], measured);
  return layers;
}

// A file of kernels/cost/data.
inline std::filesystem::path cost_data(const char* name) {
  const char* source = std::getenv("ALGEAN_SOURCE");
  return std::filesystem::path(source == nullptr ? "." : source) / "kernels/cost/data" / name;
}

}  // namespace algean::testing_support
