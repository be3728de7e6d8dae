// Endpoints (v1) and EndpointSlice (discovery.k8s.io/v1): the addresses of a Service.
#include <nlohmann/json.hpp>
#include <string>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

void DefaultEndpoints(json& object) {
  json* subsets = Find(object, "subsets");
  for (std::size_t i = 0; i < SizeOf(subsets); ++i) {
    json* ports = Find((*subsets)[i], "ports");
    for (std::size_t j = 0; j < SizeOf(ports); ++j) SetDefault((*ports)[j], "protocol", "TCP");
  }
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go
FieldErrors ValidateEndpoints(const json& object) {
  FieldErrors errors;
  const json* subsets = Find(object, "subsets");
  for (std::size_t i = 0; i < SizeOf(subsets); ++i) {
    const json& subset = (*subsets)[i];
    const std::string field = "subsets[" + std::to_string(i) + "]";
    if (SizeOf(Find(subset, "addresses")) + SizeOf(Find(subset, "notReadyAddresses")) == 0) {
      errors.push_back(Required(field, "must specify `addresses` or `notReadyAddresses`"));
    }
    const json* ports = Find(subset, "ports");
    for (std::size_t j = 0; j < SizeOf(ports); ++j) {
      const std::string at = field + ".ports[" + std::to_string(j) + "]";
      const std::int64_t port = IntegerAt((*ports)[j], "port").value_or(0);
      if (SizeOf(ports) > 1 && StringAt((*ports)[j], "name").empty()) {
        errors.push_back(Required(at + ".name", ""));
      }
      if (port < 1 || port > 65535) {
        errors.push_back(Invalid(at + ".port", port, "must be between 1 and 65535, inclusive"));
      }
    }
  }
  return errors;
}

void DefaultSlice(json& object) {
  if (!object.is_object()) return;
  SetDefault(object, "endpoints", json());
  SetDefault(object, "ports", json());
  json* ports = Find(object, "ports");
  for (std::size_t i = 0; i < SizeOf(ports); ++i) {
    SetDefault((*ports)[i], "name", "");
    SetDefault((*ports)[i], "protocol", "TCP");
  }
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/discovery/validation/validation.go
FieldErrors ValidateSlice(const json& object) {
  constexpr std::size_t kMaxEndpoints = 1000;
  FieldErrors errors;
  const std::string type = StringAt(object, "addressType");
  if (type.empty()) {
    errors.push_back(Required("addressType", ""));
  } else if (type != "IPv4" && type != "IPv6" && type != "FQDN") {
    errors.push_back(NotSupported("addressType", type, {"FQDN", "IPv4", "IPv6"}));
  }
  const json* endpoints = Find(object, "endpoints");
  if (SizeOf(endpoints) > kMaxEndpoints) {
    errors.push_back(TooMany("endpoints", SizeOf(endpoints), kMaxEndpoints));
  }
  for (std::size_t i = 0; i < SizeOf(endpoints); ++i) {
    if (SizeOf(Find((*endpoints)[i], "addresses")) > 0) continue;
    errors.push_back(Required("endpoints[" + std::to_string(i) + "].addresses",
                              "must contain at least 1 address"));
  }
  const json* ports = Find(object, "ports");
  for (std::size_t i = 0; i < SizeOf(ports); ++i) {
    const std::string field = "ports[" + std::to_string(i) + "]";
    const std::string protocol = StringAt((*ports)[i], "protocol");
    if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP") {
      errors.push_back(NotSupported(field + ".protocol", protocol, {"SCTP", "TCP", "UDP"}));
    }
  }
  return errors;
}

void KeepAddressType(const json& object, const json& old, FieldErrors& errors) {
  const json type = ValueOrNull(object, "addressType");
  if (type != ValueOrNull(old, "addressType")) errors.push_back(Immutable("addressType", type));
}

bool SlicesDiffer(const json& object, const json& old) {
  for (const char* key : {"endpoints", "ports", "addressType"}) {
    if (ValueOrNull(object, key) != ValueOrNull(old, key)) return true;
  }
  return ValueOrNull(FindOrEmpty(object, "metadata"), "labels") !=
         ValueOrNull(FindOrEmpty(old, "metadata"), "labels");
}

// A slice has no spec; its generation counts changes of its contents.
void PrepareSliceUpdate(json& object, const json& old, const WriteContext&) {
  json* metadata = ObjectAt(object, "metadata");
  if (metadata == nullptr) return;
  const std::int64_t generation = IntegerAt(old, {"metadata", "generation"}).value_or(1);
  (*metadata)["generation"] = generation + (SlicesDiffer(object, old) ? 1 : 0);
}

void PrepareSlice(json& object, const WriteContext&) {
  if (json* metadata = ObjectAt(object, "metadata")) (*metadata)["generation"] = 1;
}

}  // namespace

Kind EndpointsKind() {
  Kind kind = NamespacedKind("", "v1", "Endpoints", "endpoints", "endpoints");
  kind.short_names = {"ep"};
  kind.create_on_update = true;
  kind.apply_defaults = DefaultEndpoints;
  SetRules(kind, ValidateEndpoints, nullptr);
  return kind;
}

Kind EndpointSliceKind() {
  Kind kind =
      NamespacedKind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "endpointslice");
  kind.apply_defaults = DefaultSlice;
  kind.prepare_create = PrepareSlice;
  kind.prepare_update = PrepareSliceUpdate;
  SetRules(kind, ValidateSlice, KeepAddressType);
  return kind;
}

}  // namespace kless::kubernetes
