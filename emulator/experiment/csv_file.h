// CsvFile: a comma-separated file with a header, read row by row.  Every complaint names file and
// line.  The whole text is held in memory; cells point into it.  Cells may stand in double quotes
// (then a comma is a part of the cell); a cell never spans lines.  Used by one thread.
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
  // Reads the file and its header.  kNotFound: cannot be read; kInvalidArgument: empty, larger than
  // 2 GiB, or a pointer file of Git LFS instead of the data.
  static Result<std::unique_ptr<CsvFile>> Open(const std::string& path);

  const std::vector<std::string>& header() const { return header_; }
  // The file's name without folders, for reports.
  std::string Name() const;
  std::optional<std::size_t> Find(std::string_view column) const;
  // kInvalidArgument: no such column; names those that `format` needs.
  Result<std::size_t> Require(const std::string& column, const std::string& format) const;

  // Goes to the next row that is not blank; false at the end.  kInvalidArgument: the row has more
  // or fewer cells than the header.
  Result<bool> Next();
  std::string_view Cell(std::size_t column) const { return cells_[column]; }
  // From 0 to `high`.  kInvalidArgument: not such a number.
  Result<double> Number(std::size_t column, double high) const;
  // Whole, from 0 to `high`; "5.0" is whole.
  Result<std::uint64_t> Count(std::size_t column, std::uint64_t high) const;

  // kInvalidArgument with "path:line: " before the message.
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
