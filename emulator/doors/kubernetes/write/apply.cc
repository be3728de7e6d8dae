// Server-side apply in the Kubernetes door; a part of KubernetesWriter.
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/yaml.h"
#include "emulator/doors/kubernetes/write/writer.h"
#include "functions/kubernetes/apply/server_side_apply.h"
#include "functions/kubernetes/objects/object.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::FieldValidation;
using kubernetes::Kind;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr int kApplyAttempts = 5;

HttpResponse Refused(const kubernetes::ApplyProblem& problem) {
  if (problem.code == 400) return BadRequest(problem.message);
  if (problem.code != 409) {
    return StatusResponse(kubernetes::StatusFailure(problem.code, "", problem.message, nullptr));
  }
  json causes = json::array();
  for (const kubernetes::FieldError& conflict : problem.conflicts) {
    causes.push_back(
        {{"reason", conflict.reason}, {"message", conflict.message}, {"field", conflict.field}});
  }
  return StatusResponse(
      kubernetes::StatusFailure(409, "Conflict", problem.message, {{"causes", std::move(causes)}}));
}

// Decodes the configuration in the body, which is YAML or JSON.
Refusal Decode(const HttpRequest& request, const ResourcePath& path, WriteOptions* options,
               json* configuration) {
  auto documents = ParseDocuments(request.body, YamlRules::kKubectl, "yaml");
  if (documents.has_error()) {
    return BadRequest("error decoding YAML: " + documents.error().message);
  }
  if (documents.value().size() != 1 || !documents.value()[0].is_object()) {
    return BadRequest("error decoding YAML: the body must be one object");
  }
  *configuration = std::move(documents.value()[0]);
  const Kind& kind = *path.kind;
  if (options->validation != FieldValidation::kIgnore && request.body.starts_with('{')) {
    options->warnings = kubernetes::StrictProblems(nullptr, request.body);
    if (!options->warnings.empty() && options->validation == FieldValidation::kStrict) {
      return BadRequest("error strict decoding YAML: " + options->warnings[0]);
    }
  }
  const std::string api_version = StringAt(*configuration, "apiVersion");
  const std::string kind_name = StringAt(*configuration, "kind");
  if (api_version.empty() || kind_name.empty()) {
    return BadRequest("Object '" + std::string(kind_name.empty() ? "Kind" : "apiVersion") +
                      "' is missing in '" + request.body + "'");
  }
  if (api_version != kind.ApiVersion()) {
    return BadRequest("Incorrect version specified in apply patch. Specified patch version: " +
                      api_version + ", expected: " + kind.ApiVersion());
  }
  if (kind_name != kind.kind) {
    return BadRequest("the kind in the body (" + kind_name + ") does not match that of the URL (" +
                      kind.kind + ")");
  }
  const std::string name = StringAt(*configuration, {"metadata", "name"});
  const std::string space = StringAt(*configuration, {"metadata", "namespace"});
  if (!name.empty() && name != path.name) {
    return BadRequest("the name of the object (" + name + ") does not match the name on the URL (" +
                      path.name + ")");
  }
  if (kind.namespaced && !space.empty() && space != path.namespace_name) {
    return BadRequest("the namespace of the object (" + space +
                      ") does not match the namespace on the request (" + path.namespace_name +
                      ")");
  }
  return std::nullopt;
}

}  // namespace

HttpResponse KubernetesWriter::Apply(const ResourcePath& path, const HttpRequest& request) {
  WriteOptions options;
  if (auto refusal = DecodeWriteOptions(request, "PatchOptions", &options)) {
    return std::move(*refusal);
  }
  if (!options.manager_given) {
    return InvalidOptions("PatchOptions",
                          {kubernetes::Required("fieldManager", "is required for apply patch")});
  }
  json configuration;
  if (auto refusal = Decode(request, path, &options, &configuration)) return std::move(*refusal);
  for (int attempt = 0; attempt < kApplyAttempts; ++attempt) {
    if (auto response = ApplyOnce(path, configuration, options)) return std::move(*response);
  }
  return Overtaken(*path.kind, path.name);
}

std::optional<HttpResponse> KubernetesWriter::ApplyOnce(const ResourcePath& path,
                                                        const json& configuration,
                                                        const WriteOptions& options) {
  const Kind& kind = *path.kind;
  const kubernetes::FieldWriter writer{options.manager, path.subresource,
                                       context_.event_loop.UnixNanos()};
  const auto found = context_.resources().Get(path.Id());
  if (found.has_error() && found.error().code != ErrorCode::kNotFound) {
    return StoreFailure(found.error());
  }
  json object;
  json managed_fields;
  if (found.has_error()) {
    if (path.is_status()) return NotFound(kind, path.name);
    if (auto problem = kubernetes::ApplyConfiguration(kind, nullptr, configuration, writer,
                                                      options.force, &object, &managed_fields)) {
      return Refused(*problem);
    }
    if (auto problem = kubernetes::DecodeProblem(kind, object)) return BadRequest(*problem);
    if (!kind.custom) kubernetes::DecodeNulls(kind.schema, object);
    if (json* metadata = kubernetes::ObjectAt(object, "metadata")) (*metadata)["name"] = path.name;
    return CreateObject(path, object, options, &managed_fields);
  }
  const Item& item = *found.value();
  const json stored = Decoded(kind, item);
  const std::string version = std::to_string(item.version);
  const json live = AsServed(path, stored, item.version);
  if (auto problem = kubernetes::ApplyConfiguration(kind, &live, configuration, writer,
                                                    options.force, &object, &managed_fields)) {
    return Refused(*problem);
  }
  if (auto problem = kubernetes::DecodeProblem(kind, object)) return BadRequest(*problem);
  if (!kind.custom) kubernetes::DecodeNulls(kind.schema, object);
  const std::string wanted = StringAt(object, {"metadata", "resourceVersion"});
  if (!wanted.empty() && wanted != version) return Overtaken(kind, path.name);
  return WriteOver(path, object, item, stored, options, &managed_fields);
}

}  // namespace kless::doors
