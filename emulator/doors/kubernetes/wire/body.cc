#include "emulator/doors/kubernetes/wire/body.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/yaml.h"
#include "emulator/doors/http/go_json.h"
#include "emulator/doors/kubernetes/wire/protobuf_body.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/decode_problem.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::FieldErrors;
using kubernetes::FieldValidation;
using kubernetes::Kind;
using nlohmann::json;

namespace {

constexpr const char* kScheme = R"(in scheme "pkg/runtime/scheme.go:111")";

std::string Quote(std::string_view text) {
  std::string quoted;
  AppendJsonString(quoted, text);
  return quoted;
}

// The body of an undecodable request, as apimachinery shows it.
std::string Summary(std::string_view body) {
  constexpr std::size_t kShown = 30;
  if (body.empty()) return "<empty>";
  const std::string_view begin = body.substr(0, kShown);
  const std::string shown = body[0] == '{' ? std::string(begin) : HexEncode(begin);
  return body.size() > kShown ? shown + " ..." : shown;
}

// Why a body cannot be parsed as an object, in Go's words; nullopt if Go accepts it.
std::optional<std::string> WhyNoObject(std::string_view body) {
  if (auto problem = GoJsonProblem(body)) {
    return "couldn't get version/kind; json parse error: " + *problem;
  }
  const std::string_view type = GoJsonType(body);
  if (type.empty() || type == "object") return std::nullopt;
  return "couldn't get version/kind; json parse error: json: cannot unmarshal " +
         std::string(type) +
         " into Go value of type struct { APIVersion string "
         "\"json:\\\"apiVersion,omitempty\\\"\"; "
         "Kind string \"json:\\\"kind,omitempty\\\"\" }";
}

// Parses the body as a JSON object, or returns why it is not one.
std::optional<std::string> ParseObject(std::string_view body, json* object) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // Go does not accept it
  auto parsed = ParseJson(body);
  if (parsed.has_error() || !parsed->is_object() || body.starts_with(kByteOrderMark)) {
    if (auto why = WhyNoObject(body)) return why;
  }
  if (parsed.has_error()) parsed = ParseJson(GoJsonText(body));
  if (parsed.has_error()) {
    return "couldn't get version/kind; json parse error: " + parsed.error().message;
  }
  *object = std::move(parsed.value());
  if (object->is_null()) *object = json::object();
  for (const char* key : {"apiVersion", "kind"}) {
    const auto member = object->find(key);
    if (member == object->end() || member->is_string() || member->is_null()) continue;
    return "couldn't get version/kind; json parse error: json: cannot unmarshal " +
           std::string(GoJsonType(DumpJson(*member))) + " into Go struct field ." + key +
           " of type string";
  }
  return std::nullopt;
}

struct GroupVersion {
  std::string group;
  std::string version;
};

std::optional<GroupVersion> ParseGroupVersion(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return GroupVersion{"", text};
  if (text.find('/', slash + 1) != std::string::npos) return std::nullopt;
  return GroupVersion{text.substr(0, slash), text.substr(slash + 1)};
}

std::string InternalGroup(const std::string& group) {
  return group.empty() ? "core" : group.substr(0, group.find('.'));
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go
constexpr std::size_t kMaxManagerBytes = 128;

// The program's name, without its version.
std::string ManagerOf(std::string_view user_agent) {
  std::string manager(user_agent.substr(0, std::min(user_agent.find('/'), kMaxManagerBytes)));
  return manager.empty() ? "unknown" : manager;
}

Refusal DryRun(const std::string& options, const std::vector<std::string>& values, bool* dry_run) {
  FieldErrors errors;
  for (const std::string& value : values) {
    if (value == "All") {
      *dry_run = true;
    } else {
      errors.push_back(kubernetes::NotSupported("dryRun", value, {"All"}));
    }
  }
  if (!errors.empty()) return InvalidOptions(options, errors);
  return std::nullopt;
}

Refusal SetPropagation(const std::optional<std::string>& policy,
                       const std::optional<bool>& orphan_dependents, DeleteOptions* options) {
  using Propagation = DeleteOptions::Propagation;
  if (policy && orphan_dependents) {
    return InvalidOptions("DeleteOptions",
                          {kubernetes::Invalid("propagationPolicy", *policy,
                                               "orphanDependents and deletionPropagation cannot "
                                               "be both set")});
  }
  if (orphan_dependents) {
    options->propagation = *orphan_dependents ? Propagation::kOrphan : Propagation::kBackground;
  }
  if (!policy) return std::nullopt;
  if (*policy == "Background") {
    options->propagation = Propagation::kBackground;
  } else if (*policy == "Foreground") {
    options->propagation = Propagation::kForeground;
  } else if (*policy == "Orphan") {
    options->propagation = Propagation::kOrphan;
  } else {
    return InvalidOptions(
        "DeleteOptions", {kubernetes::NotSupported("propagationPolicy", *policy,
                                                   {"Foreground", "Background", "Orphan", "nil"})});
  }
  return std::nullopt;
}

// Reads a member of DeleteOptions, or returns Go's message if it has the wrong type.
template <class T>
Refusal Member(const json& object, const char* key, const char* path, const char* go_type,
               std::optional<T>* value) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::nullopt;
  bool fits = false;
  if constexpr (std::is_same_v<T, std::string>) fits = found->is_string();
  if constexpr (std::is_same_v<T, bool>) fits = found->is_boolean();
  if constexpr (std::is_same_v<T, std::int64_t>) fits = found->is_number_integer();
  if (!fits) {
    return BadRequest("json: cannot unmarshal " + std::string(GoJsonType(DumpJson(*found))) +
                      " into Go struct field " + path + " of type " + go_type);
  }
  *value = found->template get<T>();
  return std::nullopt;
}

Refusal OptionsFromBody(const json& body, DeleteOptions* options) {
  std::optional<std::string> policy;
  std::optional<bool> orphan_dependents;
  if (auto refusal = Member(body, "gracePeriodSeconds", "DeleteOptions.gracePeriodSeconds", "int64",
                            &options->grace_seconds)) {
    return refusal;
  }
  if (auto refusal = Member(body, "propagationPolicy", "DeleteOptions.propagationPolicy",
                            "v1.DeletionPropagation", &policy)) {
    return refusal;
  }
  if (auto refusal = Member(body, "orphanDependents", "DeleteOptions.orphanDependents", "bool",
                            &orphan_dependents)) {
    return refusal;
  }
  if (const json* preconditions = kubernetes::Find(body, "preconditions")) {
    if (!preconditions->is_object()) {
      return BadRequest("json: cannot unmarshal " +
                        std::string(GoJsonType(DumpJson(*preconditions))) +
                        " into Go struct field DeleteOptions.preconditions of type "
                        "v1.Preconditions");
    }
    if (auto refusal = Member(*preconditions, "uid", "Preconditions.preconditions.uid", "types.UID",
                              &options->uid)) {
      return refusal;
    }
    if (auto refusal =
            Member(*preconditions, "resourceVersion", "Preconditions.preconditions.resourceVersion",
                   "string", &options->resource_version)) {
      return refusal;
    }
  }
  std::vector<std::string> dry_run;
  if (const json* values = kubernetes::Find(body, "dryRun")) {
    if (!values->is_array()) {
      return BadRequest("json: cannot unmarshal " + std::string(GoJsonType(DumpJson(*values))) +
                        " into Go struct field DeleteOptions.dryRun of type []string");
    }
    for (const json& value : *values) {
      dry_run.push_back(value.is_string() ? value.get<std::string>() : DumpJson(value));
    }
  }
  if (auto refusal = SetPropagation(policy, orphan_dependents, options)) return refusal;
  return DryRun("DeleteOptions", dry_run, &options->dry_run);
}

Refusal OptionsFromQuery(const HttpRequest& request, DeleteOptions* options) {
  const auto value = [&request](const char* name) -> std::optional<std::string> {
    const std::string& text = request.Query(name);
    return text.empty() ? std::nullopt : std::optional(text);
  };
  if (const auto grace = value("gracePeriodSeconds")) {
    options->grace_seconds = ParseInteger(*grace);
    if (!options->grace_seconds) {
      return BadRequest("strconv.ParseInt: parsing " + Quote(*grace) + ": invalid syntax");
    }
  }
  std::optional<bool> orphan_dependents;
  if (const auto orphan = value("orphanDependents")) {
    orphan_dependents = *orphan == "true" || *orphan == "1";
  }
  if (auto refusal = SetPropagation(value("propagationPolicy"), orphan_dependents, options)) {
    return refusal;
  }
  std::vector<std::string> dry_run;
  if (const auto text = value("dryRun")) dry_run.push_back(*text);
  return DryRun("DeleteOptions", dry_run, &options->dry_run);
}

// The body as JSON text; YAML and protobuf are converted into `converted`.  `problem` says why that
// failed.
struct BodyText {
  std::string_view json;
  std::string converted;
  std::string problem;
};

Refusal ReadBody(const HttpRequest& request, BodyText* text) {
  const std::string_view header = request.Header("content-type");
  const std::string type = LowerCase(std::string(Trim(header.substr(0, header.find(';')))));
  text->json = request.body;
  if (type.empty() || type == "application/json") return std::nullopt;
  if (type == kProtobufType) {
    const auto object = DecodeProtobuf(request.body);
    if (object.has_error()) {
      if (object.error().code == ErrorCode::kUnsupported) {
        return UnsupportedMediaType(object.error().message);
      }
      text->problem = object.error().message;
      return std::nullopt;
    }
    text->converted = DumpJson(object.value());
    text->json = text->converted;
    return std::nullopt;
  }
  if (type != "application/yaml") {
    return UnsupportedMediaType(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json, application/yaml, application/vnd.kubernetes.protobuf");
  }
  auto documents = ParseDocuments(request.body, YamlRules::kKubectl, "yaml");
  if (documents.has_error()) {
    text->problem = "error converting YAML to JSON: " + documents.error().message;
  } else if (documents.value().empty()) {
    text->json = std::string_view();
  } else {
    text->converted = DumpJson(documents.value().front());
    text->json = text->converted;
  }
  return std::nullopt;
}

}  // namespace

Refusal DecodeObject(const HttpRequest& request, const Kind& kind, json* object,
                     WriteOptions* options) {
  BodyText text;
  if (auto refusal = ReadBody(request, &text)) return refusal;
  const auto unrecognized = [&](const std::string& why) {
    return BadRequest("the object provided is unrecognized (must be of type " + kind.kind +
                      "): " + why + " (" + Summary(request.body) + ")");
  };
  if (!text.problem.empty()) return unrecognized(text.problem);
  if (const auto problem = ParseObject(text.json, object)) return unrecognized(*problem);

  // A missing apiVersion or kind is filled in from the path.
  std::string api_version = kubernetes::StringAt(*object, "apiVersion");
  std::string name = kubernetes::StringAt(*object, "kind");
  if (api_version.empty()) api_version = kind.ApiVersion();
  if (name.empty()) name = kind.kind;
  const auto group_version = ParseGroupVersion(api_version);
  if (!group_version) return unrecognized("unexpected GroupVersion string: " + api_version);
  const std::string cannot = name + " in version " + Quote(group_version->version) +
                             " cannot be handled as a " + kind.kind + ": ";
  if (kind.custom && api_version != kind.ApiVersion()) {
    return BadRequest("the API version in the data (" + api_version +
                      ") does not match the expected API version (" + kind.ApiVersion() + ")");
  }
  if (kind.custom && name != kind.kind) {
    return InvalidObject(kind, kubernetes::StringAt(*object, {"metadata", "name"}),
                         {kubernetes::Invalid("kind", name, "must be " + kind.kind)});
  }
  if (api_version != kind.ApiVersion() || name != kind.kind) {
    if (kubernetes::FindKind(api_version, name) != nullptr) {
      return BadRequest(cannot + "converting (" + group_version->version + "." + name + ") to (" +
                        InternalGroup(kind.group) + "." + kind.kind + "): unknown conversion");
    }
    return BadRequest(cannot + "no kind " + Quote(name) + " is registered for version " +
                      Quote(api_version) + " " + kScheme);
  }
  (*object)["apiVersion"] = api_version;
  (*object)["kind"] = name;
  if (const auto problem = kubernetes::DecodeProblem(kind, *object)) {
    return BadRequest(cannot + *problem);
  }
  if (options != nullptr && options->validation != FieldValidation::kIgnore) {
    auto problems = kubernetes::StrictProblems(kind.schema, text.json);
    // For custom kinds the API server reports them in this order.
    if (kind.custom) std::sort(problems.begin(), problems.end());
    if (!problems.empty() && options->validation == FieldValidation::kStrict) {
      return BadRequest(cannot + kubernetes::StrictDecodingError(problems));
    }
    options->warnings = std::move(problems);
  }
  kubernetes::DropUnknownFields(kind.schema, *object);
  if (!kind.custom) kubernetes::DecodeNulls(kind.schema, *object);
  return std::nullopt;
}

Refusal DecodeDeleteOptions(const HttpRequest& request, DeleteOptions* options) {
  if (request.body.empty()) return OptionsFromQuery(request, options);
  BodyText text;
  if (auto refusal = ReadBody(request, &text)) return refusal;
  if (!text.problem.empty()) return BadRequest(text.problem);
  json body;
  if (const auto problem = ParseObject(text.json, &body)) return BadRequest(*problem);
  const std::string api_version = kubernetes::StringAt(body, "apiVersion");
  const std::string kind = kubernetes::StringAt(body, "kind");
  if (!kind.empty() && kind != "DeleteOptions") {
    return BadRequest("no kind " + Quote(kind) + " is registered for version " +
                      Quote(api_version.empty() ? "v1" : api_version) + " " + kScheme);
  }
  return OptionsFromBody(body, options);
}

Refusal DecodeWriteOptions(const HttpRequest& request, const std::string& options,
                           WriteOptions* write) {
  FieldErrors errors;
  const std::string& validation = request.Query("fieldValidation");
  if (validation == "Ignore") {
    write->validation = FieldValidation::kIgnore;
  } else if (validation == "Strict") {
    write->validation = FieldValidation::kStrict;
  } else if (validation != "" && validation != "Warn") {
    errors.push_back(
        kubernetes::NotSupported("fieldValidation", validation, {"", "Ignore", "Strict", "Warn"}));
  }
  const std::string& manager = request.Query("fieldManager");
  if (manager.size() > kMaxManagerBytes) {
    errors.push_back(kubernetes::TooLong("fieldManager", kMaxManagerBytes));
  }
  const auto unprintable = std::find_if(manager.begin(), manager.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (unprintable != manager.end()) {
    errors.push_back(kubernetes::Invalid(
        "fieldManager", manager,
        fmt::format("invalid character U+{:04X} (at position {})",
                    static_cast<unsigned>(*unprintable), unprintable - manager.begin())));
  }
  if (!errors.empty()) return InvalidOptions(options, errors);
  write->manager_given = !manager.empty();
  write->manager = write->manager_given ? manager : ManagerOf(request.Header("user-agent"));
  write->force_given = request.query.contains("force");
  const std::string& force = request.Query("force");
  write->force = write->force_given && force != "false" && force != "0";
  const std::string& dry_run = request.Query("dryRun");
  return dry_run.empty() ? std::nullopt : DryRun(options, {dry_run}, &write->dry_run);
}

Refusal DecodeWriteOptions(const HttpRequest& request, const std::string& options, bool* dry_run) {
  WriteOptions write;
  Refusal refusal = DecodeWriteOptions(request, options, &write);
  *dry_run = write.dry_run;
  return refusal;
}

}  // namespace kless::doors
