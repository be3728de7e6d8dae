// CsvFile: a comma-separated file (RFC 4180) with a header, read row by row.  Every error names
// file and line.  The whole text is held in memory, and cells point into it.  Cells may be in
// double quotes: commas, line breaks and doubled quotes are then part of them.  Used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"

namespace kless::experiment {

class CsvFile {
 public:
  // Reads the file and its header. kNotFound: it cannot be read; kInvalidArgument: it is empty,
  // larger than 2 GiB, or a pointer file of Git LFS instead of the data.
  static Result<std::unique_ptr<CsvFile>> Open(const std::string& path);

  // Reads a text as a file of that name.  Errors as of Open.
  static Result<std::unique_ptr<CsvFile>> Parse(const std::string& path, std::string text);

  const std::vector<std::string>& header() const { return header_; }
  // The file's name without folders, for reports.
  std::string Name() const;
  std::optional<std::size_t> Find(std::string_view column) const;
  // kInvalidArgument: the column is missing; the message lists those that `format` needs.
  Result<std::size_t> Require(const std::string& column, const std::string& format) const;

  // Advances to the next row that is not blank; returns false at the end. kInvalidArgument: the row
  // has more or fewer cells than the header.
  Result<bool> Next();
  std::string_view Cell(std::size_t column) const { return cells_[column]; }
  // A number from 0 to `high`. kInvalidArgument: it is not such a number.
  Result<double> Number(std::size_t column, double high) const;
  // A whole number from 0 to `high`; "5.0" is whole.
  Result<std::uint64_t> Count(std::size_t column, std::uint64_t high) const;

  // Returns kInvalidArgument with "path:line: " before the message.
  Error Complaint(const std::string& message) const;

 private:
  CsvFile() = default;
  bool FindRow();
  Result<void> ReadRow();
  bool At(char c) const { return position_ < text_.size() && text_[position_] == c; }
  void SkipBlanks();
  std::string_view TextBetween(std::size_t begin, std::size_t end) const;
  std::optional<std::string_view> TakeQuoted();
  Error BadCell(std::size_t column, const std::string& wanted) const;

  std::string path_;
  std::string text_;
  std::size_t position_ = 0;
  int line_ = 0;       // where the row begins
  int next_line_ = 1;  // the line of position_
  std::vector<std::string> header_;
  std::vector<std::string_view> cells_;
};

}  // namespace kless::experiment
