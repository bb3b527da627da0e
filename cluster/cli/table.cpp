#include "cluster/cli/table.hpp"

#include <algorithm>

#include "runtime/base/result.hpp"

namespace algean::cluster {

std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string shortened(const std::string& name) {
  constexpr std::size_t most = 48;
  constexpr std::size_t front = 16;
  if (width(name) <= most || width(name) != name.size()) return name;  // not within a character of several bytes
  return name.substr(0, front) + ".." + name.substr(name.size() - (most - front - 2));
}

void Table::add(std::vector<std::string> cells) {
  ALGEAN_INVARIANT(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) {
    titles.push_back(column.title);
    widths.push_back(width(column.title));
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string lines;
  const auto print = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string blanks(widths[i] - width(cells[i]), ' ');
      line += i == 0 ? "" : "  ";
      line += columns_[i].right ? blanks + cells[i] : cells[i] + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines += line + "\n";
  };
  print(titles);
  for (const auto& row : rows_) print(row);
  return lines;
}

}  // namespace algean::cluster
