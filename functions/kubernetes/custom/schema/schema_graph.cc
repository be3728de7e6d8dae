#include "functions/kubernetes/custom/schema/schema_graph.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace kless::kubernetes {

using Shape = Schema::Shape;
using Sharing = Schema::Sharing;

namespace {

// Built-in types, which live as long as the process.
const Schema* TextType() { return MemberSchema(FindSchema("v1", "ConfigMap"), "kind"); }
const Schema* MetadataType() { return MemberSchema(FindSchema("v1", "ConfigMap"), "metadata"); }

Shape ShapeOf(const StructuralSchema& schema) {
  if (schema.int_or_string) return Shape::kIntOrString;
  if (schema.type == "array") return Shape::kList;
  if (schema.type == "string") return Shape::kString;
  if (schema.type == "boolean") return Shape::kBool;
  if (schema.type == "integer") return Shape::kInt64;
  if (schema.type == "number") return Shape::kDouble;
  if (schema.type != "object" && !schema.embedded) return Shape::kAny;
  const bool map = schema.additional != nullptr || schema.additional_any;
  return map && !schema.preserves_unknown ? Shape::kMap : Shape::kStruct;
}

std::string DefaultText(const StructuralSchema* items, const std::string& key) {
  if (items == nullptr) return "";
  const auto property = items->properties.find(key);
  if (property == items->properties.end() || property->second->default_value == nullptr) return "";
  const nlohmann::json& value = *property->second->default_value;
  return value.is_string() ? value.get<std::string>() : "";
}

}  // namespace

SchemaGraph::SchemaGraph(const StructuralSchema& object, std::string type_name) {
  root_ = Add(object, true);
  root_->type_name = std::move(type_name);
  root_->is_kind = true;
}

Schema* SchemaGraph::Add(const StructuralSchema& schema, bool whole_object) {
  Schema* const type = &types_.emplace_back();
  type->shape = whole_object ? Shape::kStruct : ShapeOf(schema);
  if (schema.map_type == "atomic") type->sharing = Sharing::kAtomic;
  switch (type->shape) {
    case Shape::kStruct:
      type->open = schema.preserves_unknown;
      AddMembers(schema, whole_object || schema.embedded, *type);
      break;
    case Shape::kMap:
      type->element =
          schema.additional == nullptr ? &types_.emplace_back() : Add(*schema.additional, false);
      break;
    case Shape::kList:
      SetList(schema, *type);
      break;
    default:
      break;
  }
  return type;
}

void SchemaGraph::AddMembers(const StructuralSchema& schema, bool whole_object, Schema& type) {
  const auto add = [&type](const std::string& name, const Schema* member) {
    Schema::Field field;
    field.name = name;
    field.type = member;
    type.fields.push_back(std::move(field));
  };
  if (whole_object) {
    add("apiVersion", TextType());
    add("kind", TextType());
    add("metadata", MetadataType());
  }
  for (const auto& [name, property] : schema.properties) {
    const bool own = name == "apiVersion" || name == "kind" || name == "metadata";
    if (!whole_object || !own) add(name, Add(*property, false));
  }
  std::sort(type.fields.begin(), type.fields.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

void SchemaGraph::SetList(const StructuralSchema& schema, Schema& type) {
  type.element = schema.items == nullptr ? &types_.emplace_back() : Add(*schema.items, false);
  type.sharing = Sharing::kAtomic;
  if (schema.list_type == "set") type.sharing = Sharing::kSet;
  if (schema.list_type != "map") return;
  type.sharing = Sharing::kKeyed;
  for (const std::string& key : schema.list_map_keys) {
    type.keys.push_back({key, DefaultText(schema.items.get(), key)});
  }
}

}  // namespace kless::kubernetes
