#include "kernels/emit/systemverilog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "kernels/emit/text.hpp"

namespace algean::kernels::emit {
namespace {

constexpr std::size_t line_width = 100;

std::string range(std::int64_t width) { return width == 1 ? std::string() : fmt::format("[{}:0]", width - 1); }

// Ports in columns: direction, type and range, name.
std::string port_list(const std::vector<Port>& ports) {
  std::size_t widest = 0;
  for (const Port& port : ports) widest = std::max(widest, range(port.width).size());
  std::string text;
  for (const Port& port : ports) {
    const bool in = port.direction == Port::Direction::input;
    text += fmt::format("{}  {} logic {:<{}}{}{}", text.empty() ? "" : ",\n", in ? "input " : "output",
                        range(port.width), widest, widest == 0 ? "" : " ", port.name);
  }
  return text;
}

// ".A(1), .B(2)" in lines of at most line_width characters.
std::string bindings(const std::vector<Binding>& list, const std::string& indent) {
  std::string text;
  std::string line = indent;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string piece = fmt::format(".{}({}){}", list[i].name, list[i].value, i + 1 < list.size() ? "," : "");
    if (line.size() > indent.size() && line.size() + 1 + piece.size() > line_width) {
      text += line + "\n";
      line = indent;
    }
    if (line.size() > indent.size()) line += ' ';
    line += piece;
  }
  return text + line + "\n";
}

std::string item_text(const Comment& item) { return fmt::format("\n{}", comment(item.lines, "  ")); }
std::string item_text(const Wires& item) {
  return fmt::format("  logic {}{}{};\n", range(item.width), item.width == 1 ? "" : " ", fmt::join(item.names, ", "));
}
std::string item_text(const Assignment& item) { return fmt::format("  assign {} = {};\n", item.target, item.value); }
std::string item_text(const Instance& item) {
  const std::string parameters =
      item.parameters.empty() ? "" : fmt::format(" #(\n{}  )", bindings(item.parameters, "    "));
  return fmt::format("  {}{} {} (\n{}  );\n", item.module, parameters, item.name, bindings(item.ports, "    "));
}

}  // namespace

std::string concatenation(const std::vector<std::string>& expressions) {
  if (expressions.size() == 1) return expressions.front();
  std::string text;
  for (const std::string& each : expressions) text = text.empty() ? each : fmt::format("{}, {}", each, text);
  return fmt::format("{{{}}}", text);
}

std::string number(std::int64_t width, std::uint64_t value) { return fmt::format("{}'d{}", width, value); }

std::string slice(const std::string& name, std::int64_t low, std::int64_t width, std::int64_t of) {
  if (low == 0 && width == of) return name;
  return width == 1 ? fmt::format("{}[{}]", name, low) : fmt::format("{}[{}:{}]", name, low + width - 1, low);
}

std::string to_text(const Module& module) {
  std::string text = comment(module.about);
  text += fmt::format("module {} (\n{}\n);\n", module.name, port_list(module.ports));
  for (const Item& item : module.items) {
    text += std::visit([](const auto& each) { return item_text(each); }, item);
  }
  return text + "endmodule\n";
}

}  // namespace algean::kernels::emit
