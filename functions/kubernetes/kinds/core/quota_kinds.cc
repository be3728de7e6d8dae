// ResourceQuota and LimitRange (v1): stored and served; admission does not enforce them.
#include <nlohmann/json.hpp>
#include <string>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/quantity.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

void DefaultQuota(json& object) {
  if (json* spec = ObjectAt(object, "spec")) CanonicalizeQuantities(Find(*spec, "hard"));
}

void PrepareQuota(json& object, const WriteContext&) { Set(object, "status", json::object()); }

FieldErrors ValidateQuota(const json& object) {
  FieldErrors errors;
  const json* hard = Find(object, {"spec", "hard"});
  if (hard == nullptr || !hard->is_object()) return errors;
  for (const auto& [name, quantity] : hard->items()) {
    if (QuantityValue(quantity) >= 0) continue;
    errors.push_back(
        Invalid("spec.hard[" + name + "]", quantity, "must be greater than or equal to 0"));
  }
  return errors;
}

// Copies resources from `from` that `to` does not have.
void Fill(json& item, const char* to, const char* from) {
  const json given = ValueOrNull(item, from);
  if (!given.is_object() || given.empty()) return;
  json* target = ObjectAt(item, to);
  if (target == nullptr) return;
  for (const auto& [name, quantity] : given.items()) SetDefault(*target, name.c_str(), quantity);
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/v1/defaults.go
void DefaultLimits(json& object) {
  json* limits = Find(object, {"spec", "limits"});
  for (std::size_t i = 0; i < SizeOf(limits); ++i) {
    json& item = (*limits)[i];
    for (const char* key : {"max", "min", "default", "defaultRequest"}) {
      CanonicalizeQuantities(Find(item, key));
    }
    if (StringAt(item, "type") != "Container") continue;
    Fill(item, "default", "max");
    Fill(item, "defaultRequest", "default");
    Fill(item, "defaultRequest", "min");
  }
}

FieldErrors ValidateLimits(const json& object) {
  FieldErrors errors;
  const json* limits = Find(object, {"spec", "limits"});
  for (std::size_t i = 0; i < SizeOf(limits); ++i) {
    const json& item = (*limits)[i];
    const std::string field = "spec.limits[" + std::to_string(i) + "]";
    if (StringAt(item, "type").empty()) errors.push_back(Required(field + ".type", ""));
    const json& min = FindOrEmpty(item, "min");
    const json& max = FindOrEmpty(item, "max");
    if (!min.is_object()) continue;
    for (const auto& [name, quantity] : min.items()) {
      const json* most = Find(max, name.c_str());
      if (most == nullptr || QuantityValue(quantity) <= QuantityValue(*most)) continue;
      errors.push_back(Invalid(
          field + ".min[" + name + "]", quantity,
          "min value " + (quantity.is_string() ? quantity.get<std::string>() : quantity.dump()) +
              " is greater than max value " +
              (most->is_string() ? most->get<std::string>() : most->dump())));
    }
  }
  return errors;
}

}  // namespace

Kind ResourceQuotaKind() {
  Kind kind = NamespacedKind("", "v1", "ResourceQuota", "resourcequotas", "resourcequota");
  kind.short_names = {"quota"};
  kind.has_status = true;
  kind.apply_defaults = DefaultQuota;
  kind.prepare_create = PrepareQuota;
  SetRules(kind, ValidateQuota, nullptr);
  return kind;
}

Kind LimitRangeKind() {
  Kind kind = NamespacedKind("", "v1", "LimitRange", "limitranges", "limitrange");
  kind.short_names = {"limits"};
  kind.create_on_update = true;
  kind.apply_defaults = DefaultLimits;
  SetRules(kind, ValidateLimits, nullptr);
  return kind;
}

}  // namespace kless::kubernetes
