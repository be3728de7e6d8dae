#include "functions/kubernetes/objects/metadata.h"

#include <nlohmann/json.hpp>

#include "emulator/base/check.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/finalizer_names.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxAnnotationsBytes = 256 * 1024;

json& Metadata(json& object) {
  if (!object.is_object()) object = json::object();
  json& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  return metadata;
}

std::vector<std::string> NameProblems(const Kind& kind, const std::string& name) {
  return kind.label_name ? DnsLabelProblems(name) : DnsSubdomainProblems(name);
}

// A prefix may end in a dash, since the generated part follows.
std::string WithoutTrailingDash(std::string prefix) {
  if (prefix.size() > 1 && prefix.back() == '-') prefix.back() = 'a';
  return prefix;
}

void ValidateAnnotations(const json& metadata, FieldErrors& errors) {
  const json* annotations = Find(metadata, "annotations");
  if (annotations == nullptr || !annotations->is_object()) return;
  std::size_t bytes = 0;
  for (const auto& [key, value] : annotations->items()) {
    for (const std::string& problem : LabelKeyProblems(LowerCase(key))) {
      errors.push_back(Invalid("metadata.annotations", key, problem));
    }
    bytes += key.size();
    if (value.is_string()) bytes += value.get_ref<const std::string&>().size();
  }
  if (bytes > kMaxAnnotationsBytes) {
    errors.push_back(TooLong("metadata.annotations", kMaxAnnotationsBytes));
  }
}

// A reference as Go prints it, in the order of its struct.
std::string OwnerReferenceAsGo(const json& reference) {
  std::string out = "{";
  for (const char* key : {"apiVersion", "kind", "name", "uid"}) {
    if (out.size() > 1) out += ',';
    out += DumpJson(json(key)) + ":" + DumpJson(json(StringAt(reference, key)));
  }
  for (const char* key : {"controller", "blockOwnerDeletion"}) {
    if (const json* value = Find(reference, key)) {
      out += "," + DumpJson(json(key)) + ":" + DumpJson(*value);
    }
  }
  return out + "}";
}

std::string OwnerReferencesAsGo(const json& references) {
  std::string out = "[";
  for (const json& reference : references) {
    if (out.size() > 1) out += ',';
    out += OwnerReferenceAsGo(reference);
  }
  return out + "]";
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go
void ValidateOwnerReferences(const json& metadata, FieldErrors& errors) {
  const json* references = Find(metadata, "ownerReferences");
  const std::string field = "metadata.ownerReferences";
  std::string first;
  for (std::size_t i = 0; i < SizeOf(references); ++i) {
    const json& reference = (*references)[i];
    for (const char* key : {"apiVersion", "kind", "name", "uid"}) {
      if (!StringAt(reference, key).empty()) continue;
      errors.push_back(Invalid(
          field + "." + key, "",
          std::string(key) == "apiVersion" ? "version must not be empty" : "must not be empty"));
    }
    const std::string kind = StringAt(reference, "kind");
    if (kind == "Event" && StringAt(reference, "apiVersion") == "v1") {
      errors.push_back(InvalidAs(field, OwnerReferenceAsGo(reference),
                                 "/v1, Kind=Event is disallowed from being an owner"));
    }
    if (!BoolAt(reference, "controller")) continue;
    const std::string name = kind + "/" + StringAt(reference, "name");
    if (first.empty()) {
      first = name;
      continue;
    }
    errors.push_back(InvalidAs(field, OwnerReferencesAsGo(*references),
                               "Only one reference can have Controller set to true. Found \"true\" "
                               "in references for " +
                                   first + " and " + name));
  }
}

void ValidateFinalizers(const Kind& kind, const json* finalizers, FieldErrors& errors) {
  for (std::size_t i = 0; i < SizeOf(finalizers); ++i) {
    const json& finalizer = (*finalizers)[i];
    if (!finalizer.is_string()) continue;
    for (const std::string& problem : LabelKeyProblems(finalizer.get_ref<const std::string&>())) {
      errors.push_back(Invalid("metadata.finalizers", finalizer, problem));
    }
  }
  if (HoldsString(finalizers, "orphan") && HoldsString(finalizers, "foregroundDeletion")) {
    errors.push_back(Invalid("metadata.finalizers", *finalizers,
                             "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  for (std::size_t i = 0; i < SizeOf(finalizers) && kind.qualified_finalizers; ++i) {
    const json& finalizer = (*finalizers)[i];
    if (!finalizer.is_string()) continue;
    if (IsStandardOrQualified(finalizer.get_ref<const std::string&>())) continue;
    errors.push_back(Invalid("metadata.finalizers[" + std::to_string(i) + "]", finalizer,
                             "name is neither a standard finalizer name nor is it fully "
                             "qualified"));
  }
}

// Copies `key` of metadata from the old object, or removes it.
void Keep(json& metadata, const json& old_metadata, const char* key) {
  if (const json* value = Find(old_metadata, key)) {
    Set(metadata, key, *value);
  } else {
    Erase(metadata, key);
  }
}

// Removes empty members, which Go omits.
void DropEmpty(json& metadata) {
  for (const char* key : {"labels", "annotations", "finalizers", "ownerReferences"}) {
    const json* value = Find(metadata, key);
    if (value != nullptr && value->is_structured() && value->empty()) Erase(metadata, key);
  }
}

void DropServerOwned(json& metadata) {
  for (const char* key : {"resourceVersion", "managedFields", "selfLink"}) Erase(metadata, key);
}

// Keeps a whole member of the object ("spec", "status").
void KeepMember(json& object, const json& old, const char* key) {
  if (old.is_object() && old.contains(key)) {
    object[key] = old[key];
  } else {
    Erase(object, key);
  }
}

// The generation of a custom kind counts changes of everything but metadata.
json WithoutMetadata(json object) {
  for (const char* key : {"apiVersion", "kind", "metadata"}) Erase(object, key);
  return object;
}

bool SpecDiffers(const Kind& kind, const json& object, const json& old) {
  if (kind.custom) return WithoutMetadata(object) != WithoutMetadata(old);
  const json* now = Find(object, "spec");
  const json* before = Find(old, "spec");
  if (now == nullptr || before == nullptr) return now != before;
  if (*now == *before) return false;
  // A field that a raw writer omitted is not a difference once it is filled in.
  json filled = old;
  if (kind.apply_defaults) kind.apply_defaults(filled);
  return *now != *Find(filled, "spec");
}

}  // namespace

void ValidateMetadataValues(const json& object, FieldErrors& errors) {
  const json& metadata = FindOrEmpty(object, "metadata");
  ValidateLabels(Find(metadata, "labels"), "metadata.labels", errors);
  ValidateAnnotations(metadata, errors);
  ValidateOwnerReferences(metadata, errors);
}

std::vector<FieldError> ValidateMetadata(const Kind& kind, const json& object) {
  FieldErrors errors;
  const json* found = Find(object, "metadata");
  static const json kEmpty = json::object();
  const json& metadata = found == nullptr ? kEmpty : *found;
  const std::string name = StringAt(metadata, "name");
  const std::string generate_name = StringAt(metadata, "generateName");
  if (!generate_name.empty()) {
    for (const std::string& problem : NameProblems(kind, WithoutTrailingDash(generate_name))) {
      errors.push_back(Invalid("metadata.generateName", generate_name, problem));
    }
  }
  if (name.empty()) {
    errors.push_back(Required("metadata.name", "name or generateName is required"));
  } else {
    for (const std::string& problem : NameProblems(kind, name)) {
      errors.push_back(Invalid("metadata.name", name, problem));
    }
  }
  ValidateMetadataValues(object, errors);
  ValidateFinalizers(kind, Find(metadata, "finalizers"), errors);
  return errors;
}

std::vector<FieldError> ValidateMetadataUpdate(const json& object, const json& old) {
  FieldErrors errors;
  const std::string uid = StringAt(object, {"metadata", "uid"});
  const std::string old_uid = StringAt(old, {"metadata", "uid"});
  if (!old_uid.empty() && uid != old_uid) errors.push_back(Immutable("metadata.uid", uid));
  ValidateMetadataValues(object, errors);
  if (Find(old, {"metadata", "deletionTimestamp"}) == nullptr) return errors;
  const json* finalizers = Find(object, {"metadata", "finalizers"});
  const json* before = Find(old, {"metadata", "finalizers"});
  std::string added;
  if (finalizers != nullptr && finalizers->is_array()) {
    for (const json& finalizer : *finalizers) {
      if (!finalizer.is_string()) continue;
      if (HoldsString(before, finalizer.get_ref<const std::string&>())) continue;
      if (!added.empty()) added += ", ";
      added += DumpJson(finalizer);
    }
  }
  if (!added.empty()) {
    errors.push_back(Forbidden(
        "metadata.finalizers",
        "no new finalizers can be added if the object is being deleted, found new finalizers "
        "[]string{" +
            added + "}"));
  }
  return errors;
}

void PrepareMetadataForCreate(const Kind& kind, json& object, const std::string& namespace_name,
                              const WriteContext& context) {
  KLESS_CHECK(context.random != nullptr, "a create needs a random stream");
  json& metadata = Metadata(object);
  object["apiVersion"] = kind.ApiVersion();
  object["kind"] = kind.kind;
  DropServerOwned(metadata);
  DropEmpty(metadata);
  for (const char* key : {"deletionTimestamp", "deletionGracePeriodSeconds"}) Erase(metadata, key);
  if (kind.namespaced) {
    metadata["namespace"] = namespace_name;
  } else {
    Erase(metadata, "namespace");
  }
  const std::string generate_name = StringAt(metadata, "generateName");
  if (StringAt(metadata, "name").empty() && !generate_name.empty()) {
    metadata["name"] =
        generate_name.substr(0, kMaxGeneratedNameBase) + context.random->NameSuffix();
  }
  metadata["uid"] = context.random->Uuid();
  metadata["creationTimestamp"] = FormatTime(context.unix_nanos);
  if (kind.has_generation) metadata["generation"] = 1;
}

void PrepareForUpdate(const Kind& kind, json& object, const json& old, bool main,
                      const WriteContext& context) {
  if (kind.custom && !main) {
    // The status subresource of a custom object writes only the status.
    const json status = ValueOrNull(object, "status");
    object = old;
    Erase(object, "status");
    if (!status.is_null()) Set(object, "status", status);
  }
  json& metadata = Metadata(object);
  static const json kEmpty = json::object();
  const json* found = Find(old, "metadata");
  const json& old_metadata = found == nullptr ? kEmpty : *found;
  object["apiVersion"] = kind.ApiVersion();
  object["kind"] = kind.kind;
  DropServerOwned(metadata);
  DropEmpty(metadata);
  for (const char* key : {"name", "namespace", "generateName", "creationTimestamp",
                          "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    Keep(metadata, old_metadata, key);
  }
  if (StringAt(metadata, "uid").empty()) Keep(metadata, old_metadata, "uid");
  if (main) {
    if (kind.has_status) KeepMember(object, old, "status");
    if (kind.prepare_update) kind.prepare_update(object, old, context);
  } else {
    KeepMember(object, old, "spec");
    Keep(metadata, old_metadata, "ownerReferences");
  }
  if (!kind.has_generation) return;
  Keep(metadata, old_metadata, "generation");
  const bool annotated = kind.annotations_count && ValueOrNull(metadata, "annotations") !=
                                                       ValueOrNull(old_metadata, "annotations");
  if (main && (annotated || SpecDiffers(kind, object, old))) {
    metadata["generation"] = IntegerAt(old_metadata, "generation").value_or(0) + 1;
  }
}

}  // namespace kless::kubernetes
