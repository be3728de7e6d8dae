#include "functions/kubernetes/selectors/label_selector_match.h"

#include <nlohmann/json.hpp>
#include <string>

#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

bool MatchesExpression(const json& expression, const json* labels) {
  const std::string op = StringAt(expression, "operator");
  const std::string key = StringAt(expression, "key");
  const json* value = labels == nullptr ? nullptr : Find(*labels, key.c_str());
  if (op == "Exists") return value != nullptr;
  if (op == "DoesNotExist") return value == nullptr;
  const json* values = Find(expression, "values");
  const bool held = value != nullptr && value->is_string() &&
                    HoldsString(values, value->get_ref<const std::string&>());
  if (op == "In") return held;
  if (op == "NotIn") return !held;
  return false;
}

}  // namespace

bool MatchesLabels(const json* selector, const json* labels) {
  if (selector == nullptr || !selector->is_object()) return false;
  if (const json* wanted = Find(*selector, "matchLabels")) {
    if (!wanted->is_object()) return false;
    for (const auto& [key, value] : wanted->items()) {
      const json* actual = labels == nullptr ? nullptr : Find(*labels, key.c_str());
      if (actual == nullptr || *actual != value) return false;
    }
  }
  if (const json* expressions = Find(*selector, "matchExpressions")) {
    if (!expressions->is_array()) return false;
    for (const json& expression : *expressions) {
      if (!MatchesExpression(expression, labels)) return false;
    }
  }
  return true;
}

}  // namespace kless::kubernetes
