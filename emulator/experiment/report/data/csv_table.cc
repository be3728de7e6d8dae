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

Result<std::vector<CsvRow>> ParseCsv(std::string_view text) {
  std::vector<CsvRow> rows;
  std::size_t i = 0;
  while (i < text.size()) {
    CsvRow row;
    for (bool more = true; more;) {
      std::string cell;
      bool quoted = i < text.size() && text[i] == '"';
      if (quoted) ++i;
      for (; i < text.size(); ++i) {
        if (!quoted && (text[i] == ',' || text[i] == '\n')) break;
        if (text[i] != '"' || !quoted) {
          cell += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '"') {
          cell += text[++i];
        } else {
          quoted = false;
        }
      }
      if (quoted) {
        return MakeError(ErrorCode::kInvalidArgument,
                         "a quote in line " + std::to_string(rows.size() + 1) + " is not closed");
      }
      more = i < text.size() && text[i] == ',';
      ++i;
      if (!more && !cell.empty() && cell.back() == '\r') cell.pop_back();
      row.push_back(std::move(cell));
    }
    if (!rows.empty() && row.size() != rows.front().size()) {
      return MakeError(ErrorCode::kInvalidArgument, "line " + std::to_string(rows.size() + 1) +
                                                        " has " + std::to_string(row.size()) +
                                                        " cells, the header has " +
                                                        std::to_string(rows.front().size()));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace kless::experiment
