#include "emulator/experiment/report/html.h"

#include "emulator/experiment/report/data/measured_experiment.h"
#include "emulator/experiment/report/markup.h"

namespace kless::experiment {
namespace {

constexpr std::string_view kStyle = R"(
:root { --ink: #1b1b1b; --quiet: #5c5c5c; --paper: #ffffff; --line: #d4d4d4; --stripe: #f6f6f6;
  --ok: #00694b; --off: #a83c00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --quiet: #a8a8a8; --paper: #161616; --line: #3c3c3c; --stripe: #1f1f1f;
    --ok: #4fc79f; --off: #ff9a5c; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.5rem 4rem; color: var(--ink);
  background: var(--paper); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial,
  sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .6rem; padding-bottom: .2rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
p, li { max-width: 48rem; }
nav { margin: 1rem 0 0; color: var(--quiet); font-size: .87rem; }
nav a { color: inherit; margin-right: .9rem; white-space: nowrap; }
.table { overflow-x: auto; margin: .6rem 0 1.2rem; }
table { border-collapse: collapse; font-size: .84rem; line-height: 1.35; }
th, td { text-align: left; vertical-align: top; padding: .28rem .7rem .28rem 0; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; vertical-align: bottom; }
tbody tr { border-bottom: 1px solid var(--line); }
tbody tr:nth-child(even) { background: var(--stripe); }
.n { text-align: right; font-variant-numeric: tabular-nums; }
td:first-child { min-width: 11rem; max-width: 22rem; }
td { max-width: 30rem; overflow-wrap: break-word; }
td.n { white-space: nowrap; }
td.links { white-space: nowrap; }
.sub { display: block; color: var(--quiet); font-size: .92em; }
dl { columns: 2; column-gap: 2.5rem; font-size: .82rem; line-height: 1.4; margin: .4rem 0 1.2rem;
  color: var(--quiet); }
dl div { break-inside: avoid; margin-bottom: .2rem; }
dt { display: inline; font-weight: 600; color: var(--ink); }
dt::after { content: ": "; }
dd { display: inline; margin: 0; }
details { margin: .6rem 0 1.2rem; }
summary { cursor: pointer; }
p.what-if { border-left: 4px solid var(--off); padding: .3rem .8rem; font-weight: 600; }
td.ok { color: var(--ok); font-weight: 600; }
td.off, td.missed { color: var(--off); font-weight: 700; }
td.what-if { font-weight: 600; }
figure { margin: 1.2rem 0 2rem; }
figure .plot { background: #ffffff; border: 1px solid var(--line); padding: .5rem; max-width: 58rem; }
figure svg, figure img { display: block; width: 100%; height: auto; }
figure svg text { font-family: Arial, Helvetica, "Liberation Sans", "DejaVu Sans", sans-serif; }
figcaption { font-size: .87rem; margin-top: .4rem; max-width: 57rem; }
figcaption .links { display: block; font-size: .92em; }
a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: .15em; }
code { font: .92em ui-monospace, "DejaVu Sans Mono", Consolas, monospace; }
@media print {
  :root { --ink: #000000; --quiet: #333333; --paper: #ffffff; --line: #999999; --stripe: #ffffff;
    --ok: #000000; --off: #000000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  table { font-size: 7.5pt; }
  th, td { padding-right: .4rem; }
  td:first-child { min-width: 6rem; }
  nav { display: none; }
  figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .table { overflow: visible; }
}
)";

// Names of metrics may break after an underscore.
std::string Breakable(std::string_view name) {
  std::string text;
  for (const char c : EscapeMarkup(name)) {
    text += c;
    if (c == '_') text += "<wbr>";
  }
  return text;
}

}  // namespace

HtmlTable::HtmlTable(std::vector<std::string> header, std::size_t first_number,
                     std::size_t end_number)
    : header_(std::move(header)), first_number_(first_number), end_number_(end_number) {}

void HtmlTable::Add(const std::vector<std::string>& row, std::string_view mark) {
  rows_ += "<tr>";
  AddCells(row, mark);
  rows_ += "</tr>\n";
}

void HtmlTable::Add(const std::vector<std::string>& row, const std::vector<HtmlLink>& links) {
  rows_ += "<tr>";
  AddCells(row, "");
  rows_ += "<td class=\"links\">" + Links(links) + "</td></tr>\n";
}

void HtmlTable::AddCells(const std::vector<std::string>& row, std::string_view mark) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool verdict = !mark.empty() && row[i] == mark;
    rows_ += "<td";
    if (verdict) {
      rows_ += " class=\"" + std::string(mark) + "\"";
    } else if (i >= first_number_ && i < end_number_) {
      rows_ += " class=\"n\"";
    }
    const std::size_t line = row[i].find('\n');
    rows_ += ">" + EscapeMarkup(row[i].substr(0, line));
    if (line != std::string::npos) {
      rows_ += "<span class=\"sub\">" + EscapeMarkup(row[i].substr(line + 1)) + "</span>";
    }
    rows_ += "</td>";
  }
}

std::string HtmlTable::Text() const {
  std::string text = "<div class=\"table\"><table>\n<thead><tr>";
  for (std::size_t i = 0; i < header_.size(); ++i) {
    text += (i >= first_number_ && i < end_number_ ? "<th class=\"n\">" : "<th>") +
            Breakable(header_[i]) + "</th>";
  }
  return text + "</tr></thead>\n<tbody>\n" + rows_ + "</tbody></table></div>\n";
}

std::string Heading(std::string_view text) {
  return "<h2 id=\"" + FileName(text) + "\">" + EscapeMarkup(text) + "</h2>\n";
}

std::string Paragraph(std::string_view text) { return "<p>" + EscapeMarkup(text) + "</p>\n"; }

std::string BulletList(const std::vector<std::string>& items) {
  std::string text = "<ul>\n";
  for (const std::string& item : items) text += "<li>" + EscapeMarkup(item) + "</li>\n";
  return text + "</ul>\n";
}

std::string Links(const std::vector<HtmlLink>& links) {
  std::string text;
  for (const HtmlLink& link : links) {
    text += (text.empty() ? "<a href=\"" : " · <a href=\"") + EscapeMarkup(link.href) + "\">" +
            EscapeMarkup(link.text) + "</a>";
  }
  return text;
}

std::string DefinitionList(const std::vector<std::pair<std::string, std::string>>& definitions) {
  if (definitions.empty()) return "";
  std::string text = "<dl>\n";
  for (const auto& [term, meaning] : definitions) {
    text +=
        "<div><dt>" + EscapeMarkup(term) + "</dt><dd>" + EscapeMarkup(meaning) + "</dd></div>\n";
  }
  return text + "</dl>\n";
}

std::string Details(std::string_view summary, std::string_view content) {
  return "<details><summary>" + EscapeMarkup(summary) + "</summary>\n" + std::string(content) +
         "</details>\n";
}

std::string HtmlPage(std::string_view title, std::string_view body) {
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  // If any foreign text ever gets in, it cannot load or run anything.
  page +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\">\n";
  page += "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" + EscapeMarkup(title) +
          "</title>\n<style>";
  page += kStyle;
  page += "</style>\n</head>\n<body>\n";
  page += body;
  return page + "</body>\n</html>\n";
}

}  // namespace kless::experiment
