// PATCH in the Kubernetes door; a part of KubernetesWriter.
#include "functions/kubernetes/patch/patch.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes/wire/patch_body.h"
#include "emulator/doors/kubernetes/write/writer.h"
#include "functions/kubernetes/objects/object.h"
#include "functions/kubernetes/types/go_text.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::FieldValidation;
using kubernetes::Kind;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr int kPatchAttempts = 5;

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
  const auto found = request.headers.find("content-type");
  if (found == request.headers.end()) return "";
  std::string type = found->second.substr(0, found->second.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  return type;
}

}  // namespace

HttpResponse KubernetesWriter::Patch(const ResourcePath& path, const HttpRequest& request) {
  const std::string media_type = MediaType(request);
  if (media_type == "application/apply-patch+yaml") return Apply(path, request);
  if (!Understands(*path.kind, media_type)) return UnknownPatch(*path.kind);
  json patch;
  if (auto refusal = DecodePatch(request, *kubernetes::PatchTypeOf(media_type), &patch)) {
    return std::move(*refusal);
  }
  WriteOptions options;
  if (auto refusal = DecodeWriteOptions(request, "PatchOptions", &options)) {
    return std::move(*refusal);
  }
  if (options.force_given) {
    return InvalidOptions(
        "PatchOptions",
        {kubernetes::Forbidden("force", "may not be specified for non-apply patch")});
  }
  if (patch.is_object() && options.validation != FieldValidation::kIgnore) {
    options.warnings = kubernetes::StrictProblems(nullptr, request.body);
  }
  return PatchItem(path, patch, media_type, options);
}

HttpResponse KubernetesWriter::PatchItem(const ResourcePath& path, const json& patch,
                                         const std::string& media_type, const WriteOptions& given) {
  const Kind& kind = *path.kind;
  const kubernetes::PatchType type = *kubernetes::PatchTypeOf(media_type);
  for (int attempt = 0; attempt < kPatchAttempts; ++attempt) {
    ItemPtr item;
    json stored;
    if (auto refusal = Load(path, &item, &stored)) return std::move(*refusal);
    if (json* metadata = kubernetes::ObjectAt(stored, "metadata")) {
      (*metadata)["name"] = path.name;  // A raw writer may have omitted them.
      if (kind.namespaced) (*metadata)["namespace"] = path.namespace_name;
    }
    json object = AsServed(path, stored, item->version);
    const std::string version = std::to_string(item->version);
    if (auto problem = kubernetes::ApplyPatch(kind, type, patch, object)) {
      return PatchRefused(*problem);
    }
    const auto undecodable = [&](const std::string& problem) {
      return Undecodable(kubernetes::GoJson(kind.schema, object), problem);
    };
    if (!object.is_object()) return undecodable("the object is none");
    if (auto problem = kubernetes::DecodeProblem(kind, object)) return undecodable(*problem);
    if (StringAt(object, "apiVersion") != kind.ApiVersion() ||
        StringAt(object, "kind") != kind.kind) {
      return undecodable("apiVersion and kind cannot change");
    }
    WriteOptions options = given;
    const std::string shown = given.validation != FieldValidation::kStrict ? ""
                              : type == kubernetes::PatchType::kStrategic
                                  ? kubernetes::GoMapText(patch)
                                  : kubernetes::GoJson(kind.schema, object);
    for (std::string& problem : kubernetes::DropUnknownFields(kind.schema, object)) {
      if (given.validation != FieldValidation::kIgnore) {
        options.warnings.push_back(std::move(problem));
      }
    }
    if (!kind.custom) kubernetes::DecodeNulls(kind.schema, object);
    if (given.validation == FieldValidation::kStrict && !options.warnings.empty()) {
      return Undecodable(shown, kubernetes::StrictDecodingError(options.warnings));
    }
    const std::string name = StringAt(object, {"metadata", "name"});
    const std::string space = StringAt(object, {"metadata", "namespace"});
    if (name.empty()) {
      return BadRequest("the name of the object (" + path.name +
                        " based on URL) was undeterminable: name must be provided");
    }
    if (name != path.name) {
      return BadRequest("the name of the object (" + name +
                        ") does not match the name on the URL (" + path.name + ")");
    }
    if (kind.namespaced && !space.empty() && space != path.namespace_name) {
      return BadRequest("the namespace of the object (" + space +
                        ") does not match the namespace on the request (" + path.namespace_name +
                        ")");
    }
    // A patch that sets the version requires that version.
    const std::string wanted = StringAt(object, {"metadata", "resourceVersion"});
    if (!wanted.empty() && wanted != version) return Overtaken(kind, path.name);
    if (auto response = WriteOver(path, object, *item, stored, options)) {
      return std::move(*response);
    }
  }
  return Overtaken(kind, path.name);
}

}  // namespace kless::doors
