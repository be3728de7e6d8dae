#include "functions/kubernetes/custom/schema/list_types.h"

#include <map>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/custom/schema/go_numbers.h"
#include "functions/kubernetes/custom/schema/schema_validation.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// The values that identify an element of a map.
json KeyOf(const StructuralSchema& list, const json& element) {
  json key = json::object();
  for (const std::string& name : list.list_map_keys) {
    if (element.contains(name)) key[name] = element[name];
  }
  SettleNumbers(key);
  return key;
}

void CheckList(const StructuralSchema& list, const json& value, const std::string& path,
               FieldErrors& errors) {
  const bool is_map = list.list_type == "map";
  if (!is_map && list.list_type != "set") return;
  for (std::size_t i = 0; is_map && i < value.size(); ++i) {
    if (value[i].is_object() || value[i].is_null()) continue;
    errors.push_back(
        Invalid(ElementPath(path, i), value[i], "must be an object for an array of list-type map"));
    return;
  }
  std::map<std::string, int> times;
  for (std::size_t i = 0; i < value.size(); ++i) {
    json key = is_map ? KeyOf(list, value[i]) : value[i];
    SettleNumbers(key);
    if (++times[DumpJson(key)] == 2) errors.push_back(Duplicate(ElementPath(path, i), key));
  }
}

void Check(const StructuralSchema& schema, const json& value, const std::string& path,
           FieldErrors& errors) {
  if (value.is_array()) CheckList(schema, value, path, errors);
  VisitParts(schema, value, path,
             [&errors](const StructuralSchema& type, const json& part, const std::string& at) {
               Check(type, part, at, errors);
             });
}

}  // namespace

std::string ListMapKey(const StructuralSchema& list, const json& element) {
  return DumpJson(KeyOf(list, element));
}

FieldErrors ValidateListTypes(const StructuralSchema& schema, const json& value,
                              const std::string& path) {
  FieldErrors errors;
  Check(schema, value, path, errors);
  return errors;
}

}  // namespace kless::kubernetes
