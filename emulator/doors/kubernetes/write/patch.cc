#include "emulator/doors/kubernetes/write/patch.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "emulator/doors/kubernetes/wire/patch_body.h"
#include "emulator/doors/kubernetes/write/apply.h"
#include "emulator/doors/kubernetes/write/stored.h"
#include "emulator/doors/kubernetes/write/update.h"
#include "functions/kubernetes/objects/decode_problem.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/patch/patch.h"
#include "functions/kubernetes/types/go_text.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::FieldValidation;
using kubernetes::Kind;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

// Custom kinds have no Go types, and so no strategic merge patch.
bool Understands(const Kind& kind, const std::string& media_type) {
  const auto type = kubernetes::PatchTypeOf(media_type);
  return type && !(kind.custom && *type == kubernetes::PatchType::kStrategic);
}

// Replies that the patched object is not a valid object of its kind.
HttpResponse Undecodable(const std::string& shown, const std::string& problem) {
  const std::string message = "patch: Invalid value: " + DumpJson(json(shown)) + ": " + problem;
  json cause = {{"reason", "FieldValueInvalid"},
                {"message", message.substr(sizeof("patch: ") - 1)},
                {"field", "patch"}};
  return StatusResponse(kubernetes::StatusFailure(422, "Invalid", " \"\" is invalid: " + message,
                                                  {{"causes", json::array({cause})}}));
}

std::string MediaType(const HttpRequest& request) {
  const std::string& header = request.Header("content-type");
  std::string type = header.substr(0, header.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  return type;
}

// Refuses a patched object that cannot be decoded, changes its names, or requires another version.
// Unknown fields are dropped; those of the patch and of the object are in options->warnings.
Refusal CheckPatched(const ResourcePath& path, kubernetes::PatchType type, const json& patch,
                     std::uint64_t version, WriteOptions* options, json* object) {
  const Kind& kind = *path.kind;
  const auto undecodable = [&](const std::string& problem) {
    return Undecodable(kubernetes::GoJson(kind.schema, *object), problem);
  };
  if (!object->is_object()) return undecodable("the object is none");
  if (auto problem = kubernetes::DecodeProblem(kind, *object)) return undecodable(*problem);
  if (StringAt(*object, "apiVersion") != kind.ApiVersion() ||
      StringAt(*object, "kind") != kind.kind) {
    return undecodable("apiVersion and kind cannot change");
  }
  const std::string shown = options->validation != FieldValidation::kStrict ? ""
                            : type == kubernetes::PatchType::kStrategic
                                ? kubernetes::GoMapText(patch)
                                : kubernetes::GoJson(kind.schema, *object);
  for (std::string& problem : kubernetes::DropUnknownFields(kind.schema, *object)) {
    if (options->validation != FieldValidation::kIgnore) {
      options->warnings.push_back(std::move(problem));
    }
  }
  if (!kind.custom) kubernetes::DecodeNulls(kind.schema, *object);
  if (options->validation == FieldValidation::kStrict && !options->warnings.empty()) {
    return Undecodable(shown, kubernetes::StrictDecodingError(options->warnings));
  }
  if (StringAt(*object, {"metadata", "name"}).empty()) {
    return BadRequest("the name of the object (" + path.name +
                      " based on URL) was undeterminable: name must be provided");
  }
  if (auto refusal = CheckSameNames(path, *object)) return refusal;
  // A patch that sets the version requires that version.
  const std::string wanted = StringAt(*object, {"metadata", "resourceVersion"});
  if (!wanted.empty() && wanted != std::to_string(version)) return Overtaken(kind, path.name);
  return std::nullopt;
}

// Makes one attempt; nullopt: another writer was faster.
std::optional<HttpResponse> PatchOnce(KubernetesContext& context, ObjectWrite write,
                                      kubernetes::PatchType type, const json& patch) {
  const ResourcePath& path = write.path;
  ItemPtr item;
  json stored;
  if (auto refusal = Load(context, path, &item, &stored)) return refusal;
  if (json* metadata = kubernetes::ObjectAt(stored, "metadata")) {
    (*metadata)["name"] = path.name;  // A raw writer may have omitted them.
    if (path.kind->namespaced) (*metadata)["namespace"] = path.namespace_name;
  }
  json object = AsServed(path, stored, item->version);
  if (auto problem = kubernetes::ApplyPatch(*path.kind, type, patch, object)) {
    return PatchRefused(*problem);
  }
  if (auto refusal = CheckPatched(path, type, patch, item->version, &write.options, &object)) {
    return refusal;
  }
  return UpdateObject(context, std::move(write), std::move(object), *item, stored);
}

}  // namespace

HttpResponse ServePatch(KubernetesContext& context, const ResourcePath& path,
                        const HttpRequest& request) {
  const std::string media_type = MediaType(request);
  if (media_type == "application/apply-patch+yaml") return ServeApply(context, path, request);
  if (!Understands(*path.kind, media_type)) return UnknownPatch(*path.kind);
  const kubernetes::PatchType type = *kubernetes::PatchTypeOf(media_type);
  json patch;
  bool repeats = false;
  if (auto refusal = DecodePatch(request, type, &patch, &repeats)) return std::move(*refusal);
  ObjectWrite write{path, {}};
  WriteOptions& options = write.options;
  if (auto refusal = DecodeWriteOptions(request, "PatchOptions", &options)) {
    return std::move(*refusal);
  }
  if (options.force_given) {
    return InvalidOptions(
        "PatchOptions",
        {kubernetes::Forbidden("force", "may not be specified for non-apply patch")});
  }
  if (repeats && patch.is_object() && options.validation != FieldValidation::kIgnore) {
    options.warnings = kubernetes::StrictProblems(nullptr, request.body);
  }
  return UntilNotOvertaken(path, [&] { return PatchOnce(context, write, type, patch); });
}

}  // namespace kless::doors
