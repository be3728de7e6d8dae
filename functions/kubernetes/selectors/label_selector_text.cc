#include "functions/kubernetes/selectors/label_selector_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

std::string RequirementText(const json& requirement) {
  const std::string key = StringAt(requirement, "key");
  const std::string op = StringAt(requirement, "operator");
  if (op == "Exists") return key;
  if (op == "DoesNotExist") return "!" + key;
  std::set<std::string> values;
  const json* given = Find(requirement, "values");
  for (std::size_t i = 0; i < SizeOf(given); ++i) {
    if ((*given)[i].is_string()) values.insert((*given)[i].get<std::string>());
  }
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ",") + value;
  return key + (op == "NotIn" ? " notin (" : " in (") + list + ")";
}

}  // namespace

std::string LabelSelectorText(const json& selector) {
  std::vector<std::pair<std::string, std::string>> requirements;
  const json& labels = FindOrEmpty(selector, "matchLabels");
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) {
      requirements.emplace_back(
          key, key + "=" + (value.is_string() ? value.get<std::string>() : std::string()));
    }
  }
  const json* expressions = Find(selector, "matchExpressions");
  for (std::size_t i = 0; i < SizeOf(expressions); ++i) {
    const json& each = (*expressions)[i];
    requirements.emplace_back(StringAt(each, "key"), RequirementText(each));
  }
  std::stable_sort(requirements.begin(), requirements.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [key, requirement] : requirements) {
    text += (text.empty() ? "" : ",") + requirement;
  }
  return text;
}

}  // namespace kless::kubernetes
