#include "emulator/doors/kubernetes/write/writer.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/apply/managed_fields.h"
#include "functions/kubernetes/custom/schema/go_numbers.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/object.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::Kind;
using kubernetes::StringAt;
using kubernetes::WriteContext;
using nlohmann::json;

namespace {

// The number of attempts to generate a name that does not exist yet.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go
constexpr int kNameAttempts = 8;
// The number of attempts of an unconditional write that loses against other writers.
constexpr int kWriteAttempts = 5;

// Checks that a replace has the same names in body and path.
Refusal CheckNames(const ResourcePath& path, const json& body) {
  const std::string name = StringAt(body, {"metadata", "name"});
  if (name.empty()) {
    return BadRequest("the name of the object (" + path.name +
                      " based on URL) was undeterminable: name must be provided");
  }
  if (name != path.name) {
    return BadRequest("the name of the object (" + name + ") does not match the name on the URL (" +
                      path.name + ")");
  }
  const std::string space = StringAt(body, {"metadata", "namespace"});
  if (path.kind->namespaced && !space.empty() && space != path.namespace_name) {
    return BadRequest("the namespace of the object (" + space +
                      ") does not match the namespace on the request (" + path.namespace_name +
                      ")");
  }
  return std::nullopt;
}

// The part of the object that the path's subresource updates; null if it updates the whole object.
const kubernetes::Subresource* PartOf(const ResourcePath& path) {
  const auto* const subresource = kubernetes::FindSubresource(*path.kind, path.subresource);
  return subresource == nullptr || subresource->with_part == nullptr ? nullptr : subresource;
}

kubernetes::FieldErrors ValidateUpdate(const ResourcePath& path, const json& object,
                                       const json& old) {
  const Kind& kind = *path.kind;
  if (PartOf(path) != nullptr) return kind.validate(object);
  const auto& validate = path.is_status() ? kind.validate_status_update : kind.validate_update;
  // The API server reports errors of the metadata twice: for every kind, and for this one.
  auto errors = kubernetes::ValidateMetadataUpdate(object, old);
  const auto more = validate ? validate(object, old) : errors;
  errors.insert(errors.end(), more.begin(), more.end());
  return errors;
}

// Whether a write leaves the stored object as it is: the text may differ where the object does not.
// `stored` is as it was read, in the version of the kind.
bool SameAsStored(const Kind& kind, const Item& item, const json& stored, const json& object) {
  if (!kind.to_stored) return object == stored;
  const auto parsed = ParseJson(item.document);
  json converted = object;
  kind.to_stored(converted);
  return parsed.has_value() && parsed.value() == converted;
}

std::string StoredText(const Kind& kind, const json& object) {
  if (!kind.to_stored) return DumpJson(object);
  json converted = object;
  kind.to_stored(converted);
  return DumpJson(converted);
}

kubernetes::FieldWriter WriterOf(const ResourcePath& path, const WriteOptions& options,
                                 const WriteContext& context) {
  return {options.manager, path.subresource, context.unix_nanos};
}

}  // namespace

Refusal KubernetesWriter::CheckNamespace(const ResourcePath& path, const std::string& name) const {
  if (!path.kind->namespaced) return std::nullopt;
  static const Kind* const kNamespace = kubernetes::FindKind("v1", "Namespace");
  const auto found = context_.resources().Get({kNamespace->type, path.namespace_name});
  if (found.has_error()) {
    if (found.error().code != ErrorCode::kNotFound) return StoreFailure(found.error());
    return NotFound(*kNamespace, path.namespace_name);
  }
  if (!found.value()->fields || !found.value()->fields->deleting) return std::nullopt;
  const std::string& space = path.namespace_name;
  return Forbidden(
      *path.kind, name,
      "unable to create new content in namespace " + space + " because it is being terminated",
      json::array({{{"reason", "NamespaceTerminating"},
                    {"message", "namespace " + space + " is being terminated"},
                    {"field", "metadata.namespace"}}}));
}

json KubernetesWriter::AtVersion(const ResourcePath& path, json object, std::uint64_t version) {
  if (json* metadata = kubernetes::ObjectAt(object, "metadata")) {
    (*metadata)["name"] = path.name;
    if (path.kind->namespaced) (*metadata)["namespace"] = path.namespace_name;
    (*metadata)["resourceVersion"] = std::to_string(version);
  }
  return object;
}

json KubernetesWriter::AsServed(const ResourcePath& path, json object, std::uint64_t version) {
  const Kind& kind = *path.kind;
  if (kind.apply_defaults) kind.apply_defaults(object);
  object["apiVersion"] = kind.ApiVersion();
  object["kind"] = kind.kind;
  return AtVersion(path, std::move(object), version);
}

json KubernetesWriter::Decoded(const Kind& kind, const Item& item) {
  auto parsed = ParseJson(item.document);
  json object =
      parsed.has_value() && parsed->is_object() ? std::move(parsed.value()) : json::object();
  if (kind.from_stored) kind.from_stored(object);
  return object;
}

HttpResponse KubernetesWriter::Stored(int status, const ResourcePath& path) const {
  const ResourceId id = path.Id();
  const auto item = context_.resources().Get(id);
  if (item.has_error()) return StoreFailure(item.error());
  return JsonResponse(status, kubernetes::ServedDocument(*path.kind, *item.value(), id.name));
}

HttpResponse KubernetesWriter::Create(const ResourcePath& path, const HttpRequest& request) {
  WriteOptions options;
  if (auto refusal = DecodeWriteOptions(request, "CreateOptions", &options)) {
    return std::move(*refusal);
  }
  json object;
  if (auto refusal = DecodeObject(request, *path.kind, &object, &options)) {
    return std::move(*refusal);
  }
  return CreateObject(path, object, options);
}

HttpResponse KubernetesWriter::CreateObject(const ResourcePath& path, const json& object,
                                            const WriteOptions& options,
                                            const json* managed_fields) {
  const Kind& kind = *path.kind;
  const std::string space = StringAt(object, {"metadata", "namespace"});
  if (kind.namespaced && !space.empty() && space != path.namespace_name) {
    return BadRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  if (!StringAt(object, {"metadata", "resourceVersion"}).empty()) {
    return StatusResponse(kubernetes::StatusFailure(
        500, "", "resourceVersion should not be set on objects to be created", nullptr));
  }
  const bool generated = StringAt(object, {"metadata", "name"}).empty();
  if (auto refusal = CheckNamespace(path, StringAt(object, {"metadata", "name"}))) {
    return std::move(*refusal);
  }

  ResourcePath created = path;
  for (int attempt = 1;; ++attempt) {
    std::vector<std::string> warnings = options.warnings;
    const WriteContext context{context_.event_loop.UnixNanos(), &context_.random, &warnings,
                               &context_.stored};
    json prepared = object;
    if (kind.apply_defaults) kind.apply_defaults(prepared);
    json managed = managed_fields == nullptr ? json() : *managed_fields;
    if (managed_fields == nullptr && !options.manager.empty()) {
      managed = kubernetes::ManagedFieldsOfCreate(kind, prepared, WriterOf(path, options, context));
    }
    kubernetes::PrepareMetadataForCreate(kind, prepared, path.namespace_name, context);
    created.name = StringAt(prepared, {"metadata", "name"});
    if (kind.admit) {
      if (const auto why = kind.admit(prepared, context)) {
        return Forbidden(kind, created.name, *why, nullptr);
      }
    }
    if (kind.prepare_create) kind.prepare_create(prepared, context);
    // The API server applies defaults to everything it decodes, also from its own storage: some
    // defaults depend on fields that the preparation has filled in.
    if (kind.apply_defaults) kind.apply_defaults(prepared);
    kubernetes::SetManagedFields(prepared, std::move(managed));
    auto errors = kubernetes::ValidateMetadata(kind, prepared);
    const auto more = kind.validate ? kind.validate(prepared) : decltype(errors)();
    errors.insert(errors.end(), more.begin(), more.end());
    if (!errors.empty()) return InvalidObject(kind, created.name, errors);
    if (kind.custom) kubernetes::SettleNumbers(prepared);

    const ResourceId id = created.Id();
    const auto existing = context_.resources().Get(id);
    if (existing.has_error() && existing.error().code != ErrorCode::kNotFound) {
      return StoreFailure(existing.error());
    }
    if (existing.has_value()) {
      if (generated && attempt < kNameAttempts) continue;
      const bool deleting = existing.value()->fields && existing.value()->fields->deleting;
      return AlreadyExists(kind, created.name, deleting);
    }
    HttpResponse response;
    if (options.dry_run) {
      response = ObjectResponse(201, std::move(prepared), 0);
    } else {
      std::string text = StoredText(kind, prepared);
      if (text.size() > kMaxObjectBytes) return ObjectTooLarge();
      const auto written = context_.resources().Put(id, std::move(text), Condition::NotExists());
      if (written.has_error()) return StoreFailure(written.error());
      response = Stored(201, created);
    }
    AddWarnings(warnings, &response);
    return response;
  }
}

HttpResponse KubernetesWriter::Replace(const ResourcePath& path, const HttpRequest& request) {
  const Kind& kind = *path.kind;
  WriteOptions options;
  if (auto refusal = DecodeWriteOptions(request, "UpdateOptions", &options)) {
    return std::move(*refusal);
  }
  json body;
  if (auto refusal = DecodeObject(request, kind, &body, &options)) return std::move(*refusal);
  if (auto refusal = CheckNames(path, body)) return std::move(*refusal);
  const std::string version = StringAt(body, {"metadata", "resourceVersion"});
  const bool unconditional = version.empty() || version == "0";
  if (!unconditional && !ParseUnsigned(version)) {
    const std::string quoted = DumpJson(version);
    return BadRequest("metadata.resourceVersion: Invalid value: " + quoted +
                      ": strconv.ParseUint: parsing " + quoted + ": invalid syntax");
  }
  for (int attempt = 0; attempt < kWriteAttempts; ++attempt) {
    const auto found = context_.resources().Get(path.Id());
    if (found.has_error()) {
      if (found.error().code != ErrorCode::kNotFound) return StoreFailure(found.error());
      const bool creates = kind.create_on_update && unconditional;
      if (!creates) return NotFound(kind, path.name);
      return CreateObject(path, body, options);
    }
    if (unconditional && !kind.unconditional_update) return VersionRequired(kind, path.name);
    const Item& item = *found.value();
    if (!unconditional && *ParseUnsigned(version) != item.version) break;
    auto response = ReplaceItem(path, body, item, options);
    if (response) return std::move(*response);
    if (!unconditional) break;
  }
  return Overtaken(kind, path.name);
}

std::optional<HttpResponse> KubernetesWriter::ReplaceItem(const ResourcePath& path,
                                                          const json& body, const Item& item,
                                                          const WriteOptions& options) {
  const Kind& kind = *path.kind;
  const ResourceId id = path.Id();
  const json stored = Decoded(kind, item);
  const std::string uid = StringAt(body, {"metadata", "uid"});
  const std::string current = StringAt(stored, {"metadata", "uid"});
  if (!uid.empty() && uid != current) {
    return Conflict(kind, path.name,
                    "StorageError: invalid object, Code: 4, Key: /registry/" + kind.plural + "/" +
                        id.name +
                        ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
                        "precondition: " +
                        uid + ", UID in object meta: " + current);
  }

  return WriteOver(path, body, item, stored, options);
}

std::optional<HttpResponse> KubernetesWriter::WriteOver(const ResourcePath& path, const json& body,
                                                        const Item& item, const json& stored,
                                                        const WriteOptions& options,
                                                        const json* managed_fields) {
  const Kind& kind = *path.kind;
  const ResourceId id = path.Id();
  std::vector<std::string> warnings = options.warnings;
  const WriteContext context{context_.event_loop.UnixNanos(), &context_.random, &warnings,
                             &context_.stored};
  json old = stored;  // as the API server would have read it, with defaults
  json object = body;
  if (kind.apply_defaults) {
    kind.apply_defaults(old);
    kind.apply_defaults(object);
  }
  const kubernetes::Subresource* const part = PartOf(path);
  if (part != nullptr) object = part->with_part(old, body);
  if (part == nullptr || !part->part_only) {
    json managed =
        kubernetes::ValueOrNull(kubernetes::FindOrEmpty(old, "metadata"), "managedFields");
    if (managed_fields != nullptr) {
      managed = *managed_fields;
    } else if (!options.manager.empty()) {
      managed =
          kubernetes::ManagedFieldsOfUpdate(kind, object, old, WriterOf(path, options, context));
    }
    kubernetes::PrepareForUpdate(kind, object, old, !path.is_status(), context);
    kubernetes::SetManagedFields(object, std::move(managed));
  }
  auto errors = kubernetes::ValidateMetadata(kind, object);
  const auto more = ValidateUpdate(path, object, old);
  errors.insert(errors.end(), more.begin(), more.end());
  if (!errors.empty()) return InvalidObject(kind, path.name, errors);
  if (kind.custom) kubernetes::SettleNumbers(object);

  HttpResponse response;
  Result<WriteResult> written = WriteResult{item.version};
  const bool vanishes = kubernetes::ReadyToVanish(kind, object);
  if (!options.dry_run && vanishes) {
    // The last finalizer was removed, and so is the object, at its previous version.
    written = context_.resources().Remove(id, Condition::VersionIs(item.version));
  } else if (!options.dry_run && !SameAsStored(kind, item, stored, object)) {
    std::string text = StoredText(kind, object);
    if (text.size() > kMaxObjectBytes) return ObjectTooLarge();
    written = context_.resources().Put(id, std::move(text), Condition::VersionIs(item.version));
  }
  if (written.has_error()) {
    if (written.error().code == ErrorCode::kConflict) return std::nullopt;
    return StoreFailure(written.error());
  }
  response = options.dry_run || vanishes ? ObjectResponse(200, std::move(object), item.version)
                                         : Stored(200, path);
  AddWarnings(warnings, &response);
  return response;
}

}  // namespace kless::doors
