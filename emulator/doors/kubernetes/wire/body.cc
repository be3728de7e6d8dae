#include "emulator/doors/kubernetes/wire/body.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/json_parser.h"
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

constexpr const char* kNoTypeMeta = "couldn't get version/kind; json parse error: ";

std::string NoObject(std::string_view go_type) {
  return kNoTypeMeta + ("json: cannot unmarshal " + std::string(go_type)) +
         " into Go value of type struct { APIVersion string "
         "\"json:\\\"apiVersion,omitempty\\\"\"; "
         "Kind string \"json:\\\"kind,omitempty\\\"\" }";
}

// Why a text cannot be parsed as an object, in Go's words; nullopt if Go accepts it.
std::optional<std::string> WhyNoObject(std::string_view text) {
  if (auto problem = GoJsonProblem(text)) return kNoTypeMeta + *problem;
  const std::string_view type = GoJsonType(text);
  if (type.empty() || type == "object") return std::nullopt;
  return NoObject(type);
}

struct DecodedBody {
  json tree;
  // The JSON that the tree was read from.  Empty for YAML and protobuf: their trees hold all that
  // they say.
  std::string_view text;
  bool repeats = false;  // as of ParseJsonText
};

// Parses JSON, or returns why it is not an object or null.
std::optional<std::string> ParseText(std::string_view text, DecodedBody* body) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // Go does not accept it
  body->text = text;
  auto parsed = ParseJsonText(text, &body->repeats);
  if (parsed.has_error() || !parsed->is_object() || text.starts_with(kByteOrderMark)) {
    if (auto why = WhyNoObject(text)) return why;
  }
  if (parsed.has_error()) parsed = ParseJson(GoJsonText(text));
  if (parsed.has_error()) return kNoTypeMeta + parsed.error().message;
  body->tree = std::move(parsed.value());
  return std::nullopt;
}

// Makes null an empty object; returns why apiVersion or kind cannot be read.
std::optional<std::string> CheckTypeMeta(json* object) {
  if (object->is_null()) *object = json::object();
  for (const char* key : {"apiVersion", "kind"}) {
    const auto member = object->find(key);
    if (member == object->end() || member->is_string() || member->is_null()) continue;
    return kNoTypeMeta + ("json: cannot unmarshal " + std::string(GoJsonType(DumpJson(*member)))) +
           " into Go struct field ." + key + " of type string";
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

// Decodes protobuf or YAML into a tree; an error of kUnsupported is one of the media type.
Result<json> DecodeOther(const HttpRequest& request, bool is_protobuf) {
  if (is_protobuf) return DecodeProtobuf(request.body);
  auto documents = ParseDocuments(request.body, YamlRules::kKubectl, "yaml");
  if (documents.has_error()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "error converting YAML to JSON: " + documents.error().message);
  }
  // An empty body is the same error as one that is empty JSON.
  if (documents.value().empty()) {
    return MakeError(ErrorCode::kInvalidArgument, *WhyNoObject(""));
  }
  return Result<json>(boost::system::in_place_value, std::move(documents.value().front()));
}

// Decodes the body into an object; `problem` says why that failed.
Refusal ReadBody(const HttpRequest& request, DecodedBody* body,
                 std::optional<std::string>* problem) {
  const std::string_view header = request.Header("content-type");
  const std::string type = LowerCase(std::string(Trim(header.substr(0, header.find(';')))));
  const bool is_json = type.empty() || type == "application/json";
  if (!is_json && type != kProtobufType && type != "application/yaml") {
    return UnsupportedMediaType(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json, application/yaml, application/vnd.kubernetes.protobuf");
  }
  if (is_json) {
    *problem = ParseText(request.body, body);
  } else {
    auto tree = DecodeOther(request, type == kProtobufType);
    if (tree.has_error() && tree.error().code == ErrorCode::kUnsupported) {
      return UnsupportedMediaType(tree.error().message);
    }
    if (tree.has_error()) {
      *problem = tree.error().message;
    } else if (!tree->is_object() && !tree->is_null()) {
      *problem = NoObject(GoJsonType(DumpJson(tree.value())));
    } else {
      body->tree = std::move(tree.value());
    }
  }
  if (!*problem) *problem = CheckTypeMeta(&body->tree);
  return std::nullopt;
}

// What strict decoding complains of.  `unknown` are the unknown fields of the tree; only the text
// has repeated members, and the order of both.
std::vector<std::string> StrictProblemsOf(const Kind& kind, const DecodedBody& body,
                                          std::vector<std::string> unknown) {
  if (body.repeats || (!unknown.empty() && !body.text.empty())) {
    unknown = kubernetes::StrictProblems(kind.schema, body.text);
  }
  // For custom kinds the API server reports them in this order.
  if (kind.custom) std::sort(unknown.begin(), unknown.end());
  return unknown;
}

}  // namespace

Refusal DecodeObject(const HttpRequest& request, const Kind& kind, json* object,
                     WriteOptions* options) {
  DecodedBody body;
  std::optional<std::string> undecodable;
  if (auto refusal = ReadBody(request, &body, &undecodable)) return refusal;
  const auto unrecognized = [&](const std::string& why) {
    return BadRequest("the object provided is unrecognized (must be of type " + kind.kind +
                      "): " + why + " (" + Summary(request.body) + ")");
  };
  if (undecodable) return unrecognized(*undecodable);
  *object = std::move(body.tree);

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
  auto unknown = kubernetes::DropUnknownFields(kind.schema, *object);
  if (options != nullptr && options->validation != FieldValidation::kIgnore) {
    auto problems = StrictProblemsOf(kind, body, std::move(unknown));
    if (!problems.empty() && options->validation == FieldValidation::kStrict) {
      return BadRequest(cannot + kubernetes::StrictDecodingError(problems));
    }
    options->warnings = std::move(problems);
  }
  if (!kind.custom) kubernetes::DecodeNulls(kind.schema, *object);
  return std::nullopt;
}

Refusal DecodeDeleteOptions(const HttpRequest& request, DeleteOptions* options) {
  if (request.body.empty()) return OptionsFromQuery(request, options);
  DecodedBody body;
  std::optional<std::string> problem;
  if (auto refusal = ReadBody(request, &body, &problem)) return refusal;
  if (problem) return BadRequest(*problem);
  return DecodeDeleteOptions(body.tree, options);
}

Refusal DecodeDeleteOptions(const json& body, DeleteOptions* options) {
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
