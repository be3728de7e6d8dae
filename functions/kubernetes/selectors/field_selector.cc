// The field selector language.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/fields/selector.go
#include "functions/kubernetes/selectors/field_selector.h"

#include <algorithm>
#include <optional>

namespace kless::kubernetes {

namespace {

// Terms are separated by commas; a backslash escapes a comma, an equals sign or itself.
std::vector<std::string> SplitTerms(std::string_view text) {
  std::vector<std::string> terms(1);
  bool escaped = false;
  for (const char c : text) {
    if (!escaped && c == ',') {
      terms.emplace_back();
      continue;
    }
    escaped = !escaped && c == '\\';
    terms.back() += c;
  }
  return terms;
}

Result<std::string> Unescape(const std::string& value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\\') {
      const char next = i + 1 < value.size() ? value[i + 1] : '\0';
      if (next != '\\' && next != ',' && next != '=') {
        return MakeError(ErrorCode::kInvalidArgument,
                         "invalid field selector: invalid escape sequence: " + value.substr(i, 2));
      }
      out += next;
      ++i;
    } else if (c == ',' || c == '=') {
      return MakeError(ErrorCode::kInvalidArgument,
                       std::string("invalid field selector: unescaped character in value: ") + c);
    } else {
      out += c;
    }
  }
  return out;
}

struct SplitTerm {
  std::string field;
  std::string value;
  bool equal = true;
};

// The first operator counts: "!=", "==" or "=".
std::optional<SplitTerm> ParseTerm(const std::string& term) {
  for (std::size_t i = 0; i < term.size(); ++i) {
    for (const std::string_view op : {"!=", "==", "="}) {
      if (term.compare(i, op.size(), op) == 0) {
        return SplitTerm{term.substr(0, i), term.substr(i + op.size()), op != "!="};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Result<FieldSelector> FieldSelector::Parse(std::string_view text) {
  std::vector<std::string> parts = SplitTerms(text);
  std::sort(parts.begin(), parts.end());
  FieldSelector selector;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    auto term = ParseTerm(part);
    if (!term) {
      return MakeError(ErrorCode::kInvalidArgument, "invalid selector: '" + std::string(text) +
                                                        "'; can't understand '" + part + "'");
    }
    Result<std::string> value = Unescape(term->value);
    if (value.has_error()) return value.error();
    selector.terms_.push_back({std::move(term->field), std::move(value.value()), term->equal});
  }
  return selector;
}

bool FieldSelector::Matches(const std::function<std::string(const std::string&)>& value_of) const {
  for (const Term& term : terms_) {
    if ((value_of(term.field) == term.value) != term.equal) return false;
  }
  return true;
}

}  // namespace kless::kubernetes
