#pragma once

#include <string>
#include <vector>

namespace algean::cluster {

// A table of text for people: columns as wide as their widest cell, two blanks between, numbers to the right.
class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // As many cells as there are columns.
  void add(std::vector<std::string> cells);
  // Title line and one line a row, without blanks at line ends.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// A name of at most 48 characters: a longer one's middle becomes "..". For people; machines get whole names.
std::string shortened(const std::string& name);

// Characters of UTF-8 text, each taken as one column wide.
std::size_t width(const std::string& text);

}  // namespace algean::cluster
