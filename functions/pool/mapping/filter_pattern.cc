#include "functions/pool/mapping/filter_pattern.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless {
namespace {

using nlohmann::json;

Error BadPattern(const std::string& place, const std::string& what) {
  return MakeError(ErrorCode::kInvalidArgument, "Invalid filter pattern definition: " +
                                                    (place.empty() ? "" : place + ": ") + what);
}

bool IsScalar(const json& value) { return value.is_primitive(); }

bool IsComparison(const json& value) {
  return value == "=" || value == "<" || value == "<=" || value == ">" || value == ">=";
}

bool IsAlternatives(const std::string& name, const json& rule) {
  return name == "$or" && rule.is_array() && !rule.empty() &&
         std::all_of(rule.begin(), rule.end(), [](const json& one) { return one.is_object(); });
}

bool IsNumericRule(const json& rule) {
  if (!rule.is_array() || (rule.size() != 2 && rule.size() != 4)) return false;
  for (std::size_t i = 0; i < rule.size(); i += 2) {
    if (!IsComparison(rule[i]) || !rule[i + 1].is_number()) return false;
  }
  return true;
}

bool IsAnythingBut(const json& rule) {
  if (rule.is_object()) {
    return rule.size() == 1 && (rule.contains("prefix") || rule.contains("suffix")) &&
           rule.begin()->is_string();
  }
  if (!rule.is_array()) return rule.is_string() || rule.is_number();
  return !rule.empty() && std::all_of(rule.begin(), rule.end(), [](const json& value) {
    return value.is_string() || value.is_number();
  });
}

Result<void> CheckElement(const std::string& place, const json& element) {
  if (IsScalar(element)) return {};
  if (element.is_object() && element.size() == 1) {
    const std::string& word = element.begin().key();
    const json& rule = element.begin().value();
    const bool is_text = word == "prefix" || word == "suffix" || word == "equals-ignore-case";
    if (is_text && rule.is_string()) return {};
    if (word == "exists" && rule.is_boolean()) return {};
    if (word == "numeric" && IsNumericRule(rule)) return {};
    if (word == "anything-but" && IsAnythingBut(rule)) return {};
  }
  return BadPattern(place, DumpJson(element) +
                               R"( must be a value, or one of {"prefix": "a"}, {"suffix": "a"}, )"
                               R"({"equals-ignore-case": "a"}, {"anything-but": ["a"]}, )"
                               R"({"exists": true}, {"numeric": [">", 0]})");
}

Result<void> CheckMembers(const std::string& place, const json& pattern) {
  if (!pattern.is_object() || pattern.empty()) {
    return BadPattern(place, "must be an object with at least one member");
  }
  for (const auto& [name, rule] : pattern.items()) {
    const std::string inner = place.empty() ? name : place + "." + name;
    if (IsAlternatives(name, rule)) {
      for (const json& one : rule) {
        KLESS_TRY_VOID(CheckMembers(inner, one));
      }
      continue;
    }
    if (rule.is_object()) {
      KLESS_TRY_VOID(CheckMembers(inner, rule));
      continue;
    }
    if (!rule.is_array() || rule.empty()) {
      return BadPattern(inner, R"(must be an object, or a list such as ["INSERT"])");
    }
    for (const json& element : rule) {
      KLESS_TRY_VOID(CheckElement(inner, element));
    }
  }
  return {};
}

bool Compares(const std::string& comparison, double value, double bound) {
  if (comparison == "=") return value == bound;
  if (comparison == "<") return value < bound;
  if (comparison == "<=") return value <= bound;
  return comparison == ">" ? value > bound : value >= bound;
}

bool MatchesText(const std::string& word, const std::string& rule, const std::string& text) {
  if (word == "prefix") return text.starts_with(rule);
  if (word == "suffix") return text.ends_with(rule);
  return LowerCase(text) == LowerCase(rule);
}

bool MatchesAnythingBut(const json& rule, const json& value) {
  if (rule.is_object()) {
    return value.is_string() && !MatchesText(rule.begin().key(), rule.begin()->get<std::string>(),
                                             value.get<std::string>());
  }
  if (rule.is_array()) return std::find(rule.begin(), rule.end(), value) == rule.end();
  return value != rule;
}

// Whether an element equals a value that is present.
bool MatchesValue(const json& element, const json& value) {
  if (IsScalar(element)) return element == value;
  const std::string& word = element.begin().key();
  const json& rule = element.begin().value();
  if (word == "anything-but") return MatchesAnythingBut(rule, value);
  if (word == "numeric") {
    if (!value.is_number()) return false;
    for (std::size_t i = 0; i < rule.size(); i += 2) {
      if (!Compares(rule[i].get<std::string>(), value.get<double>(), rule[i + 1].get<double>())) {
        return false;
      }
    }
    return true;
  }
  return value.is_string() && MatchesText(word, rule.get<std::string>(), value.get<std::string>());
}

// `value` is null if there is no such member.
bool MatchesElement(const json& element, const json* value) {
  if (element.is_object() && element.begin().key() == "exists") {
    // "exists" tests leaves only, which an object is not.
    return element.begin()->get<bool>() == (value != nullptr && !value->is_object());
  }
  if (value == nullptr || value->is_object()) return false;
  if (!value->is_array()) return MatchesValue(element, *value);
  return std::any_of(value->begin(), value->end(),
                     [&](const json& one) { return MatchesValue(element, one); });
}

bool MatchesMembers(const json& pattern, const json* record);

bool MatchesAny(const json& patterns, const json* record) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const json& pattern) { return MatchesMembers(pattern, record); });
}

bool MatchesMembers(const json& pattern, const json* record) {
  for (const auto& [name, rule] : pattern.items()) {
    if (IsAlternatives(name, rule)) {
      if (!MatchesAny(rule, record)) return false;
      continue;
    }
    const json* value = nullptr;
    if (record != nullptr && record->is_object()) {
      const auto found = record->find(name);
      if (found != record->end()) value = &*found;
    }
    if (rule.is_object()) {
      if (!MatchesMembers(rule, value)) return false;
    } else if (std::none_of(rule.begin(), rule.end(),
                            [&](const json& element) { return MatchesElement(element, value); })) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<void> CheckFilterPattern(const json& pattern) {
  if (DumpJson(pattern).size() > kFilterPatternBytesMax) {
    return BadPattern("", "it has more than " + std::to_string(kFilterPatternBytesMax) + " bytes");
  }
  return CheckMembers("", pattern);
}

bool MatchesFilterPattern(const json& pattern, const json& record) {
  return MatchesMembers(pattern, &record);
}

}  // namespace kless
