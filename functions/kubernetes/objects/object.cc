// Objects as they are served, and Status objects.
#include "functions/kubernetes/objects/object.h"

#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// Fills in or corrects fields from the key that a raw writer omitted or set wrongly.
std::string Repaired(const Kind& kind, const std::string& document, std::string_view resource_name,
                     std::uint64_t version) {
  const auto parsed = ParseJson(document);
  json object = parsed.has_value() && parsed->is_object() ? parsed.value() : json::object();
  if (kind.from_stored) kind.from_stored(object);
  object["apiVersion"] = kind.ApiVersion();
  object["kind"] = kind.kind;
  json& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  const std::size_t slash = resource_name.find('/');
  if (kind.namespaced && slash != std::string_view::npos) {
    metadata["namespace"] = resource_name.substr(0, slash);
    metadata["name"] = resource_name.substr(slash + 1);
  } else {
    metadata["name"] = resource_name;
  }
  metadata["resourceVersion"] = std::to_string(version);
  return DumpJson(object);
}

std::string JoinErrors(const std::vector<FieldError>& errors) {
  std::vector<std::string> unique;
  std::set<std::string> seen;
  for (const FieldError& error : errors) {
    std::string text = error.field + ": " + error.message;
    if (seen.insert(text).second) unique.push_back(std::move(text));
  }
  if (unique.size() == 1) return unique[0];
  std::string joined = "[";
  for (const std::string& text : unique) {
    if (joined.size() > 1) joined += ", ";
    joined += text;
  }
  return joined + "]";
}

}  // namespace

std::string ServedDocument(const Kind& kind, const Item& item, std::string_view resource_name) {
  return ServedDocument(kind, item, resource_name, item.version);
}

std::string ServedDocument(const Kind& kind, const Item& item, std::string_view resource_name,
                           std::uint64_t version) {
  if (kind.from_stored || item.fields == nullptr || !item.fields->canonical ||
      item.fields->metadata_begin == 0) {
    return Repaired(kind, item.document, resource_name, version);
  }
  const std::size_t at = item.fields->metadata_begin;
  const std::string number = std::to_string(version);
  std::string out;
  out.reserve(item.document.size() + number.size() + 24);
  out.append(item.document, 0, at);
  out += R"("resourceVersion":")";
  out += number;
  out += R"(",)";
  out.append(item.document, at, std::string::npos);
  return out;
}

json StatusFailure(int code, std::string_view reason, std::string message, json details) {
  json status = {{"kind", "Status"},
                 {"apiVersion", "v1"},
                 {"metadata", json::object()},
                 {"status", "Failure"},
                 {"message", std::move(message)},
                 {"code", code}};
  if (!reason.empty()) status["reason"] = reason;
  if (!details.is_null()) status["details"] = std::move(details);
  return status;
}

std::string InvalidMessage(const Kind& kind, const std::string& name,
                           const std::vector<FieldError>& errors) {
  return kind.QualifiedKind() + " " + DumpJson(name) + " is invalid: " + JoinErrors(errors);
}

json InvalidStatus(const Kind& kind, const std::string& name,
                   const std::vector<FieldError>& errors) {
  json causes = json::array();
  for (const FieldError& error : errors) {
    causes.push_back(
        {{"reason", error.reason}, {"message", error.message}, {"field", error.field}});
  }
  json details = {{"kind", kind.kind}, {"causes", std::move(causes)}};
  if (!name.empty()) details["name"] = name;
  if (!kind.group.empty()) details["group"] = kind.group;
  return StatusFailure(422, "Invalid", InvalidMessage(kind, name, errors), std::move(details));
}

json StatusSuccess(const Kind& kind, const std::string& name, const std::string& uid) {
  json details = {{"name", name}, {"kind", kind.plural}};
  if (!uid.empty()) details["uid"] = uid;
  if (!kind.group.empty()) details["group"] = kind.group;
  return {{"kind", "Status"},
          {"apiVersion", "v1"},
          {"metadata", json::object()},
          {"status", "Success"},
          {"details", std::move(details)}};
}

}  // namespace kless::kubernetes
