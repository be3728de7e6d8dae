// TextTable: aligned columns as kubectl prints them.  Widths are counted in UTF-8 characters.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace kless {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) { Add(std::move(header)); }
  // `row` must have as many cells as the header.
  void Add(std::vector<std::string> row);
  // Aligns cells from column `column` to before `end` to the right.
  void AlignRightFrom(std::size_t column, std::size_t end = static_cast<std::size_t>(-1)) {
    first_right_ = column;
    end_right_ = end;
  }
  // Returns one line per row, each ending in a newline, without leading blanks.
  std::string Text() const;
  // Returns the line of a row that is printed under a table that was printed before.  Columns are
  // as wide as all rows so far need; the row itself is not kept.
  std::string NextLine(const std::vector<std::string>& row);
  // Prints to standard output.
  void Print() const;

 private:
  void Widen(const std::vector<std::string>& row);
  std::string Line(const std::vector<std::string>& row) const;

  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;  // of the columns
  std::size_t first_right_ = static_cast<std::size_t>(-1);
  std::size_t end_right_ = static_cast<std::size_t>(-1);
};

}  // namespace kless
