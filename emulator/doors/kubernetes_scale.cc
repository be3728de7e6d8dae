// The scale subresource (autoscaling/v1 Scale) of the Kubernetes door; a part of KubernetesWriter.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes_writer.h"
#include "functions/kubernetes/field_error.h"
#include "functions/kubernetes/json_access.h"
#include "functions/kubernetes/object.h"
#include "functions/kubernetes/patch.h"

namespace kless::doors {

using kubernetes::Kind;
using kubernetes::PatchType;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr int kAttempts = 5;
constexpr const char* kModified =
    "the object has been modified; please apply your changes to the latest version and try again";

// As what the bodies are decoded and refused.
const Kind& ScaleKind() {
  static const Kind kScale = [] {
    Kind kind;
    kind.group = "autoscaling";
    kind.version = "v1";
    kind.kind = "Scale";
    kind.plural = "scales";
    kind.singular = "scale";
    return kind;
  }();
  return kScale;
}

const json* At(const json& object, const std::vector<std::string>& path) {
  const json* at = &object;
  for (const std::string& key : path) {
    at = kubernetes::Find(*at, key.c_str());
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::int64_t NumberAt(const json& object, const std::vector<std::string>& path) {
  const json* number = At(object, path);
  return number != nullptr && number->is_number_integer() ? number->get<std::int64_t>() : 0;
}

bool SetAt(json& object, const std::vector<std::string>& path, std::int64_t number) {
  json* at = &object;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    at = kubernetes::ObjectAt(*at, path[i].c_str());
    if (at == nullptr) return false;
  }
  if (path.empty() || !at->is_object()) return false;
  (*at)[path.back()] = number;
  return true;
}

// One requirement of a selector in the selector language.
std::string RequirementText(const json& expression) {
  const std::string op = StringAt(expression, "operator");
  const std::string key = StringAt(expression, "key");
  if (op == "Exists") return key;
  if (op == "DoesNotExist") return "!" + key;
  std::vector<std::string> values;
  const json* list = kubernetes::Find(expression, "values");
  for (std::size_t i = 0; i < kubernetes::SizeOf(list); ++i) {
    if ((*list)[i].is_string()) values.push_back((*list)[i].get<std::string>());
  }
  std::sort(values.begin(), values.end());
  std::string text = key + (op == "In" ? " in (" : " notin (");
  for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ",") + values[i];
  return text + ")";
}

// A LabelSelector as text, sorted by key.
std::string SelectorText(const json& selector) {
  if (selector.is_string()) return selector.get<std::string>();
  std::vector<std::pair<std::string, std::string>> parts;
  const json& labels = kubernetes::FindOrEmpty(selector, "matchLabels");
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) {
      if (value.is_string()) parts.emplace_back(key, key + "=" + value.get<std::string>());
    }
  }
  const json* expressions = kubernetes::Find(selector, "matchExpressions");
  for (std::size_t i = 0; i < kubernetes::SizeOf(expressions); ++i) {
    parts.emplace_back(StringAt((*expressions)[i], "key"), RequirementText((*expressions)[i]));
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [key, part] : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

// Zero replicas are left out, as Go's omitempty does (RS23).
json ScaleOf(const Kind& kind, const json& object, std::uint64_t version) {
  const kubernetes::ScalePaths& paths = *kind.scale;
  json metadata = {{"resourceVersion", std::to_string(version)}};
  for (const char* key : {"name", "namespace", "uid", "creationTimestamp"}) {
    if (const json* value = kubernetes::Find(object, {"metadata", key})) metadata[key] = *value;
  }
  json spec = json::object();
  if (const auto replicas = NumberAt(object, paths.replicas)) spec["replicas"] = replicas;
  json status = {{"replicas", NumberAt(object, paths.current)}};
  if (const json* selector = paths.selector.empty() ? nullptr : At(object, paths.selector)) {
    status["selector"] = SelectorText(*selector);
  }
  return {{"apiVersion", "autoscaling/v1"},
          {"kind", "Scale"},
          {"metadata", std::move(metadata)},
          {"spec", std::move(spec)},
          {"status", std::move(status)}};
}

std::optional<PatchType> PatchTypeOf(const HttpRequest& request) {
  const auto found = request.headers.find("content-type");
  const std::string type =
      found == request.headers.end() ? "" : found->second.substr(0, found->second.find(';'));
  if (type == "application/json-patch+json") return PatchType::kJson;
  if (type == "application/merge-patch+json") return PatchType::kMerge;
  if (type == "application/strategic-merge-patch+json") return PatchType::kStrategic;
  return std::nullopt;
}

}  // namespace

HttpResponse KubernetesWriter::GetScale(const ResourcePath& path, const HttpRequest& request) {
  if (auto refusal = CheckAccept(request)) return std::move(*refusal);
  ItemPtr item;
  json object;
  if (auto refusal = Load(path, &item, &object)) return std::move(*refusal);
  if (path.kind->apply_defaults) path.kind->apply_defaults(object);
  return JsonResponse(200, DumpJson(ScaleOf(*path.kind, object, item->version)));
}

std::optional<HttpResponse> KubernetesWriter::WriteScale(const ResourcePath& path,
                                                         const json& scale, const Item& item,
                                                         const json& stored, bool dry_run) {
  const Kind& kind = *path.kind;
  const std::string wanted = StringAt(scale, {"metadata", "resourceVersion"});
  if (!wanted.empty() && wanted != "0" && wanted != std::to_string(item.version)) {
    return Conflict(kind, path.name, kModified);
  }
  const json* replicas = kubernetes::Find(scale, {"spec", "replicas"});
  if (replicas != nullptr && !replicas->is_number_integer()) {
    return BadRequest(
        "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal " +
        std::string(replicas->type_name()) +
        " into Go struct field ScaleSpec.spec.replicas of type int32");
  }
  const std::int64_t number = NumberAt(scale, {"spec", "replicas"});
  if (number < 0) {
    return InvalidObject(
        ScaleKind(), path.name,
        {kubernetes::Invalid("spec.replicas", number, "must be greater than or equal to 0")});
  }
  json object = stored;
  if (kind.apply_defaults) kind.apply_defaults(object);
  if (!SetAt(object, kind.scale->replicas, number)) {
    return BadRequest("the object has no place for its replicas");
  }
  auto response = WriteOver(path, object, item, stored, dry_run);
  if (!response || response->status >= 400) return response;
  if (dry_run) return JsonResponse(200, DumpJson(ScaleOf(kind, object, item.version)));
  ItemPtr written;
  json now;
  if (auto refusal = Load(path, &written, &now)) return refusal;
  return JsonResponse(200, DumpJson(ScaleOf(kind, now, written->version)));
}

HttpResponse KubernetesWriter::ReplaceScale(const ResourcePath& path, const HttpRequest& request) {
  if (auto refusal = CheckAccept(request)) return std::move(*refusal);
  json scale;
  if (auto refusal = DecodeObject(request, ScaleKind(), &scale)) return std::move(*refusal);
  bool dry_run = false;
  if (auto refusal = DecodeWriteOptions(request, "UpdateOptions", &dry_run)) {
    return std::move(*refusal);
  }
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ItemPtr item;
    json stored;
    if (auto refusal = Load(path, &item, &stored)) return std::move(*refusal);
    if (auto response = WriteScale(path, scale, *item, stored, dry_run)) {
      return std::move(*response);
    }
  }
  return Conflict(*path.kind, path.name, kModified);
}

HttpResponse KubernetesWriter::PatchScale(const ResourcePath& path, const HttpRequest& request) {
  if (auto refusal = CheckAccept(request)) return std::move(*refusal);
  const auto type = PatchTypeOf(request);
  if (!type) {
    return UnsupportedMediaType(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, "
        "application/strategic-merge-patch+json");
  }
  const auto patch = ParseJson(request.body);
  if (patch.has_error()) return BadRequest("error decoding patch: " + patch.error().message);
  bool dry_run = false;
  if (auto refusal = DecodeWriteOptions(request, "PatchOptions", &dry_run)) {
    return std::move(*refusal);
  }
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ItemPtr item;
    json stored;
    if (auto refusal = Load(path, &item, &stored)) return std::move(*refusal);
    json object = stored;
    if (path.kind->apply_defaults) path.kind->apply_defaults(object);
    json scale = ScaleOf(*path.kind, object, item->version);
    if (auto problem = kubernetes::ApplyPatch(ScaleKind(), *type, patch.value(), scale)) {
      return StatusResponse(
          kubernetes::StatusFailure(problem->code, problem->code == 400 ? "BadRequest" : "Invalid",
                                    problem->message, json::object()));
    }
    if (auto response = WriteScale(path, scale, *item, stored, dry_run)) {
      return std::move(*response);
    }
  }
  return Conflict(*path.kind, path.name, kModified);
}

}  // namespace kless::doors
