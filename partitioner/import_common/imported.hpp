// What an importer makes of a model.
#pragma once

#include <map>
#include <string>

#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

struct Imported {
  kernels::Graph graph;
  // Of a float graph whose file says how it is quantised: the int8 type of each value that has one, by the value's
  // name. quantise() takes these where it would else ask calibration. Weights and biases that the file quantised stay
  // quantised constants of the float layers.
  std::map<std::string, ElementType> types = {};
};

}  // namespace algean::partitioner
