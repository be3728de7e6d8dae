#include "emulator/experiment/report/data/csv_table.h"

#include "emulator/base/check.h"
#include "emulator/base/number_text.h"

namespace kless::experiment {

CsvTable::CsvTable(const std::vector<std::string>& header) : columns_(header.size()) {
  for (const std::string& name : header) Text(name);
  EndRow();
  rows_ = 0;
}

CsvTable& CsvTable::Plain(std::string_view cell) {
  if (column_++ > 0) text_ += ',';
  text_ += cell;
  return *this;
}

CsvTable& CsvTable::Text(std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) return Plain(cell);
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  quoted += '"';
  return Plain(quoted);
}

CsvTable& CsvTable::Number(double value) { return Plain(FormatNumber(value)); }
CsvTable& CsvTable::Whole(std::int64_t value) { return Plain(std::to_string(value)); }
CsvTable& CsvTable::Seconds(std::int64_t nanos) { return Plain(FormatSeconds(nanos)); }

void CsvTable::EndRow() {
  KLESS_CHECK(column_ == columns_, "a row has as many cells as the header");
  text_ += '\n';
  column_ = 0;
  ++rows_;
}

}  // namespace kless::experiment
