#include "emulator/experiment/input/csv_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "emulator/base/strings.h"
#include "emulator/base/system/config_files.h"

namespace kless::experiment {
namespace {

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{2} << 30;

}  // namespace

Result<std::unique_ptr<CsvFile>> CsvFile::Open(const std::string& path) {
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (!failure && size > kMaxBytes) {
    return MakeError(ErrorCode::kInvalidArgument, path + ": larger than 2 GiB; cut the trace");
  }
  KLESS_TRY(auto text, ReadConfigText(path));
  return Parse(path, std::move(text));
}

Result<std::unique_ptr<CsvFile>> CsvFile::Parse(const std::string& path, std::string text) {
  std::unique_ptr<CsvFile> file(new CsvFile);
  file->path_ = path;
  file->text_ = std::move(text);
  if (file->text_.starts_with("version https://git-lfs")) {
    return MakeError(ErrorCode::kInvalidArgument,
                     path + ":1: a pointer of Git LFS, not the data; fetch it with `git lfs pull`");
  }
  if (file->text_.starts_with("\xef\xbb\xbf")) file->position_ = 3;  // byte order mark
  if (!file->FindRow()) {
    return MakeError(ErrorCode::kInvalidArgument, path + ":1: empty; it must begin with a header");
  }
  KLESS_TRY_VOID(file->ReadRow());
  file->header_.assign(file->cells_.begin(), file->cells_.end());
  return file;
}

std::string CsvFile::Name() const { return std::filesystem::path(path_).filename().string(); }

std::optional<std::size_t> CsvFile::Find(std::string_view column) const {
  const auto found = std::find(header_.begin(), header_.end(), column);
  if (found == header_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header_.begin());
}

Result<std::size_t> CsvFile::Require(const std::string& column, const std::string& format) const {
  if (const auto found = Find(column)) return *found;
  const auto near = NearestWord(column, header_);
  return MakeError(ErrorCode::kInvalidArgument, path_ + ":1: no column '" + column + "', which " +
                                                    format + " needs" +
                                                    (near ? "; rename '" + *near + "'?" : ""));
}

// Moves to the next line that is not blank; returns false if there is none.
bool CsvFile::FindRow() {
  for (line_ = next_line_; position_ < text_.size(); line_ = ++next_line_) {
    const std::size_t end = std::min(text_.find('\n', position_), text_.size());
    if (text_.find_first_not_of(" \t\r", position_) < end) return true;
    position_ = end + 1;
  }
  return false;
}

void CsvFile::SkipBlanks() {
  while (At(' ') || At('\t')) ++position_;
}

std::string_view CsvFile::TextBetween(std::size_t begin, std::size_t end) const {
  return std::string_view(text_).substr(begin, end - begin);
}

// Reads a cell that begins with a quote; nullopt if it does not end.  Doubled quotes are replaced
// in the text itself.
std::optional<std::string_view> CsvFile::TakeQuoted() {
  const std::size_t begin = ++position_;
  std::size_t end = begin;
  while (position_ < text_.size()) {
    const char c = text_[position_++];
    if (c == '"') {
      if (!At('"')) return TextBetween(begin, end);
      ++position_;
    }
    if (c == '\n') ++next_line_;
    text_[end++] = c;
  }
  return std::nullopt;
}

Result<void> CsvFile::ReadRow() {
  cells_.clear();
  while (true) {
    SkipBlanks();
    if (At('"')) {
      const auto cell = TakeQuoted();
      SkipBlanks();
      if (At('\r')) ++position_;
      if (!cell || (position_ < text_.size() && !At(',') && !At('\n'))) {
        return Complaint("a quoted cell does not end before the next comma or the line's end");
      }
      cells_.push_back(*cell);
    } else {
      const std::size_t begin = position_;
      while (position_ < text_.size() && !At(',') && !At('\n')) ++position_;
      cells_.push_back(Trim(TextBetween(begin, position_), " \t\r"));
    }
    if (!At(',')) break;
    ++position_;
  }
  if (At('\n')) {
    ++position_;
    ++next_line_;
  }
  return {};
}

Result<bool> CsvFile::Next() {
  if (!FindRow()) return false;
  KLESS_TRY_VOID(ReadRow());
  if (cells_.size() != header_.size()) {
    return Complaint(fmt::format("the row has {} cells, the header {}; complete or remove it",
                                 cells_.size(), header_.size()));
  }
  return true;
}

Result<double> CsvFile::Number(std::size_t column, double high) const {
  const std::string_view cell = cells_[column];
  double value = 0;
  const auto [end, failure] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (failure == std::errc{} && end == cell.data() + cell.size() && value >= 0 && value <= high) {
    return value;
  }
  return BadCell(column, fmt::format("a number from 0 to {:.15g}", high));
}

Result<std::uint64_t> CsvFile::Count(std::size_t column, std::uint64_t high) const {
  std::string_view cell = cells_[column];
  const std::size_t point = cell.find('.');
  if (point != std::string_view::npos && point > 0 &&
      cell.find_first_not_of('0', point + 1) == std::string_view::npos) {
    cell = cell.substr(0, point);
  }
  const auto value = ParseUnsigned(cell);
  if (value && *value <= high) return *value;
  return BadCell(column, "a whole number from 0 to " + std::to_string(high));
}

Error CsvFile::BadCell(std::size_t column, const std::string& wanted) const {
  constexpr std::size_t kShown = 40;
  return Complaint(header_[column] + " must be " + wanted + ", not '" +
                   std::string(cells_[column].substr(0, kShown)) + "'");
}

Error CsvFile::Complaint(const std::string& message) const {
  return MakeError(ErrorCode::kInvalidArgument,
                   path_ + ":" + std::to_string(line_) + ": " + message);
}

}  // namespace kless::experiment
