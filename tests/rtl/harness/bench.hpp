// A bench of stream modules: many cases (a module with parameters, and the shapes of its streams) beside each other in
// one Verilated top, all driven at once, each held to a model in C++.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/rtl/harness/stream_driver.hpp"

namespace algean::rtl {

struct Case {
  std::string name;
  std::string module;
  std::map<std::string, std::string> parameters;
  std::vector<StreamShape> inputs;
  std::vector<StreamShape> outputs;
  std::string mutation;  // what was changed in the module; empty: nothing, it is to pass
  [[nodiscard]] std::int64_t number(const std::string& parameter) const { return std::stoll(parameters.at(parameter)); }
};

// What a module is to give.
struct Model {
  // The outputs of one inference.
  std::function<std::vector<Elements>(const Case&, const std::vector<Elements>& inputs)> reference;
  // Cycles an inference, steady, with its writers never idle and its readers always ready. Empty: not checked.
  std::function<std::size_t(const Case&)> interval;
  // Elements to feed, where not all values of an input's type are legal. Empty: all are.
  std::function<std::vector<Elements>(const Case&, Random&)> inputs;
};
using Models = std::map<std::string, Model>;  // by module

// The models of a bench; each bench's own source file defines it.
Models models();

// Parameters "A=1 B=2"; streams "ROWSxELEMENTS/LANES:BITS", separated by blanks.
[[nodiscard]] Case parse_case(const std::string& name, const std::string& module, const std::string& parameters,
                              const std::string& inputs, const std::string& outputs, const std::string& mutation);

// The ports of one case; of concatenated streams the whole.
struct Ports {
  Signal s_data, s_last, s_mark, s_valid, s_ready, m_data, m_last, m_mark, m_valid, m_ready;
};

// The Verilated top: settle() evaluates it as the signals stand, edge() is a rising edge of the clock.
struct Top {
  std::function<void()> settle;
  std::function<void()> edge;
  std::function<void(bool)> reset;
};

struct Instance {
  Case what;
  Ports ports;
};

// Runs every case under every pattern; prints failures. 0 when all cases without a mutation pass and every mutation
// makes one of its cases fail.
int run_bench(const Models& models, const Top& top, const std::vector<Instance>& instances, std::uint64_t seed);

}  // namespace algean::rtl
