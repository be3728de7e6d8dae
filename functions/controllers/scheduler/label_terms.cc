#include "functions/controllers/scheduler/label_terms.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers::scheduler {

using kubernetes::Find;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

LabelOperator OperatorOf(const std::string& name) {
  if (name == "In") return LabelOperator::kIn;
  if (name == "NotIn") return LabelOperator::kNotIn;
  if (name == "Exists") return LabelOperator::kExists;
  if (name == "DoesNotExist") return LabelOperator::kDoesNotExist;
  if (name == "Gt") return LabelOperator::kGt;
  if (name == "Lt") return LabelOperator::kLt;
  return LabelOperator::kInvalid;
}

}  // namespace

const std::string* FindLabel(const Labels& labels, std::string_view key) {
  const auto found =
      std::lower_bound(labels.begin(), labels.end(), key,
                       [](const auto& label, std::string_view name) { return label.first < name; });
  return found != labels.end() && found->first == key ? &found->second : nullptr;
}

bool LabelRequirement::Matches(const std::string* value) const {
  const auto held = [&] {
    return value != nullptr && std::find(values.begin(), values.end(), *value) != values.end();
  };
  switch (op) {
    case LabelOperator::kIn:
      return held();
    case LabelOperator::kNotIn:
      return !held();
    case LabelOperator::kExists:
      return value != nullptr;
    case LabelOperator::kDoesNotExist:
      return value == nullptr;
    case LabelOperator::kGt:
    case LabelOperator::kLt: {
      const auto number = value == nullptr ? std::nullopt : ParseInteger(*value);
      return number && (op == LabelOperator::kGt ? *number > bound : *number < bound);
    }
    case LabelOperator::kInvalid:
      return false;
  }
  return false;
}

bool MatchesAll(const LabelRequirements& requirements, const Labels& labels) {
  return std::all_of(requirements.begin(), requirements.end(), [&](const auto& requirement) {
    return requirement.Matches(FindLabel(labels, requirement.key));
  });
}

LabelRequirements ParseRequirements(const json* expressions) {
  LabelRequirements all;
  if (expressions == nullptr || !expressions->is_array()) return all;
  for (const json& expression : *expressions) {
    LabelRequirement requirement;
    requirement.key = StringAt(expression, "key");
    requirement.op = OperatorOf(StringAt(expression, "operator"));
    const json* values = Find(expression, "values");
    if (values != nullptr && values->is_array()) {
      for (const json& value : *values) {
        if (value.is_string()) requirement.values.push_back(value.get<std::string>());
      }
    }
    if (requirement.op == LabelOperator::kGt || requirement.op == LabelOperator::kLt) {
      const auto bound =
          requirement.values.size() == 1 ? ParseInteger(requirement.values[0]) : std::nullopt;
      if (!bound) requirement.op = LabelOperator::kInvalid;
      requirement.bound = bound.value_or(0);
    }
    all.push_back(std::move(requirement));
  }
  return all;
}

LabelRequirements ParseLabelMap(const json* labels) {
  LabelRequirements all;
  if (labels == nullptr || !labels->is_object()) return all;
  for (const auto& [key, value] : labels->items()) {
    if (!value.is_string()) continue;
    all.push_back({key, LabelOperator::kIn, {value.get<std::string>()}, 0});
  }
  return all;
}

LabelSelectorTerm ParseLabelSelector(const json* selector) {
  LabelSelectorTerm term;
  if (selector == nullptr || !selector->is_object()) return term;
  term.matches_nothing = false;
  term.requirements = ParseLabelMap(Find(*selector, "matchLabels"));
  for (LabelRequirement& requirement : ParseRequirements(Find(*selector, "matchExpressions"))) {
    term.requirements.push_back(std::move(requirement));
  }
  return term;
}

bool NodeSelectorTerm::Matches(const Labels& labels, const std::string& node_name) const {
  if (expressions.empty() && fields.empty()) return false;
  if (!MatchesAll(expressions, labels)) return false;
  return std::all_of(fields.begin(), fields.end(), [&](const LabelRequirement& field) {
    return field.key == "metadata.name" && field.Matches(&node_name);
  });
}

NodeSelectorTerm ParseNodeSelectorTerm(const json& term) {
  return {ParseRequirements(Find(term, "matchExpressions")),
          ParseRequirements(Find(term, "matchFields"))};
}

}  // namespace kless::controllers::scheduler
