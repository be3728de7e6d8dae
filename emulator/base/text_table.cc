#include "emulator/base/text_table.h"

#include <algorithm>
#include <cstdio>

namespace kless {
namespace {

// Continuation bytes occupy no column of their own.
std::size_t Width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

std::vector<std::size_t> TextTable::Widths() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  return widths;
}

std::string TextTable::Line(const std::vector<std::string>& row,
                            const std::vector<std::size_t>& widths) const {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::size_t blanks = widths[i] - Width(row[i]);
    const bool right = i >= first_right_ && i < end_right_;
    if (right) text.append(blanks, ' ');
    text += row[i];
    if (i + 1 < row.size()) text.append((right ? 0 : blanks) + 3, ' ');
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string TextTable::Text() const {
  const std::vector<std::size_t> widths = Widths();
  std::string text;
  for (const auto& row : rows_) text += Line(row, widths);
  return text;
}

std::string TextTable::LastRow() const { return Line(rows_.back(), Widths()); }

void TextTable::Print() const { std::fputs(Text().c_str(), stdout); }

}  // namespace kless
