// Kinds without a controller of their own here: ConfigMap, Secret, ServiceAccount, Service,
// PersistentVolumeClaim, Lease.
#include <nlohmann/json.hpp>
#include <string>

#include "emulator/base/strings.h"
#include "functions/kubernetes/field_error.h"
#include "functions/kubernetes/json_access.h"
#include "functions/kubernetes/kinds.h"
#include "functions/kubernetes/object.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kDataKeySentence =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', "
    " or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
constexpr const char* kAccountAnnotation = "kubernetes.io/service-account.name";

Kind StoredKind(const char* name, const char* plural, const char* singular) {
  Kind kind;
  kind.version = "v1";
  kind.kind = name;
  kind.plural = plural;
  kind.singular = singular;
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = singular;
  return kind;
}

// `rules` of a create, and of an update with the rules of metadata before them.
void SetRules(Kind& kind, FieldErrors (*rules)(const json&),
              void (*update_rules)(const json&, const json&, FieldErrors&)) {
  kind.validate = rules;
  kind.validate_update = [rules, update_rules](const json& object, const json& old) {
    FieldErrors errors = ValidateMetadataUpdate(object, old);
    for (FieldError& error : rules(object)) errors.push_back(std::move(error));
    if (update_rules != nullptr) update_rules(object, old, errors);
    return errors;
  };
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
    if (!fits) {
      errors.push_back(Invalid(std::string(member) + "[" + key + "]", key, kDataKeySentence));
    }
  }
}

// An object that says it is immutable, is, and stays so.
void ValidateImmutableData(const json& object, const json& old, FieldErrors& errors) {
  if (!BoolAt(old, "immutable")) return;
  const char* const sentence = "field is immutable when `immutable` is set";
  if (!BoolAt(object, "immutable")) errors.push_back(Forbidden("immutable", sentence));
  for (const char* member : {"data", "binaryData"}) {
    if (ValueOrNull(object, member) != ValueOrNull(old, member)) {
      errors.push_back(Forbidden(member, sentence));
    }
  }
}

FieldErrors ValidateConfigMap(const json& object) {
  FieldErrors errors;
  ValidateDataKeys(object, "data", errors);
  ValidateDataKeys(object, "binaryData", errors);
  const json* data = Find(object, "data");
  const json* binary = Find(object, "binaryData");
  if (data == nullptr || binary == nullptr || !binary->is_object()) return errors;
  for (const auto& [key, value] : binary->items()) {
    if (Find(*data, key.c_str()) == nullptr) continue;
    errors.push_back(Invalid("data[" + key + "]", key, "duplicate of key present in binaryData"));
  }
  return errors;
}

// stringData is written only: it goes to data.
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

FieldErrors ValidateSecret(const json& object) {
  FieldErrors errors;
  ValidateDataKeys(object, "data", errors);
  if (StringAt(object, "type") == "kubernetes.io/service-account-token" &&
      StringAt(object, {"metadata", "annotations", kAccountAnnotation}).empty()) {
    errors.push_back(Required(std::string("metadata.annotations[") + kAccountAnnotation + "]", ""));
  }
  const json* data = Find(object, "data");
  if (data == nullptr || !data->is_object()) return errors;
  for (const auto& [key, value] : data->items()) {
    if (!value.is_string() || !Base64Decode(value.get_ref<const std::string&>())) {
      errors.push_back(Invalid("data[" + key + "]", value, "must be base64"));
    }
  }
  return errors;
}

void ValidateSecretUpdate(const json& object, const json& old, FieldErrors& errors) {
  const json type = ValueOrNull(object, "type");
  if (type != ValueOrNull(old, "type")) errors.push_back(Immutable("type", type));
  ValidateImmutableData(object, old, errors);
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/v1/defaults.go
void DefaultService(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  SetDefault(*spec, "sessionAffinity", "None");
  SetDefault(*spec, "type", "ClusterIP");
  if (StringAt(*spec, "type") != "ExternalName") {
    SetDefault(*spec, "internalTrafficPolicy", "Cluster");
  }
  json* ports = Find(*spec, "ports");
  for (std::size_t i = 0; i < SizeOf(ports); ++i) {
    json& port = (*ports)[i];
    if (!port.is_object()) continue;
    SetDefault(port, "protocol", "TCP");
    if (const auto number = IntegerAt(port, "port")) SetDefault(port, "targetPort", *number);
  }
}

void PrepareService(json& object, const WriteContext&) {
  Set(object, "status", {{"loadBalancer", json::object()}});
}

FieldErrors ValidateService(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  const std::string type = StringAt(spec, "type");
  const json* ports = Find(spec, "ports");
  const std::size_t size = SizeOf(ports);
  if (size == 0 && type != "ExternalName" && StringAt(spec, "clusterIP") != "None") {
    errors.push_back(Required("spec.ports", ""));
  }
  if (type == "ExternalName" && StringAt(spec, "externalName").empty()) {
    errors.push_back(Required("spec.externalName", ""));
  }
  for (std::size_t i = 0; i < size; ++i) {
    const json& port = (*ports)[i];
    const std::string field = "spec.ports[" + std::to_string(i) + "]";
    const std::int64_t number = IntegerAt(port, "port").value_or(0);
    if (size > 1 && StringAt(port, "name").empty()) {
      errors.push_back(Required(field + ".name", ""));
    }
    if (number < 1 || number > 65535) {
      errors.push_back(Invalid(field + ".port", number, "must be between 1 and 65535, inclusive"));
    }
  }
  if (type != "ClusterIP" && type != "NodePort" && type != "LoadBalancer" &&
      type != "ExternalName") {
    errors.push_back(
        NotSupported("spec.type", type, {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"}));
  }
  return errors;
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

// A volume is bound once; the size may change.
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
  SetRules(kind, ValidateConfigMap, ValidateImmutableData);
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

Kind ServiceKind() {
  Kind kind = StoredKind("Service", "services", "service");
  kind.short_names = {"svc"};
  kind.categories = {"all"};
  kind.has_status = true;
  kind.apply_defaults = DefaultService;
  kind.prepare_create = PrepareService;
  kind.creates_on_update = true;
  SetRules(kind, ValidateService, nullptr);
  kind.selectable_fields = {"spec.clusterIP", "spec.type"};
  kind.field_value = [](const json& object, const std::string& field) {
    return StringAt(object, {"spec", field == "spec.type" ? "type" : "clusterIP"});
  };
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
  kind.creates_on_update = true;
  SetRules(kind, ValidateLease, nullptr);
  return kind;
}

}  // namespace kless::kubernetes
