#include "emulator/experiment/input/csv_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "emulator/base/strings.h"
#include "emulator/base/system/config_files.h"

namespace kless::experiment {
namespace {

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{2} << 30;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<std::unique_ptr<CsvFile>> CsvFile::Open(const std::string& path) {
  std::unique_ptr<CsvFile> file(new CsvFile);
  file->path_ = path;
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (!failure && size > kMaxBytes) {
    return MakeError(ErrorCode::kInvalidArgument, path + ": larger than 2 GiB; cut the trace");
  }
  KLESS_TRY(auto text, ReadConfigText(path));
  file->text_ = std::move(text);
  if (file->text_.starts_with("version https://git-lfs")) {
    return MakeError(ErrorCode::kInvalidArgument,
                     path + ":1: a pointer of Git LFS, not the data; fetch it with `git lfs pull`");
  }
  if (file->text_.starts_with("\xef\xbb\xbf")) file->position_ = 3;  // byte order mark
  std::string_view line;
  if (!file->NextLine(&line)) {
    return MakeError(ErrorCode::kInvalidArgument, path + ":1: empty; it must begin with a header");
  }
  KLESS_TRY_VOID(file->SplitCells(line));
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

// Skips blank lines.
bool CsvFile::NextLine(std::string_view* line) {
  while (position_ < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', position_), text_.size());
    *line = std::string_view(text_).substr(position_, end - position_);
    position_ = end + 1;
    ++line_;
    if (line->ends_with('\r')) line->remove_suffix(1);
    if (!Trim(*line).empty()) return true;
  }
  return false;
}

Result<void> CsvFile::SplitCells(std::string_view line) {
  cells_.clear();
  while (true) {
    if (Trim(line).starts_with('"')) {
      const std::size_t open = line.find('"');
      std::size_t close = line.find('"', open + 1);
      while (close != std::string_view::npos && line.substr(close + 1).starts_with('"')) {
        close = line.find('"', close + 2);  // a doubled quote is part of the cell
      }
      const std::string_view rest =
          close == std::string_view::npos ? "?" : Trim(line.substr(close + 1));
      if (!rest.empty() && rest.front() != ',') {
        return Complaint("a quoted cell does not end before the next comma or the line's end");
      }
      cells_.push_back(line.substr(open + 1, close - open - 1));
      if (rest.empty()) return {};
      line = rest.substr(1);
      continue;
    }
    const std::size_t comma = line.find(',');
    cells_.push_back(Trim(line.substr(0, comma)));
    if (comma == std::string_view::npos) return {};
    line.remove_prefix(comma + 1);
  }
}

Result<bool> CsvFile::Next() {
  std::string_view line;
  if (!NextLine(&line)) return false;
  KLESS_TRY_VOID(SplitCells(line));
  if (cells_.size() != header_.size()) {
    return Complaint("the row has " + std::to_string(cells_.size()) + " cells, the header " +
                     std::to_string(header_.size()) + "; complete or remove it");
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
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.15g", high);
  return BadCell(column, std::string("a number from 0 to ") + text.data());
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
