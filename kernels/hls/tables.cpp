#include "kernels/hls/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace algean::kernels::hls_text {
namespace {

constexpr std::size_t line_width = 120;

// A number of the table, its suffix for what an int does not hold.
void append_number(std::string& text, std::int64_t value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  text.append(digits.begin(), end);
  if (value > 2147483647) text += "LL";
}

// Values from `at` on as nested braces; lines break before they grow too wide.
void append_values(std::string& text, std::size_t& line, const HlsTable& table, std::size_t depth, std::size_t& at) {
  text += '{';
  for (std::int64_t i = 0; i < table.extents[depth]; ++i) {
    if (i > 0) text += ", ";
    if (text.size() - line > line_width - 26) {
      while (text.ends_with(' ')) text.pop_back();
      text += "\n    ";
      line = text.size() - 4;
    }
    if (depth + 1 < table.extents.size()) {
      append_values(text, line, table, depth + 1, at);
    } else {
      append_number(text, table.values[at++]);
    }
  }
  text += '}';
}

}  // namespace

std::string stream_type(const HlsStream& stream) {
  return fmt::format("algean::hls::stream<{}, {}>", stream.type, stream.form.lanes);
}

std::string configuration(const HlsStage& stage) {
  std::string text = fmt::format("  struct {} {{\n", stage.name);
  for (const HlsType& type : stage.types) text += fmt::format("    using {} = {};\n", type.name, type.type);
  for (const HlsNumber& number : stage.numbers) {
    const bool is_long = number.value > 2147483647 || number.value < -2147483647;
    text += fmt::format("    static constexpr {} {} = {}{};\n", is_long ? "std::int64_t" : "int", number.name,
                        number.value, is_long ? "LL" : "");
  }
  return text + "  };\n";
}

std::string tables(const HlsStage& stage) {
  std::string text;
  for (const HlsTable& table : stage.tables) {
    if (table.values.empty()) continue;
    text += fmt::format("  static const {} {}_{}", table.type, stage.name, table.name);
    for (const std::int64_t extent : table.extents) text += fmt::format("[{}]", extent);
    text += " = ";
    std::size_t line = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
    std::size_t at = 0;
    append_values(text, line, table, 0, at);
    text += ";\n";
  }
  return text;
}

std::string call(const HlsStage& stage, const std::string& scope, std::span<const std::string> inputs,
                 std::span<const std::string> outputs) {
  std::vector<std::string> tables;
  for (const HlsTable& table : stage.tables) {
    tables.push_back(table.values.empty() ? "nullptr" : fmt::format("{}{}_{}", scope, stage.name, table.name));
  }
  std::vector<std::string> arguments;
  const auto add = [&](std::span<const std::string> names) {
    arguments.insert(arguments.end(), names.begin(), names.end());
  };
  switch (stage.arguments) {
    case HlsArguments::inputs_outputs_tables:
      add(inputs), add(outputs), add(tables);
      break;
    case HlsArguments::outputs_tables_inputs:
      add(outputs), add(tables), add(inputs);
      break;
    case HlsArguments::inputs_tables_outputs:
      add(inputs), add(tables), add(outputs);
      break;
  }
  const std::string begin = fmt::format("algean::hls::{}<{}{}>(", stage.function, scope, stage.name);
  std::string line = fmt::format("{}{});", begin, fmt::join(arguments, ", "));
  if (line.size() + 2 <= line_width) return line;
  return fmt::format("{}\n      {});", begin, fmt::join(arguments, ",\n      "));
}

}  // namespace algean::kernels::hls_text
