// HTML as text: tables whose cells are escaped, and the page around them with its style.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kless::experiment {

struct HtmlLink {
  std::string text;
  std::string href;  // relative to the page
};

class HtmlTable {
 public:
  // Columns [first_number, end_number) hold numbers, which are aligned to the right.
  HtmlTable(std::vector<std::string> header, std::size_t first_number, std::size_t end_number);
  // Cells are plain text; there are as many as in the header.  Text after a line break within a
  // cell is smaller.
  void Add(const std::vector<std::string>& row) { Add(row, ""); }
  // `mark` "ok" or "off" colours the row's cells with that text; "" none.
  void Add(const std::vector<std::string>& row, std::string_view mark);
  // The last cell of the row contains links instead of text.
  void Add(const std::vector<std::string>& row, const std::vector<HtmlLink>& links);
  bool empty() const { return rows_.empty(); }
  std::string Text() const;

 private:
  void AddCells(const std::vector<std::string>& row, std::string_view mark);

  std::vector<std::string> header_;
  std::size_t first_number_, end_number_;
  std::string rows_;
};

std::string Heading(std::string_view text);                     // <h2>, with an anchor
std::string Paragraph(std::string_view text);                   // escaped
std::string BulletList(const std::vector<std::string>& items);  // escaped
std::string Links(const std::vector<HtmlLink>& links);          // escaped, separated by a dot
// Returns terms with their definitions, in small print; "" for an empty list.
std::string DefinitionList(const std::vector<std::pair<std::string, std::string>>& definitions);
// Content that the reader opens by its summary.
std::string Details(std::string_view summary, std::string_view content);
// A complete page that loads nothing; `body` is HTML.
std::string HtmlPage(std::string_view title, std::string_view body);

}  // namespace kless::experiment
