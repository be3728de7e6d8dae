#include "functions/kubernetes/objects/status_object.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "emulator/base/json.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

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
