// TextTable: aligned columns as kubectl prints them.  Widths are counted in characters of UTF-8.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace kless {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  // As many cells as the header has.
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // From this column on, cells stand at the right of their column.
  void AlignRightFrom(std::size_t column) { first_right_ = column; }
  // A line a row, each with its end.
  std::string Text() const;
  // To standard output.
  void Print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::size_t first_right_ = static_cast<std::size_t>(-1);
};

}  // namespace kless
