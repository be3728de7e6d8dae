#include "emulator/doors/kubernetes/write/steps.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "emulator/doors/kubernetes/write/stored.h"
#include "functions/kubernetes/apply/managed_fields.h"
#include "functions/kubernetes/custom/schema/go_numbers.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/objects/served_document.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/prepared_image.h"

namespace kless::doors {

using kubernetes::Kind;
using kubernetes::StringAt;
using kubernetes::WriteContext;
using nlohmann::json;

namespace {

// Refuses creation in a namespace that is missing or terminating.
Refusal CheckNamespace(KubernetesContext& context, const ResourcePath& path,
                       const std::string& name) {
  if (!path.kind->namespaced) return std::nullopt;
  static const Kind* const kNamespace = kubernetes::FindKind("v1", "Namespace");
  const auto found = context.resources().Get({kNamespace->type, path.namespace_name});
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

// The inputs of the hooks; their warnings go to those of the write.
WriteContext HookInputs(KubernetesContext& context, ObjectWrite* write) {
  return {context.event_loop.UnixNanos(), &context.random, &write->options.warnings,
          &context.stored};
}

kubernetes::FieldWriter WriterOf(const ObjectWrite& write, const WriteContext& hooks) {
  return {write.options.manager, write.path.subresource, hooks.unix_nanos};
}

// The part of the object that the path's subresource updates; null if it updates the whole object.
const kubernetes::Subresource* PartOf(const ResourcePath& path) {
  const auto* const subresource = kubernetes::FindSubresource(*path.kind, path.subresource);
  return subresource == nullptr || subresource->with_part == nullptr ? nullptr : subresource;
}

kubernetes::FieldErrors UpdateErrors(const ResourcePath& path, const json& object,
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

Refusal ReportErrors(const ResourcePath& path, const kubernetes::FieldErrors& more, json* object) {
  auto errors = kubernetes::ValidateMetadata(*path.kind, *object);
  errors.insert(errors.end(), more.begin(), more.end());
  if (!errors.empty()) return InvalidObject(*path.kind, path.name, errors);
  if (path.kind->custom) kubernetes::SettleNumbers(*object);
  return std::nullopt;
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

PreparedImage ImageOf(const Kind& kind, const ResourceId& id, const json& object) {
  if (!kind.to_stored) return PrepareImage(object, id.name);
  json converted = object;
  kind.to_stored(converted);
  return PrepareImage(converted, id.name);
}

// Replies with an object at a version; 0 if it has none, since it is not stored.
HttpResponse ServeObject(int status, const ObjectWrite& write, const json& object,
                         std::uint64_t version) {
  HttpResponse response =
      write.view == nullptr
          ? ObjectResponse(status, object, version)
          : JsonResponse(status, DumpJson(write.view(*write.path.kind,
                                                     AtVersion(write.path, object, version))));
  AddWarnings(write.options.warnings, &response);
  return response;
}

// Replies with `image`, which the object has in the store.
HttpResponse ServeImage(int status, const ObjectWrite& write, const json& object,
                        const ResourceId& id, const Item& image) {
  if (write.view != nullptr) return ServeObject(status, write, object, image.version);
  HttpResponse response =
      JsonResponse(status, kubernetes::ServedDocument(*write.path.kind, image, id.name));
  AddWarnings(write.options.warnings, &response);
  return response;
}

}  // namespace

Refusal DecodeWrite(const HttpRequest& request, const char* options, ObjectWrite* write,
                    json* object) {
  if (auto refusal = DecodeWriteOptions(request, options, &write->options)) return refusal;
  return DecodeObject(request, *write->path.kind, object, &write->options);
}

Refusal CheckSameNames(const ResourcePath& path, const json& body) {
  const std::string name = StringAt(body, {"metadata", "name"});
  if (!name.empty() && name != path.name) {
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

Refusal CheckNewObject(KubernetesContext& context, const ResourcePath& path, const json& object) {
  const std::string space = StringAt(object, {"metadata", "namespace"});
  if (path.kind->namespaced && !space.empty() && space != path.namespace_name) {
    return BadRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  if (!StringAt(object, {"metadata", "resourceVersion"}).empty()) {
    return StatusResponse(kubernetes::StatusFailure(
        500, "", "resourceVersion should not be set on objects to be created", nullptr));
  }
  return CheckNamespace(context, path, StringAt(object, {"metadata", "name"}));
}

Refusal AdmitCreate(KubernetesContext& context, ObjectWrite* write, json* object) {
  const Kind& kind = *write->path.kind;
  const WriteContext hooks = HookInputs(context, write);
  if (kind.apply_defaults) kind.apply_defaults(*object);
  json managed = write->managed_fields == nullptr ? json() : *write->managed_fields;
  if (write->managed_fields == nullptr && !write->options.manager.empty()) {
    managed = kubernetes::ManagedFieldsOfCreate(kind, *object, WriterOf(*write, hooks));
  }
  kubernetes::PrepareMetadataForCreate(kind, *object, write->path.namespace_name, hooks);
  kubernetes::SetManagedFields(*object, std::move(managed));
  write->path.name = StringAt(*object, {"metadata", "name"});
  if (!kind.admit) return std::nullopt;
  const auto why = kind.admit(*object, hooks);
  if (!why) return std::nullopt;
  return Forbidden(kind, write->path.name, *why, nullptr);
}

void PrepareCreate(KubernetesContext& context, ObjectWrite* write, json* object) {
  const Kind& kind = *write->path.kind;
  if (kind.prepare_create) kind.prepare_create(*object, HookInputs(context, write));
  // The API server applies defaults to everything it decodes, also from its own storage: some
  // defaults depend on fields that the preparation has filled in.
  if (kind.apply_defaults) kind.apply_defaults(*object);
}

void PrepareUpdate(KubernetesContext& context, ObjectWrite* write, json* old, json* object) {
  const Kind& kind = *write->path.kind;
  const WriteContext hooks = HookInputs(context, write);
  const kubernetes::Subresource* const part = PartOf(write->path);
  if (kind.apply_defaults) kind.apply_defaults(*old);
  if (part != nullptr) {
    *object = part->with_part(*old, *object);
    if (part->part_only) return;
  } else if (kind.apply_defaults) {
    kind.apply_defaults(*object);
  }
  json managed =
      kubernetes::ValueOrNull(kubernetes::FindOrEmpty(*old, "metadata"), "managedFields");
  if (write->managed_fields != nullptr) {
    managed = *write->managed_fields;
  } else if (!write->options.manager.empty()) {
    managed = kubernetes::ManagedFieldsOfUpdate(kind, *object, *old, WriterOf(*write, hooks));
  }
  kubernetes::PrepareForUpdate(kind, *object, *old, !write->path.is_status(), hooks);
  kubernetes::SetManagedFields(*object, std::move(managed));
}

Refusal ValidateCreate(const ResourcePath& path, json* object) {
  const auto& validate = path.kind->validate;
  return ReportErrors(path, validate ? validate(*object) : kubernetes::FieldErrors(), object);
}

Refusal ValidateUpdate(const ResourcePath& path, const json& old, json* object) {
  return ReportErrors(path, UpdateErrors(path, *object, old), object);
}

std::optional<HttpResponse> StoreNew(KubernetesContext& context, const ObjectWrite& write,
                                     const json& object) {
  const ResourceId id = write.path.Id();
  if (write.options.dry_run) {
    const auto existing = context.resources().Get(id);
    if (existing.has_value()) return std::nullopt;
    if (existing.error().code != ErrorCode::kNotFound) return StoreFailure(existing.error());
    return ServeObject(201, write, object, 0);
  }
  PreparedImage image = ImageOf(*write.path.kind, id, object);
  if (image.document.size() > kMaxObjectBytes) return ObjectTooLarge();
  const auto written = context.resources().Put(id, std::move(image), Condition::NotExists());
  if (written.has_error()) {
    if (written.error().code == ErrorCode::kAlreadyExists) return std::nullopt;
    return StoreFailure(written.error());
  }
  return ServeImage(201, write, object, id, *written.value().image);
}

std::optional<HttpResponse> StoreOver(KubernetesContext& context, const ObjectWrite& write,
                                      const Item& item, const json& stored, const json& object) {
  const Kind& kind = *write.path.kind;
  const ResourceId id = write.path.Id();
  const auto not_written = [](const Error& error) -> std::optional<HttpResponse> {
    if (error.code == ErrorCode::kConflict) return std::nullopt;
    return StoreFailure(error);
  };
  if (write.options.dry_run) return ServeObject(200, write, object, item.version);
  if (kubernetes::ReadyToVanish(kind, object)) {
    // The last finalizer was removed, and so is the object, at its previous version.
    const auto removed = context.resources().Remove(id, Condition::VersionIs(item.version));
    if (removed.has_error()) return not_written(removed.error());
    return ServeObject(200, write, object, item.version);
  }
  if (SameAsStored(kind, item, stored, object)) return ServeImage(200, write, object, id, item);
  PreparedImage image = ImageOf(kind, id, object);
  if (image.document.size() > kMaxObjectBytes) return ObjectTooLarge();
  const auto written =
      context.resources().Put(id, std::move(image), Condition::VersionIs(item.version));
  if (written.has_error()) return not_written(written.error());
  return ServeImage(200, write, object, id, *written.value().image);
}

HttpResponse UntilNotOvertaken(const ResourcePath& path,
                               const std::function<std::optional<HttpResponse>()>& once) {
  constexpr int kAttempts = 5;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto response = once()) return std::move(*response);
  }
  return Overtaken(*path.kind, path.name);
}

}  // namespace kless::doors
