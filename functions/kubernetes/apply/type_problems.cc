#include "functions/kubernetes/apply/type_problems.h"

#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;
using Shape = Schema::Shape;

namespace {

std::string GoType(const json& value) {
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "bool";
  if (value.is_number_float()) return "float64";
  if (value.is_number()) return "int64";
  return value.is_array() ? "[]interface {}" : "map[string]interface {}";
}

// Identifies an element of a list by its keys, in a set by itself, else by its index.
std::string ElementIn(const Schema& list, const json& element, std::size_t index) {
  if (list.sharing == Schema::Sharing::kSet) return "[=" + DumpJson(element) + "]";
  if (list.sharing != Schema::Sharing::kKeyed || !element.is_object()) {
    return "[" + std::to_string(index) + "]";
  }
  std::string keys;
  for (const Schema::Key& key : list.keys) {
    if (!keys.empty()) keys += ',';
    keys += key.name + "=" + DumpJson(ValueOrNull(element, key.name.c_str()));
  }
  return "[" + keys + "]";
}

class Checker {
 public:
  std::vector<std::string> Check(const Schema* schema, const json& value) {
    CheckValue(schema, value);
    return std::move(problems_);
  }

 private:
  void Complain(const std::string& what) { problems_.push_back(path_ + ": expected " + what); }

  void CheckValue(const Schema* schema, const json& value) {
    if (schema == nullptr || value.is_null()) return;
    switch (schema->shape) {
      case Shape::kAny:
      case Shape::kQuantity:
      case Shape::kIntOrString:
        break;  // The library does not check it.
      case Shape::kString:
      case Shape::kBytes:
      case Shape::kTime:
      case Shape::kMicroTime:
        if (!value.is_string()) {
          Complain("string, got &value.valueUnstructured{Value:" + DumpJson(value) + "}");
        }
        break;
      case Shape::kBool:
        if (!value.is_boolean()) Complain("boolean, got " + DumpJson(value));
        break;
      case Shape::kInt32:
      case Shape::kInt64:
      case Shape::kDouble:
        if (!value.is_number()) Complain("numeric (int or float), got " + GoType(value));
        break;
      case Shape::kMap:
      case Shape::kStruct:
        CheckMembers(*schema, value);
        break;
      case Shape::kList:
        CheckElements(*schema, value);
        break;
    }
  }

  void CheckMembers(const Schema& schema, const json& value) {
    if (!value.is_object()) {
      Complain("map, got " + GoValue(value));
      return;
    }
    for (const auto& [name, member] : value.items()) {
      const std::size_t length = path_.size();
      path_ += "." + name;
      CheckValue(MemberSchema(&schema, name), member);
      path_.resize(length);
    }
  }

  void CheckElements(const Schema& schema, const json& value) {
    if (!value.is_array()) {
      Complain("list, got " + GoValue(value));
      return;
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; i < value.size(); ++i) {
      CheckElement(schema, value[i], i, seen);
      const std::size_t length = path_.size();
      path_ += ElementIn(schema, value[i], i);
      CheckValue(schema.element, value[i]);
      path_.resize(length);
    }
  }

  // An element of a set, or of a list with keys, has a name of its own.
  void CheckElement(const Schema& list, const json& element, std::size_t index,
                    std::set<std::string>& seen) {
    const bool keyed = list.sharing == Schema::Sharing::kKeyed && element.is_object();
    if (!keyed && list.sharing != Schema::Sharing::kSet) return;
    json named = element;
    for (const Schema::Key& key : keyed ? list.keys : std::vector<Schema::Key>()) {
      json& value = named[key.name];
      if (value.is_null() && !key.default_value.empty()) value = key.default_value;
      if (!value.is_null()) continue;
      problems_.push_back(path_ + ": element " + std::to_string(index) +
                          ": associative list with keys has an element that omits key field " +
                          DumpJson(json(key.name)) + " (and doesn't have default value)");
      return;
    }
    const std::string name = ElementIn(list, named, index);
    if (!seen.insert(name).second) {
      problems_.push_back(path_ + ": duplicate entries for key " + name);
    }
  }

  static std::string GoValue(const json& value) {
    return "&{" + (value.is_string() ? value.get<std::string>() : DumpJson(value)) + "}";
  }

  std::string path_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> TypeProblems(const Schema* schema, const json& value) {
  return Checker().Check(schema, value);
}

}  // namespace kless::kubernetes
