#include "functions/kubernetes/custom/list_types.h"

#include <map>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/custom/go_numbers.h"
#include "functions/kubernetes/custom/schema_validation.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

std::string AtIndex(const std::string& path, std::size_t index) {
  return path + '[' + std::to_string(index) + ']';
}

// What no two elements of a map share.
json KeyOf(const StructuralSchema& list, const json& element) {
  json key = json::object();
  for (const std::string& name : list.list_map_keys) {
    if (element.contains(name)) key[name] = element[name];
  }
  SettleNumbers(key);
  return key;
}

class ListTypes {
 public:
  explicit ListTypes(FieldErrors& errors) : errors_(errors) {}

  void Check(const StructuralSchema& schema, const json& value, const std::string& path) {
    if (value.is_array()) {
      CheckList(schema, value, path);
      for (std::size_t i = 0; schema.items != nullptr && i < value.size(); ++i) {
        if (value[i].is_structured()) Check(*schema.items, value[i], AtIndex(path, i));
      }
    }
    if (!value.is_object()) return;
    for (const auto& [name, member] : value.items()) {
      if (!member.is_structured()) continue;
      const auto property = schema.properties.find(name);
      if (property != schema.properties.end()) {
        Check(*property->second, member, MemberPath(path, name));
      } else if (schema.additional != nullptr) {
        Check(*schema.additional, member, path + '[' + name + ']');
      }
    }
  }

 private:
  void CheckList(const StructuralSchema& list, const json& value, const std::string& path) {
    const bool is_map = list.list_type == "map";
    if (!is_map && list.list_type != "set") return;
    for (std::size_t i = 0; is_map && i < value.size(); ++i) {
      if (value[i].is_object() || value[i].is_null()) continue;
      errors_.push_back(
          Invalid(AtIndex(path, i), value[i], "must be an object for an array of list-type map"));
      return;
    }
    std::map<std::string, int> times;
    for (std::size_t i = 0; i < value.size(); ++i) {
      json key = is_map ? KeyOf(list, value[i]) : value[i];
      SettleNumbers(key);
      if (++times[DumpJson(key)] == 2) errors_.push_back(Duplicate(AtIndex(path, i), key));
    }
  }

  FieldErrors& errors_;
};

}  // namespace

std::string ListMapKey(const StructuralSchema& list, const json& element) {
  return DumpJson(KeyOf(list, element));
}

FieldErrors ValidateListTypes(const StructuralSchema& schema, const json& value,
                              const std::string& path) {
  FieldErrors errors;
  ListTypes(errors).Check(schema, value, path);
  return errors;
}

}  // namespace kless::kubernetes
