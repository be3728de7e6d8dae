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

void TextTable::Widen(const std::vector<std::string>& row) {
  widths_.resize(std::max(widths_.size(), row.size()));
  for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], Width(row[i]));
}

void TextTable::Add(std::vector<std::string> row) {
  Widen(row);
  rows_.push_back(std::move(row));
}

std::string TextTable::Line(const std::vector<std::string>& row) const {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::size_t blanks = widths_[i] - Width(row[i]);
    const bool right = i >= first_right_ && i < end_right_;
    if (right) text.append(blanks, ' ');
    text += row[i];
    if (i + 1 < row.size()) text.append((right ? 0 : blanks) + 3, ' ');
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string TextTable::Text() const {
  std::string text;
  for (const auto& row : rows_) text += Line(row);
  return text;
}

std::string TextTable::NextLine(const std::vector<std::string>& row) {
  Widen(row);
  return Line(row);
}

void TextTable::Print() const { std::fputs(Text().c_str(), stdout); }

}  // namespace kless
