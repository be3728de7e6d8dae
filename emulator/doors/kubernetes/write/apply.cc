#include "emulator/doors/kubernetes/write/apply.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/json_parser.h"
#include "emulator/base/yaml.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "emulator/doors/kubernetes/write/create.h"
#include "emulator/doors/kubernetes/write/stored.h"
#include "emulator/doors/kubernetes/write/update.h"
#include "functions/kubernetes/apply/server_side_apply.h"
#include "functions/kubernetes/objects/decode_problem.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::FieldValidation;
using kubernetes::Kind;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

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

// Parses the body, which is JSON (for `repeats` see ParseJsonText) or YAML.
Result<std::vector<json>> ParseConfiguration(const std::string& body, bool* repeats) {
  if (body.starts_with('{')) {
    auto parsed = ParseJsonText(body, repeats);
    if (parsed.has_value()) return std::vector<json>{std::move(parsed.value())};
  }
  return ParseDocuments(body, YamlRules::kKubectl, "yaml");
}

// Decodes the configuration in the body.
Refusal DecodeConfiguration(const HttpRequest& request, const ResourcePath& path,
                            WriteOptions* options, json* configuration) {
  bool repeats = false;
  auto documents = ParseConfiguration(request.body, &repeats);
  if (documents.has_error()) {
    return BadRequest("error decoding YAML: " + documents.error().message);
  }
  if (documents.value().size() != 1 || !documents.value()[0].is_object()) {
    return BadRequest("error decoding YAML: the body must be one object");
  }
  *configuration = std::move(documents.value()[0]);
  const Kind& kind = *path.kind;
  if (repeats && options->validation != FieldValidation::kIgnore) {
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
  return CheckSameNames(path, *configuration);
}

// Makes one attempt; nullopt: another writer was faster.
std::optional<HttpResponse> ApplyOnce(KubernetesContext& context, ObjectWrite write,
                                      const json& configuration) {
  const ResourcePath& path = write.path;
  const Kind& kind = *path.kind;
  const kubernetes::FieldWriter writer{write.options.manager, path.subresource,
                                       context.event_loop.UnixNanos()};
  const auto found = context.resources().Get(path.Id());
  const bool creates = found.has_error();
  if (creates && found.error().code != ErrorCode::kNotFound) return StoreFailure(found.error());
  if (creates && path.is_status()) return NotFound(kind, path.name);
  json stored;
  json live;
  if (!creates) {
    stored = Decoded(kind, *found.value());
    live = AsServed(path, stored, found.value()->version);
  }
  json object;
  json managed_fields;
  if (auto problem =
          kubernetes::ApplyConfiguration(kind, creates ? nullptr : &live, configuration, writer,
                                         write.options.force, &object, &managed_fields)) {
    return Refused(*problem);
  }
  if (auto problem = kubernetes::DecodeProblem(kind, object)) return BadRequest(*problem);
  if (!kind.custom) kubernetes::DecodeNulls(kind.schema, object);
  write.managed_fields = &managed_fields;
  if (creates) {
    if (json* metadata = kubernetes::ObjectAt(object, "metadata")) (*metadata)["name"] = path.name;
    return CreateObject(context, write, std::move(object));
  }
  const Item& item = *found.value();
  const std::string wanted = StringAt(object, {"metadata", "resourceVersion"});
  if (!wanted.empty() && wanted != std::to_string(item.version)) {
    return Overtaken(kind, path.name);
  }
  return UpdateObject(context, write, std::move(object), item, stored);
}

}  // namespace

HttpResponse ServeApply(KubernetesContext& context, const ResourcePath& path,
                        const HttpRequest& request) {
  ObjectWrite write{path, {}};
  if (auto refusal = DecodeWriteOptions(request, "PatchOptions", &write.options)) {
    return std::move(*refusal);
  }
  if (!write.options.manager_given) {
    return InvalidOptions("PatchOptions",
                          {kubernetes::Required("fieldManager", "is required for apply patch")});
  }
  json configuration;
  if (auto refusal = DecodeConfiguration(request, path, &write.options, &configuration)) {
    return std::move(*refusal);
  }
  return UntilNotOvertaken(path, [&] { return ApplyOnce(context, write, configuration); });
}

}  // namespace kless::doors
