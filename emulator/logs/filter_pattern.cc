#include "emulator/logs/filter_pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/logs/json_filter.h"

namespace kless::logs {
namespace {

struct Term {
  std::string text;
  std::unique_ptr<re2::RE2> expression;  // null: the text itself

  bool IsIn(std::string_view message) const {
    if (!expression) return message.find(text) != std::string_view::npos;
    return re2::RE2::PartialMatch({message.data(), message.size()}, *expression);
  }
};

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

struct FilterPattern::Parts {
  std::vector<Term> all;
  std::vector<Term> any;
  std::vector<Term> none;
  std::optional<JsonFilter> json;
};

FilterPattern::FilterPattern(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
FilterPattern::FilterPattern(FilterPattern&&) noexcept = default;
FilterPattern& FilterPattern::operator=(FilterPattern&&) noexcept = default;
FilterPattern::~FilterPattern() = default;

Outcome<FilterPattern> FilterPattern::Parse(std::string_view text) {
  text = Trim(text, " \t\r\n");
  auto parts = std::make_unique<Parts>();
  if (text.size() > kFilterPatternMax || text.starts_with('[')) {
    return InvalidParameter("Invalid filter pattern");
  }
  if (text.starts_with('{')) {
    if (!text.ends_with('}')) return InvalidParameter("Invalid filter pattern");
    KLESS_TRY(JsonFilter filter, JsonFilter::Parse(text.substr(1, text.size() - 2)));
    parts->json = std::move(filter);
    return FilterPattern(std::move(parts));
  }
  for (std::size_t at = 0; at < text.size();) {
    if (IsBlank(text[at])) {
      ++at;
      continue;
    }
    std::vector<Term>* list = &parts->all;
    if (text[at] == '-' || text[at] == '?') {
      list = text[at] == '-' ? &parts->none : &parts->any;
      ++at;
    }
    Term term;
    const char quote = at < text.size() ? text[at] : ' ';
    if (quote == '"' || quote == '%') {
      for (++at; at < text.size() && text[at] != quote; ++at) {
        if (text[at] == '\\' && quote == '"' && at + 1 < text.size()) ++at;
        term.text += text[at];
      }
      if (at == text.size()) return InvalidParameter("Invalid filter pattern");
      ++at;
      if (quote == '%') {
        term.expression = std::make_unique<re2::RE2>(term.text, re2::RE2::Quiet);
        if (!term.expression->ok()) return InvalidParameter("Invalid filter pattern");
      }
    } else {
      while (at < text.size() && !IsBlank(text[at])) term.text += text[at++];
    }
    if (!term.text.empty()) list->push_back(std::move(term));
  }
  return FilterPattern(std::move(parts));
}

bool FilterPattern::Matches(std::string_view message) const {
  if (parts_->json) {
    if (message.find('{') == std::string_view::npos) return false;
    const auto parsed = ParseJson(message);
    return parsed.has_value() && parsed.value().is_object() &&
           parts_->json->Matches(parsed.value());
  }
  const auto is_in = [message](const Term& term) { return term.IsIn(message); };
  if (std::any_of(parts_->none.begin(), parts_->none.end(), is_in)) return false;
  if (!parts_->all.empty()) return std::all_of(parts_->all.begin(), parts_->all.end(), is_in);
  return parts_->any.empty() || std::any_of(parts_->any.begin(), parts_->any.end(), is_in);
}

}  // namespace kless::logs
