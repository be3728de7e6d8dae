#include "functions/kubernetes/apply/merge.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "functions/kubernetes/apply/field_changes.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

std::vector<std::string> ElementNames(const Schema& list, const json& values) {
  std::vector<std::string> names;
  names.reserve(values.size());
  for (const json& value : values) names.push_back(ElementOf(list, value));
  return names;
}

json MergeLists(const Schema& list, const json& live, const json& applied) {
  const auto live_names = ElementNames(list, live);
  const auto applied_names = ElementNames(list, applied);
  std::map<std::string, const json*> live_by_name;
  for (std::size_t i = 0; i < live.size(); ++i) live_by_name.emplace(live_names[i], &live[i]);
  const std::set<std::string> in_applied(applied_names.begin(), applied_names.end());
  std::set<std::string> merged;
  json result = json::array();
  const auto take = [&](std::size_t i) {
    if (!merged.insert(applied_names[i]).second) return;
    const auto found = live_by_name.find(applied_names[i]);
    result.push_back(found == live_by_name.end()
                         ? applied[i]
                         : MergeApplied(list.element, *found->second, applied[i]));
  };
  std::size_t next = 0;
  for (std::size_t i = 0; i < live.size(); ++i) {
    if (!in_applied.contains(live_names[i])) {
      result.push_back(live[i]);
      continue;
    }
    // Elements that precede it in the applied list come first.
    while (next < applied.size() && !merged.contains(live_names[i])) take(next++);
  }
  while (next < applied.size()) take(next++);
  return result;
}

void RemoveMembers(const Schema* schema, const FieldSet& fields, json& object) {
  for (const auto& [element, set] : fields.children) {
    if (!element.starts_with("f:")) continue;
    const auto member = object.find(element.substr(2));
    if (member == object.end()) continue;
    if (set.member) {
      object.erase(member);
      continue;
    }
    RemoveFields(MemberSchema(schema, member.key()), set, *member);
    if (member->is_structured() && member->empty()) object.erase(member);
  }
}

}  // namespace

json MergeApplied(const Schema* schema, const json& live, const json& applied) {
  if (live.type() != applied.type()) return applied;
  switch (HowShared(schema, applied)) {
    case SharedAs::kWhole:
      return applied;
    case SharedAs::kElements:
      return MergeLists(*schema, live, applied);
    case SharedAs::kMembers:
      break;
  }
  json merged = live;
  for (const auto& [name, value] : applied.items()) {
    const auto member = merged.find(name);
    if (value.is_null()) {
      merged.erase(name);
    } else if (member == merged.end() || member->is_null()) {
      merged[name] = value;
    } else {
      *member = MergeApplied(MemberSchema(schema, name), *member, value);
    }
  }
  return merged;
}

void RemoveFields(const Schema* schema, const FieldSet& fields, json& object) {
  switch (HowShared(schema, object)) {
    case SharedAs::kWhole:
      return;
    case SharedAs::kMembers:
      return RemoveMembers(schema, fields, object);
    case SharedAs::kElements:
      break;
  }
  json kept = json::array();
  for (json& value : object) {
    const FieldSet* set = fields.Find(ElementOf(*schema, value));
    if (set != nullptr && set->member) continue;
    if (set != nullptr) RemoveFields(schema->element, *set, value);
    kept.push_back(std::move(value));
  }
  object = std::move(kept);
}

}  // namespace kless::kubernetes
