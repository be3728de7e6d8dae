// TextTable: aligned columns as kubectl prints them.  Widths are counted in UTF-8 characters.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace kless {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  // `row` must have as many cells as the header.
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // Cells from this column on are aligned to the right.
  void AlignRightFrom(std::size_t column) { first_right_ = column; }
  // One line per row, each ending in a newline.
  std::string Text() const;
  // Prints to standard output.
  void Print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::size_t first_right_ = static_cast<std::size_t>(-1);
};

}  // namespace kless
