// SystemVerilog of the subset that Verilator and Yosys both take: modules with ports in one packed dimension, wires,
// instances, continuous assignments.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace algean::kernels::emit {

struct Port {
  enum class Direction : std::uint8_t { input, output };
  Direction direction = Direction::input;
  std::string name;
  std::int64_t width = 1;  // bits
};

// Of one width, declared in one line.
struct Wires {
  std::vector<std::string> names;
  std::int64_t width = 1;
};

struct Assignment {
  std::string target;
  std::string value;
};

struct Binding {
  std::string name;   // parameter or port of the instance's module
  std::string value;  // an expression; "" leaves a port open
};

struct Instance {
  std::string module;
  std::string name;
  std::vector<Binding> parameters;
  std::vector<Binding> ports;
};

struct Comment {
  std::vector<std::string> lines;
};

using Item = std::variant<Comment, Wires, Assignment, Instance>;

struct Module {
  std::string name;
  std::vector<std::string> about;  // above it
  std::vector<Port> ports;
  std::vector<Item> items;  // in the order in which they are printed
};

// The expressions joined into one vector, the first lowest; alone it stays as it is.
[[nodiscard]] std::string concatenation(const std::vector<std::string>& expressions);
// An unsigned number of that many bits.
[[nodiscard]] std::string number(std::int64_t width, std::uint64_t value);
// "name[low + width - 1:low]", or the name where the slice is all of it.
[[nodiscard]] std::string slice(const std::string& name, std::int64_t low, std::int64_t width, std::int64_t of);

[[nodiscard]] std::string to_text(const Module& module);

}  // namespace algean::kernels::emit
