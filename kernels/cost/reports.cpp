#include "kernels/cost/reports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace algean::kernels {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Cells of "| a | b |"; none of another line.
std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  line = trimmed(line);
  if (line.size() < 2 || line.front() != '|' || line.back() != '|') return cells;
  line = line.substr(1);
  while (!line.empty()) {
    const std::size_t bar = line.find('|');
    cells.push_back(trimmed(line.substr(0, bar)));
    line = line.substr(bar + 1);
  }
  return cells;
}

// Places of the columns that are wanted.
struct Columns {
  std::size_t count = 0, module = 0, luts = 0, ffs = 0, ramb36 = 0, ramb18 = 0, dsps = 0;
  std::optional<std::size_t> uram;
};

// None where the line is not one of titles; bad_input names the title that a table lacks.
Result<std::optional<Columns>> columns_of(const std::vector<std::string_view>& titles) {
  const auto find = [&](const std::vector<std::string_view>& names) -> std::optional<std::size_t> {
    const auto found = std::ranges::find_first_of(titles, names);
    if (found == titles.end()) return std::nullopt;
    return static_cast<std::size_t>(found - titles.begin());
  };
  if (!find({"Module"}) || !find({"Total LUTs"})) return std::nullopt;
  Columns columns;
  columns.count = titles.size();
  const std::pair<std::size_t*, std::vector<std::string_view>> wanted[] = {
      {&columns.module, {"Module"}}, {&columns.luts, {"Total LUTs"}}, {&columns.ffs, {"FFs"}},
      {&columns.ramb36, {"RAMB36"}}, {&columns.ramb18, {"RAMB18"}},   {&columns.dsps, {"DSP Blocks", "DSP48 Blocks"}}};
  for (const auto& [place, names] : wanted) {
    const auto found = find(names);
    if (!found) return bad_input("the table has no column '{}'", names.front());
    *place = *found;
  }
  columns.uram = find({"URAM"});
  return columns;
}

constexpr std::int64_t most_count = 1'000'000'000;

// A count; an estimate in percent may stand behind it ("12(0.01%)").
Result<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = end == text.data() + text.size() || (error == std::errc() && *end == '(');
  if (error != std::errc() || !whole || value < 0) return bad_input("'{}' must be a count", text);
  if (value > most_count) return bad_input("{} are more than any part has", value);
  return value;
}

Result<> add_row(const std::vector<std::string_view>& cells, const Columns& columns, Measured& measured) {
  if (cells.size() != columns.count) return bad_input("a row must have {} columns", columns.count);
  const auto count = [&](std::size_t column) { return number(cells[column]); };
  Resources row;
  ALGEAN_ASSIGN(row.lut, count(columns.luts));
  ALGEAN_ASSIGN(row.ff, count(columns.ffs));
  ALGEAN_ASSIGN(const std::int64_t ramb36, count(columns.ramb36));
  ALGEAN_ASSIGN(const std::int64_t ramb18, count(columns.ramb18));
  row.bram18 = 2 * ramb36 + ramb18;
  if (row.bram18 > most_count) return bad_input("{} block RAMs are more than any part has", row.bram18);
  if (columns.uram) {
    ALGEAN_ASSIGN(row.uram, count(*columns.uram));
  }
  ALGEAN_ASSIGN(row.dsp_multiply, count(columns.dsps));
  Resources& known = measured[std::string(cells[columns.module])];
  if (row.lut >= known.lut) known = row;
  return {};
}

}  // namespace

Result<> read_utilisation(std::string_view text, Measured& measured) {
  std::optional<Columns> columns;
  std::size_t line_number = 0;
  std::size_t rows = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto cells = cells_of(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    ++line_number;
    if (!columns) {
      auto found = columns_of(cells);
      if (!found) return std::unexpected(found.error().within(fmt::format("line {}", line_number)));
      columns = *found;
    } else if (!cells.empty()) {
      const auto added = add_row(cells, *columns, measured);
      if (!added) return std::unexpected(added.error().within(fmt::format("line {}", line_number)));
      ++rows;
    } else if (rows > 0 && !text.starts_with('|') && !text.starts_with('+')) {
      break;  // the table has ended
    }
  }
  if (rows == 0) return bad_input("holds no table of `report_utilization -hierarchical`");
  return {};
}

}  // namespace algean::kernels
