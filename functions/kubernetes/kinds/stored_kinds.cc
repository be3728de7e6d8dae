// Kinds without a controller in kless: ConfigMap, Secret, ServiceAccount, PersistentVolumeClaim,
// Lease.
#include <nlohmann/json.hpp>
#include <string>

#include "emulator/base/strings.h"
#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kDataKeySentence =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', "
    " or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
constexpr const char* kAccountAnnotation = "kubernetes.io/service-account.name";

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/types.go
constexpr std::size_t kMaxDataBytes = 1u << 20;  // of all values together

Kind StoredKind(const char* name, const char* plural, const char* singular) {
  Kind kind = NamespacedKind("", "v1", name, plural, singular);
  return kind;
}

void ValidateDataKeys(const json& object, const char* member, FieldErrors& errors) {
  const json* data = Find(object, member);
  if (data == nullptr || !data->is_object()) return;
  for (const auto& [key, value] : data->items()) {
    bool fits = !key.empty() && key.size() <= 253;
    for (const char c : key) {
      fits = fits && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.');
    }
    const std::string field = std::string(member) + "[" + key + "]";
    if (!fits) {
      errors.push_back(Invalid(field, key, kDataKeySentence));
    } else if (key == "." || key == "..") {
      errors.push_back(Invalid(field, key, "must not be '" + key + "'"));
    } else if (key.starts_with("..")) {
      errors.push_back(Invalid(field, key, "must not start with '..'"));
    }
  }
}

// An object that is marked immutable is, and stays so.
void ValidateDataUpdate(const json& object, const json& old, FieldErrors& errors) {
  ValidateMetadataValues(object,
                         errors);  // Checked a third time, by the rules of the whole object.
  if (!BoolAt(old, "immutable")) return;
  const char* const sentence = "field is immutable when `immutable` is set";
  if (!BoolAt(object, "immutable")) errors.push_back(Forbidden("immutable", sentence));
  for (const char* member : {"data", "binaryData"}) {
    if (ValueOrNull(object, member) != ValueOrNull(old, member)) {
      errors.push_back(Forbidden(member, sentence));
    }
  }
}

// The size of the values in a map of strings or, if `base64`, of base64 texts.
std::size_t DataBytes(const json& data, bool base64) {
  std::size_t bytes = 0;
  for (const json& value : data) {
    if (!value.is_string()) continue;
    const auto& text = value.get_ref<const std::string&>();
    bytes += base64 ? Base64Decode(text).value_or("").size() : text.size();
  }
  return bytes;
}

void ValidateBase64(const json* data, const std::string& field, FieldErrors& errors) {
  if (data == nullptr || !data->is_object()) return;
  for (const auto& [key, value] : data->items()) {
    if (value.is_string() && Base64Decode(value.get_ref<const std::string&>())) continue;
    errors.push_back(Invalid(field + "[" + key + "]", value, "must be base64"));
  }
}

FieldErrors ValidateConfigMap(const json& object) {
  FieldErrors errors;
  ValidateDataKeys(object, "data", errors);
  ValidateDataKeys(object, "binaryData", errors);
  const json* data = Find(object, "data");
  const json* binary = Find(object, "binaryData");
  if (DataBytes(FindOrEmpty(object, "data"), false) +
          DataBytes(FindOrEmpty(object, "binaryData"), true) >
      kMaxDataBytes) {
    errors.push_back(TooLong("[]", kMaxDataBytes));  // The API server names no field.
  }
  ValidateBase64(binary, "binaryData", errors);
  if (data == nullptr || binary == nullptr || !binary->is_object()) return errors;
  for (const auto& [key, value] : binary->items()) {
    if (Find(*data, key.c_str()) == nullptr) continue;
    errors.push_back(Invalid("data[" + key + "]", key, "duplicate of key present in binaryData"));
  }
  return errors;
}

// stringData is write-only: it is moved to data.
void DefaultSecret(json& object) {
  if (!object.is_object()) return;
  const json given = ValueOrNull(object, "stringData");
  if (given.is_object() && !given.empty()) {
    if (json* data = ObjectAt(object, "data")) {
      for (const auto& [key, value] : given.items()) {
        if (value.is_string()) (*data)[key] = Base64Encode(value.get_ref<const std::string&>());
      }
    }
  }
  Erase(object, "stringData");
  SetDefault(object, "type", "Opaque");
}

// The keys that secrets of a type must have; for basic-auth one of them suffices.
void ValidateSecretType(const json& object, FieldErrors& errors) {
  const std::string type = StringAt(object, "type");
  const json& data = FindOrEmpty(object, "data");
  const auto require = [&](const char* key) {
    if (Find(data, key) == nullptr) {
      errors.push_back(Required(std::string("data[") + key + "]", ""));
    }
  };
  if (type == "kubernetes.io/tls") {
    require("tls.crt");
    require("tls.key");
  } else if (type == "kubernetes.io/dockercfg") {
    require(".dockercfg");
  } else if (type == "kubernetes.io/dockerconfigjson") {
    require(".dockerconfigjson");
  } else if (type == "kubernetes.io/ssh-auth") {
    require("ssh-privatekey");
  } else if (type == "kubernetes.io/basic-auth" && Find(data, "username") == nullptr &&
             Find(data, "password") == nullptr) {
    require("username");
    require("password");
  }
}

FieldErrors ValidateSecret(const json& object) {
  FieldErrors errors;
  ValidateDataKeys(object, "data", errors);
  ValidateSecretType(object, errors);
  if (StringAt(object, "type") == "kubernetes.io/service-account-token" &&
      StringAt(object, {"metadata", "annotations", kAccountAnnotation}).empty()) {
    errors.push_back(Required(std::string("metadata.annotations[") + kAccountAnnotation + "]", ""));
  }
  const json* data = Find(object, "data");
  if (data == nullptr || !data->is_object()) return errors;
  if (DataBytes(*data, true) > kMaxDataBytes) errors.push_back(TooLong("data", kMaxDataBytes));
  ValidateBase64(data, "data", errors);
  return errors;
}

void ValidateSecretUpdate(const json& object, const json& old, FieldErrors& errors) {
  const json type = ValueOrNull(object, "type");
  if (type != ValueOrNull(old, "type")) errors.push_back(Immutable("type", type));
  ValidateDataUpdate(object, old, errors);
}

void DefaultClaim(json& object) {
  if (json* spec = ObjectAt(object, "spec")) SetDefault(*spec, "volumeMode", "Filesystem");
}

void PrepareClaim(json& object, const WriteContext&) {
  Set(object, "status", {{"phase", "Pending"}});
}

FieldErrors ValidateClaim(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  if (SizeOf(Find(spec, "accessModes")) == 0) {
    errors.push_back(Required("spec.accessModes", "at least 1 access mode is required"));
  }
  if (Find(spec, {"resources", "requests", "storage"}) == nullptr) {
    errors.push_back(Required("spec.resources[storage]", ""));
  }
  return errors;
}

// A volume is bound once; its size may change.
void ValidateClaimUpdate(const json& object, const json& old, FieldErrors& errors) {
  json now = FindOrEmpty(object, "spec");
  const json& before = FindOrEmpty(old, "spec");
  if (StringAt(before, "volumeName").empty()) Erase(now, "volumeName");
  Set(now, "resources", ValueOrNull(before, "resources"));
  if (now.is_object() && now["resources"].is_null()) now.erase("resources");
  if (now != before) {
    errors.push_back(Forbidden("spec",
                               "spec is immutable after creation except resources.requests and "
                               "volumeAttributesClassName for bound claims"));
  }
}

FieldErrors ValidateLease(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  const auto duration = IntegerAt(spec, "leaseDurationSeconds");
  if (duration && *duration <= 0) {
    errors.push_back(Invalid("spec.leaseDurationSeconds", *duration, "must be greater than 0"));
  }
  const auto transitions = IntegerAt(spec, "leaseTransitions");
  if (transitions && *transitions < 0) {
    errors.push_back(
        Invalid("spec.leaseTransitions", *transitions, "must be greater than or equal to 0"));
  }
  return errors;
}

FieldErrors NoRules(const json&) { return {}; }

}  // namespace

Kind ConfigMapKind() {
  Kind kind = StoredKind("ConfigMap", "configmaps", "configmap");
  kind.short_names = {"cm"};
  SetRules(kind, ValidateConfigMap, ValidateDataUpdate);
  return kind;
}

Kind SecretKind() {
  Kind kind = StoredKind("Secret", "secrets", "secret");
  kind.apply_defaults = DefaultSecret;
  SetRules(kind, ValidateSecret, ValidateSecretUpdate);
  kind.selectable_fields = {"type"};
  kind.field_value = [](const json& object, const std::string& field) {
    return StringAt(object, field.c_str());
  };
  return kind;
}

Kind ServiceAccountKind() {
  Kind kind = StoredKind("ServiceAccount", "serviceaccounts", "serviceaccount");
  kind.short_names = {"sa"};
  SetRules(kind, NoRules, nullptr);
  return kind;
}

Kind PersistentVolumeClaimKind() {
  Kind kind =
      StoredKind("PersistentVolumeClaim", "persistentvolumeclaims", "persistentvolumeclaim");
  kind.short_names = {"pvc"};
  kind.has_status = true;
  kind.apply_defaults = DefaultClaim;
  kind.prepare_create = PrepareClaim;
  SetRules(kind, ValidateClaim, ValidateClaimUpdate);
  return kind;
}

Kind LeaseKind() {
  Kind kind = StoredKind("Lease", "leases", "lease");
  kind.group = "coordination.k8s.io";
  kind.qualified_finalizers = false;
  kind.create_on_update = true;
  SetRules(kind, ValidateLease, nullptr);
  return kind;
}

}  // namespace kless::kubernetes
