// CsvFile: a comma-separated file with a header, read row by row.  Every error names file and line.
// The whole text is held in memory, and cells point into it.  Cells may be in double quotes (a
// comma is then part of the cell); a cell never spans lines.  Used by one thread.
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
  bool NextLine(std::string_view* line);
  Result<void> SplitCells(std::string_view line);
  Error BadCell(std::size_t column, const std::string& wanted) const;

  std::string path_;
  std::string text_;
  std::size_t position_ = 0;
  int line_ = 0;
  std::vector<std::string> header_;
  std::vector<std::string_view> cells_;
};

}  // namespace kless::experiment
