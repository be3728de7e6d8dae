// CSV according to RFC 4180, with a header, and lines that end in a line feed.  CsvFile (input/)
// reads it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kless::experiment {

// Cells are appended one by one; a row must have as many as the header.
class CsvTable {
 public:
  explicit CsvTable(const std::vector<std::string>& header);

  CsvTable& Text(std::string_view cell);
  CsvTable& Number(double value);
  CsvTable& Whole(std::int64_t value);
  CsvTable& Seconds(std::int64_t nanos);  // exactly
  CsvTable& Empty() { return Text(""); }
  void EndRow();

  std::size_t rows() const { return rows_; }  // not counting the header
  std::string&& TakeText() { return std::move(text_); }

 private:
  CsvTable& Plain(std::string_view cell);

  std::string text_;
  std::size_t columns_, column_ = 0, rows_ = 0;
};

}  // namespace kless::experiment
