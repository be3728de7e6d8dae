#include "functions/kubernetes/openapi/openapi.h"

#include <nlohmann/json.hpp>
#include <string>

#include "functions/kubernetes/openapi/openapi_paths.h"
#include "functions/kubernetes/types/schema.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;
using Shape = Schema::Shape;
using Sharing = Schema::Sharing;

namespace {

constexpr const char* kQuantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
constexpr const char* kIntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
constexpr const char* kListMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

json GroupVersionKinds(const Kind& kind, const std::string& name) {
  return json::array({{{"group", kind.group}, {"version", kind.version}, {"kind", name}}});
}

// The definitions that some types refer to, by name.
class Definitions {
 public:
  // `v3` selects OpenAPI 3, else Swagger 2.
  explicit Definitions(bool v3) : v3_(v3) {}

  void Add(const Kind& kind) {
    if (kind.schema == nullptr || kind.schema->type_name.empty()) return;
    const std::string name = kind.schema->type_name;
    if (kind.open_api != nullptr) {
      AddCustom(kind, name);
    } else {
      Reference(*kind.schema);
    }
    definitions_[name]["x-kubernetes-group-version-kind"] = GroupVersionKinds(kind, kind.kind);
    AddList(kind);
  }

  json Take() { return std::move(definitions_); }

 private:
  std::string Prefix() const { return v3_ ? "#/components/schemas/" : "#/definitions/"; }

  json RefTo(const std::string& name) const { return {{"$ref", Prefix() + name}}; }

  json Reference(const Schema& schema) {
    if (!definitions_.contains(schema.type_name)) {
      definitions_[schema.type_name] = json::object();  // Types may contain themselves.
      definitions_[schema.type_name] = StructOf(schema);
    }
    return RefTo(schema.type_name);
  }

  json StructOf(const Schema& schema) {
    json properties = json::object();
    json required = json::array();
    for (const Schema::Field& field : schema.fields) {
      properties[field.name] = FieldOf(field);
      if (field.required) required.push_back(field.name);
    }
    json definition = {{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) definition["required"] = std::move(required);
    if (schema.sharing == Sharing::kAtomic) definition["x-kubernetes-map-type"] = "atomic";
    return definition;
  }

  json FieldOf(const Schema::Field& field) {
    json type = TypeOf(*field.type);
    // In OpenAPI 3.0 an object with $ref has no other members.
    if (v3_ && type.contains("$ref")) type = {{"allOf", json::array({std::move(type)})}};
    if (!field.description.empty()) type["description"] = field.description;
    std::string strategy = field.type->merge_key.empty() ? "" : "merge";
    if (field.retain_keys) strategy += strategy.empty() ? "retainKeys" : ",retainKeys";
    if (!strategy.empty()) type["x-kubernetes-patch-strategy"] = strategy;
    if (!field.type->merge_key.empty() && field.type->merge_key != kMergeSet) {
      type["x-kubernetes-patch-merge-key"] = field.type->merge_key;
    }
    return type;
  }

  json TypeOf(const Schema& schema) {
    switch (schema.shape) {
      case Shape::kAny:
        return json::object();
      case Shape::kString:
        return {{"type", "string"}};
      case Shape::kBool:
        return {{"type", "boolean"}};
      case Shape::kInt32:
        return {{"type", "integer"}, {"format", "int32"}};
      case Shape::kInt64:
        return {{"type", "integer"}, {"format", "int64"}};
      case Shape::kDouble:
        return {{"type", "number"}, {"format", "double"}};
      case Shape::kBytes:
        return {{"type", "string"}, {"format", "byte"}};
      case Shape::kTime:
      case Shape::kMicroTime:
        return {{"type", "string"}, {"format", "date-time"}};
      case Shape::kQuantity:
        return Choice(kQuantity, "number", "");
      case Shape::kIntOrString:
        return Choice(kIntOrString, "integer", "int-or-string");
      case Shape::kMap:
        return MapOf(schema);
      case Shape::kList:
        return ListOf(schema);
      case Shape::kStruct:
        return Reference(schema);
    }
    return json::object();
  }

  // Builds a type that is a number or a string.
  json Choice(const std::string& name, const char* number, const char* format) {
    json definition = {{"type", "string"}};
    if (v3_) {
      definition = {{"oneOf", json::array({{{"type", "string"}}, {{"type", number}}})}};
    }
    if (*format != '\0') definition["format"] = format;
    definitions_[name] = std::move(definition);
    return RefTo(name);
  }

  json MapOf(const Schema& schema) {
    json type = {{"type", "object"}, {"additionalProperties", TypeOf(*schema.element)}};
    if (schema.sharing == Sharing::kAtomic) type["x-kubernetes-map-type"] = "atomic";
    return type;
  }

  json ListOf(const Schema& schema) {
    json type = {{"type", "array"}, {"items", TypeOf(*schema.element)}};
    switch (schema.sharing) {
      case Sharing::kSet:
        type["x-kubernetes-list-type"] = "set";
        break;
      case Sharing::kKeyed: {
        type["x-kubernetes-list-type"] = "map";
        json keys = json::array();
        for (const Schema::Key& key : schema.keys) keys.push_back(key.name);
        type["x-kubernetes-list-map-keys"] = std::move(keys);
        break;
      }
      default:
        type["x-kubernetes-list-type"] = "atomic";
    }
    return type;
  }

  // A custom kind has the schema of its definition.
  void AddCustom(const Kind& kind, const std::string& name) {
    Reference(*MemberSchema(kind.schema, "metadata"));
    json definition = *kind.open_api;
    if (!v3_) AsSwagger(definition);
    definitions_[name] = std::move(definition);
  }

  // Removes keywords that Swagger 2 does not have.
  void AsSwagger(json& schema) {
    if (schema.is_array()) {
      for (json& element : schema) AsSwagger(element);
    }
    if (!schema.is_object()) return;
    const json* all_of = Find(schema, "allOf");
    if (SizeOf(all_of) > 0 && (*all_of)[0].contains("$ref")) {
      schema = RefTo("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
      return;
    }
    for (const char* key : {"allOf", "anyOf", "default", "not", "nullable", "oneOf"}) {
      schema.erase(key);
    }
    for (const char* key : {"additionalProperties", "items"}) {
      if (schema.contains(key)) AsSwagger(schema[key]);
    }
    if (!schema.contains("properties")) return;
    for (json& property : schema["properties"]) AsSwagger(property);
  }

  void AddList(const Kind& kind) {
    const Schema* meta = FindSchema("meta.k8s.io/v1", "Status");
    if (meta != nullptr) Reference(*MemberSchema(meta, "metadata"));
    json items = {{"type", "array"}, {"items", RefTo(kind.schema->type_name)}};
    json metadata = RefTo(kListMeta);
    if (v3_) metadata = {{"allOf", json::array({std::move(metadata)})}};
    definitions_[kind.schema->type_name + "List"] = {
        {"type", "object"},
        {"required", {"items"}},
        {"properties",
         {{"apiVersion", {{"type", "string"}}},
          {"kind", {{"type", "string"}}},
          {"metadata", std::move(metadata)},
          {"items", std::move(items)}}},
        {"x-kubernetes-group-version-kind", GroupVersionKinds(kind, kind.ListKind())}};
  }

  bool v3_;
  json definitions_ = json::object();
};

json DefinitionsOf(const std::vector<const Kind*>& kinds, bool v3) {
  Definitions definitions(v3);
  for (const Kind* kind : kinds) definitions.Add(*kind);
  return definitions.Take();
}

json Info() { return {{"title", "Kubernetes"}, {"version", "v1.36.2"}}; }

}  // namespace

json OpenApiV3(const std::vector<const Kind*>& kinds) {
  return {{"openapi", "3.0.0"},
          {"info", Info()},
          {"paths", OpenApiPaths(kinds, true)},
          {"components", {{"schemas", DefinitionsOf(kinds, true)}}}};
}

json OpenApiV2(const std::vector<const Kind*>& kinds) {
  return {{"swagger", "2.0"},
          {"info", Info()},
          {"paths", OpenApiPaths(kinds, false)},
          {"definitions", DefinitionsOf(kinds, false)}};
}

}  // namespace kless::kubernetes
