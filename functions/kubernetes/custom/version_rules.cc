#include "functions/kubernetes/custom/version_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "functions/kubernetes/custom/schema/json_path.h"
#include "functions/kubernetes/custom/schema/schema_keywords.h"
#include "functions/kubernetes/custom/schema/schema_path.h"
#include "functions/kubernetes/custom/schema/structural_rules.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxWarningBytes = 256;
constexpr std::size_t kMaxSelectableFields = 8;

void CheckScalePath(const json& scale, const char* member, const char* root, bool required,
                    const std::string& field, FieldErrors& errors) {
  const std::string text = StringAt(scale, member);
  if (text.empty()) {
    if (required) errors.push_back(Required(field + "." + member, ""));
    return;
  }
  const auto path = JsonPath::Parse(text);
  if (!path || !path->Members()) {
    errors.push_back(
        Invalid(field + "." + member, text, "should be a simple json path without arrays"));
  } else if (!text.starts_with(std::string(root) + ".")) {
    errors.push_back(
        Invalid(field + "." + member, text, std::string("should be a json path under ") + root));
  }
}

void CheckSubresources(const json& version, const std::string& field, FieldErrors& errors) {
  const json* scale = Find(version, {"subresources", "scale"});
  if (scale == nullptr) return;
  const std::string at = field + ".subresources.scale";
  CheckScalePath(*scale, "specReplicasPath", ".spec", true, at, errors);
  CheckScalePath(*scale, "statusReplicasPath", ".status", true, at, errors);
  const std::string selector = StringAt(*scale, "labelSelectorPath");
  CheckScalePath(*scale, "labelSelectorPath", selector.starts_with(".spec") ? ".spec" : ".status",
                 false, at, errors);
}

void CheckColumns(const json& version, const std::string& field, FieldErrors& errors) {
  const json* columns = Find(version, "additionalPrinterColumns");
  for (std::size_t i = 0; i < SizeOf(columns); ++i) {
    const json& column = (*columns)[i];
    const std::string at = field + ".additionalPrinterColumns[" + std::to_string(i) + "]";
    if (StringAt(column, "name").empty()) errors.push_back(Required(at + ".name", ""));
    const std::string type = StringAt(column, "type");
    const std::vector<std::string> types = {"boolean", "date", "integer", "number", "string"};
    if (type.empty()) {
      errors.push_back(Required(at + ".type", "must be one of boolean,date,integer,number,string"));
    } else if (std::find(types.begin(), types.end(), type) == types.end()) {
      errors.push_back(
          Invalid(at + ".type", type, "must be one of boolean,date,integer,number,string"));
    }
    const std::vector<std::string> formats = {"byte",  "date",  "date-time", "double",
                                              "float", "int32", "int64",     "password"};
    const std::string format = StringAt(column, "format");
    if (!format.empty() && std::find(formats.begin(), formats.end(), format) == formats.end()) {
      errors.push_back(
          Invalid(at + ".format", format,
                  "must be one of byte,date,date-time,double,float,int32,int64,password"));
    }
    const std::string path = StringAt(column, "jsonPath");
    if (path.empty()) {
      errors.push_back(Required(at + ".JSONPath", ""));
    } else if (!JsonPath::Parse(path)) {
      errors.push_back(Invalid(at + ".JSONPath", path, "is an invalid path: not understood"));
    }
  }
}

// With a status subresource, only these keywords are allowed at the root of a schema.
void CheckRootKeywords(const json& schema, const std::string& field, FieldErrors& errors) {
  static const std::vector<std::string> kAllowed = {"Description",
                                                    "Type",
                                                    "Format",
                                                    "Title",
                                                    "Maximum",
                                                    "ExclusiveMaximum",
                                                    "Minimum",
                                                    "ExclusiveMinimum",
                                                    "MaxLength",
                                                    "MinLength",
                                                    "Pattern",
                                                    "MaxItems",
                                                    "MinItems",
                                                    "UniqueItems",
                                                    "MultipleOf",
                                                    "Required",
                                                    "Items",
                                                    "Properties",
                                                    "ExternalDocs",
                                                    "Example",
                                                    "XPreserveUnknownFields",
                                                    "XValidations"};
  const std::string type = StringAt(schema, "type");
  if (!type.empty() && type != "object") {
    errors.push_back(Invalid(field + ".type", type,
                             "only \"object\" is allowed as the type at the root of the schema if "
                             "the status subresource is enabled"));
  }
  for (const char* key : {"$ref",
                          "$schema",
                          "additionalItems",
                          "additionalProperties",
                          "allOf",
                          "anyOf",
                          "default",
                          "definitions",
                          "dependencies",
                          "enum",
                          "id",
                          "maxProperties",
                          "minProperties",
                          "not",
                          "nullable",
                          "oneOf",
                          "patternProperties",
                          "x-kubernetes-embedded-resource",
                          "x-kubernetes-int-or-string",
                          "x-kubernetes-list-map-keys",
                          "x-kubernetes-list-type",
                          "x-kubernetes-map-type"}) {
    const json* value = Find(schema, key);
    if (value == nullptr || *value == false || *value == "") continue;
    std::string allowed;
    for (const std::string& name : kAllowed) allowed += (allowed.empty() ? "" : " ") + name;
    errors.push_back(Invalid(field, schema,
                             "only [" + allowed +
                                 "] fields are allowed at the root of the schema if the status "
                                 "subresource is enabled"));
    return;
  }
}

void CheckSelectableFields(const json& version, const std::string& field, FieldErrors& errors) {
  const json* fields = Find(version, "selectableFields");
  const json& schema = FindOrEmpty(version, {"schema", "openAPIV3Schema"});
  if (!UnreadableKeyword(schema).empty()) return;
  const std::string at = field + ".selectableFields";
  std::set<std::string> seen;
  for (std::size_t i = 0; i < SizeOf(fields); ++i) {
    const std::string path = StringAt((*fields)[i], "jsonPath");
    const std::string one = at + "[" + std::to_string(i) + "].jsonPath";
    if (path.empty()) {
      errors.push_back(Required(one, ""));
      continue;
    }
    const SchemaPath found = FollowSchemaPath(schema, path);
    if (!found.problem.empty()) {
      errors.push_back(Invalid(one, path, "is an invalid path: " + found.problem));
      continue;
    }
    if (found.root == "metadata") {
      errors.push_back(Invalid(one, path, "must not point to fields in metadata"));
    }
    const std::string type = StringAt(*found.schema, "type");
    if (type != "string" && type != "boolean" && type != "integer") {
      errors.push_back(Invalid(one, path,
                               "must point to a field of type string, boolean or integer. Enum "
                               "string fields and strings with formats are allowed."));
    }
    if (!seen.insert(found.text).second) errors.push_back(Duplicate(one, path));
  }
  if (seen.size() > kMaxSelectableFields) {
    errors.push_back(TooMany(at, seen.size(), kMaxSelectableFields));
  }
}

// Parts that are the same in all versions, whose errors the API server reports once for the
// definition.
struct Shared {
  explicit Shared(const json* versions)
      : schema(Same(versions, "schema")),
        subresources(Same(versions, "subresources")),
        columns(Same(versions, "additionalPrinterColumns")),
        selectable_fields(schema && Same(versions, "selectableFields")) {}

  bool schema, subresources, columns, selectable_fields;

 private:
  static bool Same(const json* versions, const char* key) {
    const auto value = [&](std::size_t i) {
      json found = ValueOrNull((*versions)[i], key);
      return found.is_array() && found.empty() ? json() : found;
    };
    for (std::size_t i = 1; i < SizeOf(versions); ++i) {
      if (value(i) != value(0)) return false;
    }
    return true;
  }
};

void CheckSchema(const json& schema, const std::string& field, bool has_status,
                 FieldErrors& errors) {
  const std::string at = field + ".openAPIV3Schema";
  if (has_status) CheckRootKeywords(schema, at, errors);
  if (BoolAt(schema, "nullable")) {
    errors.push_back(Forbidden(at + ".nullable", "nullable cannot be true at the root"));
  }
  for (FieldError& error : ValidateStructure(schema, at)) errors.push_back(std::move(error));
}

// The error in a deprecationWarning, or "".
std::string WarningProblem(const json& version, const std::string& warning) {
  if (!BoolAt(version, "deprecated")) return "can only be set for deprecated versions";
  if (warning.size() > kMaxWarningBytes) return "must be <= 256 characters long";
  return warning.empty() ? "must not be an empty string" : "";
}

void CheckVersion(const json& version, const std::string& field, const Shared& shared,
                  FieldErrors& errors) {
  const std::string name = StringAt(version, "name");
  for (const std::string& problem : Dns1035LabelProblems(name)) {
    errors.push_back(Invalid(field + ".name", name, problem));
  }
  if (const json* warning = Find(version, "deprecationWarning")) {
    const std::string problem = WarningProblem(version, StringAt(version, "deprecationWarning"));
    if (!problem.empty()) {
      errors.push_back(Invalid(field + ".deprecationWarning", *warning, problem));
    }
  }
  const json* schema = Find(version, {"schema", "openAPIV3Schema"});
  if (schema != nullptr && !shared.schema) {
    const bool has_status = Find(version, {"subresources", "status"}) != nullptr;
    CheckSchema(*schema, field + ".schema", has_status, errors);
  }
  if (!shared.subresources) CheckSubresources(version, field, errors);
  if (!shared.columns) CheckColumns(version, field, errors);
  if (!shared.selectable_fields) CheckSelectableFields(version, field, errors);
}

}  // namespace

FieldErrors ValidateVersions(const json& spec) {
  FieldErrors errors;
  const json* versions = Find(spec, "versions");
  const Shared shared(versions);
  const auto field = [](std::size_t i) { return "spec.versions[" + std::to_string(i) + "]"; };
  for (std::size_t i = 0; i < SizeOf(versions); ++i) {
    if (Find((*versions)[i], {"schema", "openAPIV3Schema"}) != nullptr) continue;
    errors.push_back(Required(field(i) + ".schema.openAPIV3Schema", "schemas are required"));
  }
  std::set<std::string> names;
  std::size_t stored = 0;
  bool unique = true;
  for (std::size_t i = 0; i < SizeOf(versions); ++i) {
    const json& version = (*versions)[i];
    stored += BoolAt(version, "storage") ? 1 : 0;
    unique &= names.insert(StringAt(version, "name")).second;
    CheckVersion(version, field(i), shared, errors);
  }
  const json shown = versions == nullptr ? json() : *versions;
  if (!unique) {
    errors.push_back(Invalid("spec.versions", shown, "must contain unique version names"));
  }
  if (stored != 1) {
    errors.push_back(
        Invalid("spec.versions", shown, "must have exactly one version marked as storage version"));
  }
  return errors;
}

FieldErrors ValidateSharedParts(const json& spec) {
  FieldErrors errors;
  const json* versions = Find(spec, "versions");
  if (SizeOf(versions) == 0) return errors;
  const Shared shared(versions);
  const json& version = (*versions)[0];
  const json* schema = Find(version, {"schema", "openAPIV3Schema"});
  if (schema != nullptr && shared.schema) {
    bool has_status = false;
    for (std::size_t i = 0; i < versions->size(); ++i) {
      has_status |= Find((*versions)[i], {"subresources", "status"}) != nullptr;
    }
    CheckSchema(*schema, "spec.validation", has_status, errors);
  }
  if (shared.subresources) CheckSubresources(version, "spec", errors);
  if (shared.columns) CheckColumns(version, "spec", errors);
  if (shared.selectable_fields) CheckSelectableFields(version, "spec", errors);
  return errors;
}

}  // namespace kless::kubernetes
