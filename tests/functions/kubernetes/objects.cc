#include "tests/functions/kubernetes/objects.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/random.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/metadata.h"

namespace kless::kubernetes {

using nlohmann::json;

const Kind& KindOf(const char* type) { return *FindKindByType(type); }

json JobBody(const std::string& name) { return JobBody(name, json::object()); }

json JobBody(const std::string& name, const json& spec) {
  json body = json::parse(R"({"apiVersion":"batch/v1","kind":"Job",
      "metadata":{},"spec":{"template":{"spec":{"restartPolicy":"Never",
      "containers":[{"name":"c","image":"busybox:1.36"}]}}}})");
  body["metadata"]["name"] = name;
  body["spec"].merge_patch(spec);
  return body;
}

json PodBody(const std::string& name) {
  json body = json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{},
      "spec":{"containers":[{"name":"c","image":"busybox:1.36"}]}})");
  body["metadata"]["name"] = name;
  return body;
}

Written Create(const Kind& kind, json body) {
  static Random random(1, "create");
  std::vector<std::string> warnings;
  const WriteContext context{kNow, &random, &warnings};
  if (kind.apply_defaults) kind.apply_defaults(body);
  PrepareMetadataForCreate(kind, body, "default", context);
  if (kind.admit) kind.admit(body, context);
  if (kind.prepare_create) kind.prepare_create(body, context);
  if (kind.apply_defaults) kind.apply_defaults(body);
  std::vector<FieldError> errors = ValidateMetadata(kind, body);
  for (FieldError& error : kind.validate(body)) errors.push_back(std::move(error));
  auto kept = std::make_shared<const json>(std::move(body));
  return {kept, *kept, std::move(errors), std::move(warnings)};
}

Written Update(const Kind& kind, json body, const json& old, bool main) {
  static Random random(2, "update");
  std::vector<std::string> warnings;
  if (kind.apply_defaults) kind.apply_defaults(body);
  PrepareForUpdate(kind, body, old, main, {kNow, &random, &warnings});
  std::vector<FieldError> errors = ValidateMetadata(kind, body);
  if (main) {
    for (FieldError& error : kind.validate_update(body, old)) errors.push_back(std::move(error));
  }
  auto kept = std::make_shared<const json>(std::move(body));
  return {kept, *kept, std::move(errors), std::move(warnings)};
}

std::vector<std::string> Texts(const std::vector<FieldError>& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) texts.push_back(error.field + ": " + error.message);
  return texts;
}

}  // namespace kless::kubernetes
