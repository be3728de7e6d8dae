// Event (v1): defaults and rules; event_view_kind.cc serves the newer form of the same objects.
#include <nlohmann/json.hpp>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

void ApplyEventDefaults(json& object) {
  SetDefault(object, "involvedObject", json::object());
  SetDefault(object, "source", json::object());
  SetDefault(object, "reportingComponent", "");
  SetDefault(object, "reportingInstance", "");
}

// An event lives in the namespace of its object; events about cluster-scoped objects live in
// "default".
FieldErrors ValidateEvent(const json& object) {
  const std::string event_namespace = StringAt(object, {"metadata", "namespace"});
  const std::string involved = StringAt(object, {"involvedObject", "namespace"});
  const bool matches = involved.empty() ? event_namespace.empty() || event_namespace == "default"
                                        : involved == event_namespace;
  if (matches) return {};
  return {Invalid("involvedObject.namespace", involved, "does not match event.namespace")};
}

FieldErrors ValidateEventUpdate(const json& object, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(object, old);
  for (FieldError& error : ValidateEvent(object)) errors.push_back(std::move(error));
  return errors;
}

std::string EventFieldValue(const json& object, const std::string& field) {
  constexpr std::string_view kInvolved = "involvedObject.";
  if (field.compare(0, kInvolved.size(), kInvolved) == 0) {
    return StringAt(object, {"involvedObject", field.c_str() + kInvolved.size()});
  }
  if (field == "source") {
    const std::string component = StringAt(object, {"source", "component"});
    return component.empty() ? StringAt(object, "reportingComponent") : component;
  }
  return StringAt(object, field.c_str());
}

}  // namespace

Kind EventKind() {
  Kind kind;
  kind.version = "v1";
  kind.kind = "Event";
  kind.plural = "events";
  kind.singular = "event";
  kind.short_names = {"ev"};
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = "event";
  kind.qualified_finalizers = false;
  kind.deletion.garbage_collected = false;
  kind.create_on_update = true;
  kind.apply_defaults = ApplyEventDefaults;
  kind.validate = ValidateEvent;
  kind.validate_update = ValidateEventUpdate;
  kind.selectable_fields = {"involvedObject.kind",
                            "involvedObject.namespace",
                            "involvedObject.name",
                            "involvedObject.uid",
                            "involvedObject.apiVersion",
                            "involvedObject.resourceVersion",
                            "involvedObject.fieldPath",
                            "reason",
                            "reportingComponent",
                            "source",
                            "type"};
  kind.field_value = EventFieldValue;
  return kind;
}

}  // namespace kless::kubernetes
