#include "functions/kubernetes/custom/schema/structural_schema.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

std::vector<std::string> StringsAt(const json& schema, const char* key) {
  std::vector<std::string> strings;
  const json* values = Find(schema, key);
  for (std::size_t i = 0; i < SizeOf(values); ++i) {
    if ((*values)[i].is_string()) strings.push_back((*values)[i]);
  }
  return strings;
}

std::optional<double> NumberAt(const json& schema, const char* key) {
  const json* value = Find(schema, key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

std::vector<StructuralSchema::Ptr> SchemasAt(const json& schema, const char* key) {
  std::vector<StructuralSchema::Ptr> schemas;
  const json* values = Find(schema, key);
  for (std::size_t i = 0; i < SizeOf(values); ++i) {
    schemas.push_back(ReadStructuralSchema((*values)[i]));
  }
  return schemas;
}

StructuralSchema::Value ValueAt(const json& schema, const char* key) {
  const json* value = Find(schema, key);
  return value == nullptr ? nullptr : std::make_shared<const json>(*value);
}

void ReadStructure(const json& schema, StructuralSchema& read) {
  read.type = StringAt(schema, "type");
  read.nullable = BoolAt(schema, "nullable");
  read.int_or_string = BoolAt(schema, "x-kubernetes-int-or-string");
  read.preserves_unknown = BoolAt(schema, "x-kubernetes-preserve-unknown-fields");
  read.embedded = BoolAt(schema, "x-kubernetes-embedded-resource");
  read.list_type = StringAt(schema, "x-kubernetes-list-type");
  read.list_map_keys = StringsAt(schema, "x-kubernetes-list-map-keys");
  read.map_type = StringAt(schema, "x-kubernetes-map-type");
  const json& properties = FindOrEmpty(schema, "properties");
  if (properties.is_object()) {
    for (const auto& [name, property] : properties.items()) {
      read.properties[name] = ReadStructuralSchema(property);
    }
  }
  if (const json* items = Find(schema, "items")) read.items = ReadStructuralSchema(*items);
  if (const json* additional = Find(schema, "additionalProperties")) {
    if (additional->is_object()) {
      read.additional = ReadStructuralSchema(*additional);
    } else {
      read.additional_any = additional->is_boolean() && additional->get<bool>();
    }
  }
  read.default_value = ValueAt(schema, "default");
  if (read.default_value != nullptr) read.default_bytes = JsonBytes(*read.default_value);
}

void ReadRules(const json& schema, StructuralSchema& read) {
  read.enumeration = ValueAt(schema, "enum");
  read.format = StringAt(schema, "format");
  if (const std::string pattern = StringAt(schema, "pattern"); !pattern.empty()) {
    read.pattern = std::make_shared<const Pattern>(pattern);
  }
  read.minimum = NumberAt(schema, "minimum");
  read.maximum = NumberAt(schema, "maximum");
  read.multiple_of = NumberAt(schema, "multipleOf");
  read.exclusive_minimum = BoolAt(schema, "exclusiveMinimum");
  read.exclusive_maximum = BoolAt(schema, "exclusiveMaximum");
  read.min_length = IntegerAt(schema, "minLength");
  read.max_length = IntegerAt(schema, "maxLength");
  read.min_items = IntegerAt(schema, "minItems");
  read.max_items = IntegerAt(schema, "maxItems");
  read.min_properties = IntegerAt(schema, "minProperties");
  read.max_properties = IntegerAt(schema, "maxProperties");
  read.unique_items = BoolAt(schema, "uniqueItems");
  read.required = StringsAt(schema, "required");
  read.all_of = SchemasAt(schema, "allOf");
  read.any_of = SchemasAt(schema, "anyOf");
  read.one_of = SchemasAt(schema, "oneOf");
  if (const json* negated = Find(schema, "not")) read.negated = ReadStructuralSchema(*negated);
}

const StructuralSchema* MemberOf(const StructuralSchema& schema, const std::string& name) {
  const auto found = schema.properties.find(name);
  return found != schema.properties.end() ? found->second.get() : schema.additional.get();
}

bool MayNotBe(const json& value, const StructuralSchema& schema) {
  return value.is_null() && !schema.nullable;
}

class DefaultFiller {
 public:
  explicit DefaultFiller(const json& whole) : whole_(whole) {}

  void Apply(const StructuralSchema& schema, json& value) {
    if (value.is_array() && schema.items != nullptr) {
      for (json& element : value) {
        if (full_) return;
        if (MayNotBe(element, *schema.items)) Set(*schema.items, 0, element);
        Apply(*schema.items, element);
      }
    }
    if (!value.is_object()) return;
    for (const auto& [name, property] : schema.properties) {
      if (property->default_value == nullptr || full_) continue;
      const auto member = value.find(name);
      if (member == value.end()) {
        Set(*property, name.size() + 4, value[name]);
      } else if (MayNotBe(*member, *property)) {
        Set(*property, 0, *member);
      }
    }
    for (auto member = value.begin(); member != value.end() && !full_;) {
      const StructuralSchema* type = MemberOf(schema, member.key());
      if (type != nullptr && MayNotBe(*member, *type)) {
        if (type->default_value == nullptr) {
          member = value.erase(member);
          continue;
        }
        Set(*type, 0, *member);
      }
      if (type != nullptr) Apply(*type, *member);
      ++member;
    }
  }

 private:
  // The size is not measured before this much has been filled in.
  static constexpr std::size_t kUnmeasured = 64u << 10;

  // `name_bytes` is the length of the name of a member that was missing.
  void Set(const StructuralSchema& schema, std::size_t name_bytes, json& value) {
    if (schema.default_value == nullptr) return;
    value = *schema.default_value;
    const std::size_t bytes = name_bytes + schema.default_bytes;
    added_ += bytes;
    if (added_ <= kUnmeasured) return;
    size_ = size_ == 0 ? JsonBytes(whole_) : size_ + bytes;
    full_ = size_ > kObjectBytesMax;
  }

  const json& whole_;
  std::size_t added_ = 0;
  std::size_t size_ = 0;  // size of the whole object; 0: not measured yet
  bool full_ = false;
};

}  // namespace

StructuralSchema::Ptr ReadStructuralSchema(const json& schema) {
  auto read = std::make_shared<StructuralSchema>();
  ReadStructure(schema, *read);
  ReadRules(schema, *read);
  return read;
}

std::size_t JsonBytes(const json& value) {
  switch (value.type()) {
    case json::value_t::string:
      return value.get_ref<const std::string&>().size() + 2;
    case json::value_t::array: {
      std::size_t bytes = 2;
      for (const json& element : value) bytes += JsonBytes(element) + 1;
      return bytes;
    }
    case json::value_t::object: {
      std::size_t bytes = 2;
      for (const auto& [name, member] : value.items()) bytes += name.size() + JsonBytes(member) + 4;
      return bytes;
    }
    case json::value_t::boolean:
    case json::value_t::null:
      return 4;
    default:
      return 1;
  }
}

void ApplySchemaDefaults(const StructuralSchema& schema, json& value) {
  DefaultFiller(value).Apply(schema, value);
}

}  // namespace kless::kubernetes
