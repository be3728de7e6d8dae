// Objects that the tests of kinds start from, and the steps that a door takes with them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "functions/kubernetes/kind.h"
#include "functions/kubernetes/object.h"

namespace kless::kubernetes {

constexpr std::int64_t kNow = 1767225600'000000000;  // 2026-01-01T00:00:00Z

inline const Kind& KindOf(const char* type) { return *FindKindByType(type); }

inline nlohmann::json JobBody(const std::string& name, nlohmann::json spec = {}) {
  nlohmann::json body = nlohmann::json::parse(R"({"apiVersion":"batch/v1","kind":"Job",
      "metadata":{},"spec":{"template":{"spec":{"restartPolicy":"Never",
      "containers":[{"name":"c","image":"busybox:1.36"}]}}}})");
  body["metadata"]["name"] = name;
  if (spec.is_object()) body["spec"].merge_patch(spec);
  return body;
}

inline nlohmann::json PodBody(const std::string& name) {
  nlohmann::json body = nlohmann::json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{},
      "spec":{"containers":[{"name":"c","image":"busybox:1.36"}]}})");
  body["metadata"]["name"] = name;
  return body;
}

// What a create makes of a body, in the order in which a door does it.
struct Created {
  nlohmann::json object;
  std::vector<FieldError> errors;
  std::vector<std::string> warnings;
};
inline Created Create(const Kind& kind, nlohmann::json body) {
  static Random random(1, "create");
  Created created;
  const WriteContext context{kNow, &random, &created.warnings};
  if (kind.apply_defaults) kind.apply_defaults(body);
  PrepareMetadataForCreate(kind, body, "default", context);
  if (kind.prepare_create) kind.prepare_create(body, context);
  if (kind.apply_defaults) kind.apply_defaults(body);
  created.errors = ValidateMetadata(kind, body);
  for (FieldError& error : kind.validate(body)) created.errors.push_back(std::move(error));
  created.object = std::move(body);
  return created;
}

struct Updated {
  nlohmann::json object;
  std::vector<FieldError> errors;
};
inline Updated Update(const Kind& kind, nlohmann::json body, const nlohmann::json& old,
                      bool main = true) {
  static Random random(2, "update");
  Updated updated;
  if (kind.apply_defaults) kind.apply_defaults(body);
  PrepareForUpdate(kind, body, old, main, {kNow, &random, nullptr});
  updated.errors = ValidateMetadata(kind, body);
  if (main) {
    for (FieldError& error : kind.validate_update(body, old)) {
      updated.errors.push_back(std::move(error));
    }
  }
  updated.object = std::move(body);
  return updated;
}

// "field: message" of each.
inline std::vector<std::string> Texts(const std::vector<FieldError>& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) texts.push_back(error.field + ": " + error.message);
  return texts;
}

}  // namespace kless::kubernetes
