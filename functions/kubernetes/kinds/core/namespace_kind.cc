// Namespace (v1): its label and phase, and the finalizer that the server adds and keeps.
#include <nlohmann/json.hpp>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kNameLabel = "kubernetes.io/metadata.name";
constexpr const char* kFinalizer = "kubernetes";  // in spec.finalizers

void ApplyNamespaceDefaults(json& object) {
  json* metadata = Find(object, "metadata");
  if (metadata == nullptr) return;
  const std::string name = StringAt(*metadata, "name");
  if (name.empty()) return;
  if (json* labels = ObjectAt(*metadata, "labels")) SetDefault(*labels, kNameLabel, name);
}

void PrepareNewNamespace(json& object, const WriteContext&) {
  ApplyNamespaceDefaults(object);
  Set(object, "status", json::object({{"phase", "Active"}}));
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  json& finalizers = (*spec)["finalizers"];
  if (!finalizers.is_array()) finalizers = json::array();
  if (!HoldsString(&finalizers, kFinalizer)) finalizers.push_back(kFinalizer);
}

// spec.finalizers have a subresource of their own.
void PrepareNamespaceUpdate(json& object, const json& old, const WriteContext&) {
  const json* finalizers = Find(old, {"spec", "finalizers"});
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  if (finalizers != nullptr) {
    (*spec)["finalizers"] = *finalizers;
  } else {
    spec->erase("finalizers");
  }
}

// The subresource "finalize" changes only spec.finalizers.
json WithFinalizers(const json& old, const json& body) {
  json object = old;
  const json* finalizers = Find(body, {"spec", "finalizers"});
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return object;
  if (finalizers != nullptr && finalizers->is_array() && !finalizers->empty()) {
    (*spec)["finalizers"] = *finalizers;
  } else {
    spec->erase("finalizers");
  }
  return object;
}

void MarkNamespace(json& object, std::int64_t) {
  if (json* status = ObjectAt(object, "status")) (*status)["phase"] = "Terminating";
}

std::string NamespaceFieldValue(const json& object, const std::string& field) {
  return field == "status.phase" ? StringAt(object, {"status", "phase"}) : std::string();
}

}  // namespace

Kind NamespaceKind() {
  Kind kind;
  kind.version = "v1";
  kind.kind = "Namespace";
  kind.plural = "namespaces";
  kind.singular = "namespace";
  kind.short_names = {"ns"};
  kind.verbs = {"create", "delete", "get", "list", "patch", "update", "watch"};
  kind.type = "namespace";
  kind.namespaced = false;
  kind.has_status = true;
  kind.subresources = {{"finalize", "Namespace", "", "", {"update"}, WithFinalizers, true}};
  kind.label_name = true;
  // The API server does not protect kube-node-lease.
  kind.deletion.protected_names = {"default", "kube-system", "kube-public"};
  kind.deletion.foreground = false;
  kind.deletion.spec_finalizers = true;
  kind.mark_deleted = MarkNamespace;
  kind.apply_defaults = ApplyNamespaceDefaults;
  kind.prepare_create = PrepareNewNamespace;
  kind.prepare_update = PrepareNamespaceUpdate;
  kind.validate = [](const json&) { return FieldErrors(); };
  kind.validate_update = ValidateMetadataUpdate;
  kind.selectable_fields = {"status.phase"};
  kind.field_value = NamespaceFieldValue;
  return kind;
}

}  // namespace kless::kubernetes
