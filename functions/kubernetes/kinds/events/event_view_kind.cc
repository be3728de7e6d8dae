// events.k8s.io/v1: the same events as core/v1, with other field names and stricter rules.
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "functions/kubernetes/columns/columns.h"
#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/kinds/served_kinds.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/events.go
constexpr std::size_t kMaxShortText = 128;  // reason, action, reportingInstance
constexpr std::size_t kMaxNote = 1024;

// The name here, and the name in core/v1.
constexpr std::pair<const char*, const char*> kNames[] = {
    {"note", "message"},
    {"regarding", "involvedObject"},
    {"reportingController", "reportingComponent"},
    {"deprecatedSource", "source"},
    {"deprecatedFirstTimestamp", "firstTimestamp"},
    {"deprecatedLastTimestamp", "lastTimestamp"},
    {"deprecatedCount", "count"}};

void Rename(json& object, const char* from, const char* to) {
  const auto found = object.find(from);
  if (found == object.end()) return;
  json value = std::move(*found);
  object.erase(found);
  object[to] = std::move(value);
}

void FromStored(json& object) {
  if (!object.is_object()) return;
  for (const auto& [here, core] : kNames) Rename(object, core, here);
  object["apiVersion"] = "events.k8s.io/v1";
}

void ToStored(json& object) {
  if (!object.is_object()) return;
  for (const auto& [here, core] : kNames) Rename(object, here, core);
  object["apiVersion"] = "v1";
}

void ApplyEventViewDefaults(json& object) {
  SetDefault(object, "regarding", json::object());
  SetDefault(object, "deprecatedSource", json::object());
}

void RequireShort(const json& object, const char* field, FieldErrors& errors) {
  const std::string text = StringAt(object, field);
  if (text.empty()) errors.push_back(Required(field, ""));
  if (text.size() > kMaxShortText) {
    errors.push_back(Invalid(field, "", "can have at most 128 characters"));
  }
}

void ValidateSeries(const json& object, FieldErrors& errors) {
  const json* series = Find(object, "series");
  if (series == nullptr) return;
  const std::int64_t count = IntegerAt(*series, "count").value_or(0);
  if (count < 2) errors.push_back(Invalid("series.count", count, "should be at least 2"));
  if (StringAt(*series, "lastObservedTime").empty()) {
    errors.push_back(Required("series.lastObservedTime", ""));
  }
}

FieldErrors ValidateEventView(const json& object) {
  FieldErrors errors;
  const std::string space = StringAt(object, {"metadata", "namespace"});
  const std::string regarding = StringAt(object, {"regarding", "namespace"});
  const bool matches =
      regarding.empty() ? space == "default" || space == "kube-system" : regarding == space;
  if (!matches) {
    errors.push_back(Invalid("regarding.namespace", regarding, "does not match event.namespace"));
  }
  if (StringAt(object, "eventTime").empty()) errors.push_back(Required("eventTime", ""));
  ValidateSeries(object, errors);
  const std::string controller = StringAt(object, "reportingController");
  if (controller.empty()) {
    errors.push_back(Required("reportingController", ""));
  } else {
    for (const std::string& problem : LabelKeyProblems(controller)) {
      errors.push_back(Invalid("reportingController", controller, problem));
    }
  }
  for (const char* field : {"reportingInstance", "action", "reason"}) {
    RequireShort(object, field, errors);
  }
  if (StringAt(object, "note").size() > kMaxNote) {
    errors.push_back(Invalid("note", "", "can have at most 1024 characters"));
  }
  const std::string type = StringAt(object, "type");
  if (type != "Normal" && type != "Warning") {
    errors.push_back(Invalid("type", "", "has invalid value: " + type));
  }
  for (const char* field :
       {"deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount"}) {
    if (!ValueOrNull(object, field).is_null()) {
      errors.push_back(Invalid(field, "", "needs to be unset"));
    }
  }
  return errors;
}

// After its creation, only the series of an event may change.
FieldErrors ValidateEventViewUpdate(const json& object, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(object, old);
  for (const char* field : {"regarding", "related", "reason", "action", "note", "type", "eventTime",
                            "reportingController", "reportingInstance"}) {
    if (ValueOrNull(object, field) != ValueOrNull(old, field)) {
      errors.push_back(Immutable(field, ValueOrNull(object, field)));
    }
  }
  ValidateSeries(object, errors);
  return errors;
}

std::string EventViewFieldValue(const json& object, const std::string& field) {
  constexpr std::string_view kRegarding = "regarding.";
  if (field.starts_with(kRegarding)) {
    return StringAt(object, {"regarding", field.c_str() + kRegarding.size()});
  }
  return StringAt(object, field.c_str());
}

// The columns of core/v1, applied to the core form of the object.
std::vector<Column> Columns() {
  static const Kind core = EventKind();
  std::vector<Column> columns = ColumnsOf(core);
  for (Column& column : columns) {
    column.cell = [cell = column.cell](const json& object, std::int64_t now) {
      json event = object;
      ToStored(event);
      return cell(event, now);
    };
  }
  return columns;
}

}  // namespace

Kind EventViewKind() {
  Kind kind = EventKind();
  kind.group = "events.k8s.io";
  kind.from_stored = FromStored;
  kind.to_stored = ToStored;
  kind.apply_defaults = ApplyEventViewDefaults;
  kind.validate = ValidateEventView;
  kind.validate_update = ValidateEventViewUpdate;
  kind.selectable_fields = {"reason",
                            "regarding.kind",
                            "regarding.namespace",
                            "regarding.name",
                            "regarding.uid",
                            "regarding.apiVersion",
                            "regarding.resourceVersion",
                            "regarding.fieldPath",
                            "reportingController",
                            "type"};
  kind.field_value = EventViewFieldValue;
  static const std::vector<Column> columns = Columns();
  kind.columns =
      std::shared_ptr<const std::vector<Column>>(std::shared_ptr<const void>(), &columns);
  return kind;
}

}  // namespace kless::kubernetes
