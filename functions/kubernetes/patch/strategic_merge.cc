#include "functions/kubernetes/patch/strategic_merge.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "functions/kubernetes/types/go_text.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kDirective = "$patch";
constexpr const char* kRetainKeys = "$retainKeys";
constexpr std::string_view kElementOrder = "$setElementOrder/";
constexpr std::string_view kDeleteFromList = "$deleteFromPrimitiveList/";

using Problem = std::optional<PatchProblem>;

Problem BadFormat(const char* sentence) { return PatchProblem{400, sentence}; }

Problem UnknownDirective(const json& patch) {
  const json& directive = patch[kDirective];
  return PatchProblem{
      500, "unknown patch type: " +
               (directive.is_string() ? directive.get<std::string>() : GoMapText(directive)) +
               " in map: " + GoMapText(patch)};
}

std::string MergeKeyOf(const Schema* schema) {
  return schema != nullptr && schema->shape == Schema::Shape::kList ? schema->merge_key : "";
}

// Identifies an element of a list: the value of its merge key, or the element itself.
json Identity(const json& element, const std::string& merge_key) {
  return merge_key == kMergeSet ? element : ValueOrNull(element, merge_key.c_str());
}

std::size_t IndexOf(const json& list, const json& identity, const std::string& merge_key) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (Identity(list[i], merge_key) == identity) return i;
  }
  return list.size();
}

// Elements in the order list follow it; the others keep their places between them.
json Ordered(const json& merged, const json& before, const json& order,
             const std::string& merge_key) {
  json named = json::array();
  json others = json::array();
  for (const json& wanted : order) {
    const std::size_t at = IndexOf(merged, Identity(wanted, merge_key), merge_key);
    if (at < merged.size()) named.push_back(merged[at]);
  }
  for (const json& element : merged) {
    const json identity = Identity(element, merge_key);
    if (IndexOf(order, identity, merge_key) == order.size()) others.push_back(element);
  }
  json result = json::array();
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < others.size() || j < named.size()) {
    bool take_other = j >= named.size();
    if (i < others.size() && j < named.size()) {
      const std::size_t left = IndexOf(before, Identity(others[i], merge_key), merge_key);
      const std::size_t right = IndexOf(before, Identity(named[j], merge_key), merge_key);
      take_other = left < before.size() && right < before.size() && left < right;
    }
    result.push_back(take_other ? others[i++] : named[j++]);
  }
  return result;
}

Problem MergeObject(const Schema* schema, const json& patch, json& object);

void MergeSet(const json& patch, json& list) {
  for (const json& value : patch) {
    if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
  }
}

Problem MergeKeyedList(const Schema* element, const std::string& merge_key, const json& patch,
                       json& list) {
  for (const json& entry : patch) {
    if (StringAt(entry, kDirective) == "replace" && entry.size() == 1) list = json::array();
  }
  for (const json& entry : patch) {
    if (!entry.is_object()) return PatchProblem{422, "lists of lists are not supported"};
    const std::string directive = StringAt(entry, kDirective);
    if (directive == "replace" && entry.size() == 1) continue;
    const json identity = Identity(entry, merge_key);
    if (identity.is_null()) {
      return PatchProblem{
          500, "map: " + GoMapText(entry) + " does not contain declared merge key: " + merge_key};
    }
    const std::size_t at = IndexOf(list, identity, merge_key);
    if (directive == "delete") {
      // Deletes all of them: a raw writer may have repeated a key.
      json kept = json::array();
      for (const json& old : list) {
        if (Identity(old, merge_key) != identity) kept.push_back(old);
      }
      list = std::move(kept);
      continue;
    }
    if (at == list.size()) list.push_back(json::object());
    if (auto problem = MergeObject(element, entry, list[at])) return problem;
  }
  return std::nullopt;
}

Problem MergeList(const Schema* schema, const json& patch, const json* order, json& list) {
  const std::string merge_key = MergeKeyOf(schema);
  if (merge_key.empty()) {
    list = patch;
    return std::nullopt;
  }
  const json before = list;
  if (merge_key == kMergeSet) {
    MergeSet(patch, list);
  } else if (auto problem = MergeKeyedList(schema->element, merge_key, patch, list)) {
    return problem;
  }
  if (order != nullptr && order->is_array()) list = Ordered(list, before, *order, merge_key);
  return std::nullopt;
}

Problem MergeValue(const Schema* schema, const json& patch, const json* order, json& value) {
  if (patch.is_object()) {
    if (!value.is_object()) value = json::object();
    return MergeObject(schema, patch, value);
  }
  if (patch.is_array() && (value.is_array() || !MergeKeyOf(schema).empty())) {
    if (!value.is_array()) value = json::array();
    return MergeList(schema, patch, order, value);
  }
  value = patch;
  return std::nullopt;
}

Problem RetainKeys(const json& patch, json& object) {
  const auto found = patch.find(kRetainKeys);
  if (found == patch.end()) return std::nullopt;
  if (!found->is_array()) return BadFormat("invalid patch format of retainKeys");
  for (const auto& [key, value] : patch.items()) {
    if (key.starts_with("$") || value.is_null() || HoldsString(&*found, key)) continue;
    return BadFormat("invalid patch format of retainKeys");
  }
  json kept = json::object();
  for (const auto& [key, value] : object.items()) {
    if (HoldsString(&*found, key)) kept[key] = value;
  }
  object = std::move(kept);
  return std::nullopt;
}

Problem DeleteFromLists(const json& patch, json& object) {
  for (const auto& [key, values] : patch.items()) {
    if (!key.starts_with(kDeleteFromList)) continue;
    if (!values.is_array()) return BadFormat("invalid patch format of primitive list");
    const std::string name = key.substr(kDeleteFromList.size());
    json* list = Find(object, name.c_str());
    if (list == nullptr || !list->is_array()) continue;
    json kept = json::array();
    for (const json& value : *list) {
      if (std::find(values.begin(), values.end(), value) == values.end()) kept.push_back(value);
    }
    if (kept.empty()) {
      object.erase(name);
    } else {
      *list = std::move(kept);
    }
  }
  return std::nullopt;
}

// Applies a $setElementOrder that has no patch of the list itself.
void OrderAlone(const Schema* schema, const json& patch, json& object) {
  for (const auto& [key, order] : patch.items()) {
    if (!key.starts_with(kElementOrder) || !order.is_array()) continue;
    const std::string name = key.substr(kElementOrder.size());
    json* list = Find(object, name.c_str());
    const std::string merge_key = MergeKeyOf(MemberSchema(schema, name));
    if (patch.contains(name) || list == nullptr || !list->is_array() || merge_key.empty()) continue;
    *list = Ordered(*list, *list, order, merge_key);
  }
}

Problem MergeObject(const Schema* schema, const json& patch, json& object) {
  if (!object.is_object()) object = json::object();
  if (const auto directive = patch.find(kDirective); directive != patch.end()) {
    if (*directive == "delete") {
      object = json::object();
      return std::nullopt;
    }
    if (*directive == "replace") {
      object = patch;
      object.erase(kDirective);
      return std::nullopt;
    }
    if (*directive != "merge") return UnknownDirective(patch);
  }
  if (auto problem = RetainKeys(patch, object)) return problem;
  if (auto problem = DeleteFromLists(patch, object)) return problem;
  for (const auto& [key, value] : patch.items()) {
    if (key.starts_with("$")) continue;
    if (value.is_null() || (value.is_object() && StringAt(value, kDirective) == "delete")) {
      object.erase(key);
      continue;
    }
    // The API server drops a replacement of a missing member.
    if (StringAt(value, kDirective) == "replace" && !object.contains(key)) continue;
    const std::string order = std::string(kElementOrder) + key;
    if (auto problem =
            MergeValue(MemberSchema(schema, key), value, Find(patch, order.c_str()), object[key])) {
      return problem;
    }
  }
  OrderAlone(schema, patch, object);
  return std::nullopt;
}

}  // namespace

Problem StrategicMerge(const Schema* schema, const json& patch, json& object) {
  if (!patch.is_object()) {
    return PatchProblem{400, "json: cannot unmarshal " + GoTypeOf(patch) +
                                 " into Go value of type map[string]interface {}"};
  }
  return MergeObject(schema, patch, object);
}

}  // namespace kless::kubernetes
